"""From a page's nested boxes to plain flowing HTML: paragraphs, headings, lists, figures.

Site templates wrap text in boxes of every kind. What comes out holds only the elements that
readers need, with pictures as ``<figure data-picture="n">`` that ``placing`` fills
once they are fetched, and embeds as labelled links
(``<p data-embed>``).
"""

from dataclasses import dataclass, field
from typing import Final

from lxml import etree

from mirror.extract.embeds import read_embed
from mirror.extract.figures import FoundPicture, read_picture
from mirror.extract.links import Links
from mirror.extract.page import INLINE, has_text, tag, text_of

_HEADINGS: Final = {f"h{level}": f"h{max(level, 2)}" for level in range(1, 7)}
_COPIED: Final = frozenset({"ul", "ol", "dl", "table", "thead", "tbody", "tfoot", "tr"})
_CELLS: Final = frozenset({"li", "dt", "dd", "td", "th", "caption"})
_KEPT_INLINE: Final = frozenset(
    """
    a abbr b bdi bdo cite code del em i ins kbd mark q rp rt ruby s samp small strong sub sup
    time u var
    """.split()  # noqa: SIM905 - names, not strings
)
_RENAMED: Final = {"strike": "s", "acronym": "abbr", "tt": "code"}
_KEPT: Final = frozenset(
    "dir lang datetime title start type reversed value colspan rowspan scope".split()  # noqa: SIM905 - names, not strings
)
_MEDIA: Final = frozenset({"figure", "picture", "img"})
_EMBEDS: Final = frozenset({"iframe", "video", "audio"})
_LEFT_OUT: Final = _MEDIA | _EMBEDS
_BREAKS: Final = frozenset({"br", "hr"})
_UNBOXED: Final = _COPIED | _CELLS | {"body", "html"}
_SPACE: Final = " \t\r\n\f"
MAX_PICTURES: Final = 200  # of one article; further ones are left out
_MAX_DEPTH: Final = 100  # deeper boxes are taken as text


@dataclass(slots=True)
class Flow:
    """What is being built; ``pictures`` are those that ``data-picture`` numbers from 0.

    Attributes:
        links: Where the page's links lead.
        language: For the words of embeds.
        root: A ``<div>`` that holds the result.
        pictures: Found so far.
    """

    links: Links
    language: str = "en"
    root: etree._Element = field(default_factory=lambda: etree.Element("div"))
    pictures: list[FoundPicture] = field(default_factory=list)
    _known: set[str] = field(default_factory=set)

    def add(self, node: etree._Element) -> None:
        """Put a piece of the page at the end."""
        blocks = _Blocks(self, self.root)
        blocks.take(node, 0)
        blocks.close()

    def picture(self, node: etree._Element, out: etree._Element) -> None:
        """Put a figure at the end of ``out``, unless it is an icon or stands there already."""
        for inner in node.iter(*_EMBEDS):
            self.embed(inner, out)
        found = read_picture(node, self.links.base)
        if found is None or found.url in self._known or len(self.pictures) >= MAX_PICTURES:
            return
        self._known.add(found.url)
        figure = etree.SubElement(out, "figure", {"data-picture": str(len(self.pictures))})
        self.pictures.append(found)
        words = [text for text in (found.caption, found.credit) if text]
        if words:
            etree.SubElement(figure, "figcaption").text = " ".join(words)

    def embed(self, node: etree._Element, out: etree._Element) -> None:
        """Put a labelled link at the end of ``out``."""
        found = read_embed(node, self.links.base, self.language)
        if found is not None:
            holder = etree.SubElement(out, "p", {"data-embed": ""})
            etree.SubElement(holder, "a", {"href": found.url}).text = found.label


class _Blocks:
    """Fills one element with blocks; loose text between them becomes paragraphs."""

    def __init__(self, flow: Flow, out: etree._Element) -> None:
        self._flow = flow
        self._out = out
        self._loose: etree._Element | None = None
        self._breaks = 0

    def take(self, node: etree._Element, depth: int) -> None:
        """Put one element of the page into the result."""
        name = tag(node)
        if name in _EMBEDS:
            self.close()
            self._flow.embed(node, self._out)
        elif name in _MEDIA:
            self.close()
            self._flow.picture(node, self._out)
        elif name == "br":
            self._break()
        elif name in INLINE:
            self._inline(node)
        elif depth > _MAX_DEPTH:
            self._text(text_of(node))
        else:
            self.close()
            self._block(node, name, depth)
            self.close()

    def _block(self, node: etree._Element, name: str, depth: int) -> None:
        if name in _HEADINGS:
            self._filled(node, _HEADINGS[name])
        elif name == "pre":
            etree.SubElement(self._out, "pre").text = "".join(node.itertext()).strip("\n")
        elif name == "hr":
            etree.SubElement(self._out, "hr")
        elif name in _COPIED or name in _CELLS or name == "blockquote":
            made = etree.SubElement(self._out, name, _attributes(node))
            _Blocks(self._flow, made).children(node, depth + 1)
            _simplify(made)
        else:
            self.children(node, depth + 1)

    def children(self, node: etree._Element, depth: int) -> None:
        """Put what is in ``node`` into the result."""
        before = last_of(self._out)
        self._text(node.text)
        for child in node:
            self.take(child, depth)
            self._text(child.tail)
        self.close()
        if node.attrib and tag(node) not in _UNBOXED:
            _inherit(node, self._out, before)

    def _filled(self, node: etree._Element, name: str) -> None:
        made = etree.Element(name, _attributes(node))
        media = _inline_into(made, node, self._flow)
        if has_text(made):
            self._out.append(made)
        for one in media:
            self.take(one, 0)

    def _inline(self, node: etree._Element) -> None:
        media = _append_inline(self._open(), node, self._flow)
        if self._breaks and has_text(node):
            self._breaks = 0
        if media:
            self.close()
            for one in media:
                self.take(one, 0)

    def _text(self, text: str | None) -> None:
        if text and text.strip():
            _add_text(self._open(), text)
            self._breaks = 0
        elif text and self._loose is not None:
            _add_text(self._loose, " ")

    def _break(self) -> None:
        self._breaks += 1
        if self._breaks > 1:
            self.close()
        elif self._loose is not None:
            etree.SubElement(self._loose, "br")

    def _open(self) -> etree._Element:
        if self._loose is None:
            self._loose = etree.SubElement(self._out, "p")
            self._breaks = 0
        return self._loose

    def close(self) -> None:
        """End the paragraph of loose text, if there is one."""
        loose, self._loose, self._breaks = self._loose, None, 0
        if loose is None:
            return
        last = last_of(loose)
        while last is not None and tag(last) == "br" and not (last.tail or "").strip():
            loose.remove(last)
            last = last_of(loose)
        if not has_text(loose):
            self._out.remove(loose)


def last_of(node: etree._Element) -> etree._Element | None:
    """The last child; ``len`` of an element would count them all."""
    try:
        return node[-1]
    except IndexError:
        return None


def _inherit(node: etree._Element, out: etree._Element, before: etree._Element | None) -> None:
    """Direction and language of a box that is left out go to what was in it."""
    told = [(name, value) for name in ("dir", "lang") if (value := node.get(name))]
    if not told:
        return
    for made in out.iterchildren() if before is None else before.itersiblings():
        for name, value in told:
            if made.get(name) is None:
                made.set(name, value)


def _attributes(node: etree._Element) -> dict[str, str]:
    return {name: value for name, value in node.items() if name in _KEPT} if node.attrib else {}


def _inline_into(out: etree._Element, node: etree._Element, flow: Flow) -> list[etree._Element]:
    """Put the inline content of ``node`` into ``out``; gives the pictures and embeds in it."""
    media: list[etree._Element] = []
    _add_text(out, node.text)
    for child in node:
        media += _append_inline(out, child, flow)
        _add_text(out, child.tail)
    return media


def _append_inline(out: etree._Element, node: etree._Element, flow: Flow) -> list[etree._Element]:
    name = tag(node)
    name = _RENAMED.get(name, name)
    if name in _LEFT_OUT:
        return [node]
    if name in _BREAKS:
        etree.SubElement(out, "br")
        return []
    if name not in _KEPT_INLINE:
        return _inline_into(out, node, flow)
    attributes = _link(node, flow) if name == "a" else _attributes(node)
    if name == "a" and (not attributes or _is_in_link(out)):
        return _inline_into(out, node, flow)
    made = etree.SubElement(out, name, attributes)
    media = _inline_into(made, node, flow)
    if not has_text(made):
        text = "".join(made.itertext())
        out.remove(made)
        _add_text(out, text)
    return media


def _link(node: etree._Element, flow: Flow) -> dict[str, str]:
    address = node.get("href")
    target = flow.links.target(address) if address else None
    return {"href": target} if target else {}


def _is_in_link(out: etree._Element) -> bool:
    return tag(out) == "a" or next(out.iterancestors("a"), None) is not None


def _add_text(out: etree._Element, text: str | None) -> None:
    if not text:
        return
    text = _folded(text)
    last = last_of(out)
    before = (out.text if last is None else last.tail) or ""
    if text[0] == " " and before.endswith(" "):
        text = text[1:]
    if last is not None:
        last.tail = before + text
    else:
        out.text = before + text


def _folded(text: str) -> str:
    """``text`` with one space for each run of HTML's white space, which is that of bytes."""
    if text.isprintable() and "  " not in text:  # most texts, seen at a glance
        return text
    folded = b" ".join(text.encode().split()).decode()
    before, after = text[0] in _SPACE, text[-1] in _SPACE
    return f"{' ' * before}{folded}{' ' * after}" if folded else " "


def _simplify(made: etree._Element) -> None:
    """A cell or list item that holds one paragraph holds its text instead."""
    if tag(made) in _CELLS and len(made) == 1 and tag(made[0]) == "p" and not made.text:
        only = made[0]
        made.remove(only)
        made.text = only.text
        for child in list(only):
            made.append(child)
    if tag(made) not in {"td", "th"} and not has_text(made) and not list(made.iter("figure")):
        parent = made.getparent()
        if parent is not None:
            parent.remove(made)
