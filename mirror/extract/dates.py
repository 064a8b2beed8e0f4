"""Dates as the web writes them: ISO 8601 and its neighbours, RFC 822, and seconds since 1970."""

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import Final

EARLIEST: Final = datetime(1980, 1, 1, tzinfo=UTC)  # older ones are somebody's zero

_ISO: Final = re.compile(
    r"""(\d{4})-?(\d\d)-?(\d\d)
        (?:[T\s]+(\d\d):?(\d\d)(?::?(\d\d)(?:[.,]\d+)?)?\s*(Z|UTC|GMT|[+-]\d\d:?\d\d|[+-]\d\d)?)?""",
    re.VERBOSE | re.IGNORECASE,
)
_MONTHS: Final = {
    name: number
    for number, name in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), 1
    )
}
_RFC822: Final = re.compile(
    r"""(?:[A-Za-z]{3,9},?\s+)?(\d{1,2})[\s-]+([A-Za-z]{3})[a-z]*\.?,?[\s-]+(\d{4}|\d\d)
        (?:,?\s+(\d{1,2}):(\d\d)(?::(\d\d))?\s*([A-Za-z]{1,5}|[+-]\d\d:?\d\d)?)?""",
    re.VERBOSE,
)
_US_ZONES: Final = {"EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6}
_ZONES: Final = {**_US_ZONES, "PST": -8, "PDT": -7, "MSK": 3, "CET": 1, "CEST": 2, "BST": 1}


def parse_date(text: str, zone: tzinfo = UTC) -> datetime | None:
    """The moment that ``text`` names, UTC, in whole seconds; None where it names none.

    ``zone`` counts where the text names no zone of its own.
    """
    text = text.strip()[:100]
    if text.isascii() and text.isdigit() and len(text) in {10, 13}:
        return _sane(datetime.fromtimestamp(int(text[:10]), UTC))
    match = _ISO.match(text)
    if match:
        year, month, day = int(match[1]), int(match[2]), int(match[3])
    else:
        match = _RFC822.match(text)
        if not match or match[2].lower() not in _MONTHS:
            return None
        day, month = int(match[1]), _MONTHS[match[2].lower()]
        year = int(match[3]) + (0 if len(match[3]) > 2 else 2000)  # noqa: PLR2004 - digits
    hour, minute, second = (int(match[part] or 0) for part in (4, 5, 6))
    try:
        where = _zone(match[7], zone)
        moment = datetime(year, month, day, hour, minute, min(second, 59), tzinfo=where)
        return _sane(moment.astimezone(UTC))
    except (ValueError, OverflowError):
        return None


def _sane(moment: datetime) -> datetime | None:
    return moment if moment >= EARLIEST else None


def _zone(name: str | None, default: tzinfo) -> tzinfo:
    if not name:
        return default
    if name[0] in "+-":
        sign = -1 if name[0] == "-" else 1
        digits = name[1:].replace(":", "")
        return timezone(sign * timedelta(hours=int(digits[:2]), minutes=int(digits[2:] or 0)))
    return timezone(timedelta(hours=_ZONES.get(name.upper(), 0)))
