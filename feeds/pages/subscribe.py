"""The part of the front page on how to subscribe, and the feeds that pages name in their head."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from markupsafe import Markup

from feeds.opml import OPML_PATH
from feeds.pages.codes import qr_code
from feeds.pages.site import FeedLink, Listed, Site

SHOWN: Final = 2  # addresses; the page of addresses has all

FORMATS: Final = (
    (".rss", "rss+xml", "RSS"),
    (".atom", "atom+xml", "Atom"),
    (".json", "feed+json", "JSON"),
)


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed in one format, as a page names it."""

    title: str
    path: str
    type: str


@dataclass(frozen=True, slots=True)
class FeedAddress:
    """Where the main feed is on one mirror, to be copied or scanned."""

    url: str
    code: Markup | str


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscribe:
    """What the part says.

    Attributes:
        full: Path of the main feed.
        lite: Path of its lite form.
        every: Path of the list of all feeds.
        addresses: Of the main feed on the first listed mirrors.
    """

    full: str
    lite: str
    every: str
    addresses: tuple[FeedAddress, ...]


def how_to_subscribe(
    site: Site, mirrors: Sequence[Listed], *, codes: bool = True
) -> Subscribe | None:
    """The part for these listed mirrors, those that need no special browser first."""
    if not site.feeds:
        return None
    stem = site.feeds[0].stem
    ordered = sorted(mirrors, key=lambda one: one.kind != "web")[:SHOWN]
    urls = [f"{one.url}{stem}.rss" for one in ordered]
    return Subscribe(
        full=f"{stem}.rss",
        lite=f"{stem}-lite.rss",
        every=OPML_PATH,
        addresses=tuple(FeedAddress(url, qr_code(url) if codes else "") for url in urls),
    )


def in_all_formats(feed: FeedLink) -> tuple[Feed, ...]:
    """``feed`` in each format."""
    return tuple(
        Feed(f"{feed.title} ({name})", f"{feed.stem}{ending}", media_type)
        for ending, media_type, name in FORMATS
    )


def alternates(site: Site, section: str, *, front: bool) -> tuple[Feed, ...]:
    """What a page names in its head: its own feed in each format, and others as RSS.

    The front page names every feed; other pages their own and the main one.
    """
    own = next((feed for feed in site.feeds if feed.section == section), None)
    main = site.feeds[:1]
    first = main[0] if own is None and main else own
    others = site.feeds if front else main
    return (
        *(in_all_formats(first) if first else ()),
        *(Feed(one.title, f"{one.stem}.rss", "rss+xml") for one in others if one != first),
    )
