"""``verify.html``: the page that checks an article or a copy, in the reader's browser.

The page is built from ``web/verify`` and shipped as ``feeds/static/verify.html``. Script and
style are pinned by their digests in the page's policy, so only what stands outside of them is
filled in here.
"""

import re
from collections.abc import Sequence
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import Final

from markupsafe import Markup, escape

from feeds.pages.site import Site
from feeds.words import words_for

VERIFY_PATH: Final = "verify.html"

_SLOT: Final = re.compile(r"\{\{([a-z]+)\}\}")
_KEYRING: Final = Markup('<pre class="keyring" hidden>{}</pre>')


def verify_page(site: Site, keyrings: Sequence[bytes]) -> bytes:
    """The page for this newsroom.

    Args:
        site: Its ``fingerprint`` is the one that the page shows, and uses unless the reader
            enters another.
        keyrings: The files of ``log/keys/``, that fingerprint's and those after it, so that a
            single article can be checked with nothing else at hand.
    """
    w = words_for(site.language)
    values = {
        "language": w.language,
        "heading": w("genuine"),
        "title": escape(site.title),
        "fingerprint": escape(site.fingerprint),
        "minisign": escape(site.minisign_key or "RW…"),
        "keyrings": Markup("\n").join(_KEYRING.format(data.decode()) for data in keyrings),
    }
    return _SLOT.sub(lambda match: values[match[1]], _built()).encode()


def verify_version() -> str:
    """Changes with the page that this program ships, whatever is filled in."""
    return sha256(_built().encode()).hexdigest()


@cache
def _built() -> str:
    return files("feeds").joinpath("static", VERIFY_PATH).read_text(encoding="utf-8")
