"""``tamizdat recover``: what it prints, and how it ends."""

import shutil

from tests.cli.rooms import Command
from tests.service.room import HOUR, NOW, Room


def test_it_tells_what_was_taken_over(room: Room, command: Command) -> None:
    for path in room.data.iterdir():
        if path.name != "secret":
            shutil.rmtree(path) if path.is_dir() else path.unlink()

    status, told = command("recover", "--from", "one")

    assert status == 0, told
    assert "2 editions, 2 articles, 0 aliases" in told
    assert "run --once" in told
    room.check(NOW + 2 * HOUR)


def test_what_it_lacks_is_told_with_a_remedy(room: Room, command: Command) -> None:
    (room.tree / "index.html").unlink()
    for name in ("one", "two"):
        (room.mirror(name) / "index.html").unlink()

    status, told = command("recover", "--from", "one")

    assert status == 2
    assert "1 files are missing or wrong, and nothing was changed" in told
    assert "index.html: mirror one has no such file; mirror two has no such file" in told


def test_a_mirror_of_another_name_is_told(command: Command) -> None:
    status, told = command("recover", "--from", "three")

    assert status == 2
    assert "has no mirror three; it has: one, two" in told
