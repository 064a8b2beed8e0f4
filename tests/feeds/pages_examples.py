"""Articles and a site for the tests of pages."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any, Final

from feeds.appeal import NEWSLETTER, SUPPORT, Appeal
from feeds.article import Article, Earlier, State
from feeds.pages import FeedLink, Section, Site
from feeds.snapshot import Media, Picture, Snapshot

_SYLLABLES: Final = "martelkorinsuvoldenpraskanitorelbagostermin"
STEMS: Final = [_SYLLABLES[place : place + 3] for place in range(0, 42, 2)]
NOW: Final = datetime(2026, 7, 3, 14, 5, 9, tzinfo=UTC)
ID: Final = "0d31c5e2a90f77b1"
SITE: Final = Site(
    title="The Example Times",
    language="en",
    origin_host="www.news.example",
    tag_year=2026,
    home_url="https://www.news.example/",
    sections=(Section("News"), Section("Новости")),
    feeds=(FeedLink("All articles", "feeds/all"), FeedLink("News", "feeds/news", "news")),
    fingerprint="9f" * 32,
    minisign_key="RWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO3",
)

PAY: Final = "https://pay.example/monthly"
ASKING: Final = replace(
    SITE,
    appeals=(
        Appeal(kind=SUPPORT, text="Help <us> go on.", language="en", links=(("monthly", PAY),)),
        Appeal(
            kind=NEWSLETTER,
            text="A letter a week.",
            language="en",
            links=(("newsletter link", "mailto:letters@news.example"),),
        ),
    ),
)


def snapshot(**fields: Any) -> Snapshot:  # noqa: ANN401  # any field
    known: dict[str, Any] = {
        "source_url": "https://www.news.example/2026/07/03/story?a=1&b=2",
        "fetched_at": NOW,
        "title": "Nothing to see here",
        "body_html": "<p>One.</p><p>Two.</p>",
    }
    return Snapshot(**(known | fields))


def article(
    *,
    earlier: tuple[Earlier, ...] = (),
    state: State = State.LIVE,
    **fields: Any,  # noqa: ANN401  # any field
) -> Article:
    return Article(
        id=ID,
        snapshot=snapshot(**fields),
        published=NOW - timedelta(hours=1),
        updated=NOW,
        earlier=earlier,
        state=state,
    )


def media(size: int, name: str = "one", *, width: int = 320, height: int = 180) -> Media:
    digest = sha256(name.encode()).hexdigest()
    return Media(
        path=f"m/{digest[:2]}/{digest}.webp",
        media_type="image/webp",
        size=size,
        width=width,
        height=height,
    )


def picture(size: int = 2_900) -> Picture:
    return Picture(
        small=media(size, "small"),
        large=media(84_000, "large", width=1200, height=675),
        alt="A square",
        caption="The square in the morning.",
        credit="A. Person / Agency",
    )


def paragraphs(count: int) -> str:
    """English-looking text that packs like news does."""
    out = []
    for number in range(count):
        seed = b"".join(sha256(f"{number} {part}".encode()).digest() for part in range(4))
        words = [
            STEMS[a % len(STEMS)] + STEMS[b % len(STEMS)] + (STEMS[a % 7] if b % 3 else "")
            for a, b in zip(seed[::2], seed[1::2], strict=True)
        ]
        out.append(f"<p>{' '.join(words).capitalize()}.</p>")
    return "".join(out)
