"""Kills one round of a real process at every point, and sees what is left, each time.

``python -m tests.crash.driver SCENARIO FOLDER [SHARE SHARES]`` prints what it found as JSON.
Everything is loaded once; each round is a forked process of its own.
"""

import contextlib
import functools
import gc
import json
import os
import shutil
import signal
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Callable
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
from tests.crash.home import Home
from tests.crash.points import NEVER, Points, record_signatures
from tests.crash.scenarios import SCENARIOS, Scenario
from tests.crash.site import Story, site_in_process

ROUNDS = 3  # that may pass until everything is as it should be


@dataclass(slots=True)
class Driver:
    """One scenario, its home before the round that is killed, and what was seen so far.

    Attributes:
        scenario: What the round does.
        before: The home before that round.
        now: When it happens.
        seen: Digests of what was left and was all right after the next start.
        killed: How many rounds were.
    """

    scenario: Scenario
    before: Home
    now: datetime
    seen: set[str] = field(default_factory=set)
    killed: int = 0

    def count(self, folder: Path) -> list[str]:
        """The name of every point of the round."""
        home = self.before.copy(folder)
        _, names = _forked(lambda: self._round(home, Points(NEVER)))
        shutil.rmtree(folder)
        return names

    def kill(self, folder: Path, at: int) -> list[str]:
        """A round that dies at that point, and the start after it; what is wrong then."""
        home = self.before.copy(folder)
        status, said = _forked(lambda: self._round(home, Points(at)))
        if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL:
            self.killed += 1
        elif at < len(said):
            return [f"it was not killed: {said[:2]}"]
        state = state_of(home)
        wrong: list[str] = []
        if state not in self.seen:
            _, wrong = _forked(lambda: self._start_again(home))
        if not wrong:
            self.seen.add(state)
            shutil.rmtree(folder)
        return wrong

    def _round(self, home: Home, points: Points) -> list[str]:
        record_signatures(home.folder / "signed")
        points.watch()
        if self.scenario.writes:
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


def main(name: str, folder: Path, share: int, shares: int) -> dict[str, Any]:
    """Kill the round of that scenario at every point; or at every one of a share of them."""
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
                    _, said = _forked(functools.partial(_erase, home, scenario.erased))
                    assert said == []
                _warm_up(home.copy(folder / "warm"), _Still.moment)
            else:
                _whole_round(home, _Still.moment)
        driver = Driver(scenario, home, _Still.moment)
        names = driver.count(folder / "count")
        problems = {}
        for at in range(share, len(names), shares):
            if wrong := driver.kill(folder / str(at), at):
                problems[f"{at} {names[at]}"] = wrong
    return {
        "points": names,
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

    _, lines = _forked(work)
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


def _forked(work: Callable[[], list[str]]) -> tuple[int, list[str]]:
    """What ``work`` returns in a process of its own, and the status that it ended with."""
    with tempfile.TemporaryFile() as file:
        child = os.fork()
        if child == 0:
            with contextlib.suppress(BaseException):
                _answer(work, file.fileno())
            os._exit(0)
        _, status = os.waitpid(child, 0)
        file.seek(0)
        said = file.read()
    if os.WIFSIGNALED(status):
        return status, []
    answer = json.loads(said)
    if "error" in answer:
        return status, [answer["error"]]
    return status, answer["done"]


def _answer(work: Callable[[], list[str]], descriptor: int) -> None:
    answer: dict[str, Any]
    try:
        answer = {"done": work()}
    except BaseException:  # noqa: BLE001 - the parent reports it
        answer = {"error": traceback.format_exc()}
    with open(descriptor, "w", closefd=False) as file:
        json.dump(answer, file)


if __name__ == "__main__":
    scenario_name, place, *rest = sys.argv[1:]
    part, parts = map(int, rest or ("0", "1"))
    json.dump(main(scenario_name, Path(place), part, parts), sys.stdout)
