"""Which blocks of a page hold given text: from an extractor's words back to the page's tree.

A general extractor gives text; what the mirror needs is the page's own structure, with its
lists, quotes, tables, pictures and links. So the text says *which* blocks belong to the
article, and the blocks themselves are taken.
"""

import re
from collections.abc import Iterable
from typing import Final

from lxml import etree

from mirror.extract.page import INLINE

_WORD: Final = re.compile(
    r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]|[^\W\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]+"
)
_RUN: Final = 4  # words in a row that are looked for together
_ENOUGH: Final = 0.6  # of a block's runs; the rest may be a hidden piece or a merged neighbour

_UNITS: Final = ("table", "ul", "ol", "dl", "pre")
_UNIT_ENOUGH: Final = 0.5

Words = tuple[str, ...]


def words_in(text: str) -> Words:
    """The words of ``text`` in lower case; each sign of Chinese, Japanese, Korean is one."""
    return tuple(_WORD.findall(text.casefold()))


class MainText:
    """The text that belongs to the article, ready to be looked up in."""

    def __init__(self, lines: Iterable[str]) -> None:
        split = [words_in(line) for line in lines]
        joined = tuple(word for line in split for word in line)
        self._lines = frozenset(split)
        self._runs = frozenset(_runs(joined))

    def holds(self, words: Words, *, enough: float = _ENOUGH) -> bool:
        """Whether most of a block with these words is in the text."""
        if not words:
            return False
        if len(words) < _RUN:
            return words in self._lines
        runs = _runs(words)
        return sum(map(self._runs.__contains__, runs)) >= enough * len(runs)


def _runs(words: Words) -> list[Words]:
    return [*zip(*(words[at:] for at in range(_RUN)), strict=False)]


def own_words(root: etree._Element) -> dict[etree._Element, Words]:
    """For each block under ``root``, the words that stand in it and in no block within."""
    texts: dict[etree._Element, list[str]] = {}
    owners = [root]
    for event, node in etree.iterwalk(root, events=("start", "end")):
        name = node.tag
        if event == "start":
            if name not in INLINE:
                owners.append(node)
            text = " " if name == "br" else node.text
        else:
            if name not in INLINE:
                owners.pop()
            text = node.tail if node is not root else None
        if text:
            texts.setdefault(owners[-1], []).append(text)
    split = ((node, words_in("".join(parts))) for node, parts in texts.items())
    return {node: words for node, words in split if words}


def matched(
    root: etree._Element, text: MainText, own: dict[etree._Element, Words]
) -> set[etree._Element]:
    """The blocks under ``root``, which are those of ``own``, that belong to the article."""
    chosen = {node for node, words in own.items() if text.holds(words)}
    weight = sum(len(own[node]) for node in chosen)
    for unit in list(root.iter(*_UNITS)):
        inside = [node for node in unit.iter() if node in own]
        words = tuple(word for node in inside for word in own[node])
        if 2 * sum(len(own[node]) for node in inside if node in chosen) > weight:
            continue  # a table for layout, that holds the article itself
        if text.holds(words, enough=_UNIT_ENOUGH):
            chosen.update(inside)
    return chosen
