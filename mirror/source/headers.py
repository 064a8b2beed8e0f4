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


def in_words(status: int) -> str:
    """What a status other than 200 means for us."""
    if status in _WORDS:
        return _WORDS[status]
    try:
        return f"answers {status} ({HTTPStatus(status).phrase})"
    except ValueError:
        return f"answers {status}"
