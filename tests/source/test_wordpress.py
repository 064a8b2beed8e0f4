"""Polling WordPress's API: that of the sample newsroom, and servers that have it otherwise."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from hypothesis import given
from hypothesis import strategies as st

from mirror.errors import SourceChangedError, SourceError, SourceUnreachableError
from mirror.newsroom.agenda import CORRECTED, CORRECTED_WITH, Agenda
from mirror.newsroom.app import Newsroom
from mirror.source.poll import Polled
from mirror.source.state import SourceState
from mirror.source.wordpress import EDITS_EVERY, PER_PAGE, Memory, read_posts
from tests.source import polling
from tests.source.friendly_server import Friendly, friendly_server
from tests.source.hostile_server import Hostile, hostile_server
from tests.source.polling import NEVER, NOW, POLL

API = "/wp-json/wp/v2/posts"


@dataclass
class WordPress:
    """The sample newsroom at a moment that can be set; ``asked`` are the API's requests."""

    agenda: Agenda
    now: datetime
    asked: list[str]
    url: str = ""

    async def ask(self, state: SourceState = NEVER, **source: object) -> Polled:
        return await polling.ask("wordpress", self.url, state, self.now, **source)

    def query(self, number: int) -> dict[str, str]:
        parts = parse_qs(urlsplit(self.asked[number]).query)
        return {name: values[0] for name, values in parts.items()}


@pytest.fixture
async def newsroom() -> AsyncIterator[WordPress]:
    place = WordPress(Agenda(7, NOW, timedelta(minutes=5)), NOW + timedelta(hours=6), [])
    app = Newsroom(place.agenda, lambda: place.now).app()

    @web.middleware
    async def noted(request: web.Request, handler: object) -> web.StreamResponse:
        place.asked.append(request.path_qs)
        assert callable(handler)
        answer = await handler(request)
        assert isinstance(answer, web.StreamResponse)
        return answer

    app.middlewares.append(noted)
    server = TestServer(app)
    await server.start_server()
    place.url = str(server.make_url(API))
    yield place
    await server.close()


@pytest.fixture
async def site() -> AsyncIterator[Friendly]:
    async with friendly_server() as server:
        yield server


@pytest.fixture
async def villain() -> AsyncIterator[Hostile]:
    async with hostile_server() as server:
        yield server


async def test_the_newest_posts_come_with_title_and_dates(newsroom: WordPress) -> None:
    polled = await newsroom.ask(section="News")

    stories = {story.path: story for story in newsroom.agenda.stories(newsroom.now)}
    assert len(polled.fresh) == len(stories)
    for item in polled.fresh:
        story = stories[unquote(urlsplit(item.url).path)]
        assert item.title == story.headline.replace("'", "\N{RIGHT SINGLE QUOTATION MARK}")
        assert (item.published, item.section) == (story.published, "News")
    assert [newsroom.query(n).get("page", "1") for n in range(2)] == ["1", "2"]
    assert "content" not in newsroom.query(0)["_fields"]


async def test_new_posts_cost_one_request_and_none_a_304(newsroom: WordPress) -> None:
    first = await newsroom.ask()
    newsroom.asked.clear()
    same = await newsroom.ask(first.state)
    newsroom.now += timedelta(minutes=6)
    grown = await newsroom.ask(same.state)

    assert not same.changed
    assert len(grown.fresh) == 1
    assert len(newsroom.asked) == 2


async def test_an_edit_of_an_older_post_is_found_within_the_hour(newsroom: WordPress) -> None:
    agenda = Agenda(7, NOW, timedelta(minutes=5))
    newsroom.now = agenda.comes_out(CORRECTED_WITH) - timedelta(minutes=1)
    state = (await newsroom.ask(match=r"/20\d\d/")).state
    newsroom.asked.clear()
    edited = []
    for _ in range(8):
        newsroom.now += POLL
        polled = await newsroom.ask(state, match=r"/20\d\d/")
        state = polled.state
        edited += [item for item in polled.fresh if item.updated != item.published]

    assert {urlsplit(item.url).path for item in edited} == {agenda.path(CORRECTED)}
    asked = [newsroom.query(number) for number in range(len(newsroom.asked))]
    assert sum("modified_after" in query for query in asked) == 1


async def test_edits_are_taken_up_to_the_bound_and_go_on_where_they_ended(site: Friendly) -> None:
    def posts(first: int, count: int = PER_PAGE) -> str:
        moments = [NOW + timedelta(seconds=number) for number in range(first, first + count)]
        return json.dumps(
            [
                {
                    "id": first + number,
                    "link": f"/story-{first + number}",
                    "title": {"rendered": "A <em>B</em>"},
                    "modified_gmt": f"{moment:%Y-%m-%dT%H:%M:%S}",
                }
                for number, moment in enumerate(moments)
            ]
        )

    base = f"{API}?per_page={PER_PAGE}&_fields=id,date_gmt,modified_gmt,link,title"
    site.files[f"{base}&orderby=date&order=desc"] = posts(0, 1)
    state = (await polling.ask("wordpress", site.url(API))).state
    edits = f"{base}&orderby=modified&order=asc&modified_after="
    site.files[f"{edits}2026-11-27T11:59:59Z&page=1"] = posts(0)
    site.files[f"{edits}2026-11-27T11:59:59Z&page=2"] = posts(50)
    site.files[f"{edits}2026-11-27T12:01:38Z&page=1"] = posts(99, 3)

    first = await polling.ask("wordpress", site.url(API), state, NOW + EDITS_EVERY, pages=2)
    second = await polling.ask(
        "wordpress", site.url(API), first.state, NOW + 2 * EDITS_EVERY, pages=2
    )

    assert sorted(polling.numbers(first)) == list(range(1, 100))
    assert polling.numbers(second) == [100, 101]
    assert {item.title for item in first.fresh} == {"A B"}


async def test_what_ignores_modified_after_brings_no_archive(site: Friendly) -> None:
    old = [
        {"id": n, "link": f"/story-{n}", "modified_gmt": "2015-01-01T00:00:00"} for n in range(50)
    ]
    new = [{"id": 99, "link": "/story-99", "modified_gmt": "2026-11-27T11:00:00"}]
    base = f"{API}?per_page={PER_PAGE}&_fields=id,date_gmt,modified_gmt,link,title"
    site.files[f"{base}&orderby=date&order=desc"] = json.dumps(new)
    after = "modified_after=2026-11-27T10:59:59Z"
    site.files[f"{base}&orderby=modified&order=asc&{after}&page=1"] = json.dumps(old)
    state = (await polling.ask("wordpress", site.url(API))).state

    polled = await polling.ask("wordpress", site.url(API), state, NOW + EDITS_EVERY)

    assert (polled.fresh, polled.problem) == ((), None)
    assert len(site.asked) == 3


async def test_a_site_that_refuses_to_tell_of_edits_is_still_a_source(site: Friendly) -> None:
    base = f"{API}?per_page={PER_PAGE}&_fields=id,date_gmt,modified_gmt,link,title"
    site.files[f"{base}&orderby=date&order=desc"] = '[{"id": 1, "link": "/story-1"}]'
    state = (await polling.ask("wordpress", site.url(API))).state

    polled = await polling.ask("wordpress", site.url(API), state, NOW + EDITS_EVERY)
    again = await polling.ask("wordpress", site.url(API), polled.state, NOW + EDITS_EVERY + POLL)

    assert polled.problem is None
    assert "not asked on: is not there (404)" in polled.note
    assert not again.changed


async def test_a_page_that_fails_is_read_at_the_next_poll(site: Friendly) -> None:
    base = f"{API}?per_page={PER_PAGE}&_fields=id,date_gmt,modified_gmt,link,title"
    newest = f"{base}&orderby=date&order=desc"
    site.files[newest] = json.dumps([{"id": n, "link": f"/s-{n}"} for n in range(99, 49, -1)])
    site.files[f"{newest}&page=2"] = 503

    first = await polling.ask("wordpress", site.url(API))
    site.files[f"{newest}&page=2"] = '[{"id": 1, "link": "/s-1"}]'
    second = await polling.ask("wordpress", site.url(API), first.state, NOW + POLL)

    assert isinstance(first.problem, SourceUnreachableError)
    assert len(first.fresh) == PER_PAGE
    assert (polling.numbers(second), second.problem) == ([1], None)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"<html>Blocked</html>", "can't be read as JSON"),
        (b'{"code": "rest_no_route"}', "should end in /wp-json/wp/v2/posts"),
        (b"[" * 100_000, "can't be read as JSON"),
        (b"", "can't be read as JSON"),
    ],
)
async def test_what_is_no_list_of_posts_is_refused(
    villain: Hostile, body: bytes, words: str
) -> None:
    polled = await polling.ask("wordpress", villain.answer(API, body))

    assert isinstance(polled.problem, SourceChangedError)
    assert words in polled.note


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["id", "link", "title", "rendered", "date_gmt", "modified_gmt"]), inner
        )
    ),
    max_leaves=12,
)


@given(st.lists(_JSON, max_size=3) | _JSON)
def test_whatever_json_comes_gives_posts_or_a_source_error(said: object) -> None:
    try:
        posts = read_posts(json.dumps(said).encode(), "https://x.example/")
    except SourceError:
        return
    assert all(not post.url or post.url.startswith(("http://", "https://")) for post in posts)


_SECONDS = st.integers(0, 2**36 - 1)


@given(st.builds(Memory, asked=_SECONDS, after=_SECONDS, page=_SECONDS))
def test_decode_undoes_encode(memory: Memory) -> None:
    assert Memory.decode(memory.encode()) == memory


@given(st.text() | st.sampled_from(["{}", "[1]", "null", "[1,2,{}]"]))
def test_a_damaged_memory_remembers_nothing(text: str) -> None:
    assert Memory.decode(text) == Memory()
