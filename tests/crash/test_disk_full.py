"""A full disk: a clear error, nothing lost, and the next round goes on where there is space."""

import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import pytest

from feeds.paths import CHECKPOINT
from tests.crash.check import wrong_after_the_crash, wrong_at_the_end
from tests.crash.command import tamizdat
from tests.crash.home import Home
from tests.crash.site import Site, Story, site_in_thread

STAGE = (Story(number=1, pictures=2), Story(number=2), Story(number=3, pictures=1))
NEXT = (*STAGE, Story(number=4, pictures=2), Story(number=5, pictures=2))

Disk = Callable[[Path, int], Path]


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    """Call it with a folder and a size in kB: a disk of that size is mounted there."""
    mounted = ExitStack()

    def mount(folder: Path, kilobytes: int) -> Path:
        folder.mkdir(parents=True, exist_ok=True)
        command = ["mount", "-t", "tmpfs", "-o", f"size={kilobytes}k", "tmpfs", str(folder)]
        done = subprocess.run(command, check=False, capture_output=True, text=True)
        if done.returncode:
            pytest.skip(f"only root can mount a small disk: {done.stderr.strip()}")
        mounted.callback(subprocess.run, ["umount", str(folder)], check=False)
        return folder

    assert tmp_path.is_dir()
    with mounted:
        yield mount


@pytest.fixture
def site() -> Iterator[Site]:
    with site_in_thread(STAGE, NEXT) as running:
        yield running


def _grow(folder: Path, kilobytes: int) -> None:
    command = ["mount", "-o", f"remount,size={kilobytes}k", str(folder)]
    subprocess.run(command, check=True)


def _leave(folder: Path, kilobytes: int) -> Path:
    """Fill the disk at ``folder`` so that only so much is left; the file that does it."""
    filler = folder / "filler"
    free = shutil.disk_usage(folder).free - kilobytes * 1024
    filler.write_bytes(bytes(free))
    return filler


@pytest.mark.real
@pytest.mark.timeout(300)
@pytest.mark.parametrize("kilobytes", [0, 60, 140, 240])
def test_a_full_disk_says_so_and_loses_nothing(
    kilobytes: int, tmp_path: Path, disk: Disk, site: Site
) -> None:
    home = Home(tmp_path / "home", site.base, mirrors=1).make()
    data = disk(home.data, 20_000)
    assert tamizdat(home, "run", "--once").returncode == 0
    filler = _leave(data, kilobytes)
    site.show(1)

    full = tamizdat(home, "run", "--once")

    said = full.stdout + full.stderr
    assert full.returncode in (1, 2), said
    assert "no space left to write" in said
    assert "nothing is lost: free some space and run again" in said
    assert "Traceback" not in said
    now = datetime.now(UTC)
    assert wrong_after_the_crash(home, now) == []

    filler.unlink()
    again = tamizdat(home, "run", "--once")

    assert again.returncode == 0, again.stdout
    (home.folder / "signed").touch()
    assert wrong_at_the_end(home, NEXT, home.folder / "signed", datetime.now(UTC)) == []


@pytest.mark.real
@pytest.mark.timeout(300)
def test_a_disk_that_is_full_from_the_start_says_so(tmp_path: Path, disk: Disk, site: Site) -> None:
    home = Home(tmp_path / "home", site.base, mirrors=1).make()
    data = disk(home.data, 60)

    full = tamizdat(home, "run", "--once")

    said = full.stdout + full.stderr
    assert full.returncode in (1, 2)
    assert "no space left to write" in said
    assert "Traceback" not in said
    assert not (home.data / "site" / CHECKPOINT).exists()

    _grow(data, 20_000)
    assert tamizdat(home, "run", "--once").returncode == 0
    (home.folder / "signed").touch()
    assert wrong_at_the_end(home, STAGE, home.folder / "signed", datetime.now(UTC)) == []


@pytest.mark.real
@pytest.mark.timeout(300)
def test_a_mirror_whose_disk_is_full_says_so_and_the_others_go_on(
    tmp_path: Path, disk: Disk, site: Site
) -> None:
    home = Home(tmp_path / "home", site.base).make()
    small = disk(home.folder / "mirrors" / "one", 64)

    full = tamizdat(home, "run", "--once")

    assert full.returncode == 1
    assert "mirror one: " in full.stdout
    assert "No space left on device; free some space there; the next push goes on" in full.stdout
    assert "mirror two: current at" in full.stdout
    assert not (small / CHECKPOINT).exists()

    _grow(small, 20_000)
    assert tamizdat(home, "run", "--once").returncode == 0
    (home.folder / "signed").touch()
    assert wrong_at_the_end(home, STAGE, home.folder / "signed", datetime.now(UTC)) == []
