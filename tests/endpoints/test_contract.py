"""The one contract, against every kind of mirror."""

import asyncio
import contextlib
import subprocess
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from feeds.paths import proof_path
from mirror.config import MirrorConfig, Secret
from mirror.endpoints.build import build
from mirror.endpoints.dav import DavMirror
from mirror.endpoints.file import FileMirror
from mirror.endpoints.protocol import Mirror
from mirror.errors import EndpointRefusedError, EndpointUnreachableError
from mirror.publish.carrier import Pace
from mirror.publish.outcome import Outcome, Target
from mirror.publish.push import bring_up_to_date
from tests import ftpserver
from tests.endpoints.memory import MemoryMirror
from tests.nginx import Site, free_port, missing, nginx
from tests.publish.library import BASE, Library, article, articles, fronts, picture, whole
from tests.sshd import missing as no_sshd
from tests.sshd import sshd
from tests.swift import Swift

SECONDS = timedelta(seconds=10)
PATHS = (
    "index.html",
    "a/0d/0d31c5e2a90f77b1.html",
    "a/0d/0d31c5e2a90f77b1.html.tlog-proof",
    "log/tile/0/x001/067.p/70",
    "log/checkpoint",
)
real = pytest.mark.real


@contextlib.contextmanager
def dav(folder: Path, *, makes_folders: bool) -> Iterator[Mirror]:
    if missing():
        pytest.skip(missing())
    site = Site(port=free_port(), root=folder, writable=True, makes_folders=makes_folders)
    with nginx(site):
        yield DavMirror("it", site.base.replace("dav", "http") + "sub/dir/", timeout=SECONDS)


@contextlib.contextmanager
def git(folder: Path, *, history: str = "squashed") -> Iterator[Mirror]:
    subprocess.run(["git", "init", "-q", "--bare", folder / "pages.git"], check=True)
    push = f"git:file://{folder}/pages.git?history={history}"
    config = MirrorConfig(name="it", url="https://pages.example/x7k2/", push=push)
    yield build(config, folder / "kept")


@contextlib.contextmanager
def sftp(folder: Path) -> Iterator[Mirror]:
    if no_sshd():
        pytest.skip(no_sshd())
    with sshd() as server:
        yield build(server.config(folder))


@contextlib.contextmanager
def ftp(folder: Path, patch: pytest.MonkeyPatch, kind: str) -> Iterator[Mirror]:
    if ftpserver.missing():
        pytest.skip(ftpserver.missing())
    folder.parent.chmod(0o755)
    start = ftpserver.vsftpd if kind.startswith("vsftpd") else ftpserver.pyftpd
    with start(folder, tls=kind.endswith("TLS")) as server:
        patch.setenv("SSL_CERT_FILE", str(server.certificate))
        patch.setenv("FTP_PASSWORD", ftpserver.PASSWORD)
        user = "" if kind.startswith("vsftpd") else f"{ftpserver.USER}@"
        scheme = "ftps" if kind.endswith("TLS") else "ftp"
        config = MirrorConfig(
            name="it",
            url="https://host.example/",
            push=f"{scheme}://{user}127.0.0.1:{server.port}/pub/x7k2",
            password=Secret(env="FTP_PASSWORD"),
        )
        yield build(config)


def opendal(folder: Path, service: str) -> Mirror:
    more = f"root={folder}/root&atomic_write_dir={folder}/writing" if service == "fs" else ""
    config = MirrorConfig(
        name="it", url="https://cloud.example/", push=f"opendal+{service}:?{more}"
    )
    return build(config)


@pytest.fixture(
    params=[
        "memory",
        "file",
        "OpenDAL's memory",
        "OpenDAL's fs",
        pytest.param("dav", marks=real),
        pytest.param("dav that makes no folders", marks=real),
        pytest.param("pyftpdlib", marks=real),
        pytest.param("pyftpdlib with TLS", marks=real),
        pytest.param("vsftpd", marks=real),
        pytest.param("vsftpd with TLS", marks=real),
        pytest.param("git", marks=real),
        pytest.param("git that keeps its history", marks=real),
        pytest.param("sftp", marks=real),
        pytest.param("s3", marks=real),
    ]
)
async def mirror(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Mirror]:
    with contextlib.ExitStack() as stack:
        made: Mirror
        if request.param == "memory":
            made = MemoryMirror("it")
        elif request.param == "file":
            made = FileMirror("it", tmp_path / "new" / "x7k2")
        elif request.param.startswith("OpenDAL"):
            made = opendal(tmp_path, request.param.rpartition(" ")[2])
        elif "ftpd" in request.param:
            made = stack.enter_context(ftp(tmp_path / "ftp", monkeypatch, request.param))
        elif request.param == "git":
            made = stack.enter_context(git(tmp_path))
        elif request.param == "git that keeps its history":
            made = stack.enter_context(git(tmp_path, history="kept"))
        elif request.param == "s3":
            server: Swift = request.getfixturevalue("s3_server")
            made = build(server.config(tmp_path / "secret", f"{tmp_path.name}/x7k2/"))
        elif request.param == "sftp":
            made = stack.enter_context(sftp(tmp_path / "new" / "x7k2"))
        else:
            (tmp_path / "sub" / "dir").mkdir(parents=True)
            made = stack.enter_context(dav(tmp_path, makes_folders=request.param == "dav"))
        yield made
        await made.close()


async def test_what_was_put_is_got(mirror: Mirror) -> None:
    for path in PATHS:
        await mirror.put(path, path.encode())

    assert [await mirror.get(path, max_bytes=99) for path in PATHS] == [p.encode() for p in PATHS]


async def test_nothing_stands_where_nothing_was_put(mirror: Mirror) -> None:
    assert await mirror.get("log/checkpoint", max_bytes=99) is None


async def test_a_put_replaces_what_stood_there(mirror: Mirror) -> None:
    await mirror.put("index.html", b"old, and longer")
    await mirror.put("index.html", b"new")

    assert await mirror.get("index.html", max_bytes=99) == b"new"


async def test_the_same_bytes_can_be_put_again(mirror: Mirror) -> None:
    await mirror.put("m/ab/ab.webp", b"\x00picture\xff")
    await mirror.put("m/ab/ab.webp", b"\x00picture\xff")

    assert await mirror.get("m/ab/ab.webp", max_bytes=99) == b"\x00picture\xff"


async def test_an_empty_file_is_a_file(mirror: Mirror) -> None:
    await mirror.put("x/empty", b"")

    assert await mirror.get("x/empty", max_bytes=0) == b""


async def test_a_deleted_file_is_gone_and_can_be_deleted_again(mirror: Mirror) -> None:
    await mirror.put("m/ab/ab.webp", b"picture")

    await mirror.delete("m/ab/ab.webp")
    await mirror.delete("m/ab/ab.webp")
    await mirror.delete("m/never/there.webp")

    assert await mirror.get("m/ab/ab.webp", max_bytes=99) is None


async def test_more_bytes_than_asked_for_are_no_usable_answer(mirror: Mirror) -> None:
    await mirror.put("log/checkpoint", b"x" * 100)

    assert await mirror.get("log/checkpoint", max_bytes=100) == b"x" * 100
    with pytest.raises(EndpointUnreachableError):
        await mirror.get("log/checkpoint", max_bytes=99)


@pytest.mark.parametrize("path", ["", "/etc/x", "../x", "a/../../x", "a//x", ".x", "a/.x/y", "a/"])
async def test_no_path_leads_out_of_the_tree(mirror: Mirror, path: str) -> None:
    with pytest.raises(EndpointRefusedError):
        await mirror.put(path, b"x")
    with pytest.raises(EndpointRefusedError):
        await mirror.get(path, max_bytes=9)
    with pytest.raises(EndpointRefusedError):
        await mirror.delete(path)


async def test_many_calls_may_overlap(mirror: Mirror) -> None:
    files = {f"p/{n % 7:02}/{n}.html": b"%d" % n for n in range(200)}

    await asyncio.gather(*(mirror.put(path, data) for path, data in files.items()))

    got = await asyncio.gather(*(mirror.get(path, max_bytes=9) for path in files))
    assert got == list(files.values())


async def test_a_reader_sees_the_old_file_or_the_new_one(mirror: Mirror) -> None:
    old, new = b"a" * 300_000, b"b" * 300_000
    await mirror.put("index.html", old)
    seen: set[bytes | None] = set()

    async def read() -> None:
        while True:
            seen.add(await mirror.get("index.html", max_bytes=300_000))

    reader = asyncio.create_task(read())
    for data in (new, old) * 10:
        await mirror.put("index.html", data)
    reader.cancel()

    assert seen <= {old, new}


async def test_a_put_that_was_cut_short_leaves_the_old_file(mirror: Mirror) -> None:
    await mirror.put("index.html", b"old")

    task = asyncio.create_task(mirror.put("index.html", b"n" * 5_000_000))
    await asyncio.sleep(0.001)
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task

    assert await mirror.get("index.html", max_bytes=5_000_000) in {b"old", b"n" * 5_000_000}


async def test_what_must_go_goes_at_its_time_from_a_mirror_that_was_away_too_and_nothing_else(
    mirror: Mirror,
) -> None:
    library = Library()
    library.publish(
        {**articles(1, 2, 3), **dict([picture(1)])}, {**fronts(1), "s/old.html": b"old"}
    )
    await mirror.put("theirs/notes.txt", b"not ours")
    assert (await push(library, mirror)).problem is None
    superseded = {path for path in library.editions[library.size] if ".p/" in path}
    page, shot = article(2)[0], picture(1)[0]
    for edition in range(2, 6):  # while it is away
        library.publish(
            articles(edition * 10),
            fronts(edition),
            erase=[page, shot, "s/old.html"] if edition == 3 else (),
        )
    library.debts["it"] = set(superseded)  # as ``sweep`` says once full tiles replace them

    assert (await push(library, mirror)).problem is None

    gone = {page, proof_path(page), shot, "s/old.html", *superseded}
    for path in gone:
        assert await mirror.get(path, max_bytes=10_000) is None, path
    for path, data in whole(library).items():
        assert await mirror.get(path, max_bytes=10_000) == data, path
    assert await mirror.get("theirs/notes.txt", max_bytes=99) == b"not ours"
    assert library.debts["it"] == set()


async def push(library: Library, mirror: Mirror) -> Outcome:
    return await bring_up_to_date(
        Target(mirror=mirror, base=BASE, pace=Pace(attempts=2)),
        library,
        verify_head=library.verify,
        now=library.time,
        refresh=timedelta(hours=6),
    )
