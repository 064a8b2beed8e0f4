"""What a general extractor takes for the article's text; the only import of trafilatura."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from copy import copy, deepcopy
from functools import cache
from typing import TYPE_CHECKING, Final, cast

from lxml import etree
from lxml.html import HtmlElement

if TYPE_CHECKING:
    from trafilatura.settings import Extractor

_BLOCKS: Final = frozenset({"p", "head", "item", "cell", "quote", "code", "list", "table", "row"})

_CLASSES: Final = etree.ElementDefaultClassLookup(element=HtmlElement)

logging.getLogger("trafilatura").setLevel(logging.CRITICAL)  # our judge says it better


@cache
def _options() -> "Extractor":
    from trafilatura.settings import DEFAULT_CONFIG, Extractor  # noqa: PLC0415  # see ``main_text``

    config = deepcopy(DEFAULT_CONFIG)
    config.set("DEFAULT", "MIN_EXTRACTED_SIZE", "100")
    config.set("DEFAULT", "MIN_OUTPUT_SIZE", "1")
    return Extractor(config=config, output_format="python", fast=True, comments=False)


def main_text(root: etree._Element, url: str) -> tuple[str, ...]:
    """The article's blocks of text in order, as one line each; empty where none was found.

    ``root`` is an ``<html>`` element, and stays as it is. The fast settings are enough: with
    our furniture gone before and gaps filled after, the second extractor that trafilatura asks
    otherwise gives the same score for a third more time (``benchmarks/extraction.py``).
    """
    from trafilatura import bare_extraction  # noqa: PLC0415  # with the first article:
    from trafilatura.settings import Document  # noqa: PLC0415  # the service starts without it

    with _in_html_classes(root) as page:
        found = bare_extraction(page, url=url, options=_options())
    if not isinstance(found, Document) or found.body is None:
        return ()
    return tuple(line for line in _lines(found.body) if line)


@contextmanager
def _in_html_classes(root: etree._Element) -> Iterator[HtmlElement]:
    """A copy of ``root`` with the methods that trafilatura asks for, as long as it is used.

    Our own elements have none of them: each look at one then costs less than half.
    """
    parser = root.getroottree().parser  # every copy goes by its parser's classes
    if parser is None:
        raise TypeError("an element of a page that was parsed")
    parser.set_element_class_lookup(_CLASSES)
    try:
        yield cast("HtmlElement", copy(root))
    finally:
        parser.set_element_class_lookup(None)


def _lines(body: etree._Element) -> Iterator[str]:
    parts: list[str] = []
    for event, node in etree.iterwalk(body, events=("start", "end")):
        name = node.tag if isinstance(node.tag, str) else ""
        if name in _BLOCKS or name == "lb" or node is body:
            yield " ".join("".join(parts).split())
            parts.clear()
        if event == "start":
            parts.append(node.text or "")
        elif node is not body:
            parts.append(node.tail or "")
    yield " ".join("".join(parts).split())
