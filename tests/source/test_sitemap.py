"""Polling sitemaps on real servers, friendly and hostile."""

import gzip
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mirror.errors import SourceChangedError, SourceRefusedError, SourceUnreachableError
from mirror.source.poll import Polled
from mirror.source.sitemap_memory import MAX_FILES, FileMemory, Memory
from mirror.source.state import SourceState
from tests.source import polling
from tests.source.friendly_server import Friendly, friendly_server
from tests.source.hostile_server import Hostile, bomb, hostile_server
from tests.source.polling import NEVER, NOW, POLL, numbers
from tests.source.sitemaps import index, news, urlset


@pytest.fixture
async def site() -> AsyncIterator[Friendly]:
    async with friendly_server() as server:
        yield server


@pytest.fixture
async def villain() -> AsyncIterator[Hostile]:
    async with hostile_server() as server:
        yield server


async def ask(
    url: str, state: SourceState = NEVER, now: datetime = NOW, **source: object
) -> Polled:
    return await polling.ask("sitemap", url, state, now, **source)


def story(site: Friendly, number: int, day: str = "27") -> str:
    return site.url(f"/2026/11/{day}/the-story-of-{number}")


async def test_a_news_sitemap_is_polled_as_a_feed_is(site: Friendly) -> None:
    one = (story(site, 1), "2026-11-27T09:00:00Z", "One")
    two = (story(site, 2), "2026-11-27T10:00:00Z", "Two")
    site.files["/news.xml"] = news(one)
    first = await ask(site.url("/news.xml"), section="News")
    same = await ask(site.url("/news.xml"), first.state)
    site.files["/news.xml"] = news(two, one)
    grown = await ask(site.url("/news.xml"), same.state)

    assert [(item.title, item.section) for item in first.fresh] == [("One", "News")]
    assert (same.changed, same.note) == (False, "nothing new")
    assert same.state == first.state
    assert [item.title for item in grown.fresh] == ["Two"]
    assert [status for _, status in site.asked] == [200, 304, 200]


async def test_a_changed_lastmod_tells_of_an_edit(site: Friendly) -> None:
    old, new = (story(site, 1), "2026-11-20T09:00:00Z"), (story(site, 2), "2026-11-27T10:00:00Z")
    site.files["/s.xml"] = urlset(old, new)
    first = await ask(site.url("/s.xml"))
    site.files["/s.xml"] = urlset((old[0], "2026-11-27T11:00:00Z"), new)

    second = await ask(site.url("/s.xml"), first.state)

    assert numbers(first) == [2, 1]
    assert numbers(second) == [1]


async def test_of_five_hundred_files_only_those_that_changed_are_read(site: Friendly) -> None:
    def at(number: int, lastmod: str = "") -> tuple[str, str]:
        day = datetime(2025, 1, 1, 10, tzinfo=UTC) + timedelta(days=number)
        return site.url(f"/posts-{number}.xml.gz"), lastmod or day.isoformat()

    for number in range(500):
        text = urlset((story(site, number), at(number)[1]))
        site.files[f"/posts-{number}.xml.gz"] = gzip.compress(text.encode())
    site.files["/index.xml"] = index(*map(at, range(500)))
    url = site.url("/index.xml")

    first = await ask(url, pages=3)
    assert site.paths() == ["/index.xml", *(f"/posts-{n}.xml.gz" for n in (499, 498, 497))]
    assert sorted(numbers(first)) == [497, 498, 499]
    same = await ask(url, first.state, NOW + POLL, pages=3)
    assert site.paths() == ["/index.xml"]
    assert not same.changed

    text = urlset((story(site, 7), at(7)[1]), (story(site, 1_007), "2026-11-27T12:05:00Z"))
    site.files["/posts-7.xml.gz"] = gzip.compress(text.encode())
    site.files["/index.xml"] = index(*map(at, range(7)), at(7, "2026-11-27T12:05:00Z"))
    changed = await ask(url, same.state, NOW + 2 * POLL, pages=3)
    again = await ask(url, changed.state, NOW + 3 * POLL, pages=3)

    assert site.paths() == ["/index.xml", "/posts-7.xml.gz", "/index.xml"]
    assert numbers(changed) == [1_007]  # and not what was archive when we came
    assert not again.changed


async def test_what_is_over_the_bound_comes_with_the_next_poll(site: Friendly) -> None:
    site.files["/index.xml"] = index((site.url("/0.xml"), "2026-11-20T10:00:00Z"))
    site.files["/0.xml"] = urlset()
    state = (await ask(site.url("/index.xml"))).state
    for number in range(1, 6):
        site.files[f"/{number}.xml"] = urlset((story(site, number), "2026-11-27T12:00:00Z"))
    names = [(site.url(f"/{number}.xml"), f"2026-11-27T12:0{number}:00Z") for number in range(6)]
    site.files["/index.xml"] = index(*names)

    found: list[list[int]] = []
    for times in range(1, 5):
        polled = await ask(site.url("/index.xml"), state, NOW + times * POLL, pages=2)
        state, found = polled.state, [*found, numbers(polled)]

    assert found == [[5, 4], [3, 2], [1], []]


async def test_files_without_a_date_are_asked_again_ever_less_often(site: Friendly) -> None:
    site.files["/index.xml"] = index(site.url("/a-1.xml"), site.url("/a-2.xml"))
    site.files["/a-1.xml"] = urlset(story(site, 1))
    site.files["/a-2.xml"] = urlset(story(site, 2))
    polled = await ask(site.url("/index.xml"))
    assert numbers(polled) == [2, 1]
    site.asked.clear()

    polls = 1_008  # a week
    for times in range(1, polls):
        if times == 500:
            site.files["/a-2.xml"] = urlset(story(site, 3), story(site, 2))
        polled = await ask(site.url("/index.xml"), polled.state, NOW + times * POLL)
        if polled.fresh:
            assert numbers(polled) == [3]
            assert times < 500 + 145

    assert sum(path == "/a-1.xml" for path, _ in site.asked) < 20
    assert sum(path == "/a-2.xml" for path, _ in site.asked) < 30


async def test_a_day_for_a_lastmod_is_not_taken_for_the_last_word(site: Friendly) -> None:
    site.files["/index.xml"] = index((site.url("/today.xml"), "2026-11-27"))
    site.files["/today.xml"] = urlset(story(site, 1))
    first = await ask(site.url("/index.xml"))
    site.files["/today.xml"] = urlset(story(site, 1), story(site, 2))

    second = await ask(site.url("/index.xml"), first.state, NOW + POLL)
    much_later = await ask(site.url("/index.xml"), second.state, NOW + timedelta(days=9))

    assert numbers(second) == [2]
    assert not much_later.changed


async def test_archives_without_any_date_are_learned_and_not_told(site: Friendly) -> None:
    names = [site.url(f"/a-{number}.xml") for number in range(3)]
    for number in range(3):
        site.files[f"/a-{number}.xml"] = urlset(story(site, number))
    site.files["/index.xml"] = index(*names)
    first = await ask(site.url("/index.xml"), pages=1)
    second = await ask(site.url("/index.xml"), first.state, NOW + POLL, pages=2)
    site.files["/a-0.xml"] = urlset(story(site, 0), story(site, 10))

    third = await ask(site.url("/index.xml"), second.state, NOW + timedelta(days=2), pages=3)

    assert (numbers(first), numbers(second), numbers(third)) == ([2], [], [10])


async def test_indexes_in_indexes_are_followed_to_a_depth_and_never_in_a_circle(
    site: Friendly,
) -> None:
    site.files["/1.xml"] = index(site.url("/2.xml"), site.url("/1.xml"))
    site.files["/2.xml"] = index(site.url("/1.xml"), site.url("/3.xml"), site.url("/s.xml"))
    site.files["/3.xml"] = index(site.url("/4.xml"))
    site.files["/4.xml"] = index(site.url("/5.xml"))
    site.files["/5.xml"] = urlset(story(site, 5))
    site.files["/s.xml"] = urlset(story(site, 1))

    polled = await ask(site.url("/1.xml"), pages=50)

    assert numbers(polled) == [1]
    assert sorted(site.paths()) == ["/1.xml", "/2.xml", "/3.xml", "/s.xml"]


async def test_one_bad_file_does_not_keep_the_others(site: Friendly) -> None:
    site.files["/index.xml"] = index(
        (site.url("/gone.xml"), "2026-11-27T12:00:00Z"),
        (site.url("/page.xml"), "2026-11-27T11:00:00Z"),
        (site.url("/good.xml"), "2026-11-27T10:00:00Z"),
    )
    site.files["/page.xml"] = "<html><body>Welcome</body></html>"
    site.files["/good.xml"] = urlset(story(site, 1))

    first = await ask(site.url("/index.xml"))
    second = await ask(site.url("/index.xml"), first.state, NOW + POLL)

    assert numbers(first) == [1]
    assert isinstance(first.problem, SourceChangedError)
    assert "/page.xml: is a web page, not a sitemap" in first.note
    assert second.problem is None
    assert site.paths()[4:] == ["/index.xml"]  # they are not asked for until they are dated anew


async def test_a_file_that_is_out_of_order_is_asked_for_again(site: Friendly) -> None:
    site.files["/index.xml"] = index((site.url("/a.xml"), "2026-11-27T12:00:00Z"))
    site.files["/a.xml"] = 503
    first = await ask(site.url("/index.xml"))
    site.files["/a.xml"] = urlset(story(site, 1))

    second = await ask(site.url("/index.xml"), first.state, NOW + POLL)

    assert isinstance(first.problem, SourceUnreachableError)
    assert first.state.failures == 0  # of the source, which goes on
    assert (numbers(second), second.problem, second.state.failures) == ([1], None, 0)


async def test_a_file_that_never_answers_does_not_keep_the_others(site: Friendly) -> None:
    broken = (site.url("/bad.xml"), "2026-11-27T12:00:00Z")
    site.files["/bad.xml"] = 500
    state = NEVER
    for number in range(3):
        date = f"2026-11-27T11:0{number}:00Z"
        site.files["/index.xml"] = index(broken, (site.url("/good.xml"), date))
        site.files["/good.xml"] = urlset((story(site, number), date))

        polled = await ask(site.url("/index.xml"), state, NOW + number * POLL)

        state = polled.state
        assert numbers(polled) == [number]
        assert "/bad.xml: answers 500" in polled.note


async def test_a_site_that_is_down_is_not_asked_for_file_after_file(site: Friendly) -> None:
    names = [(site.url(f"/{n}.xml"), f"2026-11-27T12:00:0{n}Z") for n in range(5)]
    site.files |= {"/index.xml": index(*names), **{f"/{n}.xml": 503 for n in range(5)}}

    polled = await ask(site.url("/index.xml"))

    assert isinstance(polled.problem, SourceUnreachableError)
    assert len(site.asked) == 3


async def test_a_file_that_leaves_its_index_in_the_same_poll_is_asked_for_no_more(
    site: Friendly,
) -> None:
    at = ["2026-11-27T12:00:00Z", "2026-11-27T12:01:00Z", "2026-11-27T11:00:00Z"]
    site.files["/index.xml"] = index((site.url("/in.xml"), at[0]), (site.url("/s.xml"), at[0]))
    site.files["/in.xml"] = index((site.url("/a.xml"), at[0]), (site.url("/b.xml"), at[0]))
    for name in ("a", "b", "s"):
        site.files[f"/{name}.xml"] = 503
    first = await ask(site.url("/index.xml"))
    site.files["/index.xml"] = index((site.url("/in.xml"), at[1]), (site.url("/s.xml"), at[2]))
    site.files["/in.xml"] = index((site.url("/b.xml"), at[0]))
    site.files["/b.xml"] = urlset(story(site, 2))
    site.files["/s.xml"] = urlset(story(site, 1))
    site.asked.clear()

    second = await ask(site.url("/index.xml"), first.state, NOW + POLL, pages=9)

    assert (sorted(numbers(second)), second.problem) == ([1, 2], None)
    assert sorted(site.paths()) == ["/b.xml", "/in.xml", "/index.xml", "/s.xml"]


async def test_pages_that_are_no_articles_are_left_out_and_said(site: Friendly) -> None:
    pages = ["/", "/about", "/tag/war", "/news/short-slug"]
    site.files["/s.xml"] = urlset(story(site, 1), *map(site.url, pages))

    guessed = await ask(site.url("/s.xml"))
    chosen = await ask(site.url("/s.xml"), match="/news/")

    assert numbers(guessed) == [1]
    assert "4 left out that look like no article; `match` says which" in guessed.note
    assert [item.url for item in chosen.items] == [site.url("/news/short-slug")]


async def test_hostile_sitemaps_are_refused_and_the_state_kept(villain: Hostile) -> None:
    good = urlset((villain.url("/2026/11/27/the-story-of-1"), "2026-11-27T10:00:00Z"))
    first = await ask(villain.answer("/s", good.encode()))
    for path, body, headers in (
        ("/s", bomb("gzip"), {}),
        ("/s", bomb("gzip"), {"Content_Encoding": "gzip"}),
        ("/s", b"<!DOCTYPE u [<!ENTITY a 'x'>]><urlset/>", {}),
        ("/s", b"<urlset>" + b"<u>" * 10_000, {}),
        ("/s", b"x" * 11_000_000, {}),
    ):
        url = villain.answer(path, body, **headers)

        polled = await ask(url, first.state)

        assert isinstance(polled.problem, SourceRefusedError | SourceChangedError)
        assert (polled.fresh, polled.state.seen) == ((), first.state.seen)


async def test_files_that_never_end_or_lead_inside_are_one_files_problem(villain: Hostile) -> None:
    endless = villain.trickle(
        "/slow", head=b"HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n", piece=b"<", pause=0.1
    )
    names = [(endless, "2026-11-27T12:00:00Z"), ("file:///etc/passwd", "2026-11-27T11:00:00Z")]

    polled = await ask(villain.answer("/i", index(*names).encode()))

    assert isinstance(polled.problem, SourceUnreachableError)
    assert "no whole answer within 2 s" in polled.note
    assert len(villain.asked) == 2


async def test_an_index_of_too_many_files_is_known_by_its_newest(site: Friendly) -> None:
    day = datetime(2020, 1, 1, 1, tzinfo=UTC)
    names = [
        (site.url(f"/{n}.xml"), (day + timedelta(hours=n)).isoformat())
        for n in range(MAX_FILES + 500)
    ]
    site.files["/index.xml"] = index(*names)
    site.files[f"/{MAX_FILES + 499}.xml"] = urlset(story(site, 1))

    polled = await ask(site.url("/index.xml"), pages=1)

    assert numbers(polled) == [1]
    assert len(Memory.decode(polled.state.memory).files) == MAX_FILES


@given(
    st.builds(
        Memory,
        began=st.integers(0, 2**40),
        files=st.dictionaries(
            st.text(),
            st.builds(
                FileMemory,
                index=st.text(min_size=1),
                told=st.text(),
                taken=st.text(),
                etag=st.text(),
                last_modified=st.text(),
                read=st.integers(0, 2**40),
                quiet=st.integers(0, 99),
                is_old=st.booleans(),
            ),
            max_size=4,
        ),
    )
)
def test_decode_undoes_encode(memory: Memory) -> None:
    assert Memory.decode(memory.encode()) == memory


@given(st.text() | st.sampled_from(["{}", "[]", "null", '{"began":1,"files":{"a":{}}}']))
def test_a_damaged_memory_remembers_nothing(text: str) -> None:
    assert Memory.decode(text) == Memory()
