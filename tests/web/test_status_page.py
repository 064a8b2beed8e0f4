"""The operator's web part, over real HTTP on loopback."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, date, datetime, timedelta
from typing import TypeAlias

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families

from mirror.errors import ConfigError
from mirror.metrics import Metrics
from mirror.status import (
    HeadStatus,
    Health,
    HeldStatus,
    MirrorStatus,
    Problem,
    SourceStatus,
    Status,
    plain,
)
from mirror.web import check_access, is_loopback, make_app, start_web
from mirror.web.page import span, status_page

NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
TOKEN = "0123456789abcdef0123"  # noqa: S105 - made up

STATUS = Status(
    newsroom="The Harbour Courier",
    now=NOW,
    head=HeadStatus(size=42, root="ab" * 32, time=NOW - MINUTE, keyring_expires=date(2027, 2, 22)),
    sources=(
        SourceStatus(name="news", url="http://news.test/rss", last_ok=NOW, found=7),
        SourceStatus(name="ru", url="http://news.test/ru", last_error="HTTP 503"),
    ),
    held=(HeldStatus(url="http://news.test/a", title="<b>Odd</b>", reasons=("short",), since=NOW),),
    mirrors=(
        MirrorStatus(name="one", url="http://one.test/x/", size=42, ours=42),
        MirrorStatus(name="two", url="http://two.test/x/", size=40, ours=42, lag_s=65.0),
        MirrorStatus(name="three", url="http://three.test/", ours=42, last_error="403"),
        MirrorStatus(name="four", url="http://four.test/", ours=42, paused=True, listed=False),
    ),
    problems=(Problem(key="k", what="mirror three refuses", since=NOW - MINUTE, remedy="Pay."),),
)

Client: TypeAlias = TestClient[web.Request, web.Application]
Start = Callable[[str | None], Awaitable[Client]]


@pytest.fixture
async def start() -> AsyncIterator[Start]:
    clients = []

    async def make(token: str | None = None) -> Client:
        async def status() -> tuple[Status, ...]:
            return (STATUS,)

        client = TestClient(TestServer(make_app(status, Metrics(), token=token)))
        await client.start_server()
        clients.append(client)
        return client

    yield make
    for client in clients:
        await client.close()


def test_each_mirror_and_source_says_in_one_word_how_it_stands() -> None:
    assert [str(mirror.health) for mirror in STATUS.mirrors] == [
        "up",
        "behind",
        "failing",
        "paused",
    ]
    assert [str(source.health) for source in STATUS.sources] == ["up", "failing"]
    assert STATUS.health is Health.FAILING
    assert Status(newsroom="n", now=NOW).health is Health.UP
    assert MirrorStatus(name="new", url="http://n.test/").health is Health.WAITING
    assert SourceStatus(name="new", url="http://n.test/").health is Health.WAITING


def test_the_page_shows_lag_and_errors_in_words_and_escapes_what_came_from_outside() -> None:
    page = status_page((STATUS,))

    assert "1 min 5 s behind" in page
    assert "HTTP 503" in page
    assert "mirror three refuses" in page
    assert "&lt;b&gt;Odd&lt;/b&gt;" in page
    assert "<script" not in page
    assert "(unlisted)" in page


def test_a_page_for_no_newsroom_and_for_an_empty_one_says_so() -> None:
    assert "No newsroom is configured" in status_page(())
    assert "Nothing is signed yet" in status_page((Status(newsroom="n", now=NOW),))


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 s"),
        (59, "59 s"),
        (60, "1 min"),
        (245, "4 min 5 s"),
        (266_400, "3 d 2 h"),
        (-5, "0 s"),
    ],
)
def test_a_span_is_said_in_at_most_two_units(seconds: int, text: str) -> None:
    assert span(seconds) == text


@given(st.floats(min_value=0, max_value=1e9))
def test_every_span_has_words(seconds: float) -> None:
    assert 1 <= len(span(timedelta(seconds=seconds)).split()) // 2 <= 2


async def test_json_says_the_same_as_the_page(start: Start) -> None:
    client = await start(None)

    answer = await client.get("/status.json")

    told = (await answer.json())["newsrooms"][0]
    assert told["health"] == "failing"
    assert [mirror["health"] for mirror in told["mirrors"]][:2] == ["up", "behind"]
    assert told["head"]["keyring_expires"] == "2027-02-22"
    assert told["now"] == "2026-11-24T09:30:00Z"


def test_a_value_without_a_plain_form_is_a_mistake_of_ours() -> None:
    with pytest.raises(TypeError, match="no plain form of set"):
        plain({1})
    assert json.dumps(plain(STATUS))


async def test_metrics_are_what_prometheus_reads(start: Start) -> None:
    client = await start(None)

    text = await (await client.get("/metrics")).text()

    samples = {
        (sample.name, sample.labels.get("mirror", "")): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }
    assert samples["tamizdat_head_size", ""] == 42
    assert samples["tamizdat_head_age_seconds", ""] == 60
    assert samples["tamizdat_mirror_lag_seconds", "two"] == 65
    assert samples["tamizdat_mirror_up", "three"] == 0
    assert samples["tamizdat_keyring_expires", ""] == datetime(2027, 2, 22, tzinfo=UTC).timestamp()


def test_a_mirror_that_left_the_configuration_leaves_the_metrics() -> None:
    metrics = Metrics()
    metrics.polled("n", "s", "changed")
    metrics.published("n", 2)
    metrics.held("n")
    metrics.pushed("n", "m", "done")
    metrics.failed("n", "alert")
    metrics.show((STATUS,))

    metrics.show((Status(newsroom="n", now=NOW),))

    text = metrics.expose().decode()
    assert 'mirror="one"' not in text
    assert 'tamizdat_articles_total{newsroom="n"} 2.0' in text


async def test_every_answer_forbids_script_frames_and_referrers(start: Start) -> None:
    client = await start(None)

    for path in ("/", "/status.json", "/nothing"):
        headers = (await client.get(path)).headers
        assert headers["Referrer-Policy"] == "no-referrer"
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Cache-Control"] == "no-store"
    policy = (await client.get("/")).headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; style-src 'sha256-")


async def test_on_loopback_another_host_name_is_turned_away(start: Start) -> None:
    client = await start(None)

    assert (await client.get("/", headers={"Host": "evil.test"})).status == 421
    assert (await client.get("/", headers={"Host": "[nonsense"})).status == 421
    assert (await client.get("/", headers={"Host": "localhost:1"})).status == 200


async def test_with_a_token_only_the_token_lets_in(start: Start) -> None:
    client = await start(TOKEN)

    assert (await client.get("/")).status == 401
    assert (await client.get("/?token=wrong")).status == 401
    assert (await client.get("/", headers={"Authorization": "Bearer \u00e9"})).status == 401
    assert (await client.get(f"/?token={TOKEN}")).status == 200
    bearer = {"Authorization": f"Bearer {TOKEN}", "Host": "status.news.test"}
    assert (await client.get("/metrics", headers=bearer)).status == 200
    assert await (await client.get("/healthz")).text() == "ok\n"


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "LOCALHOST.", "::1", "[::1]", "127.8.8.8"]
)
def test_these_are_this_machine(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize("host", ["", "0.0.0.0", "::", "10.0.0.1", "localhost.evil.test"])  # noqa: S104
def test_these_are_not(host: str) -> None:
    assert not is_loopback(host)


def test_a_listener_for_everybody_needs_a_token_that_cannot_be_guessed() -> None:
    with pytest.raises(ConfigError, match="set \\[web\\] token"):
        check_access("0.0.0.0:8470", None)
    with pytest.raises(ConfigError, match="shorter than 16"):
        check_access("127.0.0.1:8470", "short")
    check_access("0.0.0.0:8470", TOKEN)
    check_access("[::1]:8470", None)


async def test_a_port_in_use_is_said_with_its_remedy(start: Start) -> None:
    client = await start(None)

    with pytest.raises(ConfigError, match="choose another port"):
        await start_web(client.app, f"127.0.0.1:{client.port}", token=None)


async def test_it_serves_until_it_is_cleaned_up() -> None:
    async def status() -> tuple[Status, ...]:
        return ()

    runner = await start_web(make_app(status, Metrics()), "127.0.0.1:0", token=None)

    assert runner.addresses
    await runner.cleanup()
