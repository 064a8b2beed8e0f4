"""A source through a proxy of its own, and articles compared over two routes."""

from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import pytest

from feeds.ids import article_id
from mirror.service import Service
from mirror.source.item import Item
from mirror.store import sources
from mirror.store.sources import Waiting
from tests.service.room import HOUR, NOW, Room, Site, Story, prose, rounds, running
from tests.source.test_proxy import Proxy, proxy


def port_of(site: Site) -> int:
    return urlsplit(site.base).port or 0


@pytest.fixture
async def other() -> AsyncIterator[Site]:
    """What stands at the other end of the second route."""
    async with running(Site()) as other:
        yield other


def route(room: Room, key: str, middle: Proxy) -> None:
    """Let the source go by ``middle``."""
    (room.folder / key).write_text(f"socks5://127.0.0.1:{middle.port}")
    room.change('name = "news"\n', f'name = "news"\n{key} = {{ file = "{key}" }}\n')


async def test_a_source_and_its_articles_come_through_its_own_proxy(room: Room, site: Site) -> None:
    site.add(Story(1))
    async with proxy("socks5", port_of(site)) as middle:
        route(room, "proxy", middle)
        await rounds(room, NOW)

    assert set(room.feed()) == {room.id(Story(1))}
    assert len(middle.asked) >= 1
    room.check()


async def test_what_two_routes_show_alike_is_published(room: Room, site: Site, other: Site) -> None:
    site.add(Story(1))
    other.add(Story(1, text=prose(1).replace("</p>", " </p>\n").replace(" the ", "  THE ")))
    async with proxy("socks5", port_of(other)) as middle:
        route(room, "second_proxy", middle)
        lines = await rounds(room, NOW)

    assert set(room.feed()) == {room.id(Story(1))}, lines
    assert (other.times(Story(1).path), other.times("/rss")) == (1, 0)


async def test_what_two_routes_show_differently_is_held_with_where(
    room: Room, site: Site, other: Site
) -> None:
    site.add(Story(1), Story(2), Story(3), Story(4))
    other.add(
        Story(1, text=prose(1).replace("In story 1", "In a false story 1")),
        Story(2, title="Another title altogether, it seems"),
        Story(3, text="", instead="<html><title>Access Denied</title><h1>Access denied</h1>"),
    )
    async with proxy("socks5", port_of(other)) as middle:
        route(room, "second_proxy", middle)
        lines = await rounds(room, NOW)

    told = "\n".join(line for line in lines if "held" in line)
    assert "its text differs: 'story 1 the" in told
    assert "and 'a false story 1 the" in told
    assert "its title differs: 'the harbour council opens bridge number', and 'another" in told
    assert "by the second route it can't be read: is a block page" in told
    assert "by the second route it can't be read: is not there (404)" in told
    assert room.feed() == {}


async def test_where_the_second_route_is_down_articles_wait_for_a_person(
    room: Room, site: Site
) -> None:
    site.add(Story(1))
    async with proxy("socks5", 9) as middle:
        route(room, "second_proxy", middle)
    lines = await rounds(room, NOW)
    assert any("the proxy does not let us through" in line for line in lines), lines

    room.change('second_proxy = { file = "second_proxy" }\n', "")
    await rounds(room, NOW + HOUR)
    assert room.feed() == {}  # what was held waits for a person, whatever comes later


async def test_what_the_operator_asks_for_goes_by_both_ways_too(
    room: Room, site: Site, other: Site
) -> None:
    site.add(Story(1))
    other.add(Story(1, text=prose(2)))
    async with proxy("socks5", port_of(other)) as middle:
        route(room, "second_proxy", middle)
        async with Service.open(room.config) as service:
            await _ask_for(service, site.base + Story(1).path)
            (taken,) = await service.read(NOW)

    assert taken.outcome == "held"
    assert "by the second route" in taken.why


async def _ask_for(service: Service, url: str) -> None:
    """As ``tamizdat articles refetch`` does."""
    item = Item(url=url, id=url)
    one = Waiting(id=article_id(url), item=item, source="operator", found=NOW, due=NOW)
    async with service.parts.database.begin() as connection:
        await sources.put_waiting(connection, [one])
