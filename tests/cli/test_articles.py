"""``tamizdat articles``: what an operator sees, and what comes of what she says."""

import json
import sqlite3

import pytest

from tests.cli.rooms import CORRECTED, HELD, PLAIN, Command, address
from tests.service.room import Room, Story


def standing(room: Room, number: int) -> list[tuple[str, ...]]:
    """State, pending, and the status of each version."""
    query = "SELECT state, pending FROM article WHERE id = ?"
    versions = "SELECT status FROM version WHERE article = ? ORDER BY number"
    article = room.id(Story(number))
    return [*room.sql(query, article), *room.sql(versions, article)]


def test_the_list_has_every_article_and_says_how_it_stands(room: Room, command: Command) -> None:
    status, told = command("articles")

    assert status == 0
    assert told.count("live: ") == 2
    assert "not published, held: " in told
    assert told.index(Story(PLAIN).title) < told.index(Story(CORRECTED).title)  # the newest first
    assert address(room, HELD) in told


@pytest.mark.usefixtures("room")
def test_list_says_the_same_as_the_command_alone(command: Command) -> None:
    assert command("articles", "list") == command("articles")
    assert command("mirrors", "list") == command("mirrors")


def test_held_ones_are_listed_with_why(room: Room, command: Command) -> None:
    status, told = command("articles", "--held", "--json")

    assert status == 0
    (one,) = json.loads(told)
    assert (one["id"], one["published"]) == (room.id(Story(HELD)), None)
    assert one["held"]


def test_show_has_the_text_of_what_is_held(room: Room, command: Command) -> None:
    status, told = command("articles", "show", address(room, HELD))

    assert status == 0
    assert told.endswith("Version 1 as it is held (10 characters):\n  Too short.\n")


def test_show_has_the_history_and_what_changed_word_by_word(room: Room, command: Command) -> None:
    status, told = command("articles", "show", address(room, CORRECTED))

    assert status == 0
    assert "version 1: read" in told
    assert "(text)" in told
    assert "{+The bridge opens on Tuesday after all.+}" in told
    assert "[-" not in told
    as_json = command("articles", "show", room.id(Story(CORRECTED)), "--json")[1]
    assert [one["changed"] for one in json.loads(as_json)["versions"]] == [["text"], []]


def test_what_is_held_is_released_or_dropped(room: Room, command: Command) -> None:
    assert command("articles", "release", address(room, HELD))[0] == 0
    assert standing(room, HELD) == [("live", 0), ("ready",)]
    assert command("articles", "release", address(room, HELD))[0] == 1
    assert command("articles", "drop", address(room, PLAIN))[0] == 1


def test_what_is_dropped_waits_no_more(room: Room, command: Command) -> None:
    assert command("articles", "drop", address(room, HELD))[0] == 0

    assert standing(room, HELD) == [("live", 0), ("dropped",)]
    assert command("articles", "--held")[1] == "Nothing is held.\n"


def test_refetch_makes_an_address_due_at_once(room: Room, command: Command) -> None:
    status, told = command("articles", "refetch", address(room, PLAIN))

    assert status == 0
    assert "run --once" in told
    ((due, now),) = room.sql(
        "SELECT due, unixepoch() FROM found WHERE id = ?", room.id(Story(PLAIN))
    )
    assert due <= now


def test_withdraw_says_what_happens_and_happens_once(room: Room, command: Command) -> None:
    status, told = command("articles", "withdraw", address(room, PLAIN))

    assert status == 0
    assert "withdraw --erase" in told
    assert standing(room, PLAIN) == [("withdrawn", 1), ("published",)]
    assert "said before" in command("articles", "withdraw", address(room, PLAIN))[1]
    assert command("articles", "refetch", address(room, PLAIN))[0] == 1


def test_erasing_says_which_mirrors_keep_it_for_now(room: Room, command: Command) -> None:
    command("mirrors", "pause", "two")

    status, told = command("articles", "withdraw", address(room, PLAIN), "--erase")

    assert status == 0
    assert "two is paused, and keeps it until `mirrors resume two`" in told
    shown = command("articles", "show", room.id(Story(PLAIN)))[1]
    assert "being erased" in shown
    assert Story(PLAIN).title not in shown


def test_show_tells_which_mirrors_lack_the_newest_page(room: Room, command: Command) -> None:
    with sqlite3.connect(room.data / "tamizdat.sqlite3") as database:
        database.execute("UPDATE mirror SET size = 2 WHERE name = 'two'")

    shown = command("articles", "show", address(room, CORRECTED))[1]

    assert "not on every mirror yet: two\n" in shown


def test_an_article_that_nobody_knows_is_told(command: Command) -> None:
    status, told = command("articles", "show", "https://news.example/never")

    assert status == 2
    assert "no article is known by https://news.example/never" in told
    assert command("articles", "show", "no address")[0] == 2
