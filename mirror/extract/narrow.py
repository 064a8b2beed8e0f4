"""A page without all that the operator's rules make needless, before its tree is built.

Where rules say what the body is, most of a page is never looked at. lexbor, through selectolax
(this is its only import), finds the pieces four times as fast as lxml parses the page; what is
left is a small page with the same elements in the same boxes.

lexbor reads as browsers do, and so needs quadratic time for some pages that no newsroom
writes (20,000 boxes in each other: 5 seconds). Pages near that are left to lxml, which has
bounds of its own; and parsing here holds up no other thread.
"""

import re
from collections.abc import Iterable, Iterator
from html import escape
from itertools import chain
from typing import Final

from selectolax.lexbor import (
    LexborDocumentOptions,
    LexborHTMLParser,
    LexborNode,
    SelectolaxError,
)

from mirror.extract.page import Page, has_more_text, parse_page
from mirror.extract.rules import Rules

_MAX_BYTES: Final = 600_000  # without scripts: twice a large news page
_MAX_TAGS: Final = 8_000
_MAX_TAG_BYTES: Final = 32_000
_MAX_OPENED: Final = 600_000  # formatting elements that may be opened anew, in the worst case
_FORMATTING: Final = re.compile(  # both cases written out: IGNORECASE takes three times as long
    rb"<(?:[biusBIUS]|[eE][mM]|[tT][tT]|[bB][iI][gG]|[cC][oO][dD][eE]|[fF][oO][nN][tT]"
    rb"|[nN][oO][bB][rR]|[sS](?:[mM][aA][lL][lL]|[tT][rR](?:[oO][nN][gG]|[iI][kK][eE])))[\s>/]"
)
_FEW: Final = 1_500  # characters
_NEEDS_SIBLINGS: Final = re.compile(r"\+|~(?!=)|:(?!not\()")
_PICTURES: Final = ("figure", "picture", "img", "noscript")
_SAID: Final = """
    base, title, meta[content], link[rel~=canonical], link[rel~=amphtml], link[rel~=shortlink],
    script[type="application/ld+json" i], h1, time, a[rel~=author],
    .byline__author__name, .byline-name, .author-name, .p-author, .entry-date
"""  # beside what stands in ``<head>``
_PROPERTIES: Final = """
    [itemprop~=headline], [itemprop~=author], [itemprop~=articleSection], [itemprop~=keywords],
    [itemprop~=inLanguage], [itemprop~=description], [itemprop~=datePublished],
    [itemprop~=dateCreated], [itemprop~=dateModified], [itemprop~=image],
    [itemprop~=thumbnailUrl], [itemprop~=isAccessibleForFree]
"""


def page_for(text: str, url: str, rules: Rules) -> Page:
    """The page that ``text`` is, narrowed where ``rules`` allow it.

    A page with few words is read whole: what it is may stand anywhere in it.

    Raises:
        SourceChangedError: As ``parse_page``.
    """
    needed = narrowed(text, rules)
    if needed is not None:
        page = parse_page(needed, url)
        if has_more_text(page.root, _FEW):
            return page
    return parse_page(text, url)


def narrowed(text: str, rules: Rules) -> str | None:
    """The page with only what ``rules`` name, what it says of itself, and pictures before.

    None where the whole page is to be read: ``body`` is not said or names nothing, a rule looks
    at what stands beside an element, or the page is such as lexbor is slow with.
    """
    named = (rules.body, rules.title, rules.author, rules.date, *rules.keep)
    asked = [selector for selector in named if selector]
    if not rules.body or any(map(_NEEDS_SIBLINGS.search, (*asked, *rules.drop))):
        return None
    data = _without(_without(text.encode("utf-8", "replace"), b"script"), b"style")
    if not _is_ordinary(data):
        return None
    tree = LexborHTMLParser(data, options=LexborDocumentOptions.WO_EVENTS)
    head, rest = tree.head, tree.body
    if head is None or rest is None:
        return None
    properties = (_PROPERTIES,) if b"itemprop" in data else ()
    try:
        body = rest.css_first(rules.body)
        wanted = rest.css(", ".join((_SAID, *properties, *_PICTURES, *asked)))
    except SelectolaxError:  # a selector that only lxml knows
        return None
    return None if body is None else "".join(_written(chain((head,), _needed(wanted, body))))


def _without(data: bytes, name: bytes) -> bytes:
    """``data`` without its scripts or styles, but for those that state something (JSON-LD)."""
    kept, at = [], 0
    while (start := data.find(b"<" + name, at)) >= 0:
        close = data.find(b"</" + name, start)
        end = data.find(b">", close) + 1
        if close < 0 or end == 0:
            break
        is_stated = b"ld+json" in data[start : data.find(b">", start)]
        kept.append(data[at : end if is_stated else start])
        at = end
    return b"".join((*kept, data[at:]))


def _is_ordinary(data: bytes) -> bool:
    """Whether lexbor reads it in well under a second."""
    tags = data.count(b"<")
    return (
        len(data) <= _MAX_BYTES
        and tags <= _MAX_TAGS
        and not _has_long_tag(data)
        and tags * len(_FORMATTING.findall(data)) <= _MAX_OPENED
    )


def _has_long_tag(data: bytes) -> bool:
    """Whether so many bytes follow each other without the end of a tag that one may be bad."""
    at = 0
    while len(data) - at > _MAX_TAG_BYTES:
        end = data.rfind(b">", at, at + _MAX_TAG_BYTES)
        if end < 0:
            return True
        at = end + 1
    return False


def _needed(wanted: Iterable[LexborNode], body: LexborNode) -> Iterator[LexborNode]:
    """Those of ``wanted``, in the page's order, that are no pictures after the body began."""
    is_before = True
    for node in wanted:
        is_before = is_before and node.mem_id != body.mem_id
        if is_before or node.tag not in _PICTURES:
            yield node


def _written(nodes: Iterable[LexborNode]) -> Iterator[str]:
    """The elements, each once, in copies of the boxes that hold them."""
    boxes: list[LexborNode] = []  # open ones, the outermost first
    places: dict[int, int] = {}  # where in ``boxes`` each of them stands
    whole: set[int] = set()  # elements that were written with all that is in them
    for node in nodes:
        path: list[LexborNode] = []
        above: LexborNode | None = node
        while above is not None and above.mem_id not in places and above.mem_id not in whole:
            path.append(above)
            above = above.parent
        if not path or (above is not None and above.mem_id in whole):
            continue
        depth = 0 if above is None else places[above.mem_id] + 1
        for box in reversed(boxes[depth:]):
            del places[box.mem_id]
            yield f"</{box.tag}>"
        del boxes[depth:]
        for box in reversed(path[1:]):
            if box.tag != "-document":
                yield _start(box)
                places[box.mem_id] = len(boxes)
                boxes.append(box)
        whole.add(node.mem_id)
        yield node.html or ""
    for box in reversed(boxes):
        yield f"</{box.tag}>"


def _start(node: LexborNode) -> str:
    said = "".join(f' {name}="{escape(value or "")}"' for name, value in node.attributes.items())
    return f"<{node.tag}{said}>"
