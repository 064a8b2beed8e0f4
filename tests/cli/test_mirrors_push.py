"""``tamizdat mirrors push``: a push that is killed goes on; what a terminal shows of a long one."""

import contextlib
import json
import os
import pty
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.rooms import Command
from tests.nginx import Nginx, Site, free_port, nginx
from tests.service.room import HOUR, NOW, Room

pytestmark = pytest.mark.real

SLOW = "requests = 4"


@pytest.fixture
def host(room: Room, tmp_path: Path) -> Iterator[Nginx]:
    """A real WebDAV server, which the mirror "far" is written to, slowly."""
    site = Site(port=free_port(), root=tmp_path / "www", writable=True)
    room.text += (
        f'\n[[mirror]]\nname = "far"\nurl = "https://far.example/x7/"\n'
        f'push = "dav://127.0.0.1:{site.port}/"\nlisted = false\n{SLOW}\n'
    )
    (room.folder / "config.toml").write_text(room.text)
    with nginx(site) as running:
        yield running


def pushing(room: Room, terminal: int | None = None) -> "subprocess.Popen[bytes]":
    program = "from mirror.cli.main import main; main()"
    config = str(room.folder / "config.toml")
    words = [sys.executable, "-c", program, "mirrors", "push", "far", "--config", config]
    return subprocess.Popen(words, stdin=terminal, stdout=terminal, stderr=terminal)


def saved(room: Room) -> dict[str, int]:
    """How far the push came, once that is saved."""
    for _ in range(600):
        rows = room.sql("SELECT resume FROM mirror WHERE name = 'far' AND resume != ''")
        if rows:
            found: dict[str, int] = json.loads(rows[0][0])
            return found
        time.sleep(0.1)
    pytest.fail("no mark was saved within a minute")


def test_a_first_push_that_is_killed_goes_on_where_it_was(
    room: Room, command: Command, host: Nginx
) -> None:
    process = pushing(room)
    try:
        given = saved(room)["given"]
    finally:
        process.kill()
        process.wait()
    room.change(SLOW, "")
    (room.folder / "config.toml").write_text(room.text)

    status, told = command("mirrors", "push", "far")

    assert status == 0, told
    new = "\"index\" < ? AND \"first\" = \"index\" AND substr(path, 1, 2) IN ('a/', 'p/', 'm/')"
    paths = [row[0] for row in room.sql(f"SELECT path FROM leaf WHERE {new}", given)]  # noqa: S608
    assert paths
    puts = [line.split()[1] for line in host.requests() if line.startswith("PUT ")]
    assert [puts.count(f"/{path}") for path in paths] == [1] * len(paths)
    assert room.sql("SELECT resume FROM mirror WHERE name = 'far'") == [("",)]
    room.check(NOW + 3 * HOUR)


def test_a_terminal_shows_files_rate_and_time_left(room: Room, host: Nginx) -> None:
    ours, theirs = pty.openpty()
    process = pushing(room, theirs)
    os.close(theirs)
    told = ""
    try:
        with contextlib.suppress(OSError):  # the other side is closed
            while "B/s" not in told and (data := os.read(ours, 4096)):
                told += data.decode(errors="replace")
    finally:
        process.kill()
        process.wait()
        os.close(ours)

    assert host.pid
    assert "Pushing to far" in told
    assert "% " in told
    assert " of " in told
