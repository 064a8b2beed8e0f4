"""Pages that are there once: addresses and checks, look-up, not found."""

from collections.abc import Sequence
from hashlib import sha256
from typing import Any, Final

from feeds.localise import CANONICAL_BASE, seal
from feeds.pages.codes import qr_code
from feeds.pages.environment import template
from feeds.pages.reading import reading_path
from feeds.pages.site import Listed, Site
from feeds.weight import fits
from feeds.words import words_for

_MANY: Final = 6  # QR codes on one page; more would not be found by eye


def mirrors_page(site: Site, mirrors: Sequence[Listed]) -> bytes:
    """``mirrors.html``: the listed ``mirrors``, the fingerprint, and how to check.

    Addresses come first with QR codes, then without, and only the first of them where
    they are too many for one page; ``mirrors.json`` has all.
    """
    made = template("mirrors", "base", "fixed", design=site.design)
    w = words_for(site.language)
    context: dict[str, Any] = {
        "site": site,
        "w": w,
        "root": "",
        "reading": reading_path(w.language),
        "fingerprint": " ".join(
            site.fingerprint[start : start + 4] for start in range(0, len(site.fingerprint), 4)
        ),
        "code": qr_code(site.fingerprint.upper()) if site.fingerprint else "",
    }
    data = b""
    for codes, shown in ((_MANY, 50), (3, 50), (0, 100), (0, 40), (0, 10)):
        items = [
            {
                "url": mirror.url,
                "kind": mirror.kind,
                "since": mirror.since,
                "code": qr_code(mirror.url) if number < codes else "",
            }
            for number, mirror in enumerate(mirrors[:shown])
        ]
        data = made.render(context, mirrors=items).encode()
        if fits(data):
            break
    return data


def find_page(site: Site, *, archive: str = "") -> bytes:
    """``find.html``: how an article is found by its original address."""
    return _look_up(site, archive, root="", missing=False)


def not_found_page(site: Site, *, archive: str = "") -> bytes:
    """``404.html`` in its canonical form (format 1.5): it is shown at any address."""
    page = _look_up(site, archive, root=CANONICAL_BASE, missing=True)
    return seal(page, "404.html")


def _look_up(site: Site, archive: str, *, root: str, missing: bool) -> bytes:
    example = f"{site.origin_host.removeprefix('www.')}/2026/story"
    made = template("find", "base", "fixed", scripts=("digest", "ids", "find"), design=site.design)
    text = made.render(
        site=site,
        w=words_for(site.language),
        archive=archive,
        root=root,
        reading=reading_path(site.language),
        missing=missing,
        example=example,
        example_id=sha256(example.encode()).hexdigest()[:16],
    )
    return text.encode()
