"""The slow audit: what a host took down is put back, and what vanishes again is told."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from mirror.service import Service
from mirror.store import mirrors
from tests.nginx import Site as Server
from tests.nginx import free_port, nginx
from tests.service.room import HOUR, NOW, Room, Site, Story

pytestmark = pytest.mark.real


@pytest.fixture
async def service(room: Room, site: Site) -> AsyncIterator[Service]:
    """A service whose mirror one is served by a real web server; three stories are out."""
    server = Server(port=free_port(), root=room.mirror("one"))
    room.change("https://one.example/x7/", server.base)
    site.add(*(Story(number) for number in (1, 2, 3)))
    with nginx(server):
        async with Service.open(room.config) as service:
            await service.round(NOW)
            yield service


def pages(room: Room) -> list[Path]:
    return sorted(room.mirror("one").glob("a/*/*.html"))


async def looks(service: Service, count: int, hour: int) -> None:
    for _ in range(count):
        await service.auditor.step(service.config.mirrors[0], NOW + hour * HOUR)


async def keys(service: Service) -> list[str]:
    return [problem.key for problem in (await service.status(NOW)).problems]


async def test_what_was_taken_down_is_put_back_and_what_vanishes_again_is_told(
    service: Service, room: Room
) -> None:
    page = pages(room)[0]
    page.unlink()
    await looks(service, 12, hour=1)
    assert page.exists()
    assert await keys(service) == []

    page.unlink()
    await looks(service, 1, hour=2)

    assert page.exists()
    assert await keys(service) == ["takedown/one"]
    status = (await service.status(NOW)).mirrors[0]
    assert status.audited == NOW + 2 * HOUR


async def test_one_finding_leads_to_a_look_at_more(service: Service, room: Room) -> None:
    for page in pages(room):
        page.unlink()

    await looks(service, 4, hour=1)

    assert len(pages(room)) == 3
    room.check(NOW + HOUR)


async def test_after_a_month_in_place_a_file_is_forgotten(service: Service, room: Room) -> None:
    for _ in range(2):
        for page in pages(room):
            page.unlink()
        await looks(service, 4, hour=1)
    assert await keys(service) == ["takedown/one"]

    await looks(service, 1, hour=24 * 31)

    assert await keys(service) == []
    assert room.sql("SELECT count(*) FROM loss") == [(0,)]


async def test_a_paused_mirror_is_left_alone(service: Service, room: Room) -> None:
    page = pages(room)[0]
    for file in pages(room):
        file.unlink()
    async with service.parts.database.begin() as connection:
        await mirrors.pause(connection, "one", paused=True)

    await looks(service, 5, hour=1)

    assert not page.exists()


async def test_a_mirror_that_does_not_answer_is_not_blamed(service: Service, room: Room) -> None:
    (room.mirror("one") / "log/checkpoint").unlink()
    for page in pages(room):
        page.unlink()

    await looks(service, 3, hour=1)

    assert pages(room) == []
    assert await keys(service) == []


async def test_looks_are_spread_over_the_day(service: Service) -> None:
    mirror = service.config.mirrors[0]

    pauses = [service.auditor.pause(mirror) for _ in range(50)]

    assert all(
        pause and timedelta(minutes=30) <= pause <= timedelta(minutes=90) for pause in pauses
    )
    assert service.auditor.pause(mirror.model_copy(update={"audit": 0})) is None
