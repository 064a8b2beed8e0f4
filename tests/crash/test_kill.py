"""A round dies (kill -9) at any fsync, rename, commit or request; the next start mends all.

What is left at each such point is seen in every run: there the process is stopped, and what it
wrote is copied. A run also really kills at every thirtieth point, other ones each day. With
``TAMIZDAT_EVERY_POINT=1`` it kills at all, and also in the midst of writing a file or the database:
some 1,400 points.
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

TURNS: Final = 1 if os.environ.get("TAMIZDAT_EVERY_POINT") == "1" else 30  # days for all kills
FEWEST: Final = {"a head that is cosigned anew": 40}  # where nothing but the head is new
MOST: Final = 60
PARTS: Final = {  # of the long ones, so that they run beside each other
    "the first round": 2,
    "a new article and a corrected one": 3,
    "an article that the site took down": 2,
    "an article that is erased": 2,
    "a list page and a tile that are full": 4,
}
CASES: Final = [
    (scenario, part, parts)
    for scenario in SCENARIOS
    for parts in [PARTS.get(scenario, 1)]
    for part in range(parts)
]


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
@pytest.mark.parametrize(("scenario", "part", "parts"), CASES)
def test_a_round_that_dies_at_any_point_loses_nothing_and_signs_nothing_false(
    scenario: str, part: int, parts: int, place: Path
) -> None:
    kills = datetime.now(UTC).toordinal() % TURNS, TURNS
    found = _driven(scenario, place / "all", part, parts, *(kills if part == 0 else ()))

    names = found["points"]
    kinds = Counter(name.split()[0] for name in names)
    states = f"{found['states']} different states left"
    told = f"{found['stopped']} of {len(names)} points, {found['killed']} kills, {states}"
    print(f"{scenario}: {told}: {dict(kinds)}")  # noqa: T201 - how much was tried is part of it
    assert found["problems"] == {}
    assert len(names) >= FEWEST.get(scenario, MOST)
    assert found["stopped"] == len(range(part, len(names), parts))
    if part == 0:
        assert found["killed"] >= 0.9 * len(names) / TURNS - 1  # a few more or less in each round
    assert {"fsync", "rename", "commit", "request", "create"} <= kinds.keys()


def _driven(scenario: str, folder: Path, *numbers: int) -> dict[str, Any]:
    """What the driver says of that scenario; see there for ``numbers``."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.crash.driver", scenario, str(folder), *map(str, numbers)],
        cwd=PROJECT,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer
