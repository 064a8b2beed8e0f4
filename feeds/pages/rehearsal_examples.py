"""Articles of every sort and a site, for ``feeds.pages.rehearsal`` to make pages of."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from typing import Final

from feeds.addresses import Address
from feeds.appeal import NEWSLETTER, SUPPORT, Appeal
from feeds.article import Article, Earlier, State
from feeds.design import Design
from feeds.pages.archive import ListLink, MonthLink
from feeds.pages.site import FeedLink, Section, Site
from feeds.snapshot import Media, Picture, Snapshot

NOW: Final = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)
MONTHS: Final = tuple(
    MonthLink(date(2026, month, 1), f"l/m-2026-{month:02}/1.html") for month in (6, 7)
)
AUTHORS_LINK: Final = ListLink("Authors", "l/authors.html")
SHELVES: Final = (
    ListLink("authors-a", "l/authors-a/2.html"),
    ListLink("authors-0431", "l/x/1.html"),
)
NAMES: Final = tuple(
    ListLink(f"A. Writer the {number}.", f"l/by/00/{number:012x}/1.html") for number in range(3)
)
MIRRORS: Final = tuple(
    Address(url=f"https://{number}.mirror.example/", kind="web", since=NOW.date())
    for number in range(2)
)
APPEALS: Final = (
    Appeal(
        kind=SUPPORT,
        text="What we ask of our readers.",
        language="en",
        links=(("once", "https://pay.example/once"), ("yearly", "https://pay.example/yearly")),
    ),
    Appeal(
        kind=NEWSLETTER,
        text="What our letter is about.",
        language="en",
        links=(("newsletter link", "mailto:letters@news.example"),),
    ),
)
_LONG_WORDS: Final = 4_000  # no page holds so many


def site(design: Design) -> Site:
    """A newsroom with everything that pages may show."""
    return Site(
        title="Sample",
        language="en",
        origin_host="www.news.example",
        tag_year=2026,
        home_url="https://www.news.example/",
        sections=(Section("News"), Section("Culture")),
        feeds=(FeedLink("All articles", "feeds/all"), FeedLink("News", "feeds/s-news", "news")),
        fingerprint=sha256(b"fingerprint").hexdigest(),
        minisign_key="RWQ",
        find=True,
        verify=True,
        design=design,
        appeals=APPEALS,
    )


def short() -> Article:
    """One paragraph, and nothing else."""
    return _article("short", _snapshot("short", "<p>Words.</p>"))


def articles() -> tuple[Article, ...]:
    """With all that an article can have; in Russian, long and gone; withdrawn."""
    full = replace(
        _snapshot("full", "<p>One.</p><p>Two.</p>"),
        lead="What it is about",
        authors=("A. Writer", "B. Writer"),
        section="News",
        tags=("one", "two"),
        picture=Picture(
            small=_media("small", 2_000, 320),
            large=_media("large", 90_000, 1_200),
            alt="What is seen",
            caption="What it shows.",
            credit="Who made it",
        ),
    )
    corrections = (
        Earlier(path="", until=NOW - timedelta(hours=2)),
        Earlier(path=_path("p", b"earlier", "html"), until=NOW, change=("title", "text")),
    )
    long = replace(_snapshot("long", _paragraphs()), language="ru", lead="Начало")
    withdrawn = _snapshot("withdrawn", "<p>Words.</p>")
    return (
        _article("full", full, earlier=corrections),
        _article("long", long, state=State.GONE),
        _article("withdrawn", replace(withdrawn, body_html=""), state=State.WITHDRAWN),
    )


def reading(files: Mapping[str, bytes]) -> Callable[[str], bytes]:
    """Reads the pages of an article, and its pictures."""
    media = {one.path: bytes(one.size) for one in (_media("small", 2_000), _media("large", 90_000))}
    return lambda path: files[path] if path in files else media[path]


def _article(
    name: str, snapshot: Snapshot, *, earlier: tuple[Earlier, ...] = (), state: State = State.LIVE
) -> Article:
    return Article(
        id=sha256(name.encode()).hexdigest()[:16],
        snapshot=snapshot,
        published=snapshot.published_at or NOW,
        updated=NOW,
        earlier=earlier,
        state=state,
    )


def _snapshot(name: str, body_html: str) -> Snapshot:
    return Snapshot(
        source_url=f"https://www.news.example/{name}",
        fetched_at=NOW - timedelta(minutes=1),
        title=f"An article that is {name}",
        body_html=body_html,
        published_at=NOW - timedelta(hours=3),
    )


def _paragraphs() -> str:
    """Text that packs as badly as news does."""
    words = [sha256(str(number).encode()).hexdigest()[:6] for number in range(_LONG_WORDS)]
    starts = range(0, _LONG_WORDS, 60)
    return "".join(f"<p>{' '.join(words[start : start + 60])}</p>" for start in starts)


def _media(name: str, size: int, width: int = 320) -> Media:
    path = _path("m", name.encode(), "webp")
    return Media(path=path, media_type="image/webp", size=size, width=width, height=width * 9 // 16)


def _path(folder: str, data: bytes, ending: str) -> str:
    digest = sha256(data).hexdigest()
    return f"{folder}/{digest[:2]}/{digest}.{ending}"
