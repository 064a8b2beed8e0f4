"""How sources are asked while the service runs, and what the operator is told of it."""

from datetime import timedelta

import pytest

from mirror.service import Service
from tests.service.conftest import Told
from tests.service.room import HOUR, NOW, Room, Site, Story, rounds

DAY = timedelta(days=1)


async def test_a_source_that_is_gone_is_told_of_once_and_asked_no_more(
    room: Room, site: Site, told: Told
) -> None:
    site.add(Story(1))
    await rounds(room, NOW)
    site.instead["/rss"] = (410, {})
    site.asked.clear()

    for days in range(1, 5):
        async with Service.open(room.config) as service:
            report = await service.round(NOW + days * DAY)
            assert report.fell_short
            status = await service.status(NOW + days * DAY)

    assert site.times("/rss") == 1
    assert told == ["The News: Source news is gone for good"]
    assert "asked no more" in status.sources[0].last_error
    assert room.id(Story(1)) in room.feed()


async def test_a_source_that_moved_to_another_host_is_told_of_once(
    room: Room, site: Site, told: Told
) -> None:
    site.feeds["/feed"] = []
    site.add(Story(1), feed="/feed")
    elsewhere = site.base.replace("127.0.0.1", "localhost")
    site.instead["/rss"] = (301, {"Location": f"{elsewhere}/feed"})

    for days in range(6):
        async with Service.open(room.config) as service:
            await service.round(NOW + days * DAY)
            status = await service.status(NOW + days * DAY)

    assert told == ["The News: Source news says that it moved to another host"]
    assert "if that is yours, set [[source]] url" in status.sources[0].note
    assert site.times("/rss") == 6


async def test_a_source_that_falls_silent_is_told_of_once_and_again_next_time(
    room: Room, site: Site, told: Told
) -> None:
    site.add(*(Story(number, date=NOW - number * DAY) for number in range(1, 15)))
    async with Service.open(room.config) as service:
        for days in (0, 1, 2):
            await service.round(NOW + days * DAY)
        assert told == []
        for days in (4, 5, 6):
            await service.round(NOW + days * DAY)
        assert told == ["The News: Source news has brought nothing new for 5 days"]
        assert "longer than ever lately" in (await service.status(NOW + 6 * DAY)).sources[0].note
        site.add(Story(30, date=NOW + 7 * DAY - HOUR))
        await service.round(NOW + 7 * DAY)
        assert (await service.status(NOW + 7 * DAY)).problems == ()


@pytest.mark.parametrize("header", ["Cache-Control", "Retry-After"])
async def test_headers_of_a_good_answer_write_nothing(room: Room, site: Site, header: str) -> None:
    site.add(Story(1))
    site.adding = {header: "max-age=300" if header == "Cache-Control" else "300"}
    async with Service.open(room.config) as service:
        await service.round(NOW)
        rows = room.rows()
        await service.round(NOW + HOUR / 60)

    assert room.rows() == rows


async def test_an_article_that_robots_txt_forbids_is_not_read_and_the_others_are(
    room: Room, site: Site
) -> None:
    site.add(Story(1), Story(2))
    site.robots = (200, f"User-agent: *\nDisallow: {Story(1).path}$\n")

    lines = await rounds(room, NOW)

    assert site.times(Story(1).path) == 0
    assert any("robots.txt forbids" in line for line in lines)
    assert set(room.feed()) == {room.id(Story(2))}


async def test_robots_txt_is_asked_for_once_by_rounds_one_after_another(
    room: Room, site: Site
) -> None:
    site.add(Story(1))
    for minutes in range(4):
        await rounds(room, NOW + minutes * HOUR / 60)

    assert site.robots_asked == 1
    assert site.times("/rss") == 4


async def test_a_source_that_robots_txt_forbids_is_told_of_with_what_to_do(
    room: Room, site: Site, told: Told
) -> None:
    site.robots = (200, "User-agent: *\nDisallow: /rss\n")
    await rounds(room, *(NOW + minutes * HOUR / 60 for minutes in range(4)))
    assert told == ["The News: Source news can't be read"]
    assert site.times("/rss") == 0

    room.change("[fetch]", "[fetch]\nrobots = false")
    await rounds(room, NOW + HOUR)
    assert site.times("/rss") == 1
