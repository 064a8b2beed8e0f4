"""Requests and answers of SFTP, on a wire that a server may fill with anything."""

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from struct import Struct, pack
from typing import Final

import asyncssh
import pytest

from mirror.config import MirrorConfig
from mirror.endpoints.sftp import SftpMirror
from mirror.endpoints.sftp_channel import MOST_BYTES, VERSION, string
from mirror.endpoints.sftp_session import PIECE
from mirror.errors import EndpointUnreachableError
from tests.sshd import missing, sshd

HEAD: Final = Struct(">IBI")
INIT, VERSION_IS, OPEN, HANDLE, STATUS, DATA, ATTRIBUTES = 1, 2, 3, 102, 101, 103, 105


def message(kind: int, number: int, body: bytes) -> bytes:
    return HEAD.pack(5 + len(body), kind, number) + body


@dataclass
class Server(asyncssh.SSHServer):
    """An SSH server whose SFTP says what a test wants.

    Attributes:
        says: What it answers a request with, by kind and number; ``None`` ends the session.
        asked: How many requests came with each read.
    """

    says: Callable[[int, int], bytes | None]
    asked: list[int] = field(default_factory=list)

    def begin_auth(self, username: str) -> bool:
        del username
        return False

    def session_requested(self) -> "asyncssh.SSHServerSession[bytes]":
        return Session(self)


class Session(asyncssh.SSHServerSession[bytes]):
    def __init__(self, server: Server) -> None:
        self.server = server
        self.come = b""
        self.channel: asyncssh.SSHServerChannel[bytes] | None = None

    def connection_made(self, chan: "asyncssh.SSHServerChannel[bytes]") -> None:
        self.channel = chan

    def subsystem_requested(self, subsystem: str) -> bool:
        return subsystem == "sftp"

    def data_received(self, data: bytes, datatype: int | None) -> None:
        del datatype
        assert self.channel is not None
        self.come += data
        self.server.asked.append(0)
        while len(self.come) >= HEAD.size and len(self.come) >= 4 + HEAD.unpack_from(self.come)[0]:
            length, kind, number = HEAD.unpack_from(self.come)
            self.come = self.come[4 + length :]
            self.server.asked[-1] += 1
            hello = message(VERSION_IS, VERSION, b"")
            answer = hello if kind == INIT else self.server.says(kind, number)
            if answer is None:
                self.channel.close()
                return
            self.channel.write(answer)


@contextlib.asynccontextmanager
async def mirror_at(server: Server) -> AsyncIterator[SftpMirror]:
    key = asyncssh.generate_private_key("ssh-ed25519")
    door = await asyncssh.listen(
        "127.0.0.1", 0, server_factory=lambda: server, server_host_keys=[key], encoding=None
    )
    place = f"editor@127.0.0.1:{door.get_port()}/srv?host-key={key.get_fingerprint()}"
    config = {"name": "it", "url": "https://a.example/", "push": f"sftp://{place}"}
    mirror = SftpMirror.build(MirrorConfig.model_validate({**config, "timeout": "5s"}))
    yield mirror
    await mirror.close()
    door.close()
    await door.wait_closed()


@pytest.mark.parametrize(
    "nonsense",
    [
        b"Welcome to our host, editor!\r\n",
        HEAD.pack(MOST_BYTES + 1, HANDLE, 0),
        HEAD.pack(4, HANDLE, 0),
        message(HANDLE, 9_999, string(b"h")),  # nobody asked that
    ],
)
async def test_what_is_no_answer_ends_the_connection_and_the_push_goes_on(nonsense: bytes) -> None:
    said = [nonsense]
    missing_file = pack(">I", 2) + string(b"") * 2

    def says(kind: int, number: int) -> bytes:
        del kind
        return said.pop() if said else message(STATUS, number, missing_file)

    async with mirror_at(Server(says)) as mirror:
        with pytest.raises(EndpointUnreachableError, match="closed"):
            await mirror.get("index.html", max_bytes=9)

        assert await mirror.get("index.html", max_bytes=9) is None


@pytest.mark.parametrize(
    "body", [b"", b"\0\0\0", pack(">I", 9) + b"cut", string(b"h") + b"more"], ids=repr
)
async def test_an_answer_that_is_cut_short_is_no_usable_one(body: bytes) -> None:
    server = Server(lambda _, number: message(HANDLE, number, body))

    async with mirror_at(server) as mirror:
        with pytest.raises(EndpointUnreachableError):
            await mirror.get("index.html", max_bytes=9)


async def test_a_file_that_is_shorter_than_it_says_is_told() -> None:
    bodies = {
        OPEN: (HANDLE, string(b"h")),
        8: (ATTRIBUTES, pack(">IQ", 1, 2 * PIECE)),
        5: (STATUS, pack(">I", 1) + string(b"") * 2),
        4: (STATUS, pack(">I", 0) + string(b"") * 2),
    }

    def says(kind: int, number: int) -> bytes:
        answer, body = bodies[kind]
        return message(answer, number, body)

    async with mirror_at(Server(says)) as mirror:
        with pytest.raises(EndpointUnreachableError, match="cut short"):
            await mirror.get("index.html", max_bytes=3 * PIECE)


async def test_a_session_that_ends_is_told_to_all_who_wait() -> None:
    server = Server(lambda _, __: None)

    async with mirror_at(server) as mirror:
        puts = (mirror.put(f"a/0d/{n}.html", b"x") for n in range(9))
        answers = await asyncio.gather(*puts, return_exceptions=True)

    assert all(isinstance(answer, EndpointUnreachableError) for answer in answers)


async def test_what_is_asked_at_once_leaves_together() -> None:
    missing_file = pack(">I", 2) + string(b"") * 2
    server = Server(lambda _, number: message(STATUS, number, missing_file))

    async with mirror_at(server) as mirror:
        await mirror.get("index.html", max_bytes=9)
        await asyncio.gather(*(mirror.get(f"a/0d/{n}.html", max_bytes=9) for n in range(50)))

    assert max(server.asked) == 50


async def test_folders_cost_no_round_trip_of_their_own(tmp_path: Path) -> None:
    if missing():
        pytest.skip(missing())
    with sshd() as server:
        mirror = SftpMirror.build(server.config(tmp_path))
        await mirror.put("a/00/1.html", b"x")
        (tmp_path / "a/00/1.html").unlink()
        (tmp_path / "a/00").rmdir()
        await mirror.put("a/00/1.html", b"gone and made again")
        await asyncio.gather(*(mirror.put(f"a/{n:02x}/1.html", b"y") for n in range(1, 40)))
        await mirror.close()

    assert (tmp_path / "a/00/1.html").read_bytes() == b"gone and made again"
    assert sum(len(names) for _, _, names in os.walk(tmp_path)) == 40
