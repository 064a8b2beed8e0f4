"""Mistakes in a configuration, each with its place and its remedy."""

import difflib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from ipaddress import ip_address
from typing import Any, Final, get_args
from urllib.parse import urlsplit

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from mirror.config.kinds import SOURCE_KEYS, SOURCES_BUILT
from mirror.config.models import Config
from mirror.config.values import HiddenError, check_listen

Loc = tuple[int | str, ...]

_LISTS: Final = ("source", "mirror", "witness", "rules", "support", "newsletter")
_WANTED: Final = {
    "int_type": "must be a whole number, without quotes",
    "int_from_float": "must be a whole number",
    "float_type": "must be a number, without quotes",
    "bool_type": "must be true or false, without quotes",
    "string_type": 'must be a text in quotes, like "this"',
    "tuple_type": 'must be a list, like ["this", "that"]',
    "model_type": "must be a table",
    "path_type": "must be a path in quotes",
}
_BOUNDS: Final = {
    "greater_than_equal": ("ge", "at least"),
    "less_than_equal": ("le", "at most"),
    "string_too_long": ("max_length", "no longer than"),
    "string_too_short": ("min_length", "no shorter than"),
}


def from_validation(error: ValidationError, data: Mapping[str, Any]) -> Iterator[str]:
    """One line for each thing that pydantic found."""
    seen: set[str] = set()
    for details in error.errors(include_url=False):
        loc = _plain(details["loc"])
        line = f"{place(loc, data)}: {_problem(details, loc)}"
        if line not in seen:
            seen.add(line)
            yield line


def across(data: Mapping[str, Any]) -> Iterator[str]:
    """What no single key shows: twins, a web page open to all, nothing to read."""
    yield from _twins(data, "source", "name", "name")
    yield from _twins(data, "rules", "host", "host")
    yield from _twins(data, "mirror", "name", "name")
    yield from _twins(data, "mirror", "url", "address that readers open")
    yield from _twins(data, "mirror", "push", "place to push to")
    yield from _twins(data, "witness", "name", "name")
    yield from _twins(data, "witness", "url", "address")
    for table in ("support", "newsletter"):
        yield from _same_language(data, table)
    if not _tables(data, "source"):
        yield '[[source]]: there is none; add one with name = "news" and url = "https://…/rss"'
    for number, source in enumerate(_tables(data, "source")):
        yield from (f"{place(('source', number, key), data)}: {what}" for key, what in _odd(source))
    section = data.get("web")
    web = section if isinstance(section, Mapping) else {}
    listen = web.get("listen")
    if isinstance(listen, str) and _is_open(listen) and "token" not in web:
        yield (
            f"[web] listen: {listen} can be reached from other machines; add"
            ' token = { env = "NAME" }, or use 127.0.0.1'
        )


def place(loc: Loc, data: Mapping[str, Any]) -> str:
    """Where in the file: ``[site] url``, ``[[mirror]] 2 "cloud-1" push``."""
    if not loc:
        return "the file"
    first, rest = str(loc[0]), loc[1:]
    if first not in _LISTS:
        return " ".join((f"[{first}]", *_keys(rest)))
    if not rest or not isinstance(rest[0], int):
        return f"[[{first}]]"
    tables = _tables(data, first)
    table = tables[rest[0]] if rest[0] < len(tables) else {}
    called = table.get("host" if first == "rules" else "name") if table else None
    name = (f'"{called}"',) if isinstance(called, str) else ()
    return " ".join((f"[[{first}]] {rest[0] + 1}", *name, *_keys(rest[1:])))


def _plain(loc: Loc) -> Loc:
    """Without what pydantic adds for a choice of types."""
    return tuple(part for part in loc if isinstance(part, int) or "[" not in part)


def _keys(loc: Loc) -> Iterator[str]:
    for part in loc:
        yield f"item {part + 1}" if isinstance(part, int) else part


def _problem(details: ErrorDetails, loc: Loc) -> str:
    kind, given = details["type"], details["input"]
    if kind == "extra_forbidden":
        return "no such key" + _meant(str(loc[-1]), _known(loc[:-1]))
    if kind == "missing":
        return "is missing; add it (config.example.toml shows how)"
    if kind == "value_error":
        cause = details["ctx"]["error"]
        shown = isinstance(given, str) and not isinstance(cause, HiddenError)
        return f'"{given}" {cause}' if shown else str(cause)
    if kind == "literal_error":
        return f'"{given}" must be {details["ctx"]["expected"]}'
    if kind in _BOUNDS:
        name, words = _BOUNDS[kind]
        return f"must be {words} {details['ctx'][name]} (is {str(given)[:60]!r})"
    return _WANTED.get(kind) or f"{details['msg']} (is {str(given)[:60]!r})"


def _meant(key: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(key, known, n=1)
    return f'; did you mean "{close[0]}"?' if close else "; take it out"


def _known(loc: Loc) -> tuple[str, ...]:
    """The keys that the table at ``loc`` may have."""
    model: type[BaseModel] = Config
    for part in loc:
        if isinstance(part, str):
            field = next((f for n, f in model.model_fields.items() if part in {n, f.alias}), None)
            inner = _models_in(field.annotation) if field else ()
            if not inner:
                return ()
            model = inner[0]
    return tuple(f.alias or n for n, f in model.model_fields.items() if n != "file" or loc)


def _models_in(annotation: object) -> tuple[type[BaseModel], ...]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return (annotation,)
    return tuple(model for inner in get_args(annotation) for model in _models_in(inner))


def _tables(data: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
    tables = data.get(key)
    if not isinstance(tables, list):
        return []
    return [table if isinstance(table, Mapping) else {} for table in tables]


def _twins(data: Mapping[str, Any], table: str, key: str, what: str) -> Iterator[str]:
    for places, value in _repeated(entry.get(key) for entry in _tables(data, table)):
        yield (f'[[{table}]] {places} {key}: have the same {what} "{value}"; give each its own')


def _same_language(data: Mapping[str, Any], table: str) -> Iterator[str]:
    """Two that one page would show; without a language each is for every page."""
    for places, value in _repeated(str(one.get("language", "")) for one in _tables(data, table)):
        which = f'language "{value}"' if value else "no language"
        yield (
            f"[[{table}]] {places} language: have {which}; a page shows one, so give each its own"
        )


def _repeated(found: Iterable[object]) -> Iterator[tuple[str, str]]:
    """Each text that stands there more than once, after the numbers of where: ``1 and 3``."""
    values = list(found)
    for value, count in Counter(one for one in values if isinstance(one, str)).items():
        if count > 1:
            places = (str(number) for number, one in enumerate(values, 1) if one == value)
            yield " and ".join(places), value


def _odd(source: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Keys of a source that its kind needs and has not, or has and does not know."""
    kind = source.get("kind", "feed")
    if kind not in SOURCES_BUILT:
        return  # said where it stands
    for key, those in SOURCE_KEYS.items():
        if key in source and kind not in those:
            use = " or ".join(f'"{name}"' for name in those)
            yield key, f'is nothing that kind "{kind}" has, only {use}; take it out'
    if kind == "listing" and not source.get("selector"):
        yield "selector", 'is missing; name the links to articles, like selector = "h3 a"'


def _is_open(listen: str) -> bool:
    try:
        host = urlsplit(f"//{check_listen(listen)}").hostname or ""
    except ValueError:
        return False  # said where it stands
    try:
        return not ip_address(host).is_loopback
    except ValueError:
        return host != "localhost"
