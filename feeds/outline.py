"""``Outline``: where sanitised HTML may be cut, and what is open there."""

import re
import unicodedata
from bisect import bisect_right
from typing import Final, NamedTuple

TAG: Final = re.compile(r"""<[a-zA-Z/!](?:"[^"]*"|'[^']*'|[^'">])*+>""")

_NAME: Final = re.compile(r"</?([a-zA-Z0-9-]+)")
ATTRIBUTE: Final = re.compile(r"""\s+([^\s=>"'/]+)(?:=("[^"]*"|'[^']*'|[^\s>]*))?""")
_START: Final = re.compile(r"""\sstart=["']?(\d{1,6})""")
_SENTENCE: Final = re.compile("(?:[.!?…؟۔]+[\"'»”’)]*\\s+|[。！？]+[」』”）]*|\\n)")  # noqa: RUF001  # CJK
_SPACE: Final = re.compile(r"\s+")
_ENTITY: Final = re.compile(r"&[#a-zA-Z0-9]{0,31}")
_JOINERS: Final = frozenset("\u200d\ufe0e\ufe0f\u200c")
_VOID: Final = frozenset(
    ["area", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"]
)
_BLOCKS: Final = frozenset(
    [
        "address",
        "article",
        "aside",
        "blockquote",
        "caption",
        "center",
        "dd",
        "details",
        "div",
        "dl",
        "dt",
        "figure",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hr",
        "li",
        "main",
        "nav",
        "ol",
        "p",
        "pre",
        "section",
        "table",
        "tbody",
        "td",
        "tfoot",
        "th",
        "thead",
        "tr",
        "ul",
    ]
)
_HEADINGS: Final = frozenset(["h1", "h2", "h3", "h4", "h5", "h6", "dt", "caption", "summary"])
_CONTAINERS: Final = frozenset(
    [
        "article",
        "aside",
        "blockquote",
        "center",
        "details",
        "div",
        "dl",
        "footer",
        "header",
        "main",
        "ol",
        "section",
        "table",
        "tbody",
        "tfoot",
        "ul",
    ]
)


class Open(NamedTuple):
    """An element that is open somewhere."""

    name: str
    tag: str
    items: int = 0  # of a list, so far

    def again(self) -> str:
        """The tag that opens it once more: without its id, numbering on."""
        tag = ATTRIBUTE.sub(_unless_single, self.tag)
        if self.name != "ol" or not self.items:
            return tag
        first = _START.search(self.tag)
        return f'{tag[:-1]} start="{self.items + (int(first[1]) if first else 1)}">'


class Outline:
    """The tags of ``html`` and the places between them."""

    def __init__(self, html: str) -> None:
        self.html = html
        self._places: list[int] = [0]  # ends of tags
        self._starts: list[int] = [0]  # starts of the same tags
        self._open: list[tuple[Open, ...]] = [()]  # after the tag
        self._whole: list[int] = []  # boundaries with nothing open
        self._nested: list[int] = []  # boundaries with only containers open
        self._scan()

    def _scan(self) -> None:
        stack: tuple[Open, ...] = ()
        after_heading = False
        for match in TAG.finditer(self.html):
            if self.html[self._places[-1] : match.start()].strip():
                after_heading = False
            name = _name(match[0])
            if name in _BLOCKS and match[0][1] != "/" and not after_heading:
                self._boundary(match.start(), stack)
            stack = _step(stack, name, match[0])
            self._starts.append(match.start())
            self._places.append(match.end())
            self._open.append(stack)
            if name in _BLOCKS and (match[0][1] == "/" or name == "hr"):
                after_heading = name in _HEADINGS
                if not after_heading:
                    self._boundary(match.end(), stack)

    def _boundary(self, place: int, stack: tuple[Open, ...]) -> None:
        if not stack:
            self._whole.append(place)
        elif all(item.name in _CONTAINERS for item in stack):
            self._nested.append(place)

    def open_at(self, place: int) -> tuple[Open, ...]:
        """What is open at ``place``, outermost first."""
        return self._open[bisect_right(self._places, place) - 1]

    def between(self, start: int, end: int) -> str:
        """``html[start:end]``, balanced: opened again before it, closed after it."""
        before = "".join(item.again() for item in self.open_at(start))
        after = "".join(f"</{item.name}>" for item in reversed(self.open_at(end)))
        return f"{before}{self.html[start:end]}{after}"

    def cut(self, start: int, reach: int) -> int:
        """The best place to cut after ``start`` and not after ``reach``.

        Between blocks if that leaves the page half full, else between the parts of a
        block, else after a sentence, a word, a sign. Where one tag spans all of it, the
        end of that tag: the only answer that is after ``reach``.
        """
        length = reach - start
        for places, least in ((self._whole, 0.5), (self._nested, 0.5)):
            index = bisect_right(places, reach) - 1
            if index >= 0 and places[index] > start + length * least:
                return places[index]
        for pattern, least in ((_SENTENCE, 0.6), (_SPACE, 0.4)):
            place = self._in_text(pattern, start + int(length * least), reach)
            if place > start:
                return place
        return self._anywhere(start, reach)

    def _in_text(self, pattern: re.Pattern[str], low: int, high: int) -> int:
        """The last end of ``pattern`` in text between ``low`` and ``high``, or 0."""
        index = bisect_right(self._places, high) - 1
        if index + 1 < len(self._starts):
            high = min(high, self._starts[index + 1])
        while index >= 0 and high > low:
            text_start = max(self._places[index], low)
            in_figure = any(item.name == "figure" for item in self._open[index])
            if not in_figure and text_start < high:
                found = [m.end() for m in pattern.finditer(self.html, text_start, high)]
                if found and found[-1] > low:
                    return found[-1]
            high = min(high, self._starts[index])
            index -= 1
        return 0

    def _anywhere(self, start: int, reach: int) -> int:
        index = bisect_right(self._starts, reach) - 1
        if self._starts[index] <= reach < self._places[index]:  # inside a tag
            before = self._starts[index]
            return before if before > start else self._places[index]
        place = reach
        entity = self.html.rfind("&", max(start, place - 33), place)
        if entity >= 0 and (match := _ENTITY.match(self.html, entity)):
            end = match.end() + (self.html[match.end() : match.end() + 1] == ";")
            if entity < place < end:
                place = entity if entity > start else end
        low = max(start + 1, self._places[bisect_right(self._places, reach) - 1])
        while low < place < len(self.html) and _joined(self.html[place]):
            place -= 1
        return max(place, start + 1)


def _unless_single(attribute: re.Match[str]) -> str:
    """The attribute, unless a second element must not repeat it."""
    return "" if attribute[1].lower() in {"id", "start"} else attribute[0]


def _name(tag: str) -> str:
    match = _NAME.match(tag)
    return match[1].lower() if match else ""


def _step(stack: tuple[Open, ...], name: str, tag: str) -> tuple[Open, ...]:
    """The open elements after ``tag``."""
    if tag[1] == "/":
        for index in range(len(stack) - 1, -1, -1):
            if stack[index].name == name:
                return stack[:index]
        return stack
    if not name or name in _VOID:
        return stack
    if name == "li" and stack and stack[-1].name == "ol":
        stack = (*stack[:-1], stack[-1]._replace(items=stack[-1].items + 1))
    return (*stack, Open(name, tag))


def _joined(char: str) -> bool:
    """Whether ``char`` belongs to the one before it."""
    return char in _JOINERS or unicodedata.category(char) in {"Mn", "Me", "Mc"}
