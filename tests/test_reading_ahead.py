"""What a reader of an address fetches before it is asked: bounded, given once, never old."""

import asyncio
from datetime import timedelta

import pytest
from aiohttp import web

from feeds.errors import MissingFileError
from feeds.verify_reader import SoftMissingError
from mirror.reading import reader as reading
from mirror.reading.limits import Limits
from mirror.reading.reader import AddressReader
from tests.served import Mirror, says, server

HEAD = "log/checkpoint"


@pytest.fixture
def mirror() -> Mirror:
    return Mirror()


def test_what_was_said_before_is_asked_for_once(mirror: Mirror) -> None:
    with server(mirror) as base, AddressReader(base) as reader:
        reader.soon({HEAD: 10_000, "SHA256SUMS": 10_000})
        found = dict(reader.read_many(["SHA256SUMS", HEAD], max_bytes=10_000))

    assert found[HEAD] == mirror.tree.files[HEAD]
    asked = [request.path for request in mirror.asked]
    assert asked.count(f"/x7k2/{HEAD}") == 1


def test_it_is_given_once_and_then_fetched_anew(mirror: Mirror) -> None:
    with server(mirror) as base, AddressReader(base) as reader:
        reader.soon({HEAD: 10_000})
        [(_, old)] = reader.read_many([HEAD], max_bytes=10_000)
        mirror.instead[HEAD] = says(200, b"new")
        [(_, new)] = reader.read_many([HEAD], max_bytes=10_000)

    assert (old, new) == (mirror.tree.files[HEAD], b"new")


def test_what_was_said_and_not_read_counts_no_more_when_more_is_said(mirror: Mirror) -> None:
    with server(mirror) as base, AddressReader(base) as reader:
        reader.soon({HEAD: 10_000, "SHA256SUMS": 10_000})
        assert dict(reader.read_many(["SHA256SUMS"], max_bytes=10_000))
        mirror.instead[HEAD] = says(200, b"new")
        reader.soon({"mirrors.json": 10_000})
        [(_, head)] = reader.read_many([HEAD], max_bytes=10_000)

    assert head == b"new"


def test_a_bound_that_was_not_the_one_said_holds(mirror: Mirror) -> None:
    with server(mirror) as base, AddressReader(base) as reader:
        reader.soon({"SHA256SUMS": 10_000})
        [(_, found)] = reader.read_many(["SHA256SUMS"], max_bytes=10)

    assert not isinstance(found, bytes)


def test_files_that_hold_too_much_are_let_go_and_fetched_when_asked_for(
    mirror: Mirror, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "HELD_BYTES", 2_500_000)
    bodies = {f"feeds/{number}.atom": bytes([number]) * 1_000_000 for number in range(12)}
    mirror.instead = {path: says(200, body) for path, body in bodies.items()}
    most = 0

    class Watched(AddressReader):
        def held(self) -> int:
            return self._held

    with server(mirror) as base, Watched(base) as reader:
        reader.soon(dict.fromkeys(bodies, 2_000_000))
        for path, found in reader.read_many(bodies, max_bytes=2_000_000):
            assert found == bodies[path], path
            most = max(most, reader.held())
        left = reader.held()

    assert 0 < most <= 2_500_000
    assert left == 0


def test_a_page_for_everything_is_known_before_the_first_answer_counts(mirror: Mirror) -> None:
    """However late the mirror answers when it is asked for what no mirror has."""

    async def late(_: web.Request) -> web.StreamResponse:
        await asyncio.sleep(0.3)
        return web.Response(body=b"sorry")

    mirror.missing = late
    mirror.instead = {"a/0/0.html": says(200, b"sorry"), "a/0/1.html": says(404)}
    limits = Limits(patience=timedelta(seconds=2))
    with server(mirror) as base, AddressReader(base, limits=limits) as reader:
        found = dict(reader.read_many(mirror.instead, max_bytes=99))

    assert isinstance(found["a/0/0.html"], SoftMissingError)
    assert isinstance(found["a/0/1.html"], MissingFileError)


def test_what_a_page_for_everything_is_is_asked_again_where_the_mirror_failed(
    mirror: Mirror,
) -> None:
    asked = 0

    async def failed_at_first(_: web.Request) -> web.StreamResponse:
        nonlocal asked
        asked += 1
        return web.Response(status=503 if asked == 1 else 200, body=b"sorry")

    mirror.missing = failed_at_first
    mirror.instead = {"a/0/0.html": says(200, b"sorry")}
    limits = Limits(wait=timedelta(milliseconds=1))
    with server(mirror) as base, AddressReader(base, limits=limits) as reader:
        [(_, found)] = reader.read_many(["a/0/0.html"], max_bytes=99)

    assert asked == 2
    assert isinstance(found, SoftMissingError)
