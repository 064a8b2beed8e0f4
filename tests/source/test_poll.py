from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mirror.config import FetchConfig, SourceConfig
from mirror.errors import SourceUnreachableError
from mirror.source.fetch import Fetcher
from mirror.source.habit import Habit
from mirror.source.moving import is_elsewhere
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


async def test_cache_control_says_how_long_an_answer_holds(site: Hostile) -> None:
    url = site.answer("/rss", feed(1), Cache_Control="public, max-age=300", Age="100", ETag='"1"')
    first = await ask(url, SourceState())
    site.answer("/rss", status="304 Not Modified", Cache_Control="Max-Age=60")
    second = await ask(url, first.state)
    site.answer("/rss", status="304 Not Modified", Cache_Control="no-cache, max-age=60")
    third = await ask(url, second.state)

    waits = [polled.fresh_for.total_seconds() for polled in (first, second, third)]
    assert waits == [200, 60, 0]
    assert second.state == first.state


async def test_a_source_that_is_gone_is_asked_no_more(site: Hostile) -> None:
    url = site.answer("/rss", status="410 Gone")

    first = await ask(url, SourceState())
    later = await ask(url, SourceState.decode(first.state.encode()), NOW + timedelta(days=30))

    assert first.state.gone
    assert len(site.asked) == 1
    assert later.problem is not None
    assert "gone for good (410), so it is asked no more" in later.note


async def test_a_410_behind_a_redirect_does_not_end_the_source(site: Hostile) -> None:
    url = site.answer("/rss", status="302 Found", Location="/away")
    site.answer("/away", status="410 Gone")

    polled = await ask(url, SourceState())

    assert (polled.state.gone, polled.state.failures) == (False, 1)


async def days(url: str, number: int, state: SourceState) -> Polled:
    """Polls on so many days in a row."""
    for day in range(number):
        polled = await ask(url, state, NOW + timedelta(days=day))
        state = SourceState.decode(polled.state.encode())
    return polled


async def test_a_move_for_good_is_remembered_after_days(site: Hostile) -> None:
    url = site.answer("/rss", status="301 Moved", Location="/feed")
    site.answer("/feed", feed(1))

    early = await days(url, 3, SourceState())
    late = await days(url, 4, SourceState())
    site.asked.clear()
    await ask(url, late.state, NOW + timedelta(days=9))

    assert (early.state.at, early.state.moved_to) == ("", site.url("/feed"))
    assert late.state.at == site.url("/feed")
    assert [head.split()[1] for head in site.asked] == ["/feed"]


async def test_a_move_for_now_is_never_remembered(site: Hostile) -> None:
    url = site.answer("/rss", status="301 Moved", Location="/2")
    site.answer("/2", status="302 Found", Location="/3")
    site.answer("/3", feed(1))

    polled = await days(url, 9, SourceState())

    assert (polled.state.at, polled.state.moved_to) == ("", "")


async def test_a_move_that_was_taken_back_is_forgotten(site: Hostile) -> None:
    url = site.answer("/rss", status="308 Moved", Location="/feed")
    site.answer("/feed", feed(1))
    moved = await ask(url, SourceState())
    site.answer("/rss", feed(1))

    back = await ask(url, moved.state)

    assert moved.state.moved_to
    assert (back.state.moved_to, back.state.moved_since) == ("", None)


async def test_a_move_to_another_host_is_told_and_never_remembered(site: Hostile) -> None:
    url = site.answer("/rss", status="301 Moved", Location=site.url("/feed", host="localhost"))
    site.answer("/feed", feed(1))

    polled = await days(url, 9, SourceState())

    assert polled.problem is None
    assert is_elsewhere(polled.state)
    assert polled.state.at == ""
    assert polled.state.moved_since == NOW


async def test_where_the_new_address_is_gone_the_old_one_is_asked_again(site: Hostile) -> None:
    url = site.answer("/rss", status="301 Moved", Location="/feed")
    site.answer("/feed", feed(1))
    moved = await days(url, 4, SourceState())
    site.answer("/feed", status="404 Not Found")
    site.answer("/rss", feed(1, 2))

    failed = await ask(url, moved.state)
    again = await ask(url, failed.state)

    assert failed.problem is not None
    assert (failed.state.at, failed.state.gone) == ("", False)
    assert [item.url for item in again.fresh] == [site.url("/a/2")]


def test_a_state_of_an_older_version_is_read() -> None:
    old = (
        '{"digest":"d","etag":"e","failures":1,"last_modified":"",'
        '"not_before":"2026-01-02T03:04:05+00:00","seen":["a"],"url":"u"}'
    )

    state = SourceState.decode(old)

    assert (state.etag, state.seen, state.not_before, state.gone) == ("e", ("a",), NOW, False)


_MOMENTS = st.none() | st.datetimes(timezones=st.just(UTC))


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("en_US", "en-US"),
        (" ru ", "ru"),
        ("English", ""),
        ("e n", ""),
        ("zh-Hant-TW", "zh-Hant-TW"),
    ],
)
async def test_a_language_that_is_no_tag_costs_no_article(
    site: Hostile, said: str, meant: str
) -> None:
    body = feed(1).replace(b"<channel>", f"<channel><language>{said}</language>".encode())

    polled = await ask(site.answer("/rss", body), SourceState())

    assert [item.language for item in polled.fresh] == [meant]


@pytest.mark.parametrize("other", [{"match": "/a/"}, {"match": ""}, {"kind": "sitemap"}])
async def test_other_settings_are_tried_at_once_on_the_same_answer(
    site: Hostile, other: dict[str, str]
) -> None:
    url = site.answer("/rss", feed(1), ETag='"1"')
    first = await ask(url, SourceState(), NOW, match="/b/")

    second = await ask(url, first.state, NOW, **other)

    assert first.fresh == ()
    assert "If-None-Match" not in site.asked[-1]
    assert second.fresh or second.problem


@given(
    st.builds(
        SourceState,
        url=st.text(),
        etag=st.text(),
        last_modified=st.text(),
        digest=st.text(),
        seen=st.lists(st.text(), max_size=5).map(tuple),
        not_before=_MOMENTS,
        failures=st.integers(0, 99),
        memory=st.text(),
        settings=st.text(),
        gone=st.booleans(),
        moved_to=st.text(),
        moved_since=_MOMENTS,
        hub=st.text(),
        habit=st.builds(Habit, first=_MOMENTS, last=_MOMENTS, gap_s=st.integers(0)),
    )
)
def test_decode_undoes_encode(state: SourceState) -> None:
    assert SourceState.decode(state.encode()) == state


@given(st.text() | st.sampled_from(["{}", "[]", "null", '{"not_before":1}']))
def test_a_damaged_state_remembers_nothing(text: str) -> None:
    assert SourceState.decode(text) == SourceState()
