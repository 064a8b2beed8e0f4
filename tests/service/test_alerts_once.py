"""One alert for one event, through a real route; and what the status says meanwhile."""

import shutil
from datetime import timedelta

import pytest

from mirror.errors import StoreFullError
from mirror.publish.staging import Staging
from mirror.service import Service
from mirror.status import Health
from tests.service.room import HOUR, NOW, Room, Site, Story, prose, rounds

MINUTE = timedelta(minutes=1)


async def test_a_source_that_fails_is_told_of_once_and_again_when_it_fails_anew(
    room: Room, site: Site, told: list[str]
) -> None:
    site.add(Story(1))
    async with Service.open(room.config) as service:
        await service.round(NOW)
        site.broken.add("/rss")
        for number in range(1, 7):
            report = await service.round(NOW + number * 20 * MINUTE)
            assert report.fell_short
        status = await service.status(NOW)
        assert status.sources[0].health is Health.FAILING
        assert [problem.key for problem in status.problems] == ["source/news"]
        assert told == ["The News: Source news can't be read"]
        site.broken.clear()
        await service.round(NOW + 4 * HOUR)
        status = await service.status(NOW)
        assert (status.problems, status.sources[0].health) == ((), Health.UP)
        site.broken.add("/rss")
        for number in range(1, 7):
            await service.round(NOW + 5 * HOUR + number * 20 * MINUTE)
    assert len(told) == 2


async def test_a_mirror_that_fails_is_told_of_once_over_restarts(
    room: Room, site: Site, told: list[str]
) -> None:
    site.add(Story(1))
    room.mirror().parent.mkdir()
    room.mirror("two").write_text("a file where the folder should be")
    for minutes in range(4):
        site.add(Story(10 + minutes))
        async with Service.open(room.config) as service:
            report = await service.round(NOW + minutes * MINUTE)
            assert report.fell_short
            status = await service.status(NOW + minutes * MINUTE)
            assert [mirror.health for mirror in status.mirrors] == [Health.UP, Health.FAILING]
    assert told == ["The News: Mirror two is not kept current"]
    room.check(NOW + HOUR, mirrors=("one",))

    room.mirror("two").unlink()
    async with Service.open(room.config) as service:
        report = await service.round(NOW + HOUR)
        assert not report.fell_short, report.lines
        status = await service.status(NOW + HOUR)
    assert status.problems == ()
    assert {mirror.health for mirror in status.mirrors} == {Health.UP}
    room.check(NOW + HOUR)


async def test_what_is_held_is_told_of_once(room: Room, site: Site, told: list[str]) -> None:
    short = "<p>A few words.</p>"
    site.add(Story(1, text=short), Story(2, text=short), Story(3))
    async with Service.open(room.config) as service:
        for hours in (0, 2, 8, 30):
            await service.round(NOW + hours * HOUR)

    assert told == ["The News: 2 articles held for you to look at"]


async def test_a_rule_that_stops_matching_is_told_of_once_and_again_next_time(
    room: Room, site: Site, told: list[str]
) -> None:
    room.change("[extract] ", '[extract]\nbody = "div.text"\n# ')
    what = f"The News: The rule for body matches nothing on {site.host} any more"
    site.add(Story(1))
    await rounds(room, NOW)
    for number in range(2, 12):
        site.add(Story(number, box="story"))
        await rounds(room, NOW + number * MINUTE)
    assert told == [what]

    site.add(Story(20))
    await rounds(room, NOW + 20 * MINUTE)
    for number in range(21, 25):
        site.add(Story(number, box="story"))
        await rounds(room, NOW + number * MINUTE)
    assert told == [what, what]


async def test_articles_that_are_cut_short_are_told_of_once(
    room: Room, site: Site, told: list[str]
) -> None:
    site.add(*(Story(number, text=prose(number, 9)) for number in range(20)))
    await rounds(room, NOW)
    for number in range(20, 30):
        site.add(Story(number, text=prose(number, 2)))
        await rounds(room, NOW + number * MINUTE)

    assert told == [f"The News: Articles of {site.host} became much shorter at once"]


async def test_a_larger_head_is_told_of_once_with_and_without_news(
    room: Room, site: Site, told: list[str]
) -> None:
    site.add(Story(1))
    await rounds(room, NOW)
    shutil.copytree(room.data, room.folder / "backup")
    site.add(Story(2))
    await rounds(room, NOW + MINUTE)
    shutil.rmtree(room.data)
    (room.folder / "backup").rename(room.data)
    site.feeds["/rss"].pop()  # so that there is nothing new at first

    for minutes in (2, 3, 4, 5):
        if minutes == 4:
            site.add(Story(3))
        async with Service.open(room.config) as service:
            assert (await service.round(NOW + minutes * MINUTE)).fell_short
            assert (await service.round(NOW + minutes * MINUTE)).fell_short
            status = await service.status(NOW)
            assert [problem.key for problem in status.problems] == ["behind/one"]

    assert told == ["The News: This machine's log is not the newest; nothing is published"]


async def test_a_full_disk_is_told_of_once_and_is_over_when_it_is(
    room: Room, site: Site, told: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    site.add(Story(1))
    await rounds(room, NOW)
    site.add(Story(2))

    def full(*_: object) -> None:
        raise StoreFullError("somewhere")

    async with Service.open(room.config) as service:
        with monkeypatch.context() as patched:
            patched.setattr(Staging, "begin", full)
            for minutes in (1, 2, 3):
                report = await service.round(NOW + minutes * MINUTE)
                assert any(line.startswith("publish: no space") for line in report.lines)
        assert told == ["The News: Nothing can be published"]
        assert not (await service.round(NOW + HOUR)).fell_short
        assert (await service.status(NOW + HOUR)).problems == ()
    assert len(told) == 1
    room.check(NOW + HOUR)
