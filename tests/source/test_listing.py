"""Polling pages that list articles, on real servers."""

from collections.abc import AsyncIterator

import pytest

from mirror.errors import SourceChangedError, SourceUnreachableError
from mirror.source.poll import Polled
from mirror.source.state import SourceState
from tests.source import polling
from tests.source.friendly_server import Friendly, friendly_server
from tests.source.hostile_server import Hostile, hostile_server
from tests.source.polling import NEVER, NOW, POLL, numbers

SELECTOR = "h3 a"


@pytest.fixture
async def site() -> AsyncIterator[Friendly]:
    async with friendly_server() as server:
        yield server


@pytest.fixture
async def villain() -> AsyncIterator[Hostile]:
    async with hostile_server() as server:
        yield server


async def ask(
    site: Friendly, state: SourceState = NEVER, polls: int = 0, **source: object
) -> Polled:
    wanted = {"selector": SELECTOR, "next": "a.next", **source}
    return await polling.ask("listing", site.url("/list"), state, NOW + polls * POLL, **wanted)


def page(*numbers: int, older: str = "", extra: str = "") -> str:
    links = "".join(f'<h3><a href="/story-{n}#top">Read on</a></h3>' for n in numbers)
    following = f'<a class="next" href="{older}">Older</a>' if older else ""
    return f"<!DOCTYPE html><html><body><a href='/about'>About</a>{links}{extra}{following}</html>"


def lists(site: Friendly, newest: int, count: int = 60, size: int = 10) -> None:
    """A list of ``count`` stories down from ``newest``, with ``size`` on a page."""
    every = range(newest, newest - count, -1)
    for number in range(count // size):
        path = f"/list?page={number + 1}" if number else "/list"
        older = f"?page={number + 2}" if number + 1 < count // size else ""
        site.files[path] = page(*every[number * size : (number + 1) * size], older=older)


async def test_links_that_the_selector_names_are_entries_each_once(site: Friendly) -> None:
    site.files["/list"] = page(
        2, 1, 2, extra='<h3><a href="https://ads.example/story-9">x</a></h3>'
    )

    polled = await ask(site)

    assert [item.url for item in polled.items] == [site.url("/story-2"), site.url("/story-1")]
    assert {item.title for item in polled.items} == {""}  # "Read on" is no headline


async def test_a_selector_may_name_boxes_and_match_lets_other_hosts_in(site: Friendly) -> None:
    site.files["/list"] = page(1, extra='<h3>x <a href="https://b.example/story-9">x</a></h3>')

    polled = await ask(site, selector="h3", match="/story-")

    assert numbers(polled) == [1, 9]


async def test_further_pages_are_read_only_while_they_are_new(site: Friendly) -> None:
    lists(site, 100)
    first = await ask(site, pages=3)
    assert site.paths() == ["/list", "/list?page=2", "/list?page=3"]
    same = await ask(site, first.state, 1, pages=3)
    lists(site, 103)
    few = await ask(site, same.state, 2, pages=3)
    lists(site, 118)
    many = await ask(site, few.state, 3, pages=3)

    assert len(first.fresh) == 30
    assert not same.changed
    assert sorted(numbers(few)) == [101, 102, 103]
    assert sorted(numbers(many)) == list(range(104, 119))
    assert site.paths() == ["/list", "/list", "/list", "/list?page=2"]


async def test_a_page_that_fails_is_read_at_the_next_poll(site: Friendly) -> None:
    lists(site, 100, count=20)
    site.files["/list?page=2"] = 503
    first = await ask(site)
    lists(site, 100, count=20)

    second = await ask(site, first.state, 1)
    third = await ask(site, second.state, 2)

    assert isinstance(first.problem, SourceUnreachableError)
    assert (len(first.fresh), len(second.fresh), second.problem) == (10, 10, None)
    assert not third.changed


async def test_pages_that_lead_in_a_circle_or_to_another_host_end(site: Friendly) -> None:
    site.files["/list"] = page(1, older="?page=2")
    site.files["/list?page=2"] = page(2, older="/list")
    circle = await ask(site)
    site.files["/list"] = page(3, older="https://other.example/list")

    elsewhere = await ask(site, circle.state, 1)

    assert (numbers(circle), numbers(elsewhere)) == ([1, 2], [3])
    assert site.paths() == ["/list", "/list?page=2", "/list"]


async def test_a_selector_that_matches_nothing_any_more_is_told(site: Friendly) -> None:
    site.files["/list"] = page(1)
    first = await ask(site)
    site.files["/list"] = "<html><body><h2><a href='/story-2'>New design</a></h2></body></html>"

    polled = await ask(site, first.state, 1)

    assert isinstance(polled.problem, SourceChangedError)
    assert 'holds no link that selector = "h3 a" names' in polled.note
    assert polled.state.seen == first.state.seen


async def test_hostile_lists_are_refused(villain: Hostile) -> None:
    for body in (b"<a>" * 100_000, b"", b"\x00" * 100, b"<h3><a href='javascript:x'>x</a></h3>"):
        url = villain.answer("/list", body, Content_Type="text/html")

        polled = await polling.ask("listing", url, selector=SELECTOR)

        assert isinstance(polled.problem, SourceChangedError), body[:20]
        assert polled.fresh == ()
