"""The publisher's side: what it takes from witnesses that are slow, wrong or hostile."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from keys.keyring import Keyring, SignedKeyring
from keys.note import Kind, Note, SigningKey
from keys.policy import Group, Policy, Witness
from keys.tiles import append
from mirror.config import WitnessConfig
from mirror.errors import QuorumError, WitnessAheadError
from mirror.keystore import KeyStore
from mirror.publish import held
from mirror.publish.quorum import Quorum
from mirror.store.database import Database
from mirror.witness import witness as real
from mirror.witness.server import make_app
from mirror.witness.wire import encode_answer
from tests.witness.world import LOG, NOW, ORIGIN, Tree, memory

AT = datetime.fromtimestamp(NOW, UTC)
TREE = Tree(20)
CLOCK = SigningKey(f"{ORIGIN}/clock", Kind.COSIGNATURE, b"c" * 32)
NAMES = ("amber", "birch")
KEYS = {
    name: SigningKey(f"{name}.example/w", Kind.COSIGNATURE, name.encode() * 6 + b"00")
    for name in NAMES
}
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass
class World:
    """A publisher, and two partners of which each answers as its handler says."""

    folder: Path
    database: Database
    stack: AsyncExitStack
    urls: dict[str, str] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)

    async def serve(self, name: str, handler: Handler | None = None) -> None:
        """A hostile witness, or with no handler a real one."""
        if handler is None:
            folder = self.folder / name
            logs = {ORIGIN: (LOG.verifier,)}
            app = make_app(real.Witness(KEYS[name], logs, memory(folder), lambda: float(NOW)))
        else:
            app = web.Application()
            app.router.add_post("/add-checkpoint", handler)
        server = TestServer(app)
        await server.start_server()
        self.stack.push_async_callback(server.close)
        self.urls[name] = str(server.make_url("/"))

    def quorum(self, *, timeout: float = 5, needed: int = 2) -> Quorum:
        every = tuple(Witness(name, KEYS[name].verifier) for name in NAMES)
        policy = Policy(
            (LOG.verifier,),
            (Witness("clock", CLOCK.verifier), *every),
            (Group("fresh", str(needed), ("clock", *NAMES)),),
            "fresh",
        )
        root = SigningKey(f"{ORIGIN}/root/a", Kind.ED25519, b"r" * 32)
        keyring = Keyring(
            origin=ORIGIN,
            version=1,
            expires=date(2030, 1, 1),
            max_age=172_800,
            threshold=1,
            roots=(root.verifier,),
            policy=policy,
        )
        signed = SignedKeyring(Note(keyring.encode(), (root.sign(keyring.encode()),)), keyring)
        configs = [
            WitnessConfig(name=name, url=self.urls[name], timeout=timedelta(seconds=timeout))
            for name in self.urls
        ]
        return Quorum(configs, KeyStore(LOG, CLOCK, (signed,)), self.database)

    async def complete(self, quorum: Quorum, size: int, now: datetime = AT) -> Note:
        self.files = dict(append(0, TREE.entries[:size], self.files.__getitem__).files)
        text = TREE.at(size).encode()
        note = Note(text, (LOG.sign(text), CLOCK.cosign(text, int(now.timestamp()))))
        return await quorum.complete(note, self.files.__getitem__, now)


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    database = await Database.open("sqlite", tmp_path)
    async with AsyncExitStack() as stack:
        stack.push_async_callback(database.close)
        yield World(tmp_path, database, stack)


def names(note: Note) -> list[str]:
    return [line.name for line in note.signatures]


async def test_both_witnesses_are_asked_with_the_right_proof_each_time(world: World) -> None:
    for name in NAMES:
        await world.serve(name)
    quorum = world.quorum()

    for size in (3, 8, 8, 20):
        note = await world.complete(quorum, size)

        assert names(note)[:2] == [LOG.name, CLOCK.name]
        assert set(names(note)[2:]) == {"amber.example/w", "birch.example/w"}
    assert not quorum.failing


async def test_a_witness_that_signed_more_than_we_remember_is_asked_again_with_its_size(
    world: World,
) -> None:
    await world.serve("amber")
    await world.complete(world.quorum(), 5)
    async with world.database.begin() as connection:
        await held.put_sizes(connection, {"amber": 0})

    note = await world.complete(world.quorum(), 9)

    assert "amber.example/w" in names(note)


async def test_one_that_hangs_is_not_waited_for_once_there_are_enough(world: World) -> None:
    async def hang(_: web.Request) -> web.Response:
        await asyncio.sleep(20)
        return web.Response()

    await world.serve("amber")
    await world.serve("birch", hang)
    quorum = world.quorum(timeout=15)
    begun = time.monotonic()

    note = await world.complete(quorum, 5)

    assert time.monotonic() - begun < 6
    assert "amber.example/w" in names(note)
    assert "slower" in quorum.failing["birch"].problem


def answering(body: bytes, status: int = 200, kind: str = "text/plain") -> Handler:
    async def answer(_: web.Request) -> web.Response:
        return web.Response(status=status, body=body, headers={"Content-Type": kind})

    return answer


FIVE = TREE.at(5).encode()


@pytest.mark.parametrize(
    ("handler", "word"),
    [
        (answering(b"busy\n", 503), "status 503: busy"),
        (answering(b""), "signature lines"),
        (answering(b"\xff" * 100), "signature lines"),
        (answering(b"x" * 1_000_000), "signature lines"),
        (answering(encode_answer(LOG.sign(FIVE))), "another key"),
        (answering(encode_answer(KEYS["amber"].cosign(TREE.at(6).encode(), NOW))), "false"),
        (answering(encode_answer(KEYS["amber"].cosign(FIVE, NOW + 3_600))), "its clock, or ours"),
        (answering(encode_answer(KEYS["amber"].cosign(FIVE, NOW - 3_600))), "its clock, or ours"),
        (answering(encode_answer(KEYS["birch"].cosign(FIVE, NOW))), "another key"),
        (answering(b"7\n", 409, "text/x.tlog.size"), "another machine"),
        (answering(b"4\n", 409, "text/x.tlog.size"), "another tree of 4"),
        (answering(b"0\n", 409, "text/x.tlog.size"), "another tree of 0"),
        (answering(b"-1\n", 409, "text/x.tlog.size"), "no size"),
        (answering(b"<html>", 409, "text/html"), "status 409"),
        (answering(b"", 302), "status 302"),
    ],
)
async def test_a_false_answer_is_no_cosignature_and_is_told(
    world: World, handler: Handler, word: str
) -> None:
    await world.serve("amber", handler)
    quorum = world.quorum()

    with pytest.raises(QuorumError) as caught:
        await world.complete(quorum, 5)

    assert word in caught.value.missing["amber"]
    assert "birch" in caught.value.missing
    assert "held" in str(caught.value)


async def test_signatures_that_came_count_when_the_head_is_asked_for_again(world: World) -> None:
    await world.serve("amber")
    with pytest.raises(QuorumError) as first:
        await world.complete(world.quorum(needed=3), 5)
    assert list(first.value.missing) == ["birch"]
    later = AT + timedelta(minutes=5)
    world.urls = {}
    with pytest.raises(QuorumError) as second:
        await world.complete(world.quorum(needed=3), 5, later)
    assert second.value.since == first.value.since == AT
    await world.serve("birch")

    note = await world.complete(world.quorum(needed=3), 5, later)

    assert {"amber.example/w", "birch.example/w"} <= set(names(note))
    async with world.database.begin() as connection:
        assert await held.read(connection) is None


async def test_before_the_first_signature_a_larger_tree_at_a_witness_stops_us(world: World) -> None:
    for name in NAMES:
        await world.serve(name)
    await world.complete(world.quorum(), 9)
    quorum = world.quorum()

    await quorum.look(9)
    await quorum.look(12)
    with pytest.raises(WitnessAheadError, match="9 entries, but ours has 5"):
        await quorum.look(5)


async def test_a_look_at_new_or_silent_witnesses_stops_nobody(world: World) -> None:
    await world.serve("amber")
    world.urls["birch"] = "http://127.0.0.1:9/"

    await world.quorum().look(0)

    assert "amber.example/w" in names(await world.complete(world.quorum(), 3))


async def test_a_witness_that_the_keyring_does_not_name_is_not_asked(world: World) -> None:
    world.urls["stranger"] = "http://127.0.0.1:9/"

    assert world.quorum().names == ()
