"""``tamizdat mirrors``: how they stand, and what an operator can do about one."""

import asyncio
import json
import shutil

from mirror.cli.mirrors_words import span
from mirror.store.folders import Folders
from tests.cli.rooms import Command
from tests.service.room import HOUR, NOW, Room, rounds


def asked(room: Room) -> list[tuple[str]]:
    return room.sql("SELECT value FROM kept WHERE name = 'asked'")


def test_the_table_has_every_mirror_with_its_size_against_ours(
    room: Room, command: Command
) -> None:
    size = room.sql("SELECT signed FROM log")[0][0]

    status, told = command("mirrors")

    assert status == 0
    for name in ("one", "two"):
        line = next(line for line in told.splitlines() if line.startswith(name))
        assert f"{size} of {size}" in line
        assert " up " in line
        assert "file" in line
        assert f"https://{name}.example/x7/" in line


def test_json_says_the_same(room: Room, command: Command) -> None:
    rows = json.loads(command("mirrors", "--json")[1])

    assert [(row["name"], row["kind"], row["owed"], row["last_error"]) for row in rows] == [
        ("one", "file", 0, ""),
        ("two", "file", 0, ""),
    ]
    assert rows[0]["size"] == rows[0]["ours"] == room.sql("SELECT signed FROM log")[0][0]


def test_push_makes_a_mirror_whole_again(room: Room, command: Command) -> None:
    shutil.rmtree(room.mirror("one"))

    status, told = command("mirrors", "push", "one")

    assert status == 0
    assert "files put" in told
    room.check(NOW + 2 * HOUR)


def test_push_tells_why_it_fell_short(room: Room, command: Command) -> None:
    shutil.rmtree(room.mirror("one"))
    room.mirror("one").write_text("in the way")

    status, told = command("mirrors", "push", "one")

    assert status == 1
    assert "mirror one: " in told
    listed = command("mirrors")[1]
    assert "failing" in listed
    assert "mirror one: " in listed


def test_a_paused_mirror_is_left_alone_until_resume(room: Room, command: Command) -> None:
    assert command("mirrors", "pause", "two")[0] == 0
    assert "paused" in command("mirrors")[1]
    status, told = command("mirrors", "push", "two")
    assert (status, "mirrors resume two" in told) == (1, True)

    assert command("mirrors", "resume", "two")[0] == 0

    assert command("mirrors", "push", "two")[0] == 0
    assert asked(room)


def test_while_the_service_runs_push_asks_it(room: Room, command: Command) -> None:
    folders = Folders(room.data)
    folders.open()
    try:
        status, told = command("mirrors", "push", "one")
    finally:
        folders.close()

    assert status == 0
    assert "The service runs" in told
    assert asked(room)


def test_a_mirror_of_another_name_is_told(command: Command) -> None:
    status, told = command("mirrors", "pause", "three")

    assert status == 2
    assert "no mirror is called three; there are: one, two" in told


def test_spans_are_told_in_one_unit() -> None:
    assert [span(s) for s in (0, 45, 300, 7_300, 200_000)] == ["-", "45 s", "5 min", "2 h", "2 d"]


def test_a_mirror_that_retires_is_listed_no_more_and_pushed_to_all_the_same(
    room: Room, command: Command
) -> None:
    status, told = command("mirrors", "retire", "one")
    assert (status, "Mirror one retires" in told) == (0, True)
    assert "(retiring)" in command("mirrors")[1]

    asyncio.run(rounds(room, NOW + 5 * HOUR))

    named = json.loads((room.mirror("one") / "mirrors.json").read_text())["mirrors"]
    assert [one["url"] for one in named] == [room.base("two")]
    room.check(NOW + 6 * HOUR)

    assert command("mirrors", "retire", "one", "--undo")[0] == 0
    asyncio.run(rounds(room, NOW + 7 * HOUR))
    named = json.loads((room.mirror("one") / "mirrors.json").read_text())["mirrors"]
    assert [one["url"] for one in named] == [room.base("one"), room.base("two")]
