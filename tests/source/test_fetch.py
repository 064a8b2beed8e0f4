import asyncio
import gzip
import socket
import tracemalloc
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aiohttp.abc import AbstractResolver, ResolveResult

from mirror.config import FetchConfig
from mirror.errors import SourceRefusedError, SourceUnreachableError
from mirror.source.body import Pace
from mirror.source.fetch import Fetcher
from mirror.source.response import Limits
from tests.source.hostile_server import Hostile, bomb, hostile_server

QUICK = Pace(grace=timedelta(seconds=0.2), bytes_per_s=5_000, idle=timedelta(seconds=0.4))


@pytest.fixture
async def site() -> AsyncIterator[Hostile]:
    async with hostile_server() as server:
        yield server


def fetcher(**config: Any) -> Fetcher:  # noqa: ANN401 - values of [fetch]
    settings = {"private_addresses": True, "timeout": "2s", "max_bytes": 100_000, **config}
    return Fetcher(FetchConfig.model_validate(settings), pace=QUICK)


async def test_a_page_comes_with_its_headers_and_both_clocks(site: Hostile) -> None:
    date = "Mon, 10 Apr 2017 12:02:00 GMT"
    url = site.answer("/a", b"<p>news", Content_Type="text/html; charset=utf-8", Date=date)

    async with fetcher(user_agent="reader/1") as web:
        response = await web.get(f"{url}#part")

    assert (response.status, response.url, response.body) == (200, url, b"<p>news")
    assert response.content_type == "text/html; charset=utf-8"
    assert response.date == datetime(2017, 4, 10, 12, 2, tzinfo=UTC)
    assert response.fetched_at.tzinfo is UTC
    assert response.hops == ()
    assert "User-Agent: reader/1" in site.asked[0]


async def test_a_conditional_get_sends_what_the_last_answer_said(site: Hostile) -> None:
    url = site.answer("/rss", status="304 Not Modified")

    async with fetcher() as web:
        response = await web.get(url, kind=Limits.FEED, etag='W/"x"', last_modified="yesterday")

    assert (response.status, response.body) == (304, b"")
    assert 'If-None-Match: W/"x"' in site.asked[0]
    assert "If-Modified-Since: yesterday" in site.asked[0]


async def test_a_304_that_nobody_asked_for_is_no_answer(site: Hostile) -> None:
    url = site.answer("/rss", status="304 Not Modified")

    async with fetcher() as web:
        with pytest.raises(SourceRefusedError, match="304"):
            await web.get(url)


async def test_redirects_are_followed_and_remembered(site: Hostile) -> None:
    first = site.answer("/1", status="301 Moved", Location="/2?x=1#part")
    site.answer("/2", status="302 Found", Location=site.url("/3"))
    last = site.answer("/3", b"here")

    async with fetcher() as web:
        response = await web.get(first)

    assert response.url == last
    assert response.hops == (first, site.url("/2?x=1"))


async def test_redirects_end(site: Hostile) -> None:
    url = site.answer("/round", status="302 Found", Location="/round")

    async with fetcher(max_redirects=3) as web:
        with pytest.raises(SourceRefusedError, match="more than 3 times"):
            await web.get(url)

    assert len(site.asked) == 4


@pytest.mark.parametrize("target", ["file:///etc/passwd", "ftp://x.example/", "javascript:1"])
async def test_a_redirect_to_no_web_page_is_refused(site: Hostile, target: str) -> None:
    url = site.answer("/a", status="302 Found", Location=target)

    async with fetcher() as web:
        with pytest.raises(SourceRefusedError, match="no address"):
            await web.get(url)


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:{port}/a",
        "http://localhost:{port}/a",
        "http://127.1:{port}/a",
        "http://0x7f000001:{port}/a",
        "http://2130706433:{port}/a",
        "http://[::ffff:127.0.0.1]:{port}/a",
        "http://0.0.0.0:{port}/a",
    ],
)
async def test_private_addresses_are_not_connected_to(site: Hostile, url: str) -> None:
    site.answer("/a", b"secret")

    async with fetcher(private_addresses=False) as web:
        with pytest.raises((SourceRefusedError, SourceUnreachableError)) as caught:
            await web.get(url.format(port=site.port))

    assert site.asked == []
    assert "private" in str(caught.value) or "no address" in str(caught.value)


class Rebinding(AbstractResolver):
    """Says "public", and then something else, as a hostile name server does."""

    def __init__(self, *answers: str) -> None:
        self.answers = list(answers)

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        address = self.answers.pop(0)
        result = ResolveResult(
            hostname=host,
            host=address,
            port=port,
            family=socket.AF_INET if family == socket.AF_UNSPEC else family,
            proto=6,
            flags=0,
        )
        return [result]

    async def close(self) -> None:
        pass


async def test_a_name_that_turns_private_is_not_connected_to(site: Hostile) -> None:
    site.answer("/a", b"secret")
    config = FetchConfig.model_validate({"private_addresses": False, "timeout": "1s"})

    async with Fetcher(config, resolver=Rebinding("127.0.0.1")) as web:
        with pytest.raises(SourceRefusedError, match=r"private address 127\.0\.0\.1.*\[fetch\]"):
            await web.get(f"http://rebound.example:{site.port}/a")

    assert site.asked == []


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br"])
async def test_a_bomb_is_refused_and_memory_stays_small(site: Hostile, encoding: str) -> None:
    url = site.answer("/bomb", bomb(encoding), Content_Encoding=encoding)

    async with fetcher() as web:
        tracemalloc.start()
        with pytest.raises(SourceRefusedError, match="larger than 100000 bytes"):
            await web.get(url)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()

    assert peak < 5_000_000


async def test_a_page_announced_too_large_is_not_read(site: Hostile) -> None:
    url = site.answer("/big", b"x", Content_Length="100001")

    async with fetcher() as web:
        with pytest.raises(SourceRefusedError, match="larger than"):
            await web.get(url)


async def test_an_endless_answer_is_cut_off(site: Hostile) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n"
    url = site.trickle("/endless", head=head, piece=b"x" * 9_000, pause=0)

    async with fetcher() as web:
        with pytest.raises(SourceRefusedError, match="larger than"):
            await web.get(url)


async def test_a_slow_trickle_is_given_up(site: Hostile) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 90000\r\n\r\n"
    url = site.trickle("/slow", head=head, piece=b"x", pause=0.02)

    async with fetcher() as web:
        with pytest.raises(SourceUnreachableError, match="too slowly"):
            await web.get(url)


async def test_endless_headers_are_given_up(site: Hostile) -> None:
    url = site.trickle("/h", head=b"HTTP/1.1 200 OK\r\n", piece=b"X-A: " + b"b" * 9_000, pause=0)

    async with fetcher() as web:
        with pytest.raises(SourceUnreachableError):
            await web.get(url)


async def test_silence_is_given_up(site: Hostile) -> None:
    url = site.trickle("/silent", head=b"HTTP/1.1 200 OK\r\n\r\nx", piece=b"", pause=0.1)

    async with fetcher() as web:
        with pytest.raises(SourceUnreachableError, match="no whole answer"):
            await web.get(url)


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nshort", "broke off"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab", "broke off"),
        (b"SSH-2.0-OpenSSH\r\n\r\n", "not HTTP"),
        (b"", "broke off"),
        (b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\nplain", "claims"),
        (b"HTTP/1.1 200 OK\r\nContent-Encoding: zstd\r\n\r\nplain", "not asked for"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nx", "not HTTP"),
    ],
)
async def test_broken_answers_are_told_apart(site: Hostile, reply: bytes, words: str) -> None:
    url = site.raw("/broken", reply)

    async with fetcher() as web:
        with pytest.raises(SourceUnreachableError, match=words):
            await web.get(url)


@pytest.mark.parametrize(
    ("status", "kind", "words"),
    [
        ("404 Not Found", SourceRefusedError, "not there"),
        ("403 Forbidden", SourceRefusedError, "refuses us"),
        ("410 Gone", SourceRefusedError, "gone for good"),
        ("451 Legal", SourceRefusedError, "legal"),
        ("429 Slow", SourceUnreachableError, "less often"),
        ("503 Busy", SourceUnreachableError, "answers 503"),
        ("204 None", SourceRefusedError, "answers 204"),
    ],
)
async def test_statuses_become_words(
    site: Hostile, status: str, kind: type[Exception], words: str
) -> None:
    url = site.answer("/s", b"", status=status, Retry_After="90")

    async with fetcher() as web:
        with pytest.raises(kind, match=words) as caught:
            await web.get(url)

    assert caught.value.status == int(status[:3])  # type: ignore[attr-defined]  # of SourceError
    assert caught.value.retry_after_s == 90  # type: ignore[attr-defined]  # of SourceError


async def test_requests_to_one_host_wait_for_each_other(site: Hostile) -> None:
    running, most = 0, 0

    async def reply(writer: asyncio.StreamWriter) -> None:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0.02)
        running -= 1
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nConnection: close\r\n\r\nx")

    site.replies["/a"] = reply

    async with fetcher() as web:
        await asyncio.gather(*(web.get(site.url(f"/a?{number}")) for number in range(5)))

    assert most == 1


async def test_cookies_are_never_sent_back(site: Hostile) -> None:
    url = site.answer("/c", b"x", Set_Cookie="id=1; Path=/", Connection="close")

    async with fetcher() as web:
        await web.get(url)
        await web.get(url)

    assert "cookie" not in site.asked[1].lower()


async def test_compressed_bodies_are_given_plain(site: Hostile) -> None:
    url = site.answer("/z", gzip.compress(b"news" * 100), Content_Encoding="gzip")

    async with fetcher() as web:
        assert (await web.get(url)).body == b"news" * 100


async def test_nothing_listens_there() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]

        async with fetcher() as web:
            with pytest.raises(SourceUnreachableError, match="no connection"):
                await web.get(f"http://127.0.0.1:{port}/")


@pytest.mark.parametrize("url", ["http://user:word@x.example/", "http://x.example:99999/", "x", ""])
async def test_addresses_that_may_not_be_asked_for(url: str) -> None:
    async with fetcher() as web:
        with pytest.raises(SourceRefusedError):
            await web.get(url)
