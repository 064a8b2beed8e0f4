"""Mending the choice of blocks: gaps between them, and echoes of them elsewhere.

A precise extractor drops short paragraphs, subheadings and quotes from the midst of an
article. A block that stands beside chosen ones, and is neither links nor furniture by name,
belongs to it.
"""

from collections.abc import Iterator
from itertools import islice
from typing import Final

from lxml import etree

from mirror.extract.body import MEDIA, tight
from mirror.extract.furniture import is_named_furniture
from mirror.extract.matching import MainText, Words, words_in
from mirror.extract.page import tag, text_of

_HEADINGS: Final = frozenset({"h2", "h3", "h4", "h5", "h6"})
_FILLERS: Final = frozenset({"p", "li", "blockquote", "pre", "div", "footer", "cite"}) | _HEADINGS
_ECHO: Final = 0.8  # of a block's runs of words
_MOSTLY_LINKS: Final = 0.4  # of a block's words
_WRAPS: Final = 3  # elements: a box with more is no mere wrapper
_LONG: Final = 15  # words: enough to be believed before the first chosen block


def fill_gaps(
    root: etree._Element, chosen: set[etree._Element], own: dict[etree._Element, Words]
) -> set[etree._Element]:
    """``chosen`` with the blocks between that belong to the article too."""
    homes = {home for node in chosen if tag(node) in _FILLERS for home in _homes(node)}
    rows = [node for node in root.iter("*") if node in own]
    places = [at for at, node in enumerate(rows) if node in chosen]
    if not places:
        return chosen
    first, last = places[0], places[-1]
    filled = set(chosen)
    home = tight(chosen, own)
    for at, node in enumerate(rows[: last + 1]):
        if node in chosen or tag(node) not in _FILLERS or not is_text(node, own[node]):
            continue
        is_long = len(own[node]) >= _LONG
        if _beside(node, homes):
            filled.update({node} if at > first or is_long else ())
        elif at > first and is_long and home is not None and home in node.iterancestors():
            filled.add(node)
    return filled - set(_empty_headings(root, filled))


def without_echoes(
    chosen: set[etree._Element], own: dict[etree._Element, Words]
) -> set[etree._Element]:
    """``chosen`` without teasers elsewhere on the page that repeat the article's words."""
    home = tight(chosen, own)
    inside = set() if home is None else chosen.intersection(home.iter("*"))
    if len(inside) == len(chosen):
        return chosen
    text = MainText(" ".join(own[node]) for node in inside)
    return inside | {node for node in chosen - inside if not text.holds(own[node], enough=_ECHO)}


def _homes(node: etree._Element) -> list[etree._Element]:
    """What a block stands in: its parent, and the next one where that only wraps the block."""
    parent = node.getparent()
    if parent is None:
        return []
    above = parent.getparent()
    has_more = next(islice(parent.iterchildren(), _WRAPS, None), None) is not None
    return [parent] if above is None or has_more else [parent, above]


def _beside(node: etree._Element, homes: set[etree._Element]) -> bool:
    parent = node.getparent()
    inside = tag(node) in {"li", "blockquote"} or (
        parent is not None and tag(parent) == "blockquote"
    )
    near = node.iterancestors() if inside else _homes(node)
    return any(above in homes for above in near)


def is_text(node: etree._Element, words: Words) -> bool:
    """Whether a block reads like text: no furniture by its name, and not mostly links."""
    if is_named_furniture(node):
        return False
    if tag(node) in _HEADINGS:
        return True  # also one that is a link; what is under it decides
    linked = sum(len(words_in(text_of(link))) for link in node.iter("a"))
    return linked <= _MOSTLY_LINKS * len(words)


def _empty_headings(root: etree._Element, filled: set[etree._Element]) -> Iterator[etree._Element]:
    """Headings with nothing of the article under them."""
    pending: etree._Element | None = None
    for node in root.iter("*"):
        if pending is not None and tag(node) in MEDIA:
            pending = None
        if node not in filled:
            continue
        if pending is not None and tag(node) == tag(pending):
            yield pending
        pending = node if tag(node) in _HEADINGS else None
    if pending is not None:
        yield pending
