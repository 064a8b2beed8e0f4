"""``Teller``: which alerts are on, after each step of a round; one for an event."""

from datetime import datetime, timedelta
from typing import Final

import structlog

from mirror.errors import LogBehindError, QuorumError
from mirror.extract.drift import Drift
from mirror.publish.outcome import Outcome, Trouble
from mirror.service.parts import Parts
from mirror.service.report import counted
from mirror.service.witnessing import QUORUM, failing_keys, problem_of, witness_key
from mirror.source.moving import is_elsewhere
from mirror.source.poll import Polled
from mirror.source.state import SourceState
from mirror.status import Problem
from mirror.store import versions
from mirror.store.mirrors import MirrorRecord

FAILURES: Final = 3  # polls in a row that fail before somebody is told
RULES: Final = ("title", "author", "date", "body")
NEARLY: Final = 0.9  # of a mirror's quota
_BEHIND: Final = "behind/"  # how the keys of alerts about larger heads begin
_CLOCK: Final = "clock"
_PUBLISH: Final = "publish"
_HUB: Final = "hub"

_log = structlog.get_logger(__name__)


class Teller:
    """Raises and clears the alerts of one newsroom."""

    def __init__(self, parts: Parts) -> None:
        """Nothing is told yet."""
        self._alerts = parts.alerts
        self._database = parts.database
        self._quorum = parts.quorum
        self._holds = True  # something is held, or nobody looked yet

    def look_again(self) -> None:
        """Another process may have held something back, or released it."""
        self._holds = True

    async def of_clock(self, problem: str, now: datetime) -> None:
        """This machine's clock is wrong, or right where ``problem`` is empty."""
        if problem:
            await self._tell(_CLOCK, "This machine's clock is wrong", problem, now)
        else:
            await self._alerts.clear(_CLOCK)

    async def of_publishing(self, problem: str, now: datetime) -> None:
        """Nothing can be published, or all went well where ``problem`` is empty."""
        if problem:
            await self._tell(_PUBLISH, "Nothing can be published", problem, now)
        else:
            await self._alerts.clear(_PUBLISH)

    async def of_source(self, name: str, answer: Polled, now: datetime) -> None:
        """What a poll came to."""
        key = f"source/{name}"
        state = answer.state
        if answer.problem is None:
            await self._alerts.clear(key)
        elif state.gone:
            remedy = "put its new address into [[source]] url, or take the [[source]] out"
            await self._tell(
                key, f"Source {name} is gone for good", str(answer.problem), now, remedy
            )
        elif state.failures >= FAILURES:
            what = f"Source {name} can't be read"
            await self._tell(key, what, str(answer.problem), now, "see whether the site moved")
        if is_elsewhere(state):
            await self._of_moved(name, state, now)
        elif answer.changed:
            await self._alerts.clear(f"moved/{name}")
        if answer.fresh:
            await self._alerts.clear(f"silent/{name}")
        elif silence := state.habit.silent_for(now):
            await self._of_silent(name, silence, now)

    async def _of_moved(self, name: str, state: SourceState, now: datetime) -> None:
        await self._alerts.raise_(
            Problem(
                key=f"moved/{name}",
                what=f"Source {name} says that it moved to another host",
                since=now,
                why=f"{state.url} leads to {state.moved_to} for good",
                remedy="if that is the newsroom's own, put it into [[source]] url",
            )
        )

    async def _of_silent(self, name: str, silence: timedelta, now: datetime) -> None:
        await self._alerts.raise_(
            Problem(
                key=f"silent/{name}",
                what=f"Source {name} has brought nothing new for {counted(silence.days, 'day')}",
                since=now,
                why="it answers, and was never silent for so long lately",
                remedy="see whether the site still writes there; it may have a new feed",
            )
        )

    async def of_mirror(self, outcome: Outcome, before: MirrorRecord, now: datetime) -> None:
        """What a push came to, with what was known of the mirror before."""
        key = f"mirror/{outcome.mirror}"
        if outcome.problem is None:
            await self._alerts.clear(key)
        elif outcome.trouble is Trouble.UNFINISHED:
            return  # it goes on
        elif outcome.trouble is not Trouble.UNREACHABLE or before.last_error:
            what = f"Mirror {outcome.mirror} is not kept current"
            await self._tell(key, what, outcome.problem, now, "tamizdat mirrors shows all of them")

    async def of_hub(self, problem: str, now: datetime) -> None:
        """The hub can't be told of changes, or was where ``problem`` is empty."""
        if problem:
            remedy = "feed readers go on by themselves; see whether [feeds] hub is still right"
            await self._tell(_HUB, "The hub is not told of changes", problem, now, remedy)
        else:
            await self._alerts.clear(_HUB)

    async def of_room(self, name: str, needed: int, quota: int, now: datetime) -> None:
        """How much of a mirror's quota is needed, in bytes; told before it is all."""
        key = f"quota/{name}"
        if needed < NEARLY * quota:
            await self._alerts.clear(key)
            return
        what = f"Mirror {name} is nearly full"
        why = f"all files need {needed:,} bytes, and its quota is {quota:,}"
        await self._tell(key, what, why, now, "get more room there, and raise its `quota`")

    async def of_held(self, *, more: bool) -> None:
        """One alert while anything is held, however much; ``more``: it may be more by now."""
        if not more and not self._holds:
            return
        async with self._database.begin() as connection:
            held = await versions.held(connection)
        self._holds = bool(held)
        if not held:
            await self._alerts.clear("held")
            return
        first = held[0]
        await self._alerts.raise_(
            Problem(
                key="held",
                what=f"{counted(len(held), 'article')} held for you to look at",
                since=first.since,
                why=f"{first.snapshot.title}: {'; '.join(first.reasons)}",
                remedy="tamizdat articles --held, then release or drop each",
            )
        )

    async def of_drift(self, host: str, drift: Drift, now: datetime) -> None:
        """What changed on that host's pages at large: one alert for each rule, one for lengths."""
        failing = dict(drift.failing)
        for name in RULES:
            if name in failing:
                await self._of_rule(host, name, failing[name], now)
            else:
                await self._alerts.clear(f"rule/{host}/{name}")
        if change := drift.length_change:
            await self._of_lengths(host, *change, now)
        else:
            await self._alerts.clear(f"length/{host}")

    async def _of_rule(self, host: str, name: str, times: int, now: datetime) -> None:
        await self._alerts.raise_(
            Problem(
                key=f"rule/{host}/{name}",
                what=f"The rule for {name} matches nothing on {host} any more",
                since=now,
                why=f"{times} articles in a row had nothing that it names; general rules read them",
                remedy="see how the site's pages changed, and mend it under [extract] or [[rules]]",
            )
        )

    async def _of_lengths(self, host: str, usual: int, newest: int, now: datetime) -> None:
        how = "shorter" if newest < usual else "longer"
        await self._alerts.raise_(
            Problem(
                key=f"length/{host}",
                what=f"Articles of {host} became much {how} at once",
                since=now,
                why=f"they had {usual:,} characters, and the newest have {newest:,} (medians)",
                remedy="look at some: text may be cut off, or something else come with it",
            )
        )

    async def of_witnesses(self, error: QuorumError | None, now: datetime) -> None:
        """Who is missing, and whether a head is held for that."""
        problem = problem_of(error, now) if error else None
        if problem:
            await self._alerts.raise_(problem)
        elif error is None:
            await self._alerts.clear(QUORUM)
        told = dict(failing_keys(self._quorum.failing, now))
        for key in map(witness_key, self._quorum.names):
            await (self._alerts.raise_(told[key]) if key in told else self._alerts.clear(key))

    async def of_larger_head(self, error: LogBehindError, now: datetime) -> None:
        """One alert, whoever met that head first: this machine, publishing or pushing."""
        what = "This machine's log is not the newest; nothing is published"
        remedy = f"tamizdat recover --from {error.mirror}"
        await self._tell(f"{_BEHIND}{error.mirror}", what, str(error), now, remedy)

    async def of_newest(self) -> None:
        """Nobody shows a larger head any more."""
        for problem in await self._alerts.problems():
            if problem.key.startswith(_BEHIND):
                await self._alerts.clear(problem.key)

    async def _tell(self, key: str, what: str, why: str, now: datetime, remedy: str = "") -> None:
        _log.error("service.problem", key=key, what=what, why=why)
        problem = Problem(key=key, what=what, since=now, why=why, remedy=remedy)
        await self._alerts.raise_(problem)
