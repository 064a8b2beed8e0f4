"""``Habit``: how often a source brings something new, and when it is silent against that."""

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, Self

_RECENT: Final = 0.2  # how much of the mean the newest gap is
_HALF_LIFE_S: Final = 14 * 86_400.0  # after which the longest silence counts half
_ASKS: Final = 4  # polls between two articles
_KNOWN_TIMES: Final = 10  # fewer tell no habit
_KNOWN_FOR: Final = timedelta(days=7)  # so that a weekend is part of it
_SILENCES: Final = 3  # times the longest one before somebody is told
_LEAST_SILENCE: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Habit:
    """What is known of a source's rhythm; changes only when something new comes.

    Attributes:
        first: The first moment that something new came, UTC, or None.
        last: The newest such moment, or None.
        times: How many there were.
        gap_s: Mean seconds between two; newer gaps weigh more.
        longest_s: The longest silence in seconds; it counts half after two weeks.
    """

    first: datetime | None = None
    last: datetime | None = None
    times: int = 0
    gap_s: int = 0
    longest_s: int = 0

    def after(self, told: Iterable[datetime | None], now: datetime) -> Self:
        """The habit once entries with these dates of publication came at ``now``.

        One without a date, dated ahead of us, or dated before what was known, came now: but not
        at the very first, when everything that the source still lists comes at once.
        """
        moments = set()
        for moment in told:
            if moment is not None and moment <= now and (self.last is None or moment > self.last):
                moments.add(moment)
            elif self.last is not None:
                moments.add(now)
        habit = self
        for moment in sorted(moments or {now}):
            habit = habit._came(moment)
        return habit

    def _came(self, moment: datetime) -> Self:
        if self.first is None or self.last is None:
            return replace(self, first=moment, last=moment, times=1)
        gap = max((moment - self.last).total_seconds(), 0.0)
        mean = gap if self.times == 1 else self.gap_s + _RECENT * (gap - self.gap_s)
        faded = self.longest_s * math.exp2(-gap / _HALF_LIFE_S)
        return replace(
            self,
            last=max(moment, self.last),
            times=self.times + 1,
            gap_s=round(mean),
            longest_s=round(max(gap, faded)),
        )

    def wait(self, now: datetime) -> timedelta | None:
        """How long to wait before the next poll, without bounds; None where nothing is known.

        A fourth of the mean gap; longer, the longer nothing came: at night nobody writes.
        """
        if self.last is None or self.times < 2:  # noqa: PLR2004 - one gap
            return None
        silence = (now - self.last).total_seconds()
        return timedelta(seconds=max(self.gap_s, silence) / _ASKS)

    def silent_for(self, now: datetime) -> timedelta | None:
        """How long nothing came, where that is far longer than ever lately; else None."""
        if self.first is None or self.last is None or self.times < _KNOWN_TIMES:
            return None
        silence = now - self.last
        usual = timedelta(seconds=_SILENCES * self.longest_s)
        if silence <= max(usual, _LEAST_SILENCE) or self.last - self.first < _KNOWN_FOR:
            return None
        return silence
