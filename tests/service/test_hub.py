"""A WebSub hub is told what changed, after it is there, and delays nobody."""

from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from mirror.metrics import Metrics
from mirror.service import Service
from tests.feeds.feed_rules import check_atom
from tests.feeds.history import links
from tests.hubs import Hub, Subscriber, listening
from tests.service.room import HOUR, NOW, Room, Site, Story, rounds


@pytest.fixture
async def hub(room: Room) -> AsyncIterator[Hub]:
    hub = Hub()
    hub.held.set()
    async with listening(hub):
        room.text += f'[feeds]\nhub = "{hub.url}"\n'
        yield hub


@pytest.fixture
async def host(room: Room) -> AsyncIterator[str]:
    """The mirror "one", served for readers at the address that its feeds name."""
    room.mirror().mkdir(parents=True)
    app = web.Application()
    app.router.add_static("/x7/", room.mirror())
    server = TestServer(app)
    await server.start_server()
    base = str(server.make_url("/x7/"))
    room.change("https://one.example/x7/", base)
    yield base
    await server.close()


async def test_a_subscriber_of_a_mirrors_feed_is_given_a_new_article_at_once(
    room: Room, site: Site, hub: Hub, host: str
) -> None:
    site.add(Story(1))
    await rounds(room, NOW)
    feed = check_atom((room.mirror() / "feeds/all.atom").read_bytes())
    assert links(feed, "hub") == [hub.url]
    assert links(feed, "self") == [f"{host}feeds/all.atom"]
    reader = Subscriber()
    async with listening(reader):
        await reader.subscribe(hub.url, links(feed, "self")[0])
        story = Story(2)
        site.add(story)

        await rounds(room, NOW + HOUR)

    (given,) = reader.given
    assert story.title in given.decode()
    assert given == (room.mirror() / "feeds/all.atom").read_bytes()


async def test_the_hub_is_told_of_each_feed_that_changed_on_each_mirror_and_of_no_other(
    room: Room, site: Site, hub: Hub
) -> None:
    site.add(Story(1, section="News"), Story(2, section="Culture"))
    await rounds(room, NOW)
    hub.told.clear()
    site.add(Story(3, section="News"))

    await rounds(room, NOW + HOUR)

    assert sorted(hub.told) == sorted(
        f"https://{mirror}.example/x7/feeds/{feed}{lite}.{ending}"
        for mirror in ("one", "two")
        for feed in ("all", "s-news")
        for lite in ("", "-lite")
        for ending in ("rss", "atom", "json")
    )
    asked = hub.requests
    await rounds(room, NOW + 2 * HOUR)
    assert hub.requests == asked


async def test_the_hub_never_learns_of_a_mirror_that_is_not_listed_or_needs_another_browser(
    room: Room, site: Site, hub: Hub
) -> None:
    for name, line in (("one", "listed = false"), ("two", 'kind = "onion"')):
        room.change(f'name = "{name}"\n', f'name = "{name}"\n{line}\n')
    site.add(Story(1))

    lines = await rounds(room, NOW)

    assert any("mirror one: current" in line for line in lines)
    assert not hub.requests


async def test_a_hub_that_hangs_holds_up_no_push(room: Room, site: Site, hub: Hub) -> None:
    hub.held.clear()
    site.add(Story(1))
    async with Service.open(room.config) as service:
        await service.poll(service.config.sources, NOW)
        await service.read(NOW)
        await service.publish(NOW)
        await service.push(["one", "two"], NOW)
        site.add(Story(2))
        await service.poll(service.config.sources, NOW + HOUR)
        await service.read(NOW + HOUR)
        await service.publish(NOW + HOUR)

        outcomes = await service.push(["one", "two"], NOW + HOUR)

        assert all(one.problem is None for one in outcomes.values())
        assert not hub.told
        hub.held.set()
        assert not await service.hub.settled()
        assert f"{room.base('one')}feeds/all.rss" in hub.told
    room.check(NOW + HOUR)


async def test_a_hub_that_refuses_is_counted_and_told_and_nothing_else_falls_short(
    room: Room, site: Site, hub: Hub
) -> None:
    hub.status = 403
    site.add(Story(1))
    metrics = Metrics()
    async with Service.open(room.config, metrics) as service:
        report = await service.round(NOW)

        assert report.fell_short
        assert [line for line in report.lines if "hub" in line] == [
            "hub 127.0.0.1: refuses with status 403"
        ]
        problems = await service.parts.alerts.problems()
        assert [problem.key for problem in problems] == ["hub"]
        assert 'kind="hub"' in metrics.expose().decode()
        assert hub.requests <= 2  # one for a mirror: that won't pass by itself

        hub.status = 204
        site.add(Story(2))
        report = await service.round(NOW + HOUR)
        assert not report.fell_short, report.lines
        assert not await service.parts.alerts.problems()
    room.check(NOW + HOUR)


async def test_a_hub_that_is_out_of_order_is_tried_again(room: Room, site: Site, hub: Hub) -> None:
    hub.status = 503
    site.add(Story(1))

    lines = await rounds(room, NOW)

    assert "hub 127.0.0.1: refuses with status 503" in lines
    assert hub.requests in (3, 6)  # of both mirrors together, or of each


async def test_a_service_ends_though_its_hub_hangs(room: Room, site: Site, hub: Hub) -> None:
    hub.held.clear()
    site.add(Story(1))
    async with Service.open(room.config) as service:
        await service.poll(service.config.sources, NOW)
        await service.read(NOW)
        await service.publish(NOW)
        await service.push(["one"], NOW)
    assert not hub.told
    hub.held.set()
