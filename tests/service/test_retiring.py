"""A mirror that is about to go says so in its feeds first."""

from mirror.service import Service
from mirror.store import kept, mirrors
from tests.service.room import HOUR, NOW, Room, Site, Story, rounds


async def test_a_retiring_mirror_is_named_in_a_notice_everywhere_and_in_no_list(
    room: Room, site: Site
) -> None:
    site.add(Story(1))
    await rounds(room, NOW)
    before = (room.mirror("two") / "feeds/all.rss").read_text()
    assert 'ttps://one.example/x7/feeds/all.rss" rel="related"' in before

    async with Service.open(room.config) as service:
        async with service.parts.database.begin() as connection:
            await mirrors.retire(connection, "one", NOW)
        await service.round(NOW + HOUR)

    for mirror in ("one", "two"):
        for feed in ("feeds/all.rss", "feeds/all-lite.rss"):
            data = (room.mirror(mirror) / feed).read_text()
            assert "This address will soon close: " in data
            assert ":notice-" in data
        assert 'one.example/x7/feeds/all.rss" rel="related"' not in data
    assert "one.example" not in (room.mirror("two") / "mirrors.json").read_text()
    room.check(NOW + HOUR)


async def test_a_mirror_that_stays_after_all_is_listed_again_and_the_notice_goes(
    room: Room, site: Site
) -> None:
    site.add(Story(1))
    await rounds(room, NOW)
    async with Service.open(room.config) as service:
        for when in (NOW, None):
            async with service.parts.database.begin() as connection:
                await mirrors.retire(connection, "one", when)
                await kept.ask(connection)
            await service.asked()  # as the schedule does it
            await service.round(NOW + HOUR)

    data = (room.mirror("two") / "feeds/all.rss").read_text()
    assert "will soon close" not in data
    assert "one.example/x7/feeds/all.rss" in data


async def test_an_unlisted_mirror_that_retires_is_named_nowhere(room: Room, site: Site) -> None:
    room.change(
        'url = "https://one.example/x7/"\n', 'url = "https://one.example/x7/"\nlisted = false\n'
    )
    site.add(Story(1))
    await rounds(room, NOW)
    async with Service.open(room.config) as service:
        async with service.parts.database.begin() as connection:
            await mirrors.retire(connection, "one", NOW)
        await service.round(NOW + HOUR)

    for path in room.mirror("two").rglob("*"):
        assert not path.is_file() or b"one.example" not in path.read_bytes(), path
