"""Which entries of a source count: those with an address, each once, as the operator set it."""

import re
from collections.abc import Iterable
from dataclasses import replace

from mirror.config import SourceConfig
from mirror.source.item import Item


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
            language=source.language or item.language,
        )
        for item in first.values()
    )
