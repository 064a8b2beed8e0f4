"""Stops one round of a real process at every point, and starts anew from what is left there.

``python -m tests.crash.driver SCENARIO FOLDER [PART PARTS [FIRST STEP]]`` prints what it found as
JSON. A process that is stopped has written what one that is killed (-9) there has written, so a
copy of it is what a kill leaves, and one round does for all of them. Of so many parts, one takes
each point whose number leaves ``PART`` when it is divided by ``PARTS``. At every ``STEP``-th point
from ``FIRST`` on, a round of its own is really killed. Everything is loaded once; each round is a
forked process of its own.
"""

import functools
import gc
import json
import os
import shutil
import signal
import socket
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import Any, ClassVar, Self

import uvloop

from feeds.ids import article_id
from mirror import logs
from mirror.erase import withdraw
from mirror.keystore import open_keys
from mirror.service import Service
from mirror.service import parts as service_parts
from mirror.service.report import Report
from mirror.source import fetch, pictures
from mirror.store.database import Database
from tests.crash.check import (
    shown_at,
    state_of,
    traces_of,
    wrong_after_the_crash,
    wrong_at_the_end,
    wrong_in_what_was_shown,
)
from tests.crash.child import Child, forked
from tests.crash.home import Home
from tests.crash.points import Points, record_signatures
from tests.crash.scenarios import SCENARIOS, Scenario
from tests.crash.site import Story, site_in_process

MIDST = os.environ.get("TAMIZDAT_EVERY_POINT") == "1"  # of writing a file, or the database
ROUNDS = 3  # that may pass until everything is as it should be


@dataclass(slots=True)
class Driver:
    """One scenario, its home before the round that is stopped or killed, and what was left of it.

    Attributes:
        scenario: What the round does.
        before: The home before that round.
        now: When it happens.
        left: Copies of what is left, by the digest of their state, with the number of the point.
        stopped: At how many points the round was.
        seen: Digests of what was all right after the next start.
        killed: How many rounds were.
    """

    scenario: Scenario
    before: Home
    now: datetime
    left: dict[str, tuple[int, Home]] = field(default_factory=dict)
    stopped: int = 0
    seen: set[str] = field(default_factory=set)
    killed: int = 0

    def stop_everywhere(self, folder: Path, part: int, parts: int) -> list[str]:
        """Stop a round at each point of a part, and copy what is left; the names of all points."""
        home = self.before.copy(folder / "round")
        ours, theirs = socket.socketpair()

        def stop() -> None:
            theirs.send(b".")
            theirs.recv(1)

        def work() -> list[str]:
            ours.close()
            return self._round(home, Points(lambda at: at % parts == part, stop))

        child = Child(work)
        theirs.close()
        with ours:
            while ours.recv(1):
                child.stop()
                self._keep(part + self.stopped * parts, home, folder)
                child.go_on()
                ours.send(b".")
        _, names = child.end()
        shutil.rmtree(home.folder)
        return names

    def _keep(self, at: int, home: Home, folder: Path) -> None:
        self.stopped += 1
        state = state_of(home)
        if state not in self.left:
            self.left[state] = at, home.copy_of_changed(folder / state, self.before)

    def kill(self, folder: Path, at: int) -> list[str]:
        """A round that dies at that point, and the start after it; what is wrong then."""
        home = self.before.copy(folder)

        def die() -> None:
            os.kill(os.getpid(), signal.SIGKILL)

        status, said = forked(lambda: self._round(home, Points(at.__eq__, die)))
        if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL:
            self.killed += 1
        elif at < len(said):
            return [f"it was not killed: {said[:2]}"]
        return self.start_after(home, state_of(home))

    def start_after(self, home: Home, state: str) -> list[str]:
        """What is wrong after the next start; nothing, where such a state was all right before."""
        wrong: list[str] = []
        if state not in self.seen:
            _, wrong = forked(lambda: self._start_again(home))
        if not wrong:
            self.seen.add(state)
            shutil.rmtree(home.folder)
        return wrong

    def _round(self, home: Home, points: Points) -> list[str]:
        record_signatures(home.folder / "signed")
        points.watch(midst=MIDST)
        if MIDST and self.scenario.writes:
            points.watch_sqlite()
        report = uvloop.run(one_round(home, self.now))
        if report.fell_short:
            raise RuntimeError(str(report.lines))
        return points.names

    def _start_again(self, home: Home) -> list[str]:
        wrong = wrong_after_the_crash(home, self.now)
        shown = shown_at(home)
        for _ in range(ROUNDS):
            report = uvloop.run(one_round(home, self.now))
            if not report.fell_short:
                break
        else:
            wrong.append(f"after {ROUNDS} rounds since the start: {report.lines}")
        wrong += wrong_in_what_was_shown(home, self.before, shown)
        signed = home.folder / "signed"
        if self.scenario.erased:
            wrong += traces_of(home, self.scenario.erased)
        return wrong + wrong_at_the_end(home, self.scenario.stages[-1], signed, self.now)


def main(
    name: str, folder: Path, *, part: int = 0, parts: int = 1, first: int = 0, step: int = 0
) -> dict[str, Any]:
    """Stop the round of that scenario at each point of a part; kill it from ``first`` on."""
    scenario = SCENARIOS[name]
    begun = datetime.now(UTC).replace(microsecond=0)
    _Still.moment = begun
    vars(fetch)["datetime"] = _Still
    with site_in_process(*scenario.stages) as site:
        home = Home(folder / "home", site.base, mirrors=scenario.mirrors).make()
        (home.folder / "signed").touch()
        opened = functools.cache(lambda: open_keys(home.config.trust))  # scrypt: half a second
        vars(service_parts)["open_keys"] = lambda _: opened()  # the same in every copy
        opened()
        for number in range(len(scenario.stages)):
            site.show(number)
            _Still.moment = begun + number * scenario.wait
            if number == len(scenario.stages) - 1:
                if scenario.erased:
                    _, said = forked(functools.partial(_erase, home, scenario.erased))
                    assert said == []
                _warm_up(home.copy(folder / "warm"), _Still.moment)
            else:
                _whole_round(home, _Still.moment)
        driver = Driver(scenario, home, _Still.moment)
        untouched = state_of(home)
        names = driver.stop_everywhere(folder / "left", part, parts)
        problems = {}
        for state, (at, left) in driver.left.items():
            if wrong := driver.start_after(left, state):
                problems[f"{at} {names[at]}"] = wrong
        for at in range(first, len(names), step) if step else ():
            if wrong := driver.kill(folder / str(at), at):
                problems[f"killed at {at} {names[at]}"] = wrong
        assert state_of(home) == untouched  # copies link to its files
    return {
        "points": names,
        "stopped": driver.stopped,
        "killed": driver.killed,
        "states": len(driver.seen),
        "problems": problems,
    }


class _Still(datetime):
    """A clock that stands still, so that the same is left of two rounds that died at one point."""

    moment: ClassVar[datetime]

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> Self:
        """The moment."""
        return cls.fromtimestamp(cls.moment.timestamp(), tz)


def _whole_round(home: Home, now: datetime) -> None:
    def work() -> list[str]:
        record_signatures(home.folder / "signed")
        report = uvloop.run(one_round(home, now))
        return report.lines if report.fell_short else []

    _, lines = forked(work)
    if lines:
        raise RuntimeError(f"a round without a fault fell short: {lines}")


def _erase(home: Home, story: Story) -> list[str]:
    async def work() -> None:
        database = await Database.open("sqlite", home.data)
        address = article_id(f"{home.site}{story.path}")
        assert await withdraw(database, address, home=home.config.site.url, erase=True)
        await database.close()

    uvloop.run(work())
    return []


async def one_round(home: Home, now: datetime) -> Report:
    """What ``tamizdat run --once`` does."""
    logs.set_up()
    async with Service.open(home.config) as service:
        return await service.round(now)


def _warm_up(home: Home, now: datetime) -> None:
    """Do here, in the process that forks, what each round would else do for the first time.

    No thread may be left behind: a child of this process would wait for it for ever.
    """
    for _ in range(2):
        report = uvloop.run(one_round(home, now))
        if report.fell_short:
            raise RuntimeError(f"a round without a fault fell short: {report.lines}")
    pictures._DECODERS.shutdown()  # noqa: SLF001 - threads that are there for the whole process
    pictures._DECODERS = ThreadPoolExecutor(2)  # type: ignore[misc]  # noqa: SLF001
    end = time.monotonic() + 10
    while threading.active_count() > 1:
        if time.monotonic() > end:
            raise RuntimeError(f"these threads do not end: {threading.enumerate()}")
        time.sleep(0.01)
    gc.freeze()
    shutil.rmtree(home.folder)


if __name__ == "__main__":
    scenario_name, place, *numbers = sys.argv[1:]
    given = dict(zip(("part", "parts", "first", "step"), map(int, numbers), strict=False))
    json.dump(main(scenario_name, Path(place), **given), sys.stdout)
