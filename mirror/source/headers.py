"""What HTTP headers and statuses say, as values and plain words."""

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import lru_cache
from http import HTTPStatus
from typing import Final

MAX_WAIT_S: Final = 86_400  # no source makes us wait longer than a day

_WORDS: Final = {
    401: "asks for a login",
    403: "refuses us (403); it may block this address or this user agent",
    404: "is not there (404)",
    410: "is gone for good (410)",
    429: "asks us to come less often (429)",
    451: "is withheld for legal reasons (451)",
}


@lru_cache(maxsize=64)  # many servers say the same second
def http_date(value: str) -> datetime | None:
    """An HTTP date as UTC in whole seconds, or None."""
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    try:
        return moment.astimezone(UTC).replace(microsecond=0)
    except (ValueError, OverflowError):
        return None


def retry_after(headers: Mapping[str, str]) -> int | None:
    """Seconds that ``Retry-After`` asks for, at most ``MAX_WAIT_S``, or None.

    A date there is counted from the server's own ``Date``, so that no clock has to agree.
    """
    value = headers.get("Retry-After", "").strip()
    if value.isascii() and value.isdigit():
        return min(int(value[:9]), MAX_WAIT_S)
    until, since = http_date(value), http_date(headers.get("Date", ""))
    if until is None or since is None:
        return None
    return max(0, min(int((until - since).total_seconds()), MAX_WAIT_S))


@lru_cache(maxsize=256)  # the same few, again and again
def max_age(cache_control: str) -> int:
    """Seconds that ``Cache-Control`` says an answer holds; 0 where it says nothing usable.

    ``no-cache`` and ``no-store`` are 0, whatever else stands there (RFC 9111, 5.2.2).
    """
    seconds = 0
    for directive in cache_control.lower().split(","):
        name, _, value = directive.strip().partition("=")
        if name.strip() in {"no-cache", "no-store"}:
            return 0
        number = value.strip().strip('"')
        if name.strip() == "max-age" and number.isascii() and number.isdigit():
            seconds = min(int(number[:9]), MAX_WAIT_S)
    return seconds


def age(headers: Mapping[str, str]) -> int:
    """Seconds that an answer lay in caches on its way (RFC 9111, 5.1), or 0."""
    value = headers.get("Age", "")
    return int(value) if value.isascii() and value.isdigit() and len(value) < 9 else 0  # noqa: PLR2004 - three years


def fresh_for(headers: Mapping[str, str]) -> int:
    """Seconds from now for which an answer still holds, as its headers say; 0: ask any time."""
    lasts = max_age(headers.get("Cache-Control", ""))
    return max(lasts - age(headers), 0) if lasts else 0


def in_words(status: int) -> str:
    """What a status other than 200 means for us."""
    if status in _WORDS:
        return _WORDS[status]
    try:
        return f"answers {status} ({HTTPStatus(status).phrase})"
    except ValueError:
        return f"answers {status}"
