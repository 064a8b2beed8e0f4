"""A hub's ping has an article on every mirror at once; and nobody else can do anything with it."""

import asyncio
from collections.abc import AsyncIterator
from io import BytesIO
from pathlib import Path

import aiohttp
import pytest

from mirror.schedule import CALM
from mirror.service import Service
from mirror.web.callbacks import MAX_BODY
from tests.hub import Hub, running_hub
from tests.nginx import free_port
from tests.service.room import Room, Site, Story, make_room, running
from tests.test_schedule import serving, shows, until

pytestmark = pytest.mark.real


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    async with running(Site()) as site:
        yield site


@pytest.fixture
async def hub(site: Site) -> AsyncIterator[Hub]:
    async with running_hub() as hub:
        site.adding["Link"] = f'<{hub.url}>; rel="hub", <{site.base}/rss>; rel="self"'
        yield hub


@pytest.fixture
def room(tmp_path: Path, site: Site) -> Room:
    """Its source is asked every ten minutes, so what comes sooner came by a ping."""
    room = make_room(tmp_path / "room", site)
    room.text += f'\n[web]\nlisten = "127.0.0.1:{free_port()}"\n'
    port = free_port()
    room.text += (
        f'\n[websub]\ncallback = "http://127.0.0.1:{port}/x/"\nlisten = "127.0.0.1:{port}"\n'
    )
    return room


def topic(site: Site) -> str:
    return f"{site.base}/rss"


async def test_a_ping_has_the_article_on_every_mirror_at_once(
    room: Room, site: Site, hub: Hub
) -> None:
    site.add(Story(1))
    async with serving(room):
        await until(shows(room, "one", Story(1)))
        await until(lambda: topic(site) in hub.subscribers)
        for number in (2, 3):
            site.add(Story(number))
            assert await hub.send(topic(site), b"<rss/>") == 202
            await until(shows(room, "one", Story(number)))
            await until(shows(room, "two", Story(number)))
    assert len(hub.asked) == 1
    assert site.times("/rss") == 3


async def test_a_forged_or_unknown_message_does_nothing(room: Room, site: Site, hub: Hub) -> None:
    site.add(Story(1))
    async with serving(room), aiohttp.ClientSession() as session:
        await until(lambda: topic(site) in hub.subscribers)
        await until(shows(room, "one", Story(1)))
        site.asked.clear()
        callback = hub.subscribers[topic(site)][0]

        assert await hub.send(topic(site), b"<rss/>", secret="guessed") == 202  # noqa: S106
        hub.method = "md5"
        assert await hub.send(topic(site), b"<rss/>") == 202
        async with session.post(callback, data=b"x") as answer:
            assert answer.status == 202
        async with session.post(callback, data=BytesIO(bytes(MAX_BODY + 1))) as answer:
            assert answer.status == 413
        for url in (f"{callback}0", callback.rpartition("/")[0], f"{callback}/x"):
            async with session.post(url, data=b"x") as answer:
                assert answer.status == 404
        for query in (
            {"hub.mode": "subscribe", "hub.topic": "https://x.example/", "hub.challenge": "c"},
            {"hub.mode": "unsubscribe", "hub.topic": topic(site), "hub.challenge": "c"},
            {},
        ):
            async with session.get(callback, params=query) as answer:
                assert answer.status == 404
        await asyncio.sleep(0.5)

    assert site.asked == []


async def test_many_pings_are_one_poll(room: Room, site: Site, hub: Hub) -> None:
    site.add(Story(1))
    async with serving(room):
        await until(lambda: topic(site) in hub.subscribers)
        await until(shows(room, "one", Story(1)))
        site.asked.clear()
        site.add(Story(2))

        await asyncio.gather(*(hub.send(topic(site), b"<rss/>") for _ in range(30)))
        await until(shows(room, "one", Story(2)))
        await asyncio.sleep(0.5)

    assert site.times("/rss") <= 2


async def test_a_hub_that_never_stops_has_the_source_asked_once_in_two_seconds(
    room: Room, site: Site, hub: Hub
) -> None:
    site.add(Story(1))
    async with serving(room):
        await until(lambda: topic(site) in hub.subscribers)
        await until(shows(room, "one", Story(1)))
        site.asked.clear()
        begun = asyncio.get_running_loop().time()
        for _ in range(40):
            await hub.send(topic(site), b"<rss/>")
            await asyncio.sleep(0.1)
        took = asyncio.get_running_loop().time() - begun

    assert 1 <= site.times("/rss") <= took / CALM.total_seconds() + 1


async def test_a_subscription_outlives_a_restart_and_a_new_address_is_told(
    room: Room, site: Site, hub: Hub
) -> None:
    site.add(Story(1))
    async with serving(room):
        await until(lambda: topic(site) in hub.subscribers)
    first = hub.subscribers[topic(site)]
    async with serving(room):
        await until(lambda: site.times("/rss") == 2)
        await asyncio.sleep(0.3)
        site.add(Story(2))
        await hub.send(topic(site), b"")
        await until(shows(room, "one", Story(2)))
    assert len(hub.asked) == 1

    room.change("/x/", "/y/")
    async with serving(room):
        await until(lambda: len(hub.asked) == 2)
        await until(lambda: hub.subscribers[topic(site)] != first)


async def test_a_hub_that_refuses_or_is_down_is_told_on_the_status_page(
    room: Room, site: Site, hub: Hub
) -> None:
    site.add(Story(1))
    hub.refuses = "members only"
    async with serving(room):
        await until(lambda: hub.unverified == 1)
    async with Service.open(room.config) as service:
        assert "members only" in (await service.status()).sources[0].note

    site.adding["Link"] = f'<http://127.0.0.1:{free_port()}/>; rel="hub"'
    site.add(Story(2))
    async with serving(room):
        await until(shows(room, "one", Story(2)))
        await until(lambda: "no connection" in room.rows())
    async with Service.open(room.config) as service:
        assert "no connection" in (await service.status()).sources[0].note


async def test_without_an_address_no_hub_is_asked(room: Room, site: Site, hub: Hub) -> None:
    room.text = room.text.replace("callback =", "# callback =")
    site.add(Story(1))
    async with serving(room):
        await until(shows(room, "one", Story(1)))
        await asyncio.sleep(0.3)

    assert hub.asked == []
