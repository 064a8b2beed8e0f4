"""Rounds, from a site to mirrors, seen from outside."""

from datetime import timedelta

from mirror.service import Service
from tests.service.room import HOUR, NOW, Room, Site, Story


async def test_a_first_round_publishes_what_the_feed_names(room: Room, site: Site) -> None:
    site.add(*(Story(number) for number in range(3)))

    async with Service.open(room.config) as service:
        report = await service.round(NOW)

    assert not report.fell_short, report.lines
    assert len(room.feed()) == 3
    room.check()


async def test_a_round_with_nothing_new_asks_once_and_writes_nothing(
    room: Room, site: Site
) -> None:
    site.add(*(Story(number) for number in range(3)))
    async with Service.open(room.config) as service:
        await service.round(NOW)
    for again in range(2):  # in a new process, and in the same one
        async with Service.open(room.config) as service:
            files, rows = room.files(), room.rows()
            for minutes in range(1, 3):
                site.asked.clear()
                report = await service.round(NOW + timedelta(minutes=minutes + 10 * again))
                assert site.asked == [("/rss", True)]
                assert not report.fell_short
                assert room.files() == files
                assert room.rows() == rows
                assert [line for line in report.lines if line.startswith("edition")] == []
    room.check(NOW + HOUR)
