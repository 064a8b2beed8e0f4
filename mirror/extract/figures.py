"""Pictures on a page: the best of their addresses, their caption and their credit."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Final

from lxml import etree

from feeds.snapshot import one_line
from mirror.extract.page import absolute, remove, tag, text_of

BEST_WIDTH: Final = 1_600  # CSS pixels: no larger one is fetched where a smaller is offered
_LAZY: Final = [
    "data-src",
    "data-original",
    "data-lazy-src",
    "data-hi-res-src",
    "data-full-src",
    "data-original-src",
    "data-lazy",
    "data-img-src",
    "data-url",
    "data-image",
    "data-pin-media",
]
_LAZY_SETS: Final = ("data-srcset", "data-lazy-srcset", "srcset")
_PLACEHOLDER: Final = re.compile(
    r"^data:|placeholder|spacer|blank\.|/1x1|transparent\.|lazy[-_.]", re.IGNORECASE
)
_NO_PICTURE: Final = re.compile(
    r"pixel|tracker|/counter|avatar|gravatar|emoji|sprite|/icons?/|[-_/]icon[-_.]|/logos?[-_./]"
    r"|smil(?:ey|ies)|badge|spinner|loading\.|share[-_]|beacon",
    re.IGNORECASE,
)
_CREDIT: Final = re.compile(
    r"(?:^|[\s_-])(?:credits?|source|copyright|photographer|photo-?by|attribution|byline|agency|rights)(?:$|[\s_-])",
    re.IGNORECASE,
)
_CAPTION: Final = re.compile(
    r"caption|(?:^|[\s_-])(?:legend|description|desc)(?:$|[\s_-])", re.IGNORECASE
)
_TINY: Final = 80  # CSS pixels: smaller ones are icons
_MAX_PARTS: Final = 10  # of a caption
_MAX_TEXT: Final = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundPicture:
    """A picture on a page, not yet fetched.

    Attributes:
        url: Absolute http(s).
        alt: Text for those who do not see it.
        caption: Plain text, one line, without the credit.
        credit: Plain text, one line.
    """

    url: str
    alt: str = ""
    caption: str = ""
    credit: str = ""


def read_picture(node: etree._Element, base: str) -> FoundPicture | None:
    """The picture of ``node``: a figure, or an ``<img>`` or ``<picture>`` alone; None for icons."""
    images = [node] if tag(node) == "img" else list(node.iter("img"))
    for image in images:
        url = best_address(image, base)
        if url and not _is_icon(image, url):
            caption, credit = captions(node)
            alt = one_line(image.get("alt", ""))[:_MAX_TEXT]
            return FoundPicture(url=url, alt=alt, caption=caption, credit=credit)
    return None


def captions(node: etree._Element) -> tuple[str, str]:
    """Caption and credit of a figure; empty where there is none."""
    if tag(node) in {"img", "picture"}:
        return "", ""
    inner = [one for one in node.iter("*") if one is not node]
    credit_nodes = list(islice(filter(_is_credit, inner), _MAX_PARTS))
    credits_ = tuple(
        dict.fromkeys(text_of(one) for one in credit_nodes if not _inside(one, credit_nodes))
    )
    holders = list(islice(node.iter("figcaption"), _MAX_PARTS)) or list(
        islice((one for one in inner if _CAPTION.search(one.get("class", ""))), _MAX_PARTS)
    )
    caption = " ".join(_without(holder, credit_nodes) for holder in _outermost(holders))
    if one_line(caption) in credits_:
        caption = ""
    return one_line(caption)[:_MAX_TEXT].strip(), one_line(" ".join(credits_))[:_MAX_TEXT].strip()


def best_address(image: etree._Element, base: str) -> str:
    """The largest offered address up to ``BEST_WIDTH``, else the one that is there."""
    picture = next(image.iterancestors("picture"), None)  # libxml2 nests <source> elements
    sets = [image.get(name, "") for name in _LAZY_SETS]
    if picture is not None:
        sets += [
            source.get(name, "")
            for source in picture.iter("source")
            for name in _LAZY_SETS
            if not source.get("type", "").endswith(("avif", "svg+xml"))
        ]
    offered = [pair for text in sets for pair in _offers(text, base)]
    fitting = [pair for pair in offered if pair[0] <= BEST_WIDTH]
    if fitting or offered:
        return max(fitting)[1] if fitting else min(offered)[1]
    tried = [image.get(name, "") for name in (*_LAZY, "src")]
    real = [value for value in tried if value and not _stands_in(value)]
    return next((url for url in (absolute(base, value) for value in real) if url), "")


def _stands_in(value: str) -> bool:
    """Whether an address is only there until the true one is loaded."""
    return bool(_PLACEHOLDER.search(value.rpartition("/")[2] if "/" in value[5:] else value))


def repair_noscript(root: etree._Element) -> None:
    """Where a lazy picture's true one stands in ``<noscript>``, put it in its place."""
    for node in list(root.iter("noscript")):
        images = list(node.iter("img"))
        before = node.getprevious()
        if len(images) == 1 and before is not None:
            holder = list(before.iter("img"))[-1:]
            if holder:
                _take_over(holder[0], images[0])
            elif tag(before) in {"div", "a", "span"} and not text_of(before):
                images[0].tail = None
                before.append(images[0])
        elif len(images) == 1 and node.getparent() is not None:
            images[0].tail = None
            node.addprevious(images[0])
        remove(node)


def _take_over(lazy: etree._Element, true: etree._Element) -> None:
    for name in ("src", "srcset", "alt", "width", "height"):
        if value := true.get(name):
            lazy.set(name, value)
    for name in (*_LAZY, "data-srcset", "data-lazy-srcset"):
        lazy.attrib.pop(name, None)


def _offers(text: str, base: str) -> Iterator[tuple[int, str]]:
    """Width and address of each candidate of a ``srcset``; ``2x`` counts as 1,200 pixels."""
    for part in re.finditer(r"(\S*[^\s,])(?:\s+([\d.]+)([wx]))?\s*(?:,|$)", text[:20_000]):
        address = absolute(base, part[1])
        if (
            not address
            or part[1].startswith("data:")
            or _PLACEHOLDER.search(part[1].rpartition("/")[2])
        ):
            continue
        try:
            number = float(part[2] or 1)
        except ValueError:
            continue
        yield int(min(number if part[3] == "w" else 600 * number, 99_999)), address


def _is_icon(image: etree._Element, url: str) -> bool:
    for side in ("width", "height"):
        value = image.get(side, "").removesuffix("px").strip()
        if value.isdigit() and int(value) < _TINY:
            return True
    names = f"{image.get('class', '')} {image.get('id', '')}"
    return bool(
        _NO_PICTURE.search(url.partition("?")[0]) or re.search(r"avatar|logo|icon|tracker", names)
    )


def _is_credit(node: etree._Element) -> bool:
    return tag(node) == "cite" or bool(_CREDIT.search(re.sub(r"__", "-", node.get("class", ""))))


def _inside(node: etree._Element, others: list[etree._Element]) -> bool:
    return any(above in others for above in node.iterancestors())


def _outermost(nodes: list[etree._Element]) -> list[etree._Element]:
    return [node for node in nodes if not _inside(node, nodes)]


def _without(holder: etree._Element, left_out: list[etree._Element]) -> str:
    if holder in left_out:
        return ""
    text = text_of(holder)
    for node in left_out:
        if holder in node.iterancestors() and (part := text_of(node)):
            before, _, after = text.rpartition(part)
            text = f"{before} {after}"
    return one_line(text).strip(" |-\u2014\u2013\u00b7")
