"""``Page``: one HTML page as a tree, with where its addresses are seen from."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final
from urllib.parse import urljoin, urlsplit

from lxml import etree
from lxml.cssselect import CSSSelector

from mirror.errors import SourceChangedError

MAX_ELEMENTS: Final = 30_000  # three times a news page with all its furniture
INLINE: Final = frozenset(
    [
        "a",
        "abbr",
        "acronym",
        "b",
        "bdi",
        "bdo",
        "big",
        "br",
        "cite",
        "code",
        "data",
        "del",
        "dfn",
        "em",
        "font",
        "i",
        "img",
        "ins",
        "kbd",
        "label",
        "mark",
        "meta",
        "nobr",
        "picture",
        "q",
        "rp",
        "rt",
        "ruby",
        "s",
        "samp",
        "small",
        "source",
        "span",
        "strike",
        "strong",
        "sub",
        "sup",
        "time",
        "tt",
        "u",
        "var",
        "wbr",
    ]
)
_FORBIDDEN: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_REFERENCE: Final = re.compile(r"&#([xX]?[0-9a-fA-F]+)")
_ORDINARY: Final = re.compile(  # from 32 on, and below the surrogates
    r"[xX]0*(?:[2-9a-fA-F][0-9a-fA-F]|[1-9a-fA-F][0-9a-fA-F]{2}|[1-9a-cA-C][0-9a-fA-F]{3}"
    r"|1[fF][0-9a-fA-F]{3})|0*(?:3[2-9]|[4-9][0-9]|[1-9][0-9]{2,3}|[1-4][0-9]{4}|12[0-9]{4})"
)
_ABSOLUTE: Final = re.compile(r"(?!.*/\.)https?://[a-z0-9.-]+(?:/[A-Za-z0-9/._~%?=&+,!$'()*-]*)?")
_LONG_TAG: Final = 16_000  # characters
_MAX_GAPS: Final = 5_000
_QUOTED: Final = re.compile(r""" "[^"]*" | '[^']*' """, re.VERBOSE)
_ORDINARY_BYTES: Final = bytes({*range(256)} - {*range(9), 11, 12, *range(14, 32)})
_COUNT: Final = etree.XPath("count(//*)")
_NOT_TEXT: Final = frozenset({"script", "style", "template", "noscript", "svg", "head", "title"})


@dataclass(frozen=True, slots=True)
class Page:
    """A page that was read.

    Attributes:
        root: Its ``<html>`` element. Extraction takes pieces out of it.
        url: Where it came from.
        base: What its addresses are seen from: ``<base>``, else ``url``.
    """

    root: etree._Element
    url: str
    base: str


def parse_page(text: str, url: str) -> Page:
    """The page that ``text`` is, read as browsers would, without comments.

    Raises:
        SourceChangedError: It holds no HTML, more than ``MAX_ELEMENTS`` elements, or a tag of
            thousands of attributes, for which libxml2 needs quadratic time.
    """
    if _has_endless_tag(text):
        raise SourceChangedError(url, f"holds a tag with more than {_MAX_GAPS} attributes")
    parser = etree.HTMLParser(
        encoding="utf-8", huge_tree=False, remove_comments=True, remove_pis=True, no_network=True
    )
    try:
        data = text.encode("utf-8", "replace")
        root: etree._Element | None = etree.fromstring(data, parser)
    except (etree.LxmlError, ValueError) as error:
        raise SourceChangedError(url, f"can't be read as HTML: {error}") from error
    if root is None:
        raise SourceChangedError(url, "is empty")
    if float(str(_COUNT(root))) > MAX_ELEMENTS:
        raise SourceChangedError(url, f"holds more than {MAX_ELEMENTS} elements")
    if _has_forbidden(data) or _may_refer_to_forbidden(text):
        _clear(root)
    named = next((node.get("href", "") for node in root.iter("base")), "")
    return Page(root, url, absolute(url, named) or url)


def _has_endless_tag(text: str) -> bool:
    at = 0
    while len(text) - at > _LONG_TAG:
        end = text.rfind(">", at, at + _LONG_TAG)
        if end < 0:
            end = text.find(">", at + _LONG_TAG)
            end = len(text) if end < 0 else end
            start = text.rfind("<", at, end)
            if start >= 0 and len(_QUOTED.sub("", text[start:end]).split()) > _MAX_GAPS:
                return True
        at = end + 1
    return False


def _has_forbidden(data: bytes) -> bool:
    """As ``_FORBIDDEN`` in UTF-8, which has no surrogates; many times as fast as that pattern."""
    return (
        bool(data.translate(None, _ORDINARY_BYTES))
        or b"\xef\xbf\xbe" in data
        or b"\xef\xbf\xbf" in data
    )


def _may_refer_to_forbidden(text: str) -> bool:
    """Whether a numeric reference names a character that stands in no XML."""
    return any(not _ORDINARY.fullmatch(number) for number in set(_REFERENCE.findall(text)))


def _clear(root: etree._Element) -> None:
    """Make spaces of what the parser lets in, and lets nobody write: control characters."""
    for node in root.iter():
        if node.text and _FORBIDDEN.search(node.text):
            node.text = _FORBIDDEN.sub(" ", node.text)
        if node.tail and _FORBIDDEN.search(node.tail):
            node.tail = _FORBIDDEN.sub(" ", node.tail)
        for name, value in node.items():
            if _FORBIDDEN.search(value):
                node.set(name, _FORBIDDEN.sub(" ", value))


def absolute(base: str, address: str) -> str:
    """``address`` seen from ``base``; empty where that is no http(s) address."""
    if _ABSOLUTE.fullmatch(address):
        return address
    if not address.strip():
        return ""
    try:
        joined = urljoin(base, re.sub(r"[\t\n\r]", "", address).strip())
        parts = urlsplit(joined)
        usable = (
            parts.scheme in {"http", "https"} and bool(parts.hostname) and "@" not in parts.netloc
        )
        _ = parts.port
    except ValueError:
        return ""
    return joined if usable else ""


@lru_cache(maxsize=1_000)
def _compiled(selector: str) -> CSSSelector:
    return CSSSelector(selector, translator="html")


def select(root: etree._Element, *selectors: str) -> list[etree._Element]:
    """The elements under ``root`` that any of the CSS ``selectors`` names, in the page's order."""
    if not selectors:
        return []
    found = [node for selector in selectors for node in _compiled(selector)(root)]
    if len(selectors) == 1:
        return found
    chosen = set(found)
    return [node for node in root.iter() if node in chosen]


def tag(node: etree._Element) -> str:
    """The element's name, which the parser puts in lower case; empty for what is no element."""
    name = node.tag
    return name if isinstance(name, str) else ""


def text_of(node: etree._Element) -> str:
    """The words of ``node`` as one line; blocks and line breaks part them, scripts have none."""
    if next(node.iterchildren(), None) is None:
        return " ".join((node.text or "").split())
    return " ".join("".join(_texts(node)).split())


def has_more_text(node: etree._Element, chars: int) -> bool:
    """Whether the words of ``node`` take more than ``chars``; looks no further than it must."""
    seen = 0
    for text in _texts(node):
        seen += len(" ".join(text.split()))
        if seen > chars:
            return True
    return False


def _texts(node: etree._Element) -> Iterator[str]:
    walk = etree.iterwalk(node, events=("start", "end"))
    for event, step in walk:
        name = tag(step)
        if event == "start":
            if name in _NOT_TEXT and step is not node:
                walk.skip_subtree()
            elif step.text:
                yield step.text
            continue
        if name not in INLINE or name == "br":
            yield " "
        if step.tail and step is not node:
            yield step.tail


def has_text(node: etree._Element) -> bool:
    """Whether anything but white space stands in ``node``; scripts count too."""
    if (first := node.text) and not first.isspace():
        return True
    return any(not text.isspace() for text in node.itertext() if text)


def remove(node: etree._Element) -> None:
    """Take ``node`` out of its tree and leave the text after it."""
    parent = node.getparent()
    if parent is None:
        return
    if node.tail:
        before = node.getprevious()
        if before is not None:
            before.tail = (before.tail or "") + node.tail
        else:
            parent.text = (parent.text or "") + node.tail
        node.tail = None
    parent.remove(node)
