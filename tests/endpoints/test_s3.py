"""What only an S3 service can do wrong, what it is told of us, and how it serves readers."""

import asyncio
import getpass
import gzip
import socket
import urllib.request
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http.client import HTTPMessage
from pathlib import Path

import pytest
from aws_request_signer import AwsRequestSigner

from feeds.paths import CHECKPOINT
from mirror.config import MirrorConfig
from mirror.config.s3 import S3Place
from mirror.endpoints.build import build
from mirror.endpoints.protocol import Mirror
from mirror.endpoints.s3 import S3Mirror
from mirror.endpoints.serving import KEPT, SHORT
from mirror.errors import EndpointError, EndpointRefusedError, EndpointUnreachableError
from tests.endpoints.wire import Answer, Wire, hang, slam, status, trickle, wire
from tests.nginx import free_port
from tests.swift import KEY_ID, SECRET, Swift

PAGE = b"<p>A story.</p>" * 99
SHA = "0d31c5e2a90f77b1" * 4


@asynccontextmanager
async def mirror_of(config: MirrorConfig) -> AsyncIterator[Mirror]:
    mirror = build(config)
    yield mirror
    await mirror.close()


@asynccontextmanager
async def against(answer: Answer, seconds: float = 20) -> AsyncIterator[tuple[Mirror, Wire]]:
    """A mirror whose service always gives that answer."""
    async with wire(answer) as server:
        place = S3Place(address=f"http://127.0.0.1:{server.port}/b-1/x7k2/", key_id="editor")
        mirror = S3Mirror("it", place, SECRET, timeout_s=seconds)
        yield mirror, server
        await mirror.close()


def says(code: int, body: bytes, *headers: str) -> Answer:
    """An answer with a body."""

    async def answer(writer: asyncio.StreamWriter) -> None:
        lines = (f"HTTP/1.1 {code} X", f"Content-Length: {len(body)}", *headers, "", "")
        writer.write("\r\n".join(lines).encode() + body)
        await writer.drain()

    return answer


def served(address: str) -> tuple[HTTPMessage, bytes]:
    """What the service answers whoever may read."""
    signed = AwsRequestSigner("eu-1", KEY_ID, SECRET, "s3").sign_with_headers("GET", address)
    request = urllib.request.Request(address, headers=signed)  # noqa: S310
    with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 - on loopback
        return answer.headers, answer.read()


@pytest.mark.real
async def test_a_file_is_served_with_its_type_its_cache_rule_and_compressed(
    s3_server: Swift, tmp_path: Path
) -> None:
    config = s3_server.config(tmp_path / "secret", f"{tmp_path.name}/")
    address = S3Place.parse(config.push).address
    async with mirror_of(config) as mirror:
        await mirror.put("a/0d/1.html", PAGE)
        await mirror.put(f"m/0d/{SHA}.webp", b"picture")
        await mirror.put(CHECKPOINT, b"head")

        assert await mirror.get("a/0d/1.html", max_bytes=len(PAGE)) == PAGE

    page, body = await asyncio.to_thread(served, address + "a/0d/1.html")
    picture, _ = await asyncio.to_thread(served, address + f"m/0d/{SHA}.webp")
    head, _ = await asyncio.to_thread(served, address + CHECKPOINT)
    assert gzip.decompress(body) == PAGE
    assert page["Content-Encoding"] == "gzip"
    assert page["Content-Type"].replace("UTF", "utf") == "text/html; charset=utf-8"
    assert page["Cache-Control"] == SHORT
    assert (picture["Content-Type"], picture["Cache-Control"]) == ("image/webp", KEPT)
    assert picture["Content-Encoding"] is None
    assert head["Content-Encoding"] is None, "stock tools read it"
    assert [name for name in page if name.lower().startswith("x-amz-meta")] == []


@pytest.mark.real
async def test_texts_are_stored_as_they_are_where_the_operator_says_so(
    s3_server: Swift, tmp_path: Path
) -> None:
    config = s3_server.config(tmp_path / "secret", f"{tmp_path.name}/", compress="no")
    async with mirror_of(config) as mirror:
        await mirror.put("a/0d/1.html", PAGE)

    page, body = await asyncio.to_thread(served, S3Place.parse(config.push).address + "a/0d/1.html")
    assert (page["Content-Encoding"], body) == (None, PAGE)


@pytest.mark.real
@pytest.mark.parametrize(
    ("old", "new", "remedy"),
    [
        (SECRET, "wrong", "secret as `password`"),
        ("newsroom%3Aeditor", "nobody", "as the user"),
        ("newsroom%3Aeditor", "newsroom%3Areader", "let this key"),
        ("mirror-1", "no-such-bucket", "make the bucket"),
        ("eu-1", "us-1", "set `region`"),
    ],
)
async def test_a_key_a_bucket_or_a_region_that_is_wrong_is_told_with_a_remedy(
    s3_server: Swift, tmp_path: Path, old: str, new: str, remedy: str
) -> None:
    config = s3_server.config(tmp_path / "secret")
    (tmp_path / "secret").write_text(SECRET.replace(old, new))
    config = config.model_copy(update={"push": config.push.replace(old, new)})

    async with mirror_of(config) as mirror:
        with pytest.raises(EndpointRefusedError, match=remedy) as put:
            await mirror.put("index.html", b"front")
        with pytest.raises(EndpointRefusedError) as get:
            await mirror.get(CHECKPOINT, max_bytes=99)

    said = str(put.value) + str(get.value) + repr(mirror)
    for secret in (SECRET, "newsroom", "editor", "127.0.0.1"):
        assert secret not in said


@pytest.mark.parametrize("code", [400, 403, 405, 413, 507, 301, 307])
async def test_a_no_is_a_no(code: int) -> None:
    async with against(status(code)) as (mirror, server):
        with pytest.raises(EndpointRefusedError, match=f"PUT index.html: {code}"):
            await mirror.put("index.html", b"front")

    assert len(server.heads) == 1


@pytest.mark.parametrize("code", [408, 409, 429, 500, 502, 503, 504])
async def test_what_may_pass_is_worth_another_attempt(code: int) -> None:
    async with against(status(code)) as (mirror, _):
        with pytest.raises(EndpointUnreachableError, match=f"PUT index.html: {code}"):
            await mirror.put("index.html", b"front")


@pytest.mark.parametrize("answer", [hang, slam, trickle])
async def test_a_bad_line_is_told_as_one(answer: Answer) -> None:
    async with against(answer, 0.5) as (mirror, _):
        with pytest.raises(EndpointUnreachableError) as caught:
            await mirror.get(CHECKPOINT, max_bytes=10_000)

    assert "127.0.0.1" not in str(caught.value)


async def test_a_small_answer_that_unpacks_to_much_is_none() -> None:
    bomb = gzip.compress(bytes(50_000_000))
    async with against(says(200, bomb, "Content-Encoding: gzip")) as (mirror, _):
        with pytest.raises(EndpointUnreachableError, match="over 100000 bytes"):
            await mirror.get(CHECKPOINT, max_bytes=100_000)


@pytest.mark.parametrize("body", [b"no gzip", gzip.compress(PAGE, mtime=0)[:-20], b""])
async def test_what_does_not_unpack_is_no_answer(body: bytes) -> None:
    async with against(says(200, body, "Content-Encoding: gzip")) as (mirror, _):
        with pytest.raises(EndpointUnreachableError, match="gzip"):
            await mirror.get(CHECKPOINT, max_bytes=100_000)


async def test_a_wrong_clock_is_told_as_that() -> None:
    error = b"<Error><Code>RequestTimeTooSkewed</Code></Error>"
    async with against(says(403, error)) as (mirror, _):
        with pytest.raises(EndpointRefusedError, match="this machine's clock"):
            await mirror.put("index.html", b"front")


async def test_a_service_learns_nothing_of_us_but_the_files() -> None:
    async with against(status(200)) as (mirror, server):
        await mirror.put("feeds/all.rss", b"<rss/>")
        await mirror.delete("m/ab/x.webp")

    sent = "".join(server.heads).lower()
    for word in ("aiohttp", "python", "tamizdat", socket.gethostname(), getpass.getuser()):
        assert word.lower() not in sent
    assert SECRET not in sent


async def test_nobody_listening_is_told_as_that() -> None:
    place = S3Place(address=f"http://127.0.0.1:{free_port()}/b/", key_id="k")
    mirror = S3Mirror("it", place, SECRET, timeout_s=2)

    with pytest.raises(EndpointError, match="no connection"):
        await mirror.put("index.html", b"front")

    await mirror.close()
