"""A wrong clock: nothing is signed, it is said what to do, and nothing is lost."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from feeds.paths import CHECKPOINT
from tests.crash.check import wrong_at_the_end
from tests.crash.command import tamizdat
from tests.crash.home import Home
from tests.crash.site import Site, Story, site_in_thread

STAGE = (Story(number=1), Story(number=2))
NEXT = (*STAGE, Story(number=3))


@pytest.fixture
def site() -> Iterator[Site]:
    with site_in_thread(STAGE, NEXT) as running:
        yield running


@pytest.mark.real
@pytest.mark.timeout(300)
@pytest.mark.parametrize("wrong", ["-365d", "+365d"])
@pytest.mark.parametrize("begun", [True, False])
def test_with_a_wrong_clock_nothing_is_signed_and_the_remedy_is_said(
    wrong: str, *, begun: bool, tmp_path: Path, need: Callable[..., None], site: Site
) -> None:
    need("faketime")
    home = Home(tmp_path / "home", site.base).make()
    if begun:
        assert tamizdat(home, "run", "--once").returncode == 0
        site.show(1)
    heads = {name: _head(folder) for name, (folder, _) in home.trees.items()}

    refused = tamizdat(home, "run", "--once", by=("faketime", "-f", wrong))

    assert refused.returncode == 1, refused.stderr
    assert "nothing was signed" in refused.stdout
    assert f"the clock says {datetime.now(UTC).year + (1 if wrong[0] == '+' else -1)}-" in (
        refused.stdout
    )
    assert "Set this machine's clock (timedatectl), then run again" in refused.stdout
    assert {name: _head(folder) for name, (folder, _) in home.trees.items()} == heads

    right = tamizdat(home, "run", "--once")

    assert right.returncode == 0, right.stdout
    (home.folder / "signed").touch()
    stage = NEXT if begun else STAGE
    assert wrong_at_the_end(home, stage, home.folder / "signed", datetime.now(UTC)) == []


def _head(folder: Path) -> bytes:
    head = folder / CHECKPOINT
    return head.read_bytes() if head.exists() else b""
