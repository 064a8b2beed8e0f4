"""What real feed readers show while mirrors, articles and this machine come and go."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from mirror.erase import withdraw
from mirror.recover import recover
from mirror.service import Service
from tests.browser.chromium import serve
from tests.readers import FeedReader, Newsboat, Reader, Rss2email, start
from tests.service.room import HOUR, NOW, Room, Site, Story, prose, rounds

LATER = NOW + 2 * HOUR


@pytest.fixture
async def base(room: Room) -> AsyncIterator[str]:
    """The address under which both mirrors are served."""
    (room.folder / "mirrors").mkdir()
    with serve(room.folder / "mirrors", "127.0.0.1") as base:
        for name in ("one", "two"):
            room.change(f"https://{name}.example/x7/", f"{base}{name}/")
        yield base


@pytest.fixture(params=[Reader, Newsboat, Rss2email])
def reader(request: pytest.FixtureRequest, tmp_path: Path) -> FeedReader:
    return start(request.param, tmp_path / "reader")


@pytest.mark.parametrize("ending", ["rss", "atom"])
async def test_a_reader_shows_each_article_once_whatever_happens(
    room: Room, site: Site, base: str, reader: FeedReader, ending: str
) -> None:
    async def fetch(mirror: str) -> int:
        return await asyncio.to_thread(reader.fetch, f"{base}{mirror}/feeds/all.{ending}")

    stories = [Story(number) for number in range(4)]
    site.add(*stories)
    await rounds(room, NOW)
    assert await fetch("one") == len(stories) + 1  # and the one about the addresses

    await asyncio.sleep(1.1)  # Last-Modified counts in seconds
    stories[0].title, stories[0].text = "The harbour council closes bridge number 0", prose(77)
    site.add(Story(4))
    async with Service.open(room.config) as service:
        home = room.config.site.url
        await withdraw(service.parts.database, room.id(stories[1]), home=home, erase=False)
        await service.round(LATER)
    assert await fetch("one") == 1, "a correction and a withdrawal are no news"

    assert await fetch("two") == 0, "another mirror shows the same"
    assert await fetch("one") == 0

    await rounds(room, LATER + HOUR, LATER + 2 * HOUR)
    assert await fetch("two") == 0, "a restart changes nothing"

    for path in room.data.glob("tamizdat*"):
        path.unlink()
    await recover(room.config, "one", now=LATER + 2 * HOUR)
    site.add(Story(5))
    await rounds(room, LATER + 3 * HOUR)
    assert await fetch("two") == 1, "after the database was lost, too"
    room.check(LATER + 3 * HOUR)
