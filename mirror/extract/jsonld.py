"""What a page says of itself in JSON-LD (schema.org), as one flat value."""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields, replace
from html import unescape
from typing import Any, Final

from lxml import etree

from feeds.snapshot import one_line

_MAX_SCRIPT_CHARS: Final = 500_000
ARTICLES: Final = re.compile(r"(?:Article|Posting|Report|Review|Story)$")
_CONTROL: Final = re.compile(r"[\x00-\x1f]")
_MAX_OBJECTS: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Stated:
    """Empty where the page says nothing; dates as they stand there."""

    headline: str = ""
    authors: tuple[str, ...] = ()
    section: str = ""
    tags: tuple[str, ...] = ()
    language: str = ""
    description: str = ""
    published: str = ""
    modified: str = ""
    image: str = ""
    url: str = ""
    is_free: bool = True

    def or_else(self, other: "Stated") -> "Stated":
        """This, with what it lacks from ``other``; not free where either says so."""
        mine = {each.name: getattr(self, each.name) for each in fields(self)}
        said = {name: value for name, value in mine.items() if value}
        return replace(other, **said | {"is_free": self.is_free and other.is_free})


def read_jsonld(scripts: Iterable[etree._Element]) -> Stated:
    """What the first article object says in ``scripts``, the page's ``application/ld+json``."""
    for node in scripts:
        for found in _objects(_load(node.text or "")):
            if any(ARTICLES.search(kind) for kind in _texts(found.get("@type"))):
                return _stated(found)
    return Stated()


def _load(text: str) -> Any:  # noqa: ANN401 - JSON of any shape
    if len(text) > _MAX_SCRIPT_CHARS:
        return None
    text = text.strip().removeprefix("<![CDATA[").removesuffix("]]>").rstrip(";")
    try:
        return json.loads(_CONTROL.sub(" ", text))
    except (ValueError, RecursionError):
        return None


def _objects(data: Any) -> Iterator[dict[str, Any]]:  # noqa: ANN401 - JSON of any shape
    """The objects of a script, those inside lists and ``@graph`` too."""
    pending = [data]
    for _ in range(_MAX_OBJECTS):
        if not pending:
            return
        one = pending.pop(0)
        if isinstance(one, list):
            pending.extend(one)
        elif isinstance(one, dict):
            yield one
            pending.extend(
                one[key] for key in ("@graph", "mainEntity", "mainEntityOfPage") if key in one
            )


def _stated(found: dict[str, Any]) -> Stated:
    return Stated(
        headline=_first(found, "headline", "name"),
        authors=tuple(dict.fromkeys(_names(found.get("author")))),
        section=_first(found, "articleSection"),
        tags=tuple(_tags(found.get("keywords"))),
        language=_first(found, "inLanguage"),
        description=_first(found, "description"),
        published=_first(found, "datePublished", "dateCreated"),
        modified=_first(found, "dateModified"),
        image=_first(found, "image", "thumbnailUrl"),
        url=_first(found, "url", "mainEntityOfPage", "@id"),
        is_free=str(found.get("isAccessibleForFree", True)).lower() != "false",
    )


def _first(found: dict[str, Any], *names: str) -> str:
    return next((text for name in names for text in _texts(found.get(name))), "")


def _texts(value: Any) -> Iterator[str]:  # noqa: ANN401 - JSON of any shape
    for one in value if isinstance(value, list) else [value]:
        inner = one
        if isinstance(one, dict):
            inner = next((one[key] for key in ("@value", "name", "url", "@id") if key in one), "")
        if isinstance(inner, str) and (text := one_line(unescape(inner))):
            yield text


def _names(value: Any) -> Iterator[str]:  # noqa: ANN401 - JSON of any shape
    for one in value if isinstance(value, list) else [value]:
        name = one.get("name") if isinstance(one, dict) else one
        for text in _texts(name):
            if not text.startswith(("http:", "https:", "@")):
                yield text[:100]


def _tags(value: Any) -> Iterator[str]:  # noqa: ANN401 - JSON of any shape
    for text in _texts(value):
        parts = text.split(",") if not isinstance(value, list) else [text]
        yield from (one_line(part)[:100] for part in parts if part.strip())
