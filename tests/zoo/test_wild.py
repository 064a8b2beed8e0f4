"""Mirrors that answer as no honest web server does, and folders with traps in them."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest
from aiohttp import web

from feeds.localise import CANONICAL_BASE, is_localised, localise
from tests.feeds.tree import article, picture
from tests.nginx import Site, free_port, missing, nginx
from tests.served import Answer as Serve
from tests.served import server
from tests.zoo.animals import Cage, write
from tests.zoo.command import Answer, tamizdat
from tests.zoo.newsroom import Newsroom

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(bool(missing()), reason=missing() or "nginx is there"),
]

PAGE = article(1)[0]


@pytest.fixture(scope="module")
def room() -> Newsroom:
    return Newsroom().go_on()


@pytest.fixture
def keyring(room: Newsroom, tmp_path: Path) -> str:
    (tmp_path / "keyring").write_bytes(room.keyring)
    return str(tmp_path / "keyring")


def serve(room: Newsroom, keyring: str, instead: dict[str, Serve]) -> Answer:
    """What is said of an nginx before a server that answers for some files otherwise."""

    async def answer(request: web.Request) -> web.StreamResponse:
        path = request.match_info["path"].removeprefix("x7k2/")
        if path in instead:
            return await instead[path](request)
        data = room.files.get(path)
        if data is None:
            return web.Response(status=404)
        mirror = f"http://127.0.0.1:{port}/x7k2/"
        return web.Response(body=localise(data, mirror) if is_localised(path) else data)

    port = free_port()
    with server(answer) as base:
        front = f"location / {{ proxy_pass {base.removesuffix('x7k2/')}; proxy_buffering off; }}"
        with nginx(Site(port=port, root=Path("/nonexistent"), extra=[front])):
            address = f"http://127.0.0.1:{port}/x7k2/"
            return tamizdat("verify", address, "--keyring", keyring, "--timeout", "1")


async def endless(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse()
    await response.prepare(request)
    while True:
        await response.write(bytes(2**18))


async def dripping(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse()
    await response.prepare(request)
    while True:
        await response.write(b".")
        await asyncio.sleep(0.1)


async def silent(request: web.Request) -> web.StreamResponse:
    assert request
    await asyncio.sleep(60)
    return web.Response()


async def moving_in_circles(request: web.Request) -> web.StreamResponse:
    raise web.HTTPFound(request.path)


@pytest.mark.parametrize(
    ("path", "says"),
    [
        (PAGE, f"{PAGE}: is larger than"),
        (picture()[0], f"{picture()[0]}: is larger than"),
        ("feeds/all.atom", "feeds/all.atom: is larger than"),
        ("log/checkpoint", "log/checkpoint: is larger than"),
        ("log/keys/1", "log/keys/1: is larger than"),
    ],
)
def test_an_endless_file(room: Newsroom, keyring: str, path: str, says: str) -> None:
    answer = serve(room, keyring, {path: endless})

    assert answer.text.startswith("not genuine: ")
    assert says in answer.text
    assert answer.status == 1


@pytest.mark.parametrize(
    ("how", "says"),
    [
        (dripping, "bytes a second"),
        (silent, "gave no answer for 1 seconds"),
        (moving_in_circles, "is moved more than"),
    ],
)
def test_a_file_that_never_comes(room: Newsroom, keyring: str, how: Serve, says: str) -> None:
    answer = serve(room, keyring, {PAGE: how})

    assert answer.text.startswith("could not tell: ")
    assert f"{PAGE}: " in answer.text
    assert says in answer.text
    assert answer.status == 2


def test_an_address_where_nobody_answers(keyring: str) -> None:
    answer = tamizdat("verify", f"http://127.0.0.1:{free_port()}/", "--keyring", keyring)

    assert answer.text.startswith("could not tell: ")
    assert answer.status == 2


def test_an_address_with_another_site(keyring: str) -> None:
    async def page(request: web.Request) -> web.StreamResponse:
        return web.Response(body=b"<html>hello " + request.path.encode())

    with server(page) as base:
        answer = tamizdat("verify", base, "--keyring", keyring)

    assert answer.text.startswith("not genuine: ")
    assert answer.status == 1


def no_trap(_: Path) -> str:
    return "genuine: all 13 files"


def link_out(folder: Path) -> str:
    (folder / PAGE).unlink()
    (folder / PAGE).symlink_to("/etc/passwd")
    return f"{PAGE}: is a symbolic link"


def link_up(folder: Path) -> str:
    (folder / "x").mkdir()
    (folder / "x" / "all").symlink_to("../..")
    return "x/all: is a symbolic link"


def link_for_a_folder(folder: Path) -> str:
    (folder / "log" / "keys").rename(folder.parent / "keys")
    (folder / "log" / "keys").symlink_to(folder.parent / "keys")
    return "log/keys: is a symbolic link"


def test_an_nginx_that_follows_a_link_out_of_its_folder(
    room: Newsroom, keyring: str, tmp_path: Path
) -> None:
    port = free_port()
    address = f"http://127.0.0.1:{port}/"
    write(Cage(room, dict(room.files)), tmp_path / "site", address)
    link_out(tmp_path / "site")

    with nginx(Site(port=port, root=tmp_path / "site")):
        answer = tamizdat("verify", address, "--keyring", keyring)

    assert answer.text.startswith("not genuine: ")
    assert f"{PAGE}: is not what was published" in answer.text
    assert answer.status == 1


def forged_and_extra(folder: Path) -> str:
    path, page = article(77, "never published")
    (folder / path).parent.mkdir(exist_ok=True)
    (folder / path).write_bytes(page)
    return f"{path}: was not published"


def zeros(folder: Path) -> str:
    with (folder / picture()[0]).open("wb") as stream:
        stream.truncate(10 * 2**30)
    return f"{picture()[0]}: is larger than"


def escape_codes(folder: Path) -> str:
    (folder / "\x1b[2Jgenuine").touch()
    return "has a name that no mirror can hold"


@pytest.mark.parametrize(
    "trap", [no_trap, link_out, link_up, link_for_a_folder, forged_and_extra, zeros, escape_codes]
)
def test_a_folder_with_a_trap(
    room: Newsroom, keyring: str, tmp_path: Path, trap: Callable[[Path], str]
) -> None:
    folder = tmp_path / "stick"
    write(Cage(room, dict(room.files)), folder, CANONICAL_BASE)
    says = trap(folder)

    answer = tamizdat("verify", str(folder), "--keyring", keyring)

    assert answer.text.startswith("genuine: " if trap is no_trap else "not genuine: ")
    assert says in answer.text
    assert "\x1b" not in answer.text
    assert answer.status == (0 if trap is no_trap else 1)
