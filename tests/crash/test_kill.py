"""A round is killed (-9) at every fsync, rename, commit and request; the next start mends all.

That is some 1,300 starts. A run takes every twelfth point, other ones each day; with
``TAMIZDAT_EVERY_POINT=1`` it takes all.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import pytest

from tests.conftest import PROJECT
from tests.crash.scenarios import SCENARIOS

SHARES: Final = 2  # processes beside each other
TURNS: Final = 1 if os.environ.get("TAMIZDAT_EVERY_POINT") == "1" else 12  # days for all points
FEWEST: Final = {"a head that is cosigned anew": 40}  # where nothing but the head is new
MOST: Final = 60


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder in memory, where there is one: a process that is killed loses nothing there."""
    memory = Path("/dev/shm")  # noqa: S108 - in a folder of its own
    above = memory if memory.is_dir() else None
    folder = Path(tempfile.mkdtemp(prefix="crash-", dir=above))
    yield folder
    shutil.rmtree(folder)


@pytest.mark.real
@pytest.mark.timeout(600)
@pytest.mark.parametrize("scenario", SCENARIOS)
def test_a_round_that_is_killed_at_any_point_loses_nothing_and_signs_nothing_false(
    scenario: str, place: Path
) -> None:
    first = SHARES * (datetime.now(UTC).toordinal() % TURNS)
    drivers = [_drive(scenario, place / str(share), first + share) for share in range(SHARES)]
    found = [_answer(driver) for driver in drivers]

    names = found[0]["points"]
    killed = sum(one["killed"] for one in found)
    kinds = Counter(name.split()[0] for name in names)
    states = sum(one["states"] for one in found)
    told = f"{len(names)} points, {killed} kills, {states} different states left: {dict(kinds)}"
    print(f"{scenario}: {told}")  # noqa: T201 - how much was tried is a part of the result
    problems = {point: wrong for one in found for point, wrong in one["problems"].items()}
    assert problems == {}
    assert len(names) >= FEWEST.get(scenario, MOST)
    assert killed >= 0.9 * len(names) / TURNS - 1  # the number differs by a few from round to round
    assert {"fsync", "rename", "commit", "request", "create"} <= kinds.keys()


def _drive(scenario: str, folder: Path, share: int) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "tests.crash.driver", scenario, str(folder)]
    return subprocess.Popen(
        [*command, str(share), str(SHARES * TURNS)],
        cwd=PROJECT,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )


def _answer(driver: "subprocess.Popen[str]") -> dict[str, Any]:
    said, _ = driver.communicate()
    assert driver.returncode == 0, said
    answer: dict[str, Any] = json.loads(said)
    return answer
