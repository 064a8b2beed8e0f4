"""``Turns``: when each mirror is pushed to next, and how it is asked. Each mirror alone."""

import random
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from mirror.config import MirrorConfig
from mirror.config.windows import left, opens_in
from mirror.publish.breaker import Breaker
from mirror.publish.carrier import Pace
from mirror.publish.outcome import Outcome, Trouble
from mirror.publish.rate import Rate
from mirror.store.mirrors import MirrorRecord

LIMIT: Final = timedelta(hours=1)  # for one push; what was put counts, the next one goes on
_LIES: Final = 2  # looks in a row that show less than was given: a host that says so of all


class Turns:
    """What is known of the mirrors that ``configs`` describe, since this process began."""

    def __init__(
        self, configs: Iterable[MirrorConfig], *, chance: Callable[[], float] = random.random
    ) -> None:
        """Nothing failed yet. ``chance`` gives numbers between 0 and 1."""
        self._configs = {config.name: config for config in configs}
        self._breakers: dict[str, Breaker] = {}
        self._rates: dict[str, Rate] = {}
        self._lost: dict[str, int] = {}
        self._chance = chance

    def breaker(self, name: str) -> Breaker:
        """How the newest pushes to it went."""
        return self._breakers.get(name, Breaker())

    def is_closed(self, name: str, now: datetime) -> bool:
        """Whether none of its windows is open."""
        return left(self._configs[name].windows, now) == timedelta(0)

    def wait(self, name: str, now: datetime) -> timedelta:
        """How long it is not to be asked, whatever is new; nothing where it may be."""
        closed = opens_in(self._configs[name].windows, now)
        return max(closed, self.breaker(name).wait(now))

    def pace(self, name: str, now: datetime) -> Pace:
        """How it is asked now; a push ends with the window that it began in."""
        config = self._configs[name]
        rate = self._rates.get(name)
        if rate is None and (config.rate or config.requests):
            rate = self._rates[name] = Rate(config.rate, config.requests)
        return Pace(
            concurrency=config.concurrency,
            timeout=config.timeout,
            limit=min(LIMIT, left(config.windows, now) or LIMIT),
            first_attempts=1 if self.breaker(name).is_open else 0,
            rate=rate,
        )

    def ended(self, outcome: Outcome, before: MirrorRecord, now: datetime) -> Outcome:
        """Learn from a push; its outcome, which is a failure too where the mirror seems to lie."""
        name = outcome.mirror
        outcome = self._believed(outcome, before)
        if outcome.problem is None:
            self._breakers.pop(name, None)
        elif outcome.trouble is not Trouble.UNFINISHED:
            self._breakers[name] = self.breaker(name).failed(now, self._chance())
        return outcome

    def reset(self) -> None:
        """The operator did something: every mirror is asked at once."""
        self._breakers.clear()

    def _believed(self, outcome: Outcome, before: MirrorRecord) -> Outcome:
        if outcome.problem is not None:
            return outcome
        name = outcome.mirror
        lost = outcome.from_size < (before.size or 0)
        self._lost[name] = self._lost.get(name, 0) + 1 if lost else 0
        if self._lost[name] < _LIES:
            return outcome
        problem = (
            f"mirror {name}: it says that it takes what it is given, and shows a head of"
            f" {outcome.from_size or 'nothing'} again, though it was given {before.size}; see"
            " whether the host puts old files back, or another program writes there"
        )
        return replace(outcome, problem=problem, trouble=Trouble.REFUSED)
