"""The sample newsroom's posts as WordPress's REST API lists them (``wp/v2/posts``). Pure."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from html import escape
from typing import Final
from urllib.parse import quote
from zlib import crc32

from mirror.newsroom.story import Story

MOST: Final = 100  # posts on a page
_PER_PAGE: Final = 10


class NoSuchPageError(ValueError):
    """A page behind the last one, or a parameter that is none."""


def posts(
    stories: Sequence[Story], asked: Mapping[str, str], base: str
) -> tuple[str, dict[str, str]]:
    """The answer to the parameters ``asked``: its JSON, and its headers.

    Raises:
        NoSuchPageError: There is no such page.
    """
    chosen = _chosen(stories, asked)
    page, size = _number(asked, "page", 1), _number(asked, "per_page", _PER_PAGE)
    pages = -(-len(chosen) // size)
    if size > MOST or page > max(pages, 1):
        raise NoSuchPageError
    said = [_post(story, base) for story in chosen[(page - 1) * size : page * size]]
    if names := asked.get("_fields"):
        wanted = set(names.split(","))
        said = [{name: one[name] for name in one if name in wanted} for one in said]
    headers = {"X-WP-Total": str(len(chosen)), "X-WP-TotalPages": str(pages)}
    return json.dumps(said, ensure_ascii=False), headers


def _chosen(stories: Sequence[Story], asked: Mapping[str, str]) -> list[Story]:
    by_change = asked.get("orderby") == "modified"
    chosen = sorted(stories, key=lambda story: _changed(story) if by_change else _published(story))
    if after := asked.get("modified_after"):
        moment = datetime.fromisoformat(after)
        chosen = [story for story in chosen if _changed(story) > moment]
    return chosen if asked.get("order") == "asc" else chosen[::-1]


def _number(asked: Mapping[str, str], name: str, default: int) -> int:
    text = asked.get(name, str(default))
    if not text.isascii() or not text.isdigit() or not int(text):
        raise NoSuchPageError
    return int(text)


def _post(story: Story, base: str) -> dict[str, object]:
    return {
        "id": crc32(story.path.encode()),
        "date_gmt": _gmt(_published(story)),
        "modified_gmt": _gmt(_changed(story)),
        "link": base + quote(story.path),
        "title": {"rendered": escape(story.headline, quote=False).replace("'", "&#8217;")},
        "content": {"rendered": "<p>…</p>", "protected": False},
    }


def _published(story: Story) -> datetime:
    return story.published or datetime.min.replace(tzinfo=UTC)


def _changed(story: Story) -> datetime:
    return story.modified or _published(story)


def _gmt(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")
