"""Articles and channels for the tests of feeds."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from hypothesis import strategies as st

from feeds.addresses import Address
from feeds.article import Article, Earlier, State
from feeds.channel import Channel
from feeds.snapshot import Media, Picture, Snapshot, clean_text, one_line

BEGUN = datetime(2026, 1, 1, tzinfo=UTC)
FIRST = datetime(2026, 3, 5, 10, 0, tzinfo=UTC)

ADDRESSES = (
    Address(url="https://one.example/x7k2/", kind="web", since=date(2026, 1, 1)),
    Address(url="http://" + "a2" * 28 + ".onion/", kind="onion", since=date(2026, 2, 1)),
)

CHANNEL = Channel(
    title="The Sample Times",
    description="All articles of The Sample Times",
    language="en",
    stem="feeds/all",
    home="index.html",
    origin="sample.example/mirror",
    tag_year=2026,
    begun=BEGUN,
)
LISTED = replace(CHANNEL, addresses=ADDRESSES, addresses_updated=datetime(2026, 2, 1, tzinfo=UTC))
RUSSIAN = replace(
    CHANNEL,
    title="Образцовая газета",
    description="Все статьи Образцовой газеты",
    language="ru",
    stem="feeds/ru",
)


def media(number: int, *, size: int = 2_500, width: int = 320) -> Media:
    digest = f"{number:064x}"
    return Media(
        path=f"m/{digest[:2]}/{digest}.webp",
        media_type="image/webp",
        size=size,
        width=width,
        height=width * 2 // 3,
    )


def picture(number: int) -> Picture:
    return Picture(
        small=media(number),
        large=media(number + 1_000_000, size=90_000, width=1_200),
        alt='A bridge, "the old one"',
        caption="The bridge < the flood > & after.",
        credit="A. Photographer",
    )


def snapshot(number: int = 0, **changes: object) -> Snapshot:
    fields: dict[str, object] = {
        "source_url": f"https://www.sample.example/2026/03/05/story-{number}",
        "fetched_at": FIRST,
        "title": f"Story {number}: bread & circuses",
        "body_html": (
            '<p>It rained; <a href="../../a/0d/0d31c5e2a90f77b1.html">earlier</a> it had not.</p>'
            '<p>See <a href="https://other.example/page">the report</a>.</p>'
        ),
        "lead": "What came of the rain.",
        "authors": ("Ann Writer", "Бо Редактор"),
        "section": "News",
        "tags": ("Weather", "Bread & butter"),
        "picture": picture(number),
    }
    return Snapshot(**{**fields, **changes})  # type: ignore[arg-type]  # by name, checked at run time


def article(
    number: int = 0,
    *,
    updated: datetime | None = None,
    earlier: tuple[Earlier, ...] = (),
    state: State = State.LIVE,
    **changes: object,
) -> Article:
    published = FIRST + timedelta(hours=number)
    return Article(
        id=f"{number + 1:016x}",
        snapshot=snapshot(number, **changes),
        published=published,
        updated=updated or published,
        earlier=earlier,
        state=state,
    )


CORRECTED = article(
    3,
    updated=datetime(2026, 4, 5, 9, 30, tzinfo=UTC),
    earlier=(
        Earlier(
            path="p/0a/0a" + "0" * 62 + ".html",
            until=datetime(2026, 4, 5, 9, 30, tzinfo=UTC),
            change=("title", "text"),
        ),
    ),
)
WITHDRAWN = article(2, updated=datetime(2026, 3, 20, tzinfo=UTC), state=State.WITHDRAWN)
GONE = article(1, state=State.GONE)
FOUR = (article(0), GONE, WITHDRAWN, CORRECTED)

# What text may be made to hold by someone who means ill, or by bad luck.
HOSTILE = st.one_of(
    st.text(max_size=60),
    st.sampled_from(
        [
            "]]>",
            "<![CDATA[",
            "&#104;ttps://mirror.invalid/",
            r"\u0068ttps://mirror.invalid/",
            "https://mirror.invalid/a/00/x.html",
            "http://sample.example/ https://other.example/",
            'xmlns="http://other.example/"',
            "\u202eevil\u202c \u2066iso\u2069",
            "نص عربي",
            "👩‍👩‍👧‍👦🏳️‍🌈",
            "\ud800lone",
            "\x00\x08\x7f\x85\ufffe",
            "100% %(title)s %s {0}",
            "\ufdd0content\ufdd1 \ufdd00\ufdd1",
            '<script>alert("1")</script>',
            "a\r\nb\u2028c",
        ]
    ),
)
LINES = st.lists(HOSTILE, max_size=4).map(lambda parts: one_line(" ".join(parts)))
TITLES = LINES.map(lambda line: line[:1_000].strip()).filter(bool)
BODIES = st.lists(HOSTILE, max_size=6).map(
    lambda parts: clean_text(
        "".join(
            "<p>" + part.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;") + "</p>"
            for part in parts
        )
    )
)
