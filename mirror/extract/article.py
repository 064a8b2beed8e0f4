"""What a general extractor takes for the article's text; the only import of trafilatura."""

import logging
from collections.abc import Iterator
from configparser import ConfigParser
from copy import deepcopy
from functools import cache
from typing import Final, cast

from lxml import etree
from lxml.html import HtmlElement

_BLOCKS: Final = frozenset({"p", "head", "item", "cell", "quote", "code", "list", "table", "row"})

logging.getLogger("trafilatura").setLevel(logging.CRITICAL)  # our judge says it better


@cache
def _config() -> ConfigParser:
    from trafilatura.settings import DEFAULT_CONFIG  # noqa: PLC0415  # see ``main_text``

    config = deepcopy(DEFAULT_CONFIG)
    config.set("DEFAULT", "MIN_EXTRACTED_SIZE", "100")
    config.set("DEFAULT", "MIN_OUTPUT_SIZE", "1")
    return config


def main_text(root: etree._Element, url: str) -> tuple[str, ...]:
    """The article's blocks of text in order, as one line each; empty where none was found.

    ``root`` is an ``<html>`` element, and stays as it is. The fast settings are enough: with
    our furniture gone before and gaps filled after, the second extractor that trafilatura asks
    otherwise gives the same score for a third more time (``benchmarks/extraction.py``).
    """
    from trafilatura import bare_extraction  # noqa: PLC0415  # with the first article:
    from trafilatura.settings import Document  # noqa: PLC0415  # the service starts without it

    found = bare_extraction(
        cast("HtmlElement", root),
        url=url,
        fast=True,
        include_comments=False,
        include_tables=True,
        include_formatting=False,
        config=_config(),
    )
    if not isinstance(found, Document) or found.body is None:
        return ()
    return tuple(line for line in _lines(found.body) if line)


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
