from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mirror.config import FetchConfig
from mirror.errors import SourceError, SourceRefusedError, SourceUnreachableError
from mirror.source.fetch import Fetcher
from mirror.source.response import Limits
from mirror.source.robots import FRESH_FOR, MAX_CHARS, RETRY, Robots, for_agent
from mirror.store.database import Database
from mirror.store.robots import DatabaseRobotsStore
from tests.source.hostile_server import Hostile, hostile_server

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
PRIVATE = b"User-agent: *\nDisallow: /private/\n"


@pytest.fixture
async def site() -> AsyncIterator[Hostile]:
    async with hostile_server() as server:
        for path in ("/a", "/private/a"):
            server.answer(path, b"<p>news", Content_Type="text/html")
        yield server


def fetcher(**config: Any) -> Fetcher:  # noqa: ANN401 - values of [fetch]
    settings = {"private_addresses": True, "timeout": "2s", **config}
    return Fetcher(FetchConfig.model_validate(settings))


async def test_what_robots_txt_forbids_is_not_asked_for(site: Hostile) -> None:
    site.answer("/robots.txt", PRIVATE)

    async with fetcher() as web:
        await web.get(site.url("/a"))
        for kind in (Limits.PAGE, Limits.FEED):
            with pytest.raises(SourceRefusedError, match=r"robots\.txt forbids.*robots = false"):
                await web.get(site.url("/private/a"), kind=kind)
        await web.get(site.url("/private/a"), kind=Limits.PICTURE)

    assert len(site.asked) == 2
    assert len(site.robots) == 1


async def test_the_operator_may_say_that_it_is_his_own_site(site: Hostile) -> None:
    site.answer("/robots.txt", b"User-agent: *\nDisallow: /\n")

    async with fetcher(robots=False) as web:
        await web.get(site.url("/private/a"))

    assert site.robots == []


async def test_a_redirect_to_what_is_forbidden_is_not_followed(site: Hostile) -> None:
    site.answer("/robots.txt", PRIVATE)
    url = site.answer("/old", status="301 Moved", Location="/private/a")

    async with fetcher() as web:
        with pytest.raises(SourceRefusedError, match="forbids"):
            await web.get(url)


@pytest.mark.parametrize("status", ["404 Not Found", "401 No", "403 Forbidden", "410 Gone"])
async def test_where_there_is_none_all_is_allowed(site: Hostile, status: str) -> None:
    site.answer("/robots.txt", PRIVATE, status=status)

    async with fetcher() as web:
        assert (await web.get(site.url("/private/a"))).status == 200


@pytest.mark.parametrize("reply", [b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n", b""])
async def test_where_it_cannot_be_had_nothing_is_asked_for(site: Hostile, reply: bytes) -> None:
    site.raw("/robots.txt", reply)

    async with fetcher() as web:
        for _ in range(3):
            with pytest.raises(SourceUnreachableError, match=r"robots\.txt can't be had"):
                await web.get(site.url("/a"))

    assert len(site.robots) <= 2  # aiohttp itself asks again where a kept connection broke off
    assert site.asked == []


async def test_a_redirected_robots_txt_is_followed(site: Hostile) -> None:
    site.answer("/robots.txt", status="301 Moved", Location="/rules")
    site.answer("/rules", PRIVATE)

    async with fetcher() as web:
        with pytest.raises(SourceRefusedError, match="forbids"):
            await web.get(site.url("/private/a"))


async def test_it_is_asked_for_once_a_day_by_all_processes_together(
    site: Hostile, tmp_path: Path
) -> None:
    site.answer("/robots.txt", PRIVATE)
    database = await Database.open("sqlite", tmp_path)
    store = DatabaseRobotsStore(database)
    config = FetchConfig.model_validate({"private_addresses": True})

    for _ in range(3):
        async with Fetcher(config, robots=store) as web:
            await web.get(site.url("/a"))
            with pytest.raises(SourceRefusedError, match="forbids"):
                await web.get(site.url("/private/a"))
    await database.close()

    assert len(site.robots) == 1


class Site:
    """Gives a robots.txt, or fails; and a clock."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.asked = 0
        self.now = NOW
        self.fails: SourceError | None = None

    async def get(self, url: str) -> str:
        assert url == "https://news.example/robots.txt"
        self.asked += 1
        if self.fails is not None:
            raise self.fails
        return self.text

    def robots(self, agent: str = "tamizdat") -> Robots:
        return Robots(self.get, agent, now=lambda: self.now)


async def allows(robots: Robots, path: str) -> bool:
    try:
        await robots.check(f"https://news.example{path}")
    except SourceRefusedError:
        return False
    return True


async def test_rules_that_changed_count_after_a_day() -> None:
    site = Site("User-agent: *\nAllow: /\n")
    robots = site.robots()
    assert await allows(robots, "/a")
    assert robots.is_known("https://news.example/a")
    site.text = "User-agent: *\nDisallow: /\n"

    site.now += FRESH_FOR - timedelta(seconds=1)
    assert await allows(robots, "/b")
    site.now += timedelta(seconds=1)
    assert not robots.is_known("https://news.example/a")
    assert not await allows(robots, "/a")
    assert site.asked == 2


async def test_one_that_was_had_counts_while_it_cannot_be_had() -> None:
    site = Site(PRIVATE.decode())
    robots = site.robots()
    await allows(robots, "/a")
    site.fails = SourceUnreachableError("https://news.example/robots.txt", "busy", status=503)
    site.now += 40 * FRESH_FOR

    assert await allows(robots, "/a")
    assert not await allows(robots, "/private/a")
    assert site.asked == 2
    site.fails, site.text = None, ""
    site.now += RETRY
    assert await allows(robots, "/private/a")


@pytest.mark.parametrize(
    ("rules", "path", "allowed"),
    [
        ("User-agent: *\nDisallow: /\nAllow: /news/", "/news/a", True),
        ("User-agent: *\nDisallow: /*.pdf$", "/news/a.pdf", False),
        ("User-agent: *\nDisallow: /*.pdf$", "/news/a.pdf?x", True),
        ("User-agent: *\nDisallow: /\n\nUser-agent: Tamizdat\nDisallow: /no/", "/a", True),
        ("User-agent: *\nDisallow:\n\nUser-agent: tamizdat\nDisallow: /", "/a", False),
        ("User-agent: other\nUser-agent: tamizdat\nDisallow: /", "/a", False),
        ("User-agent: other\nDisallow: /", "/a", True),
        ("\ufeffuser-agent: * # all\nDISALLOW: /", "/a", False),
        ("<html>not found</html>", "/a", True),
    ],
)
async def test_rules_are_read_as_rfc_9309_has_them(rules: str, path: str, *, allowed: bool) -> None:
    assert await allows(Site(rules).robots("tamizdat/1.0 (+https://x.example)"), path) is allowed


async def test_a_file_of_thousands_of_agents_and_rules_is_read_at_once() -> None:
    agents = "".join(f"User-agent: a{number}\n" for number in range(15_000))
    rules = "".join(f"Disallow: /*a*{number}\n" for number in range(15_000))

    assert await allows(Site(agents + rules).robots(), f"/{'a' * 3_000}")
    assert set(for_agent(agents, "tamizdat").splitlines()) == {"User-agent: -"}


@given(st.text())
def test_no_text_makes_it_fail(text: str) -> None:
    assert len(for_agent(text, "tamizdat").splitlines()) <= len(text.splitlines())


async def test_only_the_first_half_megabyte_is_read() -> None:
    site = Site("# " + "x" * MAX_CHARS + "\nUser-agent: *\nDisallow: /\n")

    assert await allows(site.robots(), "/a")
