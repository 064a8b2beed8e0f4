from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mirror.config import FetchConfig, SourceConfig
from mirror.errors import SourceUnreachableError
from mirror.source.fetch import Fetcher
from mirror.source.poll import Polled, poll
from mirror.source.state import SourceState
from tests.source.hostile_server import Hostile, hostile_server

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def feed(*numbers: int, title: str = "T") -> bytes:
    items = "".join(
        f"<item><title>{title}</title><link>/a/{number}</link><category>c</category></item>"
        for number in numbers
    )
    return f"<rss><channel>{items}</channel></rss>".encode()


@pytest.fixture
async def site() -> AsyncIterator[Hostile]:
    async with hostile_server() as server:
        yield server


async def ask(url: str, state: SourceState, now: datetime = NOW, **source: str) -> Polled:
    config = FetchConfig.model_validate({"private_addresses": True, "timeout": "2s"})
    async with Fetcher(config) as fetcher:
        wanted = SourceConfig.model_validate({"name": "news", "url": url, **source})
        return await poll(wanted, state, fetcher, now)


async def test_a_first_poll_brings_every_entry_with_the_operators_section(site: Hostile) -> None:
    url = site.answer("/rss", feed(1, 2, 1), ETag='"1"', Last_Modified="then")

    polled = await ask(url, SourceState(), section="News", language="ru")

    assert [item.url for item in polled.items] == [site.url("/a/1"), site.url("/a/2")]
    assert {(item.section, item.language) for item in polled.items} == {("News", "ru")}
    assert polled.fresh == polled.items
    assert polled.changed
    assert (polled.state.etag, polled.state.last_modified) == ('"1"', "then")


async def test_a_304_changes_nothing(site: Hostile) -> None:
    url = site.answer("/rss", feed(1), ETag='"1"')
    first = await ask(url, SourceState())
    site.answer("/rss", status="304 Not Modified")

    second = await ask(url, first.state)

    assert (second.changed, second.items, second.note) == (False, (), "nothing new")
    assert second.state == first.state
    assert len(site.asked) == 2
    assert 'If-None-Match: "1"' in site.asked[1]


async def test_the_same_bytes_again_change_nothing(site: Hostile) -> None:
    url = site.answer("/rss", feed(1))
    first = await ask(url, SourceState())

    second = await ask(url, first.state)

    assert not second.changed


async def test_only_new_and_changed_entries_are_fresh(site: Hostile) -> None:
    first = await ask(site.answer("/rss", feed(1, 2)), SourceState())

    grown = await ask(site.answer("/rss", feed(3, 1, 2)), first.state)
    corrected = await ask(site.answer("/rss", feed(3, 1, 2, title="U")), grown.state)

    assert [item.url for item in grown.fresh] == [site.url("/a/3")]
    assert len(corrected.fresh) == 3


async def test_a_failure_is_counted_and_the_rest_remembered(site: Hostile) -> None:
    url = site.answer("/rss", feed(1), ETag='"1"')
    first = await ask(url, SourceState())
    site.answer("/rss", status="503 Busy", Retry_After="60")

    failed = await ask(url, first.state)

    assert isinstance(failed.problem, SourceUnreachableError)
    assert (failed.state.failures, failed.state.etag) == (1, '"1"')
    assert failed.state.not_before == NOW + timedelta(seconds=60)


async def test_a_source_that_asked_us_to_wait_is_not_asked_before(site: Hostile) -> None:
    url = site.answer("/rss", status="429 Slow", Retry_After="60")
    failed = await ask(url, SourceState())
    site.answer("/rss", feed(1))

    early = await ask(url, failed.state, NOW + timedelta(seconds=59))
    due = await ask(url, failed.state, NOW + timedelta(seconds=60))

    assert "wait until 03:05:05 UTC" in early.note
    assert len(site.asked) == 2
    assert due.changed
    assert (due.state.failures, due.state.not_before) == (0, None)


async def test_a_feed_that_turns_into_a_web_page_keeps_its_state(site: Hostile) -> None:
    url = site.answer("/rss", feed(1))
    first = await ask(url, SourceState())
    site.answer("/rss", b"<html><body>parked</body></html>", ETag='"2"')

    broken = await ask(url, first.state)

    assert "a web page, not a feed" in broken.note
    assert broken.state.digest == first.state.digest


async def test_a_source_whose_address_changed_starts_anew(site: Hostile) -> None:
    first = await ask(site.answer("/rss", feed(1), ETag='"1"'), SourceState())

    second = await ask(site.answer("/new", feed(1)), first.state)

    assert "If-None-Match" not in site.asked[1]
    assert len(second.fresh) == 1


@given(
    st.builds(
        SourceState,
        url=st.text(),
        etag=st.text(),
        last_modified=st.text(),
        digest=st.text(),
        seen=st.lists(st.text(), max_size=5).map(tuple),
        not_before=st.none() | st.datetimes(timezones=st.just(UTC)),
        failures=st.integers(0, 99),
    )
)
def test_decode_undoes_encode(state: SourceState) -> None:
    assert SourceState.decode(state.encode()) == state


@given(st.text() | st.sampled_from(["{}", "[]", "null", '{"not_before":1}']))
def test_a_damaged_state_remembers_nothing(text: str) -> None:
    assert SourceState.decode(text) == SourceState()
