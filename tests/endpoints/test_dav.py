"""What only a WebDAV server can do wrong, and what it is told of us."""

import getpass
import os
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from feeds.paths import CHECKPOINT
from mirror.config import MirrorConfig, Secret
from mirror.endpoints.build import build
from mirror.endpoints.dav import DavMirror
from mirror.errors import EndpointError, EndpointRefusedError, EndpointUnreachableError
from tests.endpoints.wire import Answer, Wire, hang, slam, status, trickle, wire
from tests.nginx import Site, free_port, missing, nginx

PASSWORD = "correct-horse"  # noqa: S105 - looked for in everything that we say
SECONDS = timedelta(seconds=0.3)


@asynccontextmanager
async def against(answer: Answer) -> AsyncIterator[tuple[DavMirror, Wire]]:
    """A mirror whose server always gives that answer."""
    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(wire(answer))
        address = f"http://127.0.0.1:{server.port}/x7k2/"
        mirror = DavMirror("dav", address, user="editor", password=PASSWORD, timeout=SECONDS)
        stack.push_async_callback(mirror.close)
        yield mirror, server


@pytest.mark.parametrize("code", [400, 401, 403, 405, 413, 415, 507, 301, 302, 307])
async def test_a_no_is_a_no(code: int) -> None:
    async with against(status(code, "Location: http://127.0.0.1:1/elsewhere")) as (mirror, server):
        with pytest.raises(EndpointRefusedError, match=f"PUT index.html: {code}") as caught:
            await mirror.put("index.html", b"front")

    assert PASSWORD not in str(caught.value)
    assert len(server.heads) == 1


@pytest.mark.parametrize("code", [408, 423, 425, 429, 502, 503, 504])
async def test_what_may_pass_is_worth_another_attempt(code: int) -> None:
    async with against(status(code)) as (mirror, _):
        with pytest.raises(EndpointUnreachableError, match=f"PUT index.html: {code}"):
            await mirror.put("index.html", b"front")


@pytest.mark.parametrize("code", [401, 403, 301])
async def test_a_head_that_may_not_be_read_is_not_taken_for_none(code: int) -> None:
    async with against(status(code)) as (mirror, _):
        with pytest.raises(EndpointRefusedError):
            await mirror.get(CHECKPOINT, max_bytes=99)


@pytest.mark.parametrize("answer", [hang, trickle, slam])
@pytest.mark.parametrize("verb", ["get", "put", "delete"])
async def test_a_bad_line_is_told_as_one(answer: Answer, verb: str) -> None:
    async with against(answer) as (mirror, _):
        calls: dict[str, Callable[[], Awaitable[object]]] = {
            "get": lambda: mirror.get(CHECKPOINT, max_bytes=10_000),
            "put": lambda: mirror.put("index.html", b"front"),
            "delete": lambda: mirror.delete("index.html"),
        }
        if answer is trickle and verb != "get":
            await calls[verb]()  # the status is all that these wait for
            return
        with pytest.raises(EndpointUnreachableError) as caught:
            await calls[verb]()

    assert PASSWORD not in str(caught.value)


async def test_nobody_listening_is_told_as_that() -> None:
    mirror = DavMirror("dav", f"http://127.0.0.1:{free_port()}/", timeout=SECONDS)

    with pytest.raises(EndpointUnreachableError, match="no connection"):
        await mirror.put("index.html", b"front")

    await mirror.close()


async def test_a_name_that_is_not_found_is_told_as_that() -> None:
    mirror = DavMirror("dav", "http://nowhere.invalid/", timeout=timedelta(seconds=5))

    with pytest.raises(EndpointUnreachableError, match=r"host name is not found|no answer"):
        await mirror.put("index.html", b"front")

    await mirror.close()


async def test_a_host_learns_nothing_of_us_but_the_files() -> None:
    async with against(status(201)) as (mirror, server):
        await mirror.put("feeds/all.rss", b"<rss/>")
        await mirror.delete("m/ab/x.webp")

    sent = "".join(server.heads).lower()
    for word in ("aiohttp", "python", "tamizdat", socket.gethostname(), getpass.getuser(), "date:"):
        assert word.lower() not in sent
    assert os.uname().release not in sent
    assert "content-type: application/xml" in sent


async def test_the_answer_to_an_error_shows_no_password(capsys: pytest.CaptureFixture[str]) -> None:
    said = ""
    for answer in (status(401), status(500), slam, hang):
        async with against(answer) as (mirror, _):
            for call in (
                mirror.put("a/b/c.html", b""),
                mirror.delete("x"),
                mirror.get("x", max_bytes=1),
            ):
                with pytest.raises(EndpointError) as caught:
                    await call
                said += str(caught.value) + repr(caught.value) + repr(mirror)

    assert PASSWORD not in said + "".join(capsys.readouterr())
    assert "editor" not in said


@pytest.mark.real
async def test_user_and_password_of_the_config_are_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if missing():
        pytest.skip(missing())
    users = tmp_path / "users"
    users.write_text(f"editor:{{PLAIN}}{PASSWORD}\n")
    monkeypatch.setenv("DAV_PASSWORD", PASSWORD)
    site = Site(port=free_port(), root=tmp_path / "root", writable=True, users=users)
    push = f"dav://editor@127.0.0.1:{site.port}/x7k2"
    secret = Secret(env="DAV_PASSWORD")
    right = build(MirrorConfig(name="right", url=site.base, push=push, password=secret))
    wrong = build(MirrorConfig(name="wrong", url=site.base, push=push))
    with nginx(site):
        await right.put("index.html", b"front")
        with pytest.raises(EndpointRefusedError, match="set the user"):
            await wrong.put("index.html", b"forged")
    await right.close()
    await wrong.close()

    assert (site.root / "x7k2/index.html").read_bytes() == b"front"


@pytest.mark.real
@pytest.mark.parametrize("makes_folders", [True, False])
async def test_a_folder_costs_requests_only_once(tmp_path: Path, *, makes_folders: bool) -> None:
    if missing():
        pytest.skip(missing())
    site = Site(
        port=free_port(), root=tmp_path / "root", writable=True, makes_folders=makes_folders
    )
    with nginx(site) as server:
        mirror = DavMirror("dav", site.base, timeout=timedelta(seconds=5))
        for number in range(10):
            await mirror.put(f"a/0d/{number}.html", b"x")
        await mirror.close()
        requests = server.requests()

    assert len(requests) == (10 if makes_folders else 13)  # one PUT in vain, and two MKCOL


@pytest.mark.real
async def test_a_folder_that_was_removed_is_made_again(tmp_path: Path) -> None:
    if missing():
        pytest.skip(missing())
    site = Site(port=free_port(), root=tmp_path / "root", writable=True, makes_folders=False)
    with nginx(site):
        mirror = DavMirror("dav", site.base, timeout=timedelta(seconds=5))
        await mirror.put("a/0d/1.html", b"x")
        (site.root / "a/0d/1.html").unlink()
        (site.root / "a/0d").rmdir()
        with pytest.raises(EndpointUnreachableError):
            await mirror.put("a/0d/2.html", b"x")
        await mirror.put("a/0d/2.html", b"x")
        await mirror.close()

    assert (site.root / "a/0d/2.html").read_bytes() == b"x"


@pytest.mark.real
async def test_a_file_that_the_host_finds_too_large_is_refused_with_a_remedy(
    tmp_path: Path,
) -> None:
    if missing():
        pytest.skip(missing())
    site = Site(port=free_port(), root=tmp_path / "root", writable=True, max_body="10k")
    with nginx(site):
        mirror = DavMirror("dav", site.base, timeout=timedelta(seconds=5))
        with pytest.raises(EndpointRefusedError, match="limit on the size"):
            await mirror.put("m/ab/x.webp", b"x" * 20_000)
        await mirror.close()
