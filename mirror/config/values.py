"""The small types of the configuration: text in TOML to a checked value.

Each parser raises ``ValueError`` with what is wrong and how to write it; ``mistakes`` adds
the place. The normal form of a value is what every other module gets.
"""

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Final
from urllib.parse import SplitResult, quote, unquote, urlsplit
from zoneinfo import ZoneInfo

import cssselect
from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints, ValidationInfo

from feeds.localise import LONGEST_BASE


class HiddenError(ValueError):
    """A mistake in a value that must not be shown again: it may hold a secret."""


MAX_URL_CHARS: Final = 2_000

_DURATION: Final = re.compile(r"(\d{1,6})\s*(s|m|h|d)")
_SECONDS: Final = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}
_SIZE: Final = re.compile(r"(\d{1,6})\s*(B|kB|MB|GB)")
_BYTES: Final = {"B": 1, "kB": 1_000, "MB": 1_000_000, "GB": 1_000_000_000}
_BASE: Final = re.compile(r"https?://[A-Za-z0-9.\-\[\]:]+/([A-Za-z0-9._~-]+/)*")  # format 1.5
_LABEL: Final = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_HOST: Final = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")
_ORIGIN: Final = re.compile(rf"{_LABEL}(?:\.{_LABEL})+(?:/[A-Za-z0-9._~-]+)*")
_LANGUAGE: Final = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}")
_MAILTO: Final = re.compile(r"mailto:[\w.+-]+@[\w-]+(\.[\w-]+)+(\?subject=[\w.%-]+)?", re.ASCII)
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


def parse_duration(value: object) -> timedelta:
    """``"90s"``, ``"10m"``, ``"48h"`` or ``"2d"`` as a span of time."""
    if isinstance(value, timedelta):
        return value
    match = _DURATION.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise ValueError('is no span of time; write it like "30s", "10m", "48h" or "2d"')
    return timedelta(seconds=int(match[1]) * _SECONDS[match[2]])


def duration_text(span: timedelta) -> str:
    """``span`` as the file writes it: ``"10m"``."""
    seconds = round(span.total_seconds())
    unit = next(unit for unit in "dhms" if seconds % _SECONDS[unit] == 0)
    return f"{seconds // _SECONDS[unit]}{unit}"


def at_least(least: timedelta) -> Callable[[timedelta], timedelta]:
    """A check that a span is not shorter than ``least``."""

    def check(span: timedelta) -> timedelta:
        if span < least:
            raise ValueError(f"must be at least {duration_text(least)}")
        return span

    return check


def parse_size(value: object) -> int:
    """``"500kB"``, ``"2MB"`` (a million bytes each M) as bytes."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    match = _SIZE.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise ValueError('is no size; write it like "500kB" or "2MB"')
    return int(match[1]) * _BYTES[match[2]]


def check_url(value: str) -> str:
    """An absolute http(s) address without user, password and fragment."""
    if len(value) > MAX_URL_CHARS:
        raise ValueError(f"is longer than {MAX_URL_CHARS} characters")
    if re.search(r"[\s\x00-\x1f\x7f]", value):
        raise ValueError("holds a space or a control character")
    parts = _split(value)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError('is no address; write it whole, like "https://news.example/rss"')
    if "@" in parts.netloc:
        raise HiddenError("holds a user or password; secrets don't stand in this file")
    if parts.fragment:
        raise ValueError('ends in a "#…" part; leave that out')
    return value


def check_url_or_mail(value: str) -> str:
    """An address of the web, or ``mailto:`` with one mail address and perhaps a subject."""
    if not value.startswith("mailto:"):
        return check_url(value)
    if not _MAILTO.fullmatch(value):
        raise ValueError('is no mail address; write it like "mailto:letters@news.example"')
    return value


def check_base(value: str) -> str:
    """The base of a mirror as format 1.5 allows it."""
    if not value.endswith("/"):
        raise ValueError('must end in "/"')
    if not _BASE.fullmatch(value):
        raise ValueError(
            'must look like "https://host/path/": http or https, a host, then letters, digits and'
            ' "._~-" between slashes'
        )
    return check_url(value)


def check_mirror(value: str) -> str:
    """The base of a mirror that we push to: feeds keep to their sizes on it."""
    if len(value) > LONGEST_BASE:
        raise ValueError(
            f"has {len(value)} characters; with over {LONGEST_BASE}, lite feeds don't fit in their"
            " 12,000 bytes: give it a shorter path"
        )
    return check_base(value)


def check_host(value: str) -> str:
    """A bare host name in lower case; international names in their xn-- form."""
    host = value.strip().lower().removesuffix(".")
    try:
        host = host.encode("idna").decode("ascii")
    except UnicodeError:
        host = ""
    if not _HOST.fullmatch(host):
        raise ValueError('is no host name; write it bare, like "www.news.example"')
    return host


def check_origin(value: str) -> str:
    """The log's name: a domain with at least one dot, and a path if you like."""
    if len(value) > 100 or not _ORIGIN.fullmatch(value):  # noqa: PLR2004 - a name, not a text
        raise ValueError(
            'must be a domain name in lower case, without "https://", that you hold, and perhaps'
            ' a path, 100 characters at most, like "news.example/mirror"'
        )
    return value


def check_language(value: str) -> str:
    """A BCP 47 tag such as ``en``, ``ru`` or ``pt-BR``."""
    if not _LANGUAGE.fullmatch(value):
        raise ValueError('is no language; write its short tag, like "en", "ru" or "pt-BR"')
    return value


def check_timezone(value: str) -> str:
    """The name of a time zone that this machine knows."""
    try:
        ZoneInfo(value)
    except (KeyError, ValueError, OSError) as error:
        raise ValueError('is no time zone; write it like "Europe/Moscow" or "UTC"') from error
    return value


def check_selector(value: str) -> str:
    """A CSS selector, or several with commas between."""
    try:
        cssselect.HTMLTranslator().css_to_xpath(value)
    except cssselect.SelectorError as error:
        raise ValueError(f"is no CSS selector that can be used here: {error}") from error
    return value


def check_pattern(value: str) -> str:
    """A regular expression of Python's."""
    if len(value) > MAX_URL_CHARS:
        raise ValueError(f"is longer than {MAX_URL_CHARS} characters")
    try:
        re.compile(value)
    except (re.error, OverflowError, RecursionError) as error:
        raise ValueError(
            f"is no regular expression: {error}; write one in single quotes, like '/20[0-9]{{2}}/'"
        ) from error
    return value


def check_name(value: str) -> str:
    """A short name for logs and commands."""
    if not _NAME.fullmatch(value):
        raise ValueError('must be 1 to 64 letters, digits and "._-", like "cloud-1"')
    return value


def check_listen(value: str) -> str:
    """``host:port`` to listen on."""
    parts = _split(f"//{value}")
    try:
        port = parts.port
    except ValueError:
        port = None
    if port is None or not parts.hostname or parts.path:
        raise ValueError('must be an address and a port, like "127.0.0.1:8470"')
    return value


def or_empty(check: Callable[[str], str]) -> Callable[[str], str]:
    """``check``, but for the empty text, which means "not said"."""
    return lambda value: check(value) if value else value


def absolute(path: Path, info: ValidationInfo) -> Path:
    """``path`` seen from the folder of the configuration file."""
    return _folder(info) / path.expanduser()


def absolute_push(value: str, info: ValidationInfo) -> str:
    """``file:`` addresses seen from the folder of the configuration file; others as they are."""
    parts = _split(value)
    if parts.scheme != "file":
        return value
    if parts.netloc not in {"", "localhost"} or not parts.path:
        raise ValueError('must be "file:///whole/path" or "file:path/from/this/file"')
    return "file://" + quote(str(_folder(info) / unquote(parts.path)))


def _split(value: str) -> SplitResult:
    try:
        return urlsplit(value)
    except ValueError as error:
        raise ValueError(f"is no address ({error})") from error


def _folder(info: ValidationInfo) -> Path:
    context = info.context
    return Path(context["folder"]) if context else Path.cwd()


Duration = Annotated[timedelta, BeforeValidator(parse_duration)]
Size = Annotated[int, BeforeValidator(parse_size), Field(ge=1)]
Url = Annotated[str, AfterValidator(check_url)]
Base = Annotated[str, AfterValidator(check_mirror)]
Host = Annotated[str, AfterValidator(check_host)]
Origin = Annotated[str, AfterValidator(check_origin)]
Language = Annotated[str, AfterValidator(check_language)]
Timezone = Annotated[str, AfterValidator(check_timezone)]
Selector = Annotated[str, AfterValidator(check_selector)]
MaybeUrl = Annotated[str, AfterValidator(or_empty(check_url))]
UrlOrMail = Annotated[str, AfterValidator(check_url_or_mail)]
MaybeLanguage = Annotated[str, AfterValidator(or_empty(check_language))]
MaybeSelector = Annotated[str, AfterValidator(or_empty(check_selector))]
Pattern = Annotated[str, AfterValidator(check_pattern)]
Name = Annotated[str, AfterValidator(check_name)]
Listen = Annotated[str, AfterValidator(check_listen)]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
AbsolutePath = Annotated[Path, AfterValidator(absolute), Field(validate_default=True)]
