"""JSON Feed 1.1, written by the standard library."""

import json
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Final

from feeds.channel import Channel
from feeds.entries import LONG_CHARS, REMEMBERED, Entry, picture_shown
from feeds.localise import CANONICAL_BASE
from feeds.markup import json_text, marked, seal_json
from feeds.snapshot import timestamp

_VERSION: Final = "https://jsonfeed.org/version/1.1"
_MARK: Final = "\ufdd0\ufdd1"  # as in feeds.rss_atom
_CONTENT: Final = f'"{_MARK}"'.encode()


def json_feed(channel: Channel, entries: Sequence[Entry]) -> bytes:
    """The canonical bytes of ``entries`` in their order.

    The names of other mirrors stand in ``_mirrors``: ``{"feeds": [addresses of this feed]}``,
    an extension as JSON Feed allows it.
    """
    fields: dict[str, Any] = {
        "version": _VERSION,
        "title": channel.title,
        "home_page_url": channel.home_url,
        "feed_url": channel.url("json"),
        "description": channel.description,
        "language": channel.language,
        "authors": [{"name": channel.author or channel.title}],
    }
    if channel.hub:
        fields["hubs"] = [{"type": "WebSub", "url": channel.hub}]
    if channel.addresses:
        fields["_mirrors"] = {"feeds": [channel.url("json", a.url) for a in channel.addresses]}
    head = _sealed({**fields, "items": []})
    items = b",".join(_item(channel.language, entry) for entry in entries)
    return head.removesuffix(b"]}") + items + b"]}"


def _item(language: str, entry: Entry) -> bytes:
    make = _make_item if len(entry.html) > LONG_CHARS else _remembered
    return make(language, entry)


def _make_item(language: str, entry: Entry) -> bytes:
    content = json_text(marked(entry.html))
    return _sealed(_fields(language, entry)).replace(_CONTENT, content)


_remembered: Final = lru_cache(maxsize=REMEMBERED)(_make_item)


def _sealed(fields: dict[str, Any]) -> bytes:
    return seal_json(json.dumps(fields, ensure_ascii=False, separators=(",", ":")))


def _fields(language: str, entry: Entry) -> dict[str, Any]:
    item: dict[str, Any] = {"id": entry.id, "url": entry.link}
    if entry.original:
        item["external_url"] = entry.original
    item["title"] = entry.title
    item["content_html"] = _MARK
    if entry.summary:
        item["summary"] = entry.summary
    item["date_published"] = timestamp(entry.published)
    item["date_modified"] = timestamp(entry.updated)
    if entry.authors:
        item["authors"] = [{"name": name} for name in entry.authors]
    if entry.categories:
        item["tags"] = list(entry.categories)
    if entry.language != language:
        item["language"] = entry.language
    if entry.picture is not None:
        item["image"] = CANONICAL_BASE + picture_shown(entry.picture).path
    return item
