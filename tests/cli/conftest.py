"""A newsroom for each test of the commands that look into one."""

from pathlib import Path

import pytest

from mirror.cli.main import run
from tests.cli import rooms
from tests.cli.rooms import Command
from tests.service.room import Room


@pytest.fixture(scope="session")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Room:
    """Made once."""
    return rooms.begin(tmp_path_factory.mktemp("rooms") / "room")


@pytest.fixture
def room(begun: Room, tmp_path: Path) -> Room:
    """A newsroom of the test's own."""
    return rooms.copy(begun, tmp_path / "room")


@pytest.fixture
def command(room: Room, capsys: pytest.CaptureFixture[str]) -> Command:
    """Runs `tamizdat` on that newsroom; the exit status, and all that was printed."""

    def call(*words: str) -> tuple[int, str]:
        status = run([*words, "--config", str(room.folder / "config.toml")])
        told = capsys.readouterr()
        return status, told.out + told.err

    return call
