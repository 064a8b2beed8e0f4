"""A round dies (kill -9) at any fsync, rename, commit or request; the next start mends all.

There are some 1,400 such points. What is left at each is seen in every run: there the process is
stopped, and what it wrote is copied. A run also really kills at every thirtieth point, other ones
each day; with ``TAMIZDAT_EVERY_POINT=1`` at all.
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
def test_a_round_that_dies_at_any_point_loses_nothing_and_signs_nothing_false(
    scenario: str, place: Path
) -> None:
    found = _driven(scenario, place / "all", datetime.now(UTC).toordinal() % TURNS)

    names = found["points"]
    kinds = Counter(name.split()[0] for name in names)
    told = f"{len(names)} points, {found['killed']} kills, {found['states']} different states left"
    print(f"{scenario}: {told}: {dict(kinds)}")  # noqa: T201 - how much was tried is part of it
    assert found["problems"] == {}
    assert found["stopped"] == len(names) >= FEWEST.get(scenario, MOST)
    assert found["killed"] >= 0.9 * len(names) / TURNS - 1  # a few more or less in each round
    assert {"fsync", "rename", "commit", "request", "create"} <= kinds.keys()


def _driven(scenario: str, folder: Path, first: int) -> dict[str, Any]:
    """What the driver says of that scenario, with kills from ``first`` on, ``TURNS`` apart."""
    command = [sys.executable, "-m", "tests.crash.driver", scenario, str(folder)]
    done = subprocess.run(
        [*command, str(first), str(TURNS)],
        cwd=PROJECT,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer
