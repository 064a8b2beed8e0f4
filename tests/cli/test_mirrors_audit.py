"""``tamizdat mirrors check`` and ``repair``: what readers get, against what we published."""

import asyncio
import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from mirror.audit.pieces import Piece
from mirror.audit.tree import OwnTree
from mirror.store.database import Database
from mirror.store.folders import Folders
from tests.cli.rooms import Command
from tests.nginx import Site, free_port, nginx
from tests.service.room import HOUR, NOW, Room

pytestmark = pytest.mark.real


@pytest.fixture
def served(room: Room, command: Command) -> Iterator[Room]:
    """Mirror one stands at an address on loopback that a real web server serves."""
    site = Site(
        port=free_port(),
        root=room.mirror("one"),
        extra=("gzip on;", "gzip_min_length 200;", "keepalive_timeout 0;"),
    )
    room.change("https://one.example/x7/", site.base)
    (room.folder / "config.toml").write_text(room.text)
    assert command("mirrors", "push", "one")[0] == 0
    with nginx(site):
        yield room


def a_page(room: Room) -> Path:
    return next(room.mirror("one").glob("a/*/*.html"))


def in_tree(room: Room, file: Path) -> str:
    return file.relative_to(room.mirror("one")).as_posix()


def test_a_mirror_that_is_as_it_should_be_is_said_to_be(served: Room, command: Command) -> None:
    size = served.sql("SELECT signed FROM log")[0][0]

    status, told = command("mirrors", "check", "one")

    assert status == 0
    assert f"head   {size} of {size}, current" in told
    assert "files compared, all right" in told
    assert "yes    pages come compressed" in told
    assert "yes    connections are closed" in told


def test_as_many_files_are_drawn_as_are_asked_for_also_where_there_are_few(room: Room) -> None:
    class Same(Random):
        """Draws the same again and again."""

        def randrange(self, start: int, *_: object) -> int:
            return start

    async def drawn() -> tuple[Piece, ...]:
        database = await Database.open("sqlite", room.data)
        tree = OwnTree(database, Folders(room.data), room.config.trust.origin)
        try:
            return await tree.sample((await tree.head()).size, 3, Same())
        finally:
            await database.close()

    assert len({piece.path for piece in asyncio.run(drawn())}) == 3


def test_a_missing_and_a_changed_file_are_found_and_put_back(
    served: Room, command: Command
) -> None:
    page, front = a_page(served), served.mirror("one") / "index.html"
    picture_proof = next(served.mirror("one").glob("a/*/*.tlog-proof"))
    page.unlink()
    picture_proof.unlink()
    front.write_text(front.read_text() + "<script>bad()</script>")

    found = json.loads(command("mirrors", "repair", "one", "--json")[1])

    faults = {fault["path"]: fault["found"] for fault in found["faults"]}
    assert faults == {
        in_tree(served, page): "missing",
        in_tree(served, picture_proof): "missing",
        "index.html": "wrong",
    }
    assert all(one["now"] == "right" for one in found["put_back"])
    served.check(NOW + 3 * HOUR)


def test_a_file_that_vanishes_again_is_said_to_be_taken_down(
    served: Room, command: Command
) -> None:
    a_page(served).unlink()
    assert command("mirrors", "repair", "one")[0] == 0
    a_page(served).unlink()

    status, told = command("mirrors", "repair", "one")

    assert status == 0
    assert "vanished again: the host takes files down" in told
    assert served.sql("SELECT times FROM loss ORDER BY times DESC")[0] == (2,)


def test_what_was_withdrawn_and_is_there_still_is_deleted(served: Room, command: Command) -> None:
    page = a_page(served)
    path = in_tree(served, page)
    with sqlite3.connect(served.data / "tamizdat.sqlite3") as database:
        empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        database.execute("UPDATE leaf SET sha = ? WHERE path = ?", (empty, path))

    found = json.loads(command("mirrors", "repair", "one", "--json")[1])

    assert {fault["path"] for fault in found["faults"]} == {path, f"{path}.tlog-proof"}
    assert all(fault["found"] == "not deleted" for fault in found["faults"])
    assert not page.exists()


def test_our_own_damaged_file_is_put_nowhere(served: Room, command: Command) -> None:
    page = a_page(served)
    path = in_tree(served, page)
    (served.tree / path).write_bytes(b"damaged")
    page.unlink()

    status, told = command("mirrors", "repair", "one")

    assert status == 2
    assert "is not what the log says" in told
    assert not page.exists()


def test_a_foreign_head_is_told_and_nothing_is_compared(served: Room, command: Command) -> None:
    (served.mirror("one") / "log/checkpoint").write_text("news.example/mirror\n7\nAAAA\n\nx\n")

    status, told = command("mirrors", "check", "one")

    assert status == 1
    assert "not one of ours" in told
    assert "compared" not in told


def test_an_address_that_does_not_answer_is_told_in_words(room: Room, command: Command) -> None:
    room.change("https://one.example/x7/", f"http://127.0.0.1:{free_port()}/")
    (room.folder / "config.toml").write_text(room.text)

    status, told = command("mirrors", "check", "one")

    assert status == 2
    assert "mirror one: at its public address http://127.0.0.1" in told
    assert "Traceback" not in told


def test_check_says_where_the_settings_are_no_longer_true(served: Room, command: Command) -> None:
    served.change('name = "one"', 'name = "one"\ncompresses = false')
    (served.folder / "config.toml").write_text(served.text)

    told = command("mirrors", "check", "one", "--files", "3")[1]

    assert "yes    pages come compressed (the configuration says compresses = false)" in told
    assert "3 files compared" in told
