"""Filling the gaps: blocks between chosen ones that a careful extractor left out.

A precise extractor drops short paragraphs, subheadings and quotes from the midst of an
article. A block that stands beside chosen ones, and is neither links nor furniture by name,
belongs to it.
"""

from collections.abc import Iterator
from typing import Final

from lxml import etree

from mirror.extract.furniture import is_named_furniture
from mirror.extract.matching import Words, words_in
from mirror.extract.page import tag, text_of

_HEADINGS: Final = frozenset({"h2", "h3", "h4", "h5", "h6"})
_FILLERS: Final = frozenset({"p", "li", "blockquote", "pre", "div"}) | _HEADINGS
_MOSTLY_LINKS: Final = 0.4  # of a block's words
_LONG: Final = 15  # words: enough to be believed before the first chosen block


def fill_gaps(
    root: etree._Element, chosen: set[etree._Element], own: dict[etree._Element, Words]
) -> set[etree._Element]:
    """``chosen`` with the blocks between that belong to the article too."""
    homes = {node.getparent() for node in chosen if tag(node) in _FILLERS} - {None}
    rows = [node for node in root.iter("*") if node in own]
    places = [at for at, node in enumerate(rows) if node in chosen]
    if not places:
        return chosen
    first, last = places[0], places[-1]
    filled = set(chosen)
    for at, node in enumerate(rows[: last + 1]):
        if node in chosen or tag(node) not in _FILLERS or not _beside(node, homes):
            continue
        if (at > first or len(own[node]) >= _LONG) and _is_text(node, own[node]):
            filled.add(node)
    return filled - set(_empty_headings(rows, filled))


def _beside(node: etree._Element, homes: set[etree._Element | None]) -> bool:
    parent = node.getparent()
    if (
        tag(node) in {"li", "blockquote"}
        or tag(parent if parent is not None else node) == "blockquote"
    ):
        return any(above in homes for above in node.iterancestors())
    return parent in homes


def _is_text(node: etree._Element, words: Words) -> bool:
    if is_named_furniture(node):
        return False
    linked = sum(len(words_in(text_of(link))) for link in node.iter("a"))
    return linked <= _MOSTLY_LINKS * len(words)


def _empty_headings(
    rows: list[etree._Element], filled: set[etree._Element]
) -> Iterator[etree._Element]:
    """Headings with nothing of the article under them."""
    pending: etree._Element | None = None
    for node in rows:
        if node not in filled:
            continue
        if pending is not None and tag(node) == tag(pending):
            yield pending
        pending = node if tag(node) in _HEADINGS else None
    if pending is not None:
        yield pending
