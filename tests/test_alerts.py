"""``mirror/alerts.py`` with a real receiver on loopback, to which apprise posts JSON."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from mirror.alerts import Alert, Alerts, MemoryAlertStore, message, route_id, send
from mirror.errors import StoreFullError
from mirror.status import Problem

pytestmark = pytest.mark.filterwarnings(  # apprise imports it when the first route is used
    "ignore:'imghdr' is deprecated:DeprecationWarning"
)

T0 = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
DOWN = Problem(
    key="mirror/eu-1/push",
    what="mirror eu-1 takes no files",
    since=T0,
    why="PUT log/checkpoint: 403",
    remedy="Check its password in [[mirror]] eu-1.",
)


class Receiver:
    """An HTTP endpoint that keeps what was posted, and can be told to refuse."""

    def __init__(self) -> None:
        self.got: list[dict[str, str]] = []
        self.status = 200
        app = web.Application()
        app.router.add_post("/{tail:.*}", self._take)
        self.server = TestServer(app)

    @property
    def route(self) -> str:
        return f"json://127.0.0.1:{self.server.port}/"

    async def _take(self, request: web.Request) -> web.Response:
        if self.status == 200:
            self.got.append(await request.json())
        return web.Response(status=self.status)


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    receiver = Receiver()
    await receiver.server.start_server()
    yield receiver
    await receiver.server.close()


def make(receiver: Receiver, store: MemoryAlertStore | None = None) -> Alerts:
    return Alerts("Courier", (receiver.route,), store or MemoryAlertStore(), now=lambda: T0)


async def test_a_message_says_what_since_when_why_and_what_to_do(receiver: Receiver) -> None:
    alerts = make(receiver)

    await alerts.raise_(DOWN)
    await alerts.close()

    assert receiver.got[0]["title"] == "Courier: mirror eu-1 takes no files"
    assert receiver.got[0]["message"].splitlines() == [
        "mirror eu-1 takes no files",
        "Since: 2026-11-24 09:30:00 UTC",
        "Why: PUT log/checkpoint: 403",
        "What to do: Check its password in [[mirror]] eu-1.",
    ]


async def test_one_event_is_told_once_however_often_it_is_raised(receiver: Receiver) -> None:
    alerts = make(receiver)

    for _ in range(5):
        await alerts.raise_(DOWN)
        await alerts.deliver()

    assert len(receiver.got) == 1
    assert await alerts.problems() == (DOWN,)


async def test_an_event_that_ended_and_began_again_is_told_again(receiver: Receiver) -> None:
    alerts = make(receiver)
    await alerts.raise_(DOWN)
    await alerts.deliver()
    await alerts.clear(DOWN.key)
    await alerts.deliver()
    assert await alerts.problems() == ()

    await alerts.raise_(DOWN)
    await alerts.deliver()

    assert len(receiver.got) == 2


async def test_a_restart_tells_nothing_twice(receiver: Receiver) -> None:
    store = MemoryAlertStore()
    before = make(receiver, store)
    await before.raise_(DOWN)
    await before.close()

    after = make(receiver, store)
    await after.raise_(DOWN)
    await after.close()

    assert len(receiver.got) == 1


async def test_what_a_route_refused_is_counted_kept_and_told_at_the_next_chance(
    receiver: Receiver,
) -> None:
    store, failures = MemoryAlertStore(), []
    alerts = Alerts(
        "Courier", (receiver.route,), store, failed=lambda: failures.append(1), now=lambda: T0
    )
    receiver.status = 500
    await alerts.raise_(DOWN)
    await alerts.close()
    assert (receiver.got, len(failures)) == ([], 1)

    receiver.status = 200
    after = make(receiver, store)
    await after.deliver()

    assert len(receiver.got) == 1
    await after.close()


async def test_an_event_that_ended_untold_is_still_told_as_over(receiver: Receiver) -> None:
    store = MemoryAlertStore()
    alerts = make(receiver, store)
    receiver.status = 500
    await alerts.raise_(DOWN)
    await alerts.deliver()
    await alerts.clear(DOWN.key)
    await alerts.deliver()

    receiver.status = 200
    await alerts.deliver()

    assert "Over since: 2026-11-24 09:30:00 UTC" in receiver.got[0]["message"]
    assert await store.load() == ()


async def test_a_broken_route_does_not_make_the_others_hear_it_twice(receiver: Receiver) -> None:
    routes = (receiver.route, "json://127.0.0.1:9/")
    alerts = Alerts("Courier", routes, MemoryAlertStore(), now=lambda: T0)

    for _ in range(3):
        await alerts.raise_(DOWN)
        await alerts.deliver()

    assert len(receiver.got) == 1


async def test_without_a_route_events_are_kept_and_nothing_fails() -> None:
    store = MemoryAlertStore()
    alerts = Alerts("Courier", (), store, now=lambda: T0)

    await alerts.raise_(DOWN)
    await alerts.deliver()

    assert await store.load() == (Alert(problem=DOWN),)
    await alerts.clear(DOWN.key)
    await alerts.close()
    assert await store.load() == ()


class FullStore(MemoryAlertStore):
    """A store whose disk gets full, as soon as it is told so."""

    is_full = False

    async def save(self, alert: Alert) -> None:
        if self.is_full:
            raise StoreFullError("state.db")
        await super().save(alert)


async def test_a_store_that_is_full_while_sending_stops_nothing(receiver: Receiver) -> None:
    store, failures = FullStore(), []
    alerts = Alerts(
        "Courier", (receiver.route,), store, failed=lambda: failures.append(1), now=lambda: T0
    )
    await alerts.raise_(DOWN)
    store.is_full = True
    await alerts.deliver()
    assert failures

    with pytest.raises(StoreFullError):
        await alerts.clear(DOWN.key)

    store.is_full = False
    await alerts.clear(DOWN.key)
    await alerts.close()
    assert await store.load() == ()


async def test_a_route_that_hangs_is_given_up_in_time() -> None:
    app, release = web.Application(), asyncio.Event()

    async def hang(_: web.Request) -> web.Response:
        await release.wait()
        return web.Response()

    app.router.add_post("/", hang)
    async with TestServer(app) as server:
        route = f"json://127.0.0.1:{server.port}/"

        problem = await send(route, "t", "b", within=timedelta(seconds=0.3))

        release.set()
    assert problem == "no answer within 0.3 s"


async def test_the_end_waits_for_a_slow_route_only_as_long_as_it_is_told() -> None:
    app, release = web.Application(), asyncio.Event()

    async def hang(_: web.Request) -> web.Response:
        await release.wait()
        return web.Response()

    app.router.add_post("/", hang)
    store = MemoryAlertStore()
    async with TestServer(app) as server:
        alerts = Alerts("Courier", (f"json://127.0.0.1:{server.port}/",), store, now=lambda: T0)
        await alerts.raise_(DOWN)

        begun = asyncio.get_running_loop().time()
        await alerts.close(within=timedelta(seconds=0.2))
        took = asyncio.get_running_loop().time() - begun

        release.set()
    assert took < 1
    assert await store.load() == (Alert(problem=DOWN),)


async def test_an_address_that_apprise_does_not_know_is_a_failure_in_words() -> None:
    problem = await send("nonsense", "t", "b", within=timedelta(seconds=5))

    assert problem == "is no address that apprise knows"


def test_a_route_is_named_without_its_secret() -> None:
    assert route_id("mailto://user:secret@host") == route_id("mailto://user:secret@host")
    assert "secret" not in route_id("mailto://user:secret@host")


def test_a_problem_without_cause_and_remedy_makes_a_short_message() -> None:
    bare = Alert(problem=Problem(key="k", what="w", since=T0))

    assert message("Courier", bare) == ("Courier: w", "w\nSince: 2026-11-24 09:30:00 UTC")
