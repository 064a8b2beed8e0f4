"""``Entry``: what a feed says of one article, in no format yet."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final

from feeds.article import Article, State
from feeds.channel import Channel
from feeds.localise import CANONICAL_BASE
from feeds.markup import absolute, html_text, opening, paragraphs, safe_url, shorten
from feeds.snapshot import Media, Picture, Snapshot, clean_text, one_line, words
from feeds.words import Words, direction, words_for

SUMMARY_CHARS: Final = 300  # of the text, where an article has no lead
REMEMBERED: Final = 512  # entries, in each form: those of a dozen feeds
LONG_CHARS: Final = 50_000  # a body that is longer is never remembered: memory stays bounded
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry of a feed.

    Attributes:
        id: A tag URI, for ever (format 1.4).
        title: Plain text, not empty.
        link: Its page, on the canonical base.
        published: What feeds sort by, UTC.
        updated: When this version was published, UTC.
        html: The whole content, with absolute addresses only.
        summary: Plain text, one line; empty in lite feeds only.
        language: BCP 47 tag.
        speaks: The language of our own lines in it: one that has a catalogue.
        original: Where it was first published, as a URI, or empty.
        authors: Names.
        categories: Section first, then tags; each once.
        picture: The lead picture, which is also in ``html``.
        notes: HTML that stands after its text, and is in ``html`` too: that it was corrected,
            or that its source has it no more.
        withdrawn: Whether only the notice of its withdrawal is left.
    """

    id: str
    title: str
    link: str
    published: datetime
    updated: datetime
    html: str
    summary: str
    language: str
    speaks: str
    original: str = ""
    authors: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    picture: Picture | None = None
    notes: str = ""
    withdrawn: bool = False


def entries_of(articles: Iterable[Article], channel: Channel) -> list[Entry]:
    """What the feed of ``channel`` says of each of ``articles``.

    Remembered, so that a feed of which one entry is new costs little more than that entry.
    """
    voice = _voice(channel)
    return [
        (_entry_of if len(one.snapshot.body_html) > LONG_CHARS else _remembered)(one, voice)
        for one in articles
    ]


@lru_cache(maxsize=64)
def _voice(channel: Channel) -> Channel:
    """What entries need to know of ``channel``: the same for many channels."""
    return Channel(
        title="-",
        description="-",
        language=channel.language,
        stem="feeds/all",
        home="index.html",
        origin=channel.origin,
        tag_year=channel.tag_year,
        begun=EPOCH,
    )


def _entry_of(article: Article, channel: Channel) -> Entry:
    if article.state is State.WITHDRAWN:
        return _withdrawn(article, channel)
    snapshot = article.snapshot
    texts = words_for(snapshot.language, channel.language)
    notes = _gone(article, texts) + _corrected(article, texts)
    return Entry(
        id=channel.entry_id(article.id),
        title=snapshot.title,
        link=CANONICAL_BASE + article.path,
        published=article.published,
        updated=article.updated,
        html=_content(article, notes, texts.language),
        summary=snapshot.lead or _beginning(snapshot.body_html) or snapshot.title,
        language=snapshot.language,
        speaks=texts.language,
        original=safe_url(clean_text(snapshot.source_url)),
        authors=_lines(snapshot.authors),
        categories=_lines((snapshot.section, *snapshot.tags)),
        picture=snapshot.picture,
        notes=notes,
    )


def picture_shown(picture: Picture) -> Media:
    """The file that stands for the picture where it is not inside a text."""
    return picture.large or picture.small


_remembered: Final = lru_cache(maxsize=REMEMBERED)(_entry_of)


@lru_cache(maxsize=64)
def quiet_line(speaks: str) -> str:
    """The last line of every entry, which leads to the other addresses."""
    text = Words(speaks).plain("feed others")
    return f'<p><small><a href="{CANONICAL_BASE}mirrors.html">{html_text(text)}</a></small></p>'


@lru_cache(maxsize=64)
def is_rtl(language: str) -> bool:
    """Whether texts in ``language`` run from right to left."""
    return direction(language) == "rtl"


def _withdrawn(article: Article, channel: Channel) -> Entry:
    texts = words_for(article.snapshot.language, channel.language)
    notice = texts("withdrawn", time=texts.date(article.updated))
    return Entry(
        id=channel.entry_id(article.id),
        title=article.snapshot.title,
        link=CANONICAL_BASE + article.path,
        published=article.published,
        updated=article.updated,
        html=f"<p>{notice}</p>{quiet_line(texts.language)}",
        summary=notice.unescape(),
        language=article.snapshot.language,
        speaks=texts.language,
        withdrawn=True,
    )


def _content(article: Article, notes: str, speaks: str) -> str:
    snapshot = article.snapshot
    parts = (
        "" if snapshot.picture is None else figure(snapshot.picture),
        _lead(snapshot),
        absolute(snapshot.body_html, CANONICAL_BASE, CANONICAL_BASE + article.path),
        notes,
        quiet_line(speaks),
    )
    content = "".join(parts)
    if is_rtl(snapshot.language):
        return f'<div dir="rtl">{content}</div>'
    return content


def figure(picture: Picture) -> str:
    """The picture in HTML: its small form, which leads to the large one."""
    small = picture.small
    image = (
        f'<img src="{CANONICAL_BASE}{small.path}" alt="{html_text(clean_text(picture.alt))}"'
        f' width="{small.width}" height="{small.height}">'
    )
    if picture.large is not None:
        image = f'<a href="{CANONICAL_BASE}{picture.large.path}">{image}</a>'
    legend = " ".join(_lines((picture.caption, picture.credit)))
    caption = f"<figcaption>{html_text(legend)}</figcaption>" if legend else ""
    return f"<figure>{image}{caption}</figure>"


def standfirst(snapshot: Snapshot) -> str:
    """The lead, or empty where the text begins with the same words anyway."""
    lead = snapshot.lead.rstrip(".… ")[:100]
    return "" if words(opening(snapshot.body_html, 1_000)).startswith(lead) else snapshot.lead


def _lead(snapshot: Snapshot) -> str:
    lead = standfirst(snapshot)
    return f"<p><strong>{html_text(lead)}</strong></p>" if lead else ""


def _gone(article: Article, texts: Words) -> str:
    if article.state is not State.GONE:
        return ""
    return f"<p><em>{texts('gone')}</em></p>"


def _corrected(article: Article, texts: Words) -> str:
    if not article.earlier:
        return ""
    last = article.earlier[-1]
    date = texts.date(last.until)
    if last.change:
        text = str(texts("corrected", time=date, what=texts.change(last.change)))
    else:
        text = str(texts("corrected somehow", time=date))
    if last.path:
        text += f' <a href="{CANONICAL_BASE}{last.path}">{texts("earlier")}</a>'
    return f"<p><em>{text}</em></p>"


def _beginning(body_html: str) -> str:
    head = opening(body_html, SUMMARY_CHARS * 6)  # a long body costs no more
    return shorten(" ".join(paragraphs(head)), SUMMARY_CHARS)


def _lines(texts: Iterable[str]) -> tuple[str, ...]:
    lines = dict.fromkeys(one_line(text) for text in texts)
    return tuple(line for line in lines if line)
