"""What every kind of mirror shows of us: what a host is told, and what a failing push tells here.

A kind that is added must be added here too.
"""

import asyncio
import base64
import contextlib
import getpass
import logging
import os
import re
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest

from mirror import logs
from mirror.config import MirrorConfig, Secret
from mirror.endpoints.build import KINDS, build
from mirror.endpoints.protocol import Mirror
from mirror.publish.carrier import Pace
from mirror.publish.outcome import Outcome, Target
from mirror.publish.push import bring_up_to_date
from tests.endpoints.wire import status, wire
from tests.ftpserver import pyftpd
from tests.gitserver import repository
from tests.publish.library import BASE, Library, articles, fronts, picture, whole
from tests.sshd import sshd

pytestmark = pytest.mark.real

PASSWORD = "correct/horse+battery"  # noqa: S105 - looked for in everything that is said
FORMS = (  # in which it goes over a line
    PASSWORD,
    base64.b64encode(f"editor:{PASSWORD}".encode()).decode(),
    base64.b64encode(PASSWORD.encode()).decode(),
)
PACE = Pace(attempts=1, timeout=timedelta(seconds=10))

PUSH = {  # an address of each kind that has a secret, for a host on a port of this machine
    "dav": "dav://editor@127.0.0.1:{port}/x7k2/",
    "davs": "davs://editor@127.0.0.1:{port}/x7k2/",
    "ftp": "ftp://editor@127.0.0.1:{port}/x7k2/",
    "ftps": "ftps://editor@127.0.0.1:{port}/x7k2/",
    "git": "git:http://editor@127.0.0.1:{port}/x7k2.git",
    "git by ssh": "git:ssh://editor@127.0.0.1:{port}/x7k2.git?host-key=SHA256:" + "A" * 43,
    "opendal": "opendal+swift:?endpoint=http://127.0.0.1:{port}/v1/A&container=c&secret=token",
    "s3": "s3://editor@bucket/x7k2/?endpoint=http://127.0.0.1:{port}",
    "sftp": "sftp://editor@127.0.0.1:{port}/x7k2/?host-key=SHA256:" + "A" * 43,
}
SPEAK_HTTP = ("dav", "git", "opendal", "s3")


def test_every_kind_is_looked_at() -> None:
    assert {kind.partition(" ")[0] for kind in PUSH} | {"file"} == set(KINDS)


@pytest.fixture
def library() -> Library:
    made = Library()
    made.publish({**articles(1, 2, 3), **dict([picture(1)])}, fronts(1))
    return made


async def push(library: Library, mirror: Mirror) -> Outcome:
    return await bring_up_to_date(
        Target(mirror=mirror, base=BASE, pace=PACE),
        library,
        verify_head=library.verify,
        now=library.time,
        refresh=timedelta(hours=6),
    )


def built(push_to: str, folder: Path, password: str = PASSWORD) -> Mirror:
    (folder / "password").write_text(password)
    secret = None if push_to.startswith("file") else Secret(file=folder / "password")
    config = MirrorConfig(name="it", url=BASE, push=push_to, password=secret)
    return build(config, folder / "kept")


def ours(folder: Path) -> Iterator[str]:
    """Words that say who and where we are, and what runs here."""
    yield from ("tamizdat", "python", "aiohttp", "asyncssh", "aioftp", "opendal", "dulwich")
    yield from (socket.gethostname(), os.uname().release, str(folder), str(Path.home()))
    if getpass.getuser() != "root":  # stands in every public answer of SSH and git
        yield getpass.getuser()


# What a host is told.


@pytest.mark.parametrize("kind", SPEAK_HTTP)
async def test_no_header_says_who_we_are_or_what_runs_here(
    kind: str, tmp_path: Path, library: Library
) -> None:
    async with wire(status(404)) as server:
        mirror = built(PUSH[kind].format(port=server.port), tmp_path)
        await push(library, mirror)
        for call in (
            mirror.put("feeds/all.rss", b"<rss/>"),
            mirror.put("index.html", b"<p>front"),
            mirror.delete("index.html"),
        ):
            with contextlib.suppress(Exception):
                await call
        await mirror.close()

    said = "\n".join(server.heads).lower()
    assert said
    assert not [word for word in ours(tmp_path) if word.lower() in said]
    names = {line.partition(":")[0] for head in server.heads for line in head.split("\r\n")[1:]}
    times = {name for name in map(str.lower, names) if "date" in name or "modified" in name}
    assert times <= {"x-amz-date"}  # a signature is good for minutes, so it must say when


async def test_an_ftp_server_is_told_user_and_paths_and_nothing_else(
    tmp_path: Path, library: Library
) -> None:
    with pyftpd(tmp_path / "root") as server:
        address = f"ftp://editor@127.0.0.1:{server.port}/x7k2/"
        mirror = built(address, tmp_path, "correct-horse")
        assert (await push(library, mirror)).problem is None
        await mirror.close()
        said = server.asked()

    assert {line.partition(" ")[0] for line in said} == {
        "USER", "PASS", "TYPE", "EPSV", "RETR", "STOR", "SIZE", "MKD", "RNFR", "RNTO",
    }  # fmt: skip
    named = re.compile(r"(x7k2/)?((?:[\w-][\w.-]*/)*)(\.[0-9a-f]{32}|\.?[\w-][\w.-]*)|editor|I|…|")
    assert not [line for line in said if not named.fullmatch(line.partition(" ")[2])]
    assert not [word for word in ours(tmp_path) if word.lower() in "\n".join(said).lower()]
    assert files(tmp_path / "root/x7k2") == whole(library)


async def test_an_sftp_server_is_told_no_time_and_no_owner(
    tmp_path: Path, library: Library
) -> None:
    log = tmp_path / "sftp.log"
    program = tmp_path / "sftp-server"
    program.write_text(f"#!/bin/sh\nexec /usr/lib/openssh/sftp-server -e -l DEBUG3 2>>{log}\n")
    program.chmod(0o755)
    with sshd(sftp_server=str(program)) as server:
        mirror = build(server.config(tmp_path / "root"))
        assert (await push(library, mirror)).problem is None
        await mirror.close()

    said = log.read_text()
    assert 'open "' in said
    assert not re.findall(r"^.*(?:modtime|owner|utimes|\bset \").*$", said, re.MULTILINE)
    assert files(tmp_path / "root") == whole(library)


async def test_a_commit_names_nobody_and_no_time_but_that_of_the_head(
    tmp_path: Path, library: Library
) -> None:
    theirs = repository(tmp_path / "pages.git")
    mirror = built(f"git:file://{theirs.folder}", tmp_path)
    assert (await push(library, mirror)).problem is None
    await mirror.close()

    commit = theirs.git("cat-file", "commit", "pages").splitlines()
    seconds = int(library.time.timestamp())
    nobody = f"mirror <mirror@mirror.invalid> {seconds} +0000"
    assert commit[1:] == [f"author {nobody}", f"committer {nobody}", "", "Update"]
    assert theirs.files() == whole(library) | {".nojekyll": b""}


async def test_a_folder_holds_the_tree_and_nothing_else(tmp_path: Path, library: Library) -> None:
    mirror = built(f"file://{tmp_path}/root", tmp_path)
    assert (await push(library, mirror)).problem is None
    await mirror.close()

    assert files(tmp_path / "root") == whole(library)


# What a failing push tells here.


@dataclass
class Heard:
    """All that was said while a push failed.

    Attributes:
        commands: What every process of this machine was called with meanwhile.
    """

    commands: set[bytes] = field(default_factory=set)


async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """The worst that a host can do: it says what it was told back to us, as an error."""
    writer.write(b"220 SSH-2.0-x\r\n")
    with contextlib.suppress(OSError):
        while data := await reader.read(65_536):
            shown = data.replace(b"\r", b" ").replace(b"\n", b" ")
            basic = re.search(rb"Basic (\S+)", data)
            shown += base64.b64decode(basic[1]) if basic else b""
            if b"HTTP/1.1" in data:
                head = b"HTTP/1.1 500 %s\r\nContent-Type: text/plain\r\nX-Error: %s\r\n"
                writer.write(head % (shown, shown))
                writer.write(b"Content-Length: %d\r\n\r\n%s" % (len(shown), shown))
            else:
                code = b"331" if data.startswith(b"USER") else b"530"
                writer.write(b"%s %s\r\n" % (code, shown))
            await writer.drain()
    writer.close()


async def slam(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """The connection is closed at once."""
    writer.close()


Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@contextlib.asynccontextmanager
async def serving(serve: Serve) -> AsyncIterator[int]:
    tasks: set[asyncio.Task[None]] = set()

    async def one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.closing(writer), contextlib.suppress(OSError, asyncio.CancelledError):
            await serve(reader, writer)

    def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        tasks.add(asyncio.create_task(one(reader, writer)))

    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


@contextlib.asynccontextmanager
async def listening_to_processes() -> AsyncIterator[Heard]:
    heard = Heard()

    async def listen() -> None:
        while True:
            heard.commands.update(_commands())
            await asyncio.sleep(0.005)

    task = asyncio.create_task(listen())
    try:
        yield heard
    finally:
        task.cancel()


@pytest.mark.parametrize("serve", [echo, slam])
@pytest.mark.parametrize("kind", PUSH)
async def test_no_secret_is_in_a_log_an_error_or_a_command_of_a_push_that_fails(
    kind: str,
    serve: Serve,
    tmp_path: Path,
    library: Library,
    capfd: pytest.CaptureFixture[str],
) -> None:
    logs.set_up(verbose=True)
    logging.getLogger().setLevel(logging.DEBUG)  # what libraries say to developers too
    async with serving(serve) as port, listening_to_processes() as heard:
        mirror = built(PUSH[kind].format(port=port), tmp_path)
        outcome = await push(library, mirror)
        logging.getLogger("test").error("%r %s", mirror, outcome)
        await mirror.close()

    told = capfd.readouterr()
    said = told.out + told.err + repr(outcome) + repr(mirror)
    assert outcome.problem
    assert "mirror it" in said
    for form in FORMS:
        assert form not in said
        assert not [line for line in heard.commands if form.encode() in line]


@pytest.mark.parametrize("kind", PUSH)
async def test_a_mistake_of_this_program_tells_no_secret(
    kind: str,
    tmp_path: Path,
    library: Library,
    capfd: pytest.CaptureFixture[str],
) -> None:
    logs.set_up(verbose=True)
    mirror = built(PUSH[kind].format(port=1), tmp_path)

    async def broken(path: str, *, max_bytes: int) -> bytes | None:
        raise RuntimeError(f"{path} {max_bytes} {mirror!r}")

    mirror.get = broken  # type: ignore[method-assign]
    outcome = await push(library, mirror)
    await mirror.close()

    said = "".join(capfd.readouterr()) + repr(outcome)
    assert "mirror.push_broke" in said
    for form in FORMS:
        assert form not in said


def files(place: Path) -> dict[str, bytes]:
    return {
        str(file.relative_to(place)): file.read_bytes()
        for file in place.rglob("*")
        if file.is_file()
    }


def _commands() -> Iterator[bytes]:
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            yield file.read_bytes()
