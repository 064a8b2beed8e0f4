"""The service as it runs for ever: what it does by itself, how it bears faults, how it ends."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp
import pytest

import mirror.publish.breaker
import mirror.schedule
from mirror.errors import StoreLockedError
from mirror.schedule import serve
from mirror.service import Service
from mirror.service.publishing import Publication
from tests.nginx import free_port
from tests.service.room import Room, Site, Story, make_room, prose, running

pytestmark = pytest.mark.real

Step = Callable[..., Awaitable[object]]


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    async with running(Site()) as site:
        yield site


@pytest.fixture
def room(tmp_path: Path, site: Site) -> Room:
    site.feeds["/rss/more"] = []
    room = make_room(tmp_path / "room", site, sources=("/rss", "/rss/more"))
    room.text = room.text.replace('interval = "10m"', 'interval = "1s"')
    room.text = room.text.replace(
        'url = "' + site.base + '/rss/more"', 'url = "' + site.base + '/rss/more"\ninterval = "1s"'
    )
    room.text += f'\n[web]\nlisten = "127.0.0.1:{free_port()}"\n'
    return room


@asynccontextmanager
async def serving(room: Room) -> AsyncIterator[asyncio.Task[None]]:
    """The service of ``room``, ended in good order."""
    stop = asyncio.Event()
    task = asyncio.create_task(serve([room.config], stop=stop))
    try:
        yield task
    finally:
        stop.set()
        async with asyncio.timeout(20):
            await task


async def until(fact: Callable[[], bool], within: float = 30.0) -> None:
    for _ in range(round(within / 0.05)):
        if fact():
            return
        await asyncio.sleep(0.05)
    pytest.fail(f"not so within {within} s")


def shows(room: Room, mirror: str, *stories: Story) -> Callable[[], bool]:
    """Whether that mirror's feed has the stories."""

    def look() -> bool:
        feed = room.mirror(mirror) / "feeds/all.json"
        return feed.exists() and all(room.id(one) in feed.read_text() for one in stories)

    return look


def current(room: Room) -> bool:
    """Whether both mirrors have the head that is published here."""
    heads = [folder / "log/checkpoint" for folder in (room.tree, *map(room.mirror, ("one", "two")))]
    return all(head.exists() for head in heads) and len({head.read_bytes() for head in heads}) == 1


async def test_stories_corrections_and_restarts_run_by_themselves(room: Room, site: Site) -> None:
    first, second, third = Story(1), Story(2), Story(3)
    site.add(first)
    async with serving(room):
        await until(shows(room, "one", first))
        site.add(second, feed="/rss/more")
        await until(shows(room, "two", first, second))
        second.title, second.text = "The harbour council says sorry", prose(99)
        await until(lambda: second.title in room.page(room.id(second)))
    async with serving(room):
        site.add(third)
        await until(shows(room, "one", first, second, third))
        await until(shows(room, "two", first, second, third))
        await until(lambda: current(room))
    room.check(datetime.now(UTC))


async def test_a_mirror_that_hangs_or_fails_delays_no_other_and_comes_back_soon(
    room: Room, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mirror.publish.breaker, "FIRST", timedelta(seconds=0.2))
    monkeypatch.setattr(mirror.schedule, "LOOK", timedelta(seconds=2))
    room.mirror().parent.mkdir()
    room.mirror("two").write_text("a file where the folder should be")
    story = Story(1)
    site.add(story)
    async with serving(room):
        await until(shows(room, "one", story))
        await asyncio.sleep(0.5)
        room.mirror("two").unlink()
        await until(shows(room, "two", story))
        await until(lambda: current(room))
    room.check(datetime.now(UTC))


async def test_a_poll_while_an_edition_is_made_is_not_forgotten(
    room: Room, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish, late = Service.publish, Story(2)

    async def slow(service: Service, now: datetime) -> tuple[Publication, ...]:
        made = await publish(service, now)
        if made and late.path not in site.stories:
            site.add(late, feed="/rss/more")
            await asyncio.sleep(3)  # time enough for a poll of the other source
        return made

    monkeypatch.setattr(Service, "publish", slow)
    site.add(Story(1))
    async with serving(room):
        await until(shows(room, "one", late))


async def test_faults_of_all_kinds_end_nothing(
    room: Room, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mirror.schedule, "RETRY", timedelta(seconds=0.2))
    faults = {"read_some": 2, "publish": 2, "push": 2, "poll": 2, "asked": 2}

    def failing(name: str, real: Step) -> Step:
        async def fail(*given: object, **named: object) -> object:
            if faults[name]:
                faults[name] -= 1
                raise ZeroDivisionError(name)
            return await real(*given, **named)

        return fail

    for name in faults:
        monkeypatch.setattr(Service, name, failing(name, getattr(Service, name)))
    monkeypatch.setattr(mirror.schedule, "LISTEN", timedelta(seconds=0.1))
    monkeypatch.setattr(mirror.schedule, "LOOK", timedelta(seconds=0.5))
    story = Story(1)
    site.add(story)
    async with serving(room):
        await until(shows(room, "one", story))
        await until(shows(room, "two", story))
        await until(lambda: not any(faults.values()))


async def test_the_status_page_says_how_it_stands(room: Room, site: Site) -> None:
    site.add(Story(1))
    async with serving(room), aiohttp.ClientSession() as session:
        await until(shows(room, "one", Story(1)))
        async with session.get(f"http://{room.config.web.listen}/status.json") as answer:
            status = json.loads(await answer.text())
    assert "The News" in json.dumps(status)


async def test_a_second_service_on_the_same_data_says_so(room: Room, site: Site) -> None:
    site.add(Story(1))
    async with serving(room):
        await until(shows(room, "one", Story(1)))
        with pytest.raises(StoreLockedError, match="in use by another"):
            await serve([room.config], stop=asyncio.Event())


async def test_it_ends_at_once_while_it_waits_for_a_slow_site(room: Room, site: Site) -> None:
    site.add(Story(1))
    site.slow = 30.0
    async with serving(room):
        await until(lambda: bool(site.asked))
        begun = asyncio.get_running_loop().time()
    assert asyncio.get_running_loop().time() - begun < 5
