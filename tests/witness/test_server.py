"""The witness over HTTP, by the letter of C2SP tlog-witness."""

import asyncio
import shutil
import signal
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import ClientError, ClientSession
from aiohttp.test_utils import TestClient, TestServer
from aiohttp.web import Application, Request

from keys.note import Note, verify_note
from mirror.witness.server import MOST_AT_ONCE, make_app
from mirror.witness.state import State
from tests.ceremonies.world import TAMIZDAT, Partner
from tests.witness.world import KEY, LOG, ORIGIN, OTHER_LOG, Tree, witness

TREE = Tree(20)
BIG = Tree(400)
Client = TestClient[Request, Application]


@pytest.fixture
async def client(tmp_path: Path) -> AsyncIterator[Client]:
    """A running witness."""
    async with TestClient(TestServer(make_app(witness(tmp_path / "state")))) as client:
        yield client


async def post(client: Client, data: bytes) -> tuple[int, str, bytes]:
    async with client.post("/add-checkpoint", data=data) as answer:
        return answer.status, answer.content_type, await answer.read()


async def test_200_is_a_signature_line_that_makes_the_note_good(client: Client) -> None:
    request = TREE.request(0, 5)

    status, _, body = await post(client, request.encode())

    assert status == 200
    note = Note.parse(request.note.encode() + body)  # as the specification says
    assert {one.key for one in verify_note(note, (LOG.verifier, KEY.verifier))} == {
        LOG.verifier,
        KEY.verifier,
    }


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", 400),
        (b"old 6\n\n" + TREE.request(0, 5).note.encode(), 400),
        (TREE.request(0, 5).encode().replace(b"old 0", b"old 00"), 400),
        (TREE.request(0, 5).encode()[:-1], 400),
        (TREE.request(0, 5).encode().replace(ORIGIN.encode(), b"other.example"), 404),
        (TREE.request(0, 5, OTHER_LOG).encode(), 403),
        (TREE.request(0, 5).encode().replace(b"\n5\n", b"\n6\n"), 403),
        (b"x" * 100_000, 413),
    ],
)
async def test_other_statuses(client: Client, data: bytes, expected: int) -> None:
    status, _, body = await post(client, data)

    assert status == expected
    assert b"\xe2\x80\x94" not in body  # no signature line


async def test_409_names_the_size_and_its_type(client: Client) -> None:
    await post(client, TREE.request(0, 7).encode())

    assert await post(client, TREE.request(0, 9).encode()) == (409, "text/x.tlog.size", b"7\n")
    assert await post(client, TREE.request(0, 3).encode()) == (409, "text/x.tlog.size", b"7\n")


async def test_422_is_for_a_proof_that_does_not_hold(client: Client) -> None:
    await post(client, TREE.request(0, 7).encode())
    fork = Tree(20, "b", fork=2)

    assert (await post(client, fork.request(7, 9).encode()))[0] == 422


async def test_a_prefix_before_the_path_is_allowed_and_nothing_else_answers(
    client: Client,
) -> None:
    async with client.post("/w/1/add-checkpoint", data=TREE.request(0, 5).encode()) as answer:
        assert answer.status == 200
    for method, path in (("GET", "/add-checkpoint"), ("GET", "/"), ("POST", "/")):
        async with client.request(method, path) as answer:
            assert answer.status in {404, 405}


async def test_of_many_requests_at_once_one_history_comes_out(
    client: Client, tmp_path: Path
) -> None:
    fork = Tree(20, "b", fork=0)
    requests = [tree.request(0, size) for tree in (TREE, fork) for size in range(1, 9)]

    answers = await asyncio.gather(*(post(client, one.encode()) for one in requests))

    assert [status for status, _, _ in answers].count(200) == 1
    known = State(tmp_path / "state").read(ORIGIN)
    (signed,) = [
        one.note for one, answer in zip(requests, answers, strict=True) if answer[0] == 200
    ]
    assert known is not None
    assert signed.text == known.encode()


async def test_a_crowd_is_told_to_come_back(client: Client) -> None:
    async def slow() -> AsyncIterator[bytes]:
        yield b"old 0\n"
        await asyncio.sleep(1)
        yield b"\n"

    async def hang() -> int:
        async with client.post("/add-checkpoint", data=slow()) as answer:
            return answer.status

    statuses = await asyncio.gather(*(hang() for _ in range(MOST_AT_ONCE + 5)))

    assert statuses.count(503) == 5
    assert (await post(client, TREE.request(0, 5).encode()))[0] == 200


async def test_a_memory_that_vanishes_while_it_runs_stops_that_log(
    client: Client, tmp_path: Path
) -> None:
    await post(client, TREE.request(0, 7).encode())
    (file,) = (tmp_path / "state").glob("*.tree")
    file.rename(tmp_path / "away")

    assert (await post(client, TREE.request(0, 3).encode()))[0] == 500
    assert (await post(client, TREE.request(7, 9).encode()))[0] == 500

    (tmp_path / "away").rename(file)
    assert (await post(client, TREE.request(7, 9).encode()))[0] == 200


@pytest.mark.real
async def test_what_was_cosigned_survives_kill_9(tmp_path: Path) -> None:
    partner = Partner(tmp_path / "birch", "birch")
    await asyncio.to_thread(partner.begin, str(LOG.verifier))
    size = 0
    try:
        for _ in range(3):
            await asyncio.to_thread(partner.start)
            kill = asyncio.create_task(_kill_soon(partner))
            size = await _grow(partner.url, size)
            await kill
            known = State(partner.folder / "state").read(ORIGIN)
            assert known is not None
            assert known.size in {size, size + 1}  # remembered before it is answered
            assert known == BIG.at(known.size)
            size = known.size
    finally:
        partner.stop(signal.SIGKILL)
    assert size > 3
    assert "127.0.0.1" not in (partner.folder / "log").read_text().replace(
        f"http://127.0.0.1:{partner.port}", ""
    )


async def _kill_soon(partner: Partner) -> None:
    await asyncio.sleep(0.5)
    await asyncio.to_thread(partner.stop, signal.SIGKILL)


async def _grow(url: str, size: int) -> int:
    """Ask for one entry more each time until nobody answers; the last size that was signed."""
    async with ClientSession() as session:
        while size < 399:
            request = BIG.request(size, size + 1)
            try:
                async with session.post(f"{url}add-checkpoint", data=request.encode()) as answer:
                    await answer.read()
            except (ClientError, OSError):
                return size
            assert answer.status == 200
            size += 1
    return size


@pytest.mark.real
def test_a_witness_without_its_memory_does_not_start(tmp_path: Path) -> None:
    partner = Partner(tmp_path / "birch", "birch")
    partner.begin(str(LOG.verifier))
    shutil.rmtree(partner.folder / "state")

    done = subprocess.run(
        [*TAMIZDAT, "witness", "--config", partner.settings],
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 2
    assert "second history" in done.stderr
