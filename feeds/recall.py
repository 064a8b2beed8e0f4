"""From an article's page back to the article: what ``recover`` and readers of archives need.

The undoing of ``feeds.pages.article_files``: the same words, names and dates, and pages that
render to the same bytes again. What a page does not say (the source's own dates beside the
published one, sizes of pictures that only a link names) comes back as plainly as can be.
"""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from hashlib import sha256
from typing import Final, NamedTuple

from lxml import etree

from feeds.article import Article, Earlier, State
from feeds.continuation import Part, join
from feeds.errors import UnreadableError
from feeds.outline import TAG
from feeds.pages.body import undress
from feeds.paths import MEDIA_TYPES
from feeds.snapshot import Media, Picture, Snapshot, one_line

MAX_PARTS: Final = 1_000  # two million bytes in pages of at least two thousand
MAX_EARLIER_PAGES: Final = 100

Element = etree._Element  # noqa: SLF001  # lxml gives its element no public name
ReadFile = Callable[[str], bytes]  # the bytes at a path of the tree; raises TreeError

_CONTENT: Final = re.compile(r'<div class="e-content"(?: data-open="(\d{1,3})")?>')
_CONTINUED: Final = re.compile(r"p/([0-9a-f]{2})/(\1[0-9a-f]{62})\.html")
_MEDIA: Final = re.compile(r"m/[0-9a-f]{2}/[0-9a-f]{64}\.[a-z0-9]{2,5}")
_ALIAS: Final = re.compile(
    r'http-equiv="refresh" content="0;url=\.\./\.\./a/[0-9a-f]{2}/([0-9a-f]{16})\.html"'
)
_ID: Final = re.compile(r"a/[0-9a-f]{2}/([0-9a-f]{16})\.html")
_SIZES: Final = re.compile(r"(\d+) × (\d+)")  # noqa: RUF001  # as the page writes it


class _Page(NamedTuple):
    """A page taken apart: what stands around the body, and its part of the body."""

    around: Element
    part: Part


def alias_target(page: bytes) -> str:
    """The id of the article that an alias page leads to, or empty for any other page."""
    match = _ALIAS.search(page[:1_000].decode("utf-8", "replace"))
    return match[1] if match else ""


def recall(page: bytes, read: ReadFile) -> Article:
    """The article that was rendered to ``page``; ``read`` gives its other files.

    Continuation pages are checked against the hash that names them. ``page`` itself must
    have been verified by the caller.

    Raises:
        UnreadableError: ``page`` is no article's page, or a continuation is another file.
        TreeError: What ``read`` raises.
        FeedsError: The page holds what no snapshot may hold.
    """
    first = _take_apart(page, "article page")
    around = first.around
    state = _state(around)
    body = "" if state is State.WITHDRAWN else undress(join(_parts(first, read)))
    picture = _picture(around, read)
    snapshot = Snapshot(
        source_url=_attribute(around, "u-url", "href"),
        fetched_at=_time(around, "read"),
        title=_text(around, "p-name"),
        body_html=body,
        lead=_text(around, "p-summary", must=False),
        authors=_texts(around, "p-author"),
        section=_text(around, "p-category", must=False),
        tags=_texts(around, "tag"),
        language=_attribute(around, "h-entry", "lang"),
        published_at=_time(around, "dt-published"),
        picture=picture,
        media=_media(body, read),
    )
    newest = _ID.search(_attribute(around, "newest", "href"))
    if newest is None:
        raise UnreadableError("article page", "does not say where its newest version is")
    return Article(
        id=newest[1],
        snapshot=snapshot,
        published=_time(around, "dt-published"),
        updated=_time(around, "dt-updated"),
        earlier=_earlier(around, read),
        state=state,
    )


def _take_apart(data: bytes, path: str) -> _Page:
    text = data.decode("utf-8", "replace")
    start = _CONTENT.search(text)
    inner, end = ("", 0) if start is None else _inner(text, start.end())
    around = text if start is None else text[: start.start()] + text[end:]
    document = etree.fromstring(around.encode(), etree.HTMLParser(encoding="utf-8"))
    if document is None:
        raise UnreadableError(path, "is no page")
    depth = int(start[1] or 0) if start else 0
    return _Page(document, Part(inner, depth))


def _inner(text: str, start: int) -> tuple[str, int]:
    """What the ``<div>`` that was opened before ``start`` holds, and where it ends."""
    depth = 1
    for match in TAG.finditer(text, start):
        tag = match[0].lower()
        if tag.startswith("</div"):
            depth -= 1
        elif re.match(r"<div[\s>/]", tag):
            depth += 1
        if depth == 0:
            return text[start : match.start()], match.end()
    return text[start:], len(text)


def _parts(first: _Page, read: ReadFile) -> list[Part]:
    parts = [first.part]
    page = first
    for link in _all(page.around, "whole"):  # says the same; read so that whoever asks knows it
        if _CONTINUED.fullmatch(path := link.get("href", "").removeprefix("../../")):
            read(path)
    while address := _next(page.around):
        match = _CONTINUED.fullmatch(address.removeprefix("../../"))
        if match is None or len(parts) >= MAX_PARTS:
            raise UnreadableError("article page", "names a continuation that is none")
        data = read(match[0])
        if sha256(data).hexdigest() != match[2]:
            raise UnreadableError(match[0], "is not the file that its name says")
        page = _take_apart(data, match[0])
        parts.append(page.part)
    return parts


def _next(around: Element) -> str:
    links = (item.get("href", "") for item in around.iter("link") if item.get("rel") == "next")
    return next(links, "")


def _state(around: Element) -> State:
    for state in (State.WITHDRAWN, State.GONE):
        if _all(around, state.value):
            return state
    return State.LIVE


def _picture(around: Element, read: ReadFile) -> Picture | None:
    for image in _all(around, "u-featured"):
        small = _medium(image.get("src", ""), (image.get("width"), image.get("height")), read)
        large = None
        link = image.getparent()
        if link is not None and link.tag == "a":
            sizes = _SIZES.search(link.get("title", ""))
            large = _medium(link.get("href", ""), sizes.groups() if sizes else (), read)
        return Picture(
            small=small,
            large=large,
            alt=image.get("alt", ""),
            caption=_text(around, "caption", must=False),
            credit=_text(around, "credit", must=False),
        )
    return None


def _media(body: str, read: ReadFile) -> tuple[Media, ...]:
    found: dict[str, Media] = {}
    for match in TAG.finditer(body):
        for path in _MEDIA.findall(match[0]):
            width = re.search(r'\swidth="(\d+)"', match[0])
            height = re.search(r'\sheight="(\d+)"', match[0])
            sizes = (width[1], height[1]) if width and height else ()
            if path not in found or sizes:
                found[path] = _medium(path, sizes, read)
    return tuple(found.values())


def _medium(address: str, sizes: tuple[str | None, ...], read: ReadFile) -> Media:
    """The file at ``address``; one whose page names no width and height counts as 1 by 1."""
    path = address.removeprefix("../../")
    if not _MEDIA.fullmatch(path):
        raise UnreadableError(path, "is no file under m/")
    ending = path.rpartition(".")[2]
    width, height = (int(size or 1) for size in sizes) if sizes else (1, 1)
    return Media(
        path=path,
        media_type=MEDIA_TYPES.get(ending, ""),
        size=len(read(path)),
        width=width,
        height=height,
    )


def _earlier(around: Element, read: ReadFile) -> tuple[Earlier, ...]:
    """Replaced versions, oldest first; more of them than a page shows stand on older pages."""
    found: list[Earlier] = []
    for _ in range(MAX_EARLIER_PAGES):
        found.extend(_correction(item) for item in _all(around, "correction"))
        path = found[-1].path if found else ""
        if not _all(around, "more") or not path:
            break
        around = _take_apart(read(path), path).around
    return tuple(reversed(found))


def _correction(element: Element) -> Earlier:
    change = next((item.get("value", "") for item in element.iter("data")), "")
    links = [item.get("href", "") for item in element.iter("a")]
    return Earlier(
        path=links[0].removeprefix("../../") if links else "",
        until=_time(element, "until"),
        change=tuple(change.split()),
    )


def _find(around: Element, name: str) -> Element:
    found = _all(around, name)
    if not found:
        raise UnreadableError("article page", f"has no {name}")
    return found[0]


def _all(around: Element, name: str) -> list[Element]:
    """Every element of the class ``name``, in order."""
    return [item for item in around.iter("*") if name in item.get("class", "").split()]


def _words(element: Element) -> str:
    return one_line("".join(str(text) for text in element.itertext()))


def _texts(around: Element, name: str) -> tuple[str, ...]:
    return tuple(_words(item) for item in _all(around, name))


def _text(around: Element, name: str, *, must: bool = True) -> str:
    if not must and not _all(around, name):
        return ""
    return _words(_find(around, name))


def _attribute(around: Element, name: str, attribute: str) -> str:
    return str(_find(around, name).get(attribute, ""))


def _time(around: Element, name: str) -> datetime:
    value = _attribute(around, name, "datetime")
    try:
        return datetime.strptime(value, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    except ValueError as error:
        raise UnreadableError("article page", f"{name} is no time: {value[:40]!r}") from error
