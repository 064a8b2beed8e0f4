"""Cutting a long body into parts that each fit on a page, and joining them again exactly.

A part is balanced HTML: what is open at a cut is closed there and opened again at the
start of the next part, which says how many elements those are (``depth``). So the parts
join to the very text that was cut, at block boundaries or within one huge paragraph.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final, Protocol

from feeds.outline import TAG, Outline

MAX_CHARS: Final = 80_000  # looked at for one page; repetitive text could hold more
_TRIES: Final = 6  # by interpolation; what is left is halved
_ENOUGH: Final = 400  # bytes of room that are not worth another compression
_LEAST: Final = 200  # signs on a page, over the limit if need be: no page for each letter
_LONELY: Final = 0.6  # a last part this short, against an even one, is evened out


class Excess(Protocol):
    """Bytes by which a page goes over the limit; zero or less fits."""

    def __call__(self, number: int, html: str) -> int:
        """Of the page ``number`` (0 is the first) with ``html`` as its part of the body."""
        ...


@dataclass(frozen=True, slots=True)
class Part:
    """One page's part of a body.

    Attributes:
        html: Balanced HTML.
        depth: How many elements at its start were opened again.
    """

    html: str
    depth: int = 0


def split(html: str, excess: Excess) -> tuple[Part, ...]:
    """``html`` in as few parts as fit, the last of them not much shorter than the others.

    Every part makes progress: a single tag that alone is over the limit, or elements within
    elements that are, give a page that is over it.
    """
    outline = Outline(html)
    parts, lengths = _fill(outline, excess, MAX_CHARS)
    even = len(html) / len(parts)
    if len(parts) > 1 and lengths[-1] < even * _LONELY:
        evened, _ = _fill(outline, excess, int(even * 1.08) + 1)
        if len(evened) <= len(parts):
            return evened
    return parts


def join(parts: Sequence[Part]) -> str:
    """The text that ``split`` cut into ``parts``."""
    joined = ""
    for part in parts:
        html = part.html
        for _ in range(part.depth):
            opened = TAG.match(html)
            closed = joined.rfind("</")
            if opened is None or closed < 0:
                return joined + html
            html, joined = html[opened.end() :], joined[:closed]
        joined += html
    return joined


def _fill(outline: Outline, excess: Excess, max_chars: int) -> tuple[tuple[Part, ...], list[int]]:
    parts: list[Part] = []
    lengths: list[int] = []
    start, number = 0, 0
    while True:
        end = _end_of_part(outline, start, partial(excess, number), max_chars)
        parts.append(Part(outline.between(start, end), len(outline.open_at(start))))
        lengths.append(end - start)
        if end == len(outline.html):
            return tuple(parts), lengths
        start, number = end, number + 1


def _end_of_part(outline: Outline, start: int, excess: Callable[[str], int], max_chars: int) -> int:
    """Where the part that begins at ``start`` ends, as late as fits and at a good place."""
    end = len(outline.html)
    if end - start <= max_chars and excess(outline.between(start, end)) <= 0:
        return end
    reach = _reach(outline, start, min(end, start + max_chars), excess)
    while True:
        cut = outline.cut(start, reach)
        shorter = start + int((cut - start) * 0.96)
        last_choice = cut > reach or shorter < start + _LEAST  # one long tag, or hardly a line
        if last_choice or excess(outline.between(start, cut)) <= 0:
            return cut
        reach = shorter


def _reach(outline: Outline, start: int, high: int, excess: Callable[[str], int]) -> int:
    """About the last place before ``high`` up to which the text fits, by interpolation."""
    over = excess(outline.between(start, high))
    if over <= 0:
        return high
    least = min(start + _LEAST, high)
    low, under = start, excess(outline.between(start, start))
    if under >= 0:  # no room for anything
        return least
    tries = 0
    while high - low > 1 and under < -_ENOUGH:
        wanted = (-under - _ENOUGH / 2) / (over - under)  # a little room is left on purpose
        guess = low + max(1, int((high - low) * (wanted if tries < _TRIES else 0.5)))
        found = excess(outline.between(start, guess))
        if found <= 0:
            low, under = guess, found
        else:
            high, over = guess, found
        tries += 1
    return max(low, least)
