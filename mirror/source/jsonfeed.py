"""Reading JSON Feed (versions 1 and 1.1)."""

import json
from typing import Any

from mirror.errors import SourceChangedError
from mirror.extract.dates import parse_date
from mirror.source.item import Item
from mirror.source.texts import MAX_ITEMS, absolute, plain, summary


def json_items(text: str, url: str) -> tuple[Item, ...]:
    """The entries of a JSON feed, at most ``MAX_ITEMS``.

    Raises:
        SourceChangedError: It is no JSON feed.
    """
    try:
        feed = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise SourceChangedError(url, f"can't be read as JSON: {error}") from error
    items = feed.get("items") if isinstance(feed, dict) else None
    if not isinstance(items, list):
        raise SourceChangedError(url, "is JSON, but no JSON feed")
    language = _text(feed, "language")
    entries = [item for item in items if isinstance(item, dict)]
    return tuple(_item(entry, url, language) for entry in entries[:MAX_ITEMS])


def _item(entry: dict[str, Any], url: str, language: str) -> Item:
    own_id = _text(entry, "id")
    address = absolute(url, _text(entry, "url")) or absolute("", own_id)
    tags = entry.get("tags")
    section = (
        next((tag for tag in tags if isinstance(tag, str)), "") if isinstance(tags, list) else ""
    )
    return Item(
        url=address,
        id=own_id or address,
        title=plain(_text(entry, "title")),
        published=parse_date(_text(entry, "date_published")),
        updated=parse_date(_text(entry, "date_modified")),
        section=plain(section),
        language=_text(entry, "language") or language,
        summary=summary(_text(entry, "summary")),
    )


def _text(entry: dict[str, Any], name: str) -> str:
    value = entry.get(name)
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)  # ids are numbers in some feeds
    return value.strip() if isinstance(value, str) else ""
