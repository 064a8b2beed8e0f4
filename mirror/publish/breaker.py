"""When a mirror that fails is asked again. Pure: time and chance are arguments.

Each failure doubles the wait, up to ``LONGEST``. After ``OPENS`` in a row the breaker is open:
news no longer hurries a push, and the first request of each try is made only once. One push that
goes well closes it.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

FIRST: Final = timedelta(seconds=30)
LONGEST: Final = timedelta(minutes=15)
OPENS: Final = 5
SPREAD: Final = 0.2  # of the wait, so that mirrors of one host are not all asked at once


@dataclass(frozen=True, slots=True)
class Breaker:
    """What is known of a mirror's failures.

    Attributes:
        failures: In a row.
        until: It is not asked before, or None: it may be asked now.
    """

    failures: int = 0
    until: datetime | None = None

    @property
    def is_open(self) -> bool:
        """Whether it failed so often that it is only tried."""
        return self.failures >= OPENS

    def wait(self, now: datetime) -> timedelta:
        """How long it is still not to be asked; nothing where it may be."""
        return max(self.until - now, timedelta(0)) if self.until else timedelta(0)

    def failed(self, now: datetime, chance: float) -> "Breaker":
        """After one more failure; ``chance`` is between 0 and 1."""
        doubled = FIRST * 2 ** min(self.failures, 20)
        spread = 1 + SPREAD * (2 * chance - 1)
        return Breaker(self.failures + 1, now + min(doubled, LONGEST) * spread)
