"""Times of day in which a mirror may be written to, UTC. Values, no clock."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Final

from pydantic import BeforeValidator

DAY: Final = timedelta(days=1)

_WINDOW: Final = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)")


@dataclass(frozen=True, slots=True)
class Window:
    """One span of every day.

    Attributes:
        begins: Since midnight, UTC.
        lasts: More than nothing, less than a day; it may go past midnight.
    """

    begins: timedelta
    lasts: timedelta

    def __post_init__(self) -> None:
        if not (timedelta(0) <= self.begins < DAY and timedelta(0) < self.lasts < DAY):
            raise ValueError(f"no window: {self.begins} for {self.lasts}")

    def __str__(self) -> str:
        """As the file writes it: ``22:00-06:30``."""
        return f"{_clock(self.begins)}-{_clock((self.begins + self.lasts) % DAY)}"

    def left(self, now: datetime) -> timedelta:
        """How long it stays open; nothing where it is closed."""
        since = (_time_of_day(now) - self.begins) % DAY
        return max(self.lasts - since, timedelta(0))

    def opens_in(self, now: datetime) -> timedelta:
        """How long until it opens; nothing where it is open."""
        return timedelta(0) if self.left(now) else (self.begins - _time_of_day(now)) % DAY


def left(windows: Sequence[Window], now: datetime) -> timedelta | None:
    """How long one of them stays open, nothing where none is; None: there are none, always open."""
    return max((window.left(now) for window in windows), default=None)


def opens_in(windows: Sequence[Window], now: datetime) -> timedelta:
    """How long until one of them is open."""
    return min((window.opens_in(now) for window in windows), default=timedelta(0))


def longest_closed(windows: Sequence[Window]) -> timedelta:
    """The longest time of a day in which none of them is open."""
    midnight = datetime(2000, 1, 1, tzinfo=UTC)  # of any day
    ends = (midnight + window.begins + window.lasts for window in windows)
    return max((opens_in(windows, end) for end in ends), default=timedelta(0))


def parse_window(value: object) -> Window:
    """``"22:00-06:00"`` as a window."""
    if isinstance(value, Window):
        return value
    match = _WINDOW.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise ValueError('is no span of a day; write it like "22:00-06:00", in UTC')
    first, second, third, fourth = (int(part) for part in match.groups())
    begins = timedelta(hours=first, minutes=second)
    lasts = (timedelta(hours=third, minutes=fourth) - begins) % DAY
    if not lasts:
        raise ValueError("is no time at all; leave `windows` out where it may be written always")
    return Window(begins, lasts)


def _time_of_day(now: datetime) -> timedelta:
    return now - now.replace(hour=0, minute=0, second=0, microsecond=0)


def _clock(time: timedelta) -> str:
    hours, minutes = divmod(round(time.total_seconds()) // 60, 60)
    return f"{hours:02}:{minutes:02}"


WindowValue = Annotated[Window, BeforeValidator(parse_window)]
