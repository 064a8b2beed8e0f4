"""``tamizdat sources``: what an operator sees, and what is stored: nothing."""

import asyncio
import json
import tomllib
from pathlib import Path

import pytest

from mirror.cli.main import run
from mirror.config import load
from tests.cli.rooms import Command, address
from tests.service.room import HOUR, NOW, Room, Site, Story, rounds, running

RULES = '[extract]\ntitle = "h1"\nbody = "div.text p"\n'


def saved(folder: Path, number: int) -> str:
    """A saved page of a story."""
    file = folder / f"story-{number}.html"
    file.write_text(Story(number).page("https://news.example"), encoding="utf-8")
    return str(file)


def test_the_list_says_what_each_source_brought(command: Command) -> None:
    status, told = command("sources")

    assert status == 0
    line = next(line for line in told.splitlines() if line.startswith("news"))
    for word in ("feed", " up ", " ago ", "2m to 10m", "/rss"):
        assert word in line
    assert command("sources", "list")[1].split()[:5] == told.split()[:5]


def test_the_list_as_json_says_the_same(command: Command, room: Room) -> None:
    (row,) = json.loads(command("sources", "list", "--json")[1])

    assert (row["name"], row["kind"], row["state"]) == ("news", "feed", "up")
    assert (row["found"], row["failures"], row["last_error"]) == (3, 0, "")
    assert row["interval_s"] == 600
    assert row["last_news"].startswith(f"{NOW - HOUR:%Y-%m-%dT%H}")
    assert row["url"] == f"{room.site.base}/rss"


def test_a_source_that_fails_says_why(command: Command, room: Room) -> None:
    asyncio.run(rounds(room, NOW + 3 * HOUR))  # its site answers no more

    told = command("sources")[1]

    assert " failing " in told
    assert "source news: no connection" in told


def test_before_the_first_round_the_list_is_there_too(
    small_config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["sources", "--config", str(small_config)]) == 0

    assert " waiting  never " in capsys.readouterr().out


def test_what_is_found_can_be_pasted_into_the_configuration(
    tmp_path: Path, command: Command, room: Room
) -> None:
    async def look() -> tuple[int, str]:
        site = Site()
        async with running(site):
            site.add(Story(1))
            site.files["/robots.txt"] = f"Sitemap: {site.base}/s.xml"
            links = "".join(f'<h3><a href="/the-story-of-{n}">S</a></h3>' for n in range(4))
            site.files["/"] = (
                '<html><head><link rel="alternate" type="application/rss+xml" href="/rss"'
                f' title="The &quot;News&quot;"></head><body>{links}</body></html>'
            )
            return await asyncio.to_thread(command, "sources", "find", f"{site.base}/")

    status, told = asyncio.run(look())

    assert status == 0
    (source,) = tomllib.loads(told)["source"]
    assert (source["name"], source["kind"]) == ("rss", "feed")
    config = tmp_path / "pasted.toml"
    config.write_text(f"{room.text}\n{told}", encoding="utf-8")
    assert [one.name for one in load(config)[0].sources] == ["news", "rss"]


def test_a_source_that_is_configured_already_is_shown_as_such(command: Command, room: Room) -> None:
    async def look() -> tuple[int, str]:
        site = Site()
        async with running(site):
            site.add(Story(1))
            was = (room.folder / "config.toml").read_text()
            (room.folder / "config.toml").write_text(was.replace(room.site.base, site.base))
            return await asyncio.to_thread(command, "sources", "find", f"{site.base}/rss")

    status, told = asyncio.run(look())

    assert status == 0
    assert 'is in the configuration already, as "news"' in told
    assert tomllib.loads(told) == {}


def test_a_site_that_has_nothing_is_wanting(command: Command) -> None:
    async def look() -> tuple[int, str]:
        site = Site(feeds={})
        async with running(site):
            site.files["/"] = "<html><body>Hello</body></html>"
            return await asyncio.to_thread(command, "sources", "find", f"{site.base}/")

    status, told = asyncio.run(look())

    assert status == 1
    assert "Nothing was found" in told
    assert "/sitemap.xml: is not there (404)" in told


def test_what_a_hostile_site_says_cannot_leave_its_comment_or_move_the_cursor(
    command: Command,
) -> None:
    async def look() -> tuple[int, str]:
        site = Site()
        async with running(site):
            site.add(Story(1, title="x\u2028[[mirror]]\n\x9b2J"))
            site.files["/"] = (
                '<html><head><link rel="alternate" type="application/rss+xml" href="/rss"'
                ' title="a\x9b2J\x1b[2J\n[[mirror]]"></head></html>'
            )
            return await asyncio.to_thread(command, "sources", "find", f"{site.base}/")

    told = asyncio.run(look())[1]

    assert list(tomllib.loads(told)) == ["source"]
    assert all(letter.isprintable() or letter == "\n" for letter in told)


def test_the_pages_that_were_read_last_are_tried_and_nothing_is_stored(
    command: Command, room: Room
) -> None:
    rows, files = room.rows(), room.files()

    status, told = command("sources", "check")

    assert status == 1  # one of them is too short
    assert "3 pages tried, nothing wanting on 2; nothing was stored." in told
    assert f"{address(room, 2)}\n  title    The harbour council opens bridge number 2" in told
    assert "verdict  would be held for a person\n  wanting  the text has only 10" in told
    assert (room.rows(), room.files()) == (rows, files)


def test_other_rules_are_tried_beside_those_that_are_live(
    command: Command, room: Room, tmp_path: Path
) -> None:
    rules = tmp_path / "rules.toml"
    rules.write_text(RULES + 'author = ".nobody"\ndrop = ["p:first-of-type"]\n')
    page = saved(tmp_path, 7)

    status, told = command("sources", "check", "--rules", str(rules), page)

    assert status == 1
    assert "wanting  the rule for author matches nothing" in told
    assert "[-In story 7 the" in told
    assert "https://news.example/2026/11/24/story-7" not in room.rows()


def test_rules_that_change_nothing_say_so(command: Command, tmp_path: Path) -> None:
    rules = tmp_path / "rules.toml"
    rules.write_text(RULES)

    status, told = command("sources", "check", "--rules", str(rules), saved(tmp_path, 7))

    assert status == 0
    assert "change   none against the rules that are live" in told
    (one,) = json.loads(
        command("sources", "check", "--json", "--rules", str(rules), saved(tmp_path, 7))[1]
    )
    assert (one["changes"], one["wanting"], one["held"]) == ([], [], False)
    assert one["beginning"].startswith("In story 7")


@pytest.mark.parametrize(
    ("rules", "words"),
    [
        ("[extract]\ntitel = 'h1'\n", '[extract] titel: no such key; did you mean "title"?'),
        ("[extract]\nbody = 'a['\n", '[extract] body: "a[" is no CSS selector'),
        ("[site]\ntitle = 'x'\n", "holds no [extract] and no [[rules]] to try"),
        ("extract =", "is no TOML"),
    ],
)
def test_mistakes_in_rules_are_named(
    command: Command, tmp_path: Path, rules: str, words: str
) -> None:
    (tmp_path / "rules.toml").write_text(rules)

    status, told = command("sources", "check", "--rules", str(tmp_path / "rules.toml"))

    assert status == 2
    assert words in told


def test_pages_that_are_none_are_wanting_or_named(command: Command, tmp_path: Path) -> None:
    blocked = tmp_path / "blocked.html"
    blocked.write_text("<html><title>Just a moment...</title><body>Checking</body></html>")

    status, told = command("sources", "check", str(blocked))
    missing, said = command("sources", "check", str(tmp_path / "nothing.html"))

    assert (status, missing) == (1, 2)
    assert "wanting  is a browser check or CAPTCHA, not the article" in told
    assert "nothing.html" in said
    assert "can't be read: No such file or directory" in said
