"""JSON Feed 1.1, written by the standard library."""

import json
import re
from collections.abc import Sequence
from typing import Any, Final

from feeds.channel import Channel
from feeds.entries import Entry, picture_shown
from feeds.localise import CANONICAL_BASE
from feeds.markup import seal_json
from feeds.snapshot import timestamp

_VERSION: Final = "https://jsonfeed.org/version/1.1"
_MARK: Final = "\ufdd0{}\ufdd1"  # as in feeds.rss_atom
_MARKS: Final = re.compile('"\ufdd0([0-9]+)\ufdd1"'.encode())


def json_feed(channel: Channel, entries: Sequence[Entry], contents: Sequence[bytes]) -> bytes:
    """The canonical bytes of ``entries`` in their order.

    The names of other mirrors stand in ``_mirrors``: ``{"feeds": [addresses of this feed]}``,
    an extension as JSON Feed allows it.

    Args:
        channel: What the feed is.
        entries: What it holds.
        contents: For each entry, ``markup.json_text`` of its marked ``html``.
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
    fields["items"] = [
        _item(channel, entry, _MARK.format(number)) for number, entry in enumerate(entries)
    ]
    document = json.dumps(fields, ensure_ascii=False, separators=(",", ":"))
    return _MARKS.sub(lambda mark: contents[int(mark[1])], seal_json(document))


def _item(channel: Channel, entry: Entry, mark: str) -> dict[str, Any]:
    item: dict[str, Any] = {"id": entry.id, "url": entry.link}
    if entry.original:
        item["external_url"] = entry.original
    item["title"] = entry.title
    item["content_html"] = mark
    if entry.summary:
        item["summary"] = entry.summary
    item["date_published"] = timestamp(entry.published)
    item["date_modified"] = timestamp(entry.updated)
    if entry.authors:
        item["authors"] = [{"name": name} for name in entry.authors]
    if entry.categories:
        item["tags"] = list(entry.categories)
    if entry.language != channel.language:
        item["language"] = entry.language
    if entry.picture is not None:
        item["image"] = CANONICAL_BASE + picture_shown(entry.picture).path
    return item
