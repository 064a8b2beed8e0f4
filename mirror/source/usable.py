"""Which entries of a source count: those with an address, each once, as the operator set it."""

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from mirror.config import SourceConfig
from mirror.source.item import Item

_LANGUAGE: Final = re.compile(r"[a-zA-Z]{2,3}(?:-[a-zA-Z0-9]{1,8}){0,4}")


def usable(entries: Iterable[Item], source: SourceConfig) -> tuple[Item, ...]:
    """Each address that ``source.match`` lets in, with the section and language set for it."""
    wanted = re.compile(source.match)
    first: dict[str, Item] = {}
    for entry in entries:
        if entry.url and wanted.search(entry.url):
            first.setdefault(entry.url, entry)
    return tuple(
        replace(
            item,
            section=source.section or item.section,
            language=source.language or _tag(item.language),
        )
        for item in first.values()
    )


def _tag(said: str) -> str:
    """The BCP 47 tag that a source means (``en_US``: ``en-US``), or empty: some write names."""
    tag = said.strip().replace("_", "-")
    return tag if _LANGUAGE.fullmatch(tag) else ""
