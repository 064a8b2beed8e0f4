"""``tamizdat mirrors add``: a place is tried before it is believed."""

import contextlib
import os
import pty
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from mirror.cli.mirrors_ask import KINDS
from mirror.config import load_file
from mirror.config.adding import Setting, beneath, block, with_block
from tests.cli.rooms import Command
from tests.nginx import Site, free_port, nginx
from tests.service.room import Room

pytestmark = pytest.mark.real

PIN = "SHA256:" + "a" * 43
PAGES = ("types { text/html html; application/rss+xml rss; }",)


@contextlib.contextmanager
def host(folder: Path, *, extra: Sequence[str] = PAGES) -> Iterator[Site]:
    """A web server for readers that takes files by WebDAV too."""
    site = Site(port=free_port(), root=folder, writable=True, extra=extra)
    with nginx(site):
        yield site


def text_of(room: Room) -> str:
    return (room.folder / "config.toml").read_text()


def files_in(folder: Path) -> list[str]:
    return [str(path) for path in folder.rglob("*") if path.is_file()]


def test_a_place_that_works_is_written_into_the_file_and_pushed_to(
    room: Room, command: Command, tmp_path: Path
) -> None:
    with host(tmp_path / "www", extra=(*PAGES, "gzip on;", "keepalive_timeout 0;")) as site:
        push = site.base.replace("http", "dav")

        status, told = command("mirrors", "add", "new", "--push", push, "--url", site.base)

        assert status == 0, told
        assert "read over the public address" in told
        assert files_in(tmp_path / "www") == []
        mirror = load_file(room.folder / "config.toml").mirrors[-1]
        assert (mirror.name, mirror.compresses, mirror.closes) == ("new", True, True)
        word = re.fullmatch(rf"{re.escape(site.base)}([0-9a-f]{{10}})/", mirror.url)
        assert word
        assert mirror.push == f"{push}{word[1]}/"
        assert command("mirrors", "push", "new")[0] == 0
        assert command("mirrors", "check", "new")[0] == 0
    assert text_of(room).startswith(room.text.rstrip())


def test_what_a_web_server_lacks_is_said_with_the_remedy(
    room: Room, command: Command, tmp_path: Path
) -> None:
    lacking = ("gzip off;", "types { text/html html; }", "default_type text/plain;")
    with host(tmp_path / "www", extra=lacking) as site:
        push = f"file:{tmp_path / 'www'}"

        status, told = command("mirrors", "add", "new", "--push", push, "--url", site.base)

    assert status == 0
    assert "it serves .rss as text/plain; application/rss+xml is right" in told
    assert "Let its web server compress pages" in told
    assert "Let it close each connection" in told
    mirror = load_file(room.folder / "config.toml").mirrors[-1]
    assert (mirror.compresses, mirror.closes) == (False, False)


@pytest.mark.parametrize(
    ("extra", "said"),
    [
        (("types { text/plain html; }",), "calls a page text/plain and not text/html"),
        ((*PAGES, "sub_filter '</p>' '</p><script></script>';"), "changes pages or adds to them"),
        ((*PAGES, "location ~ html { return 404; }"), "is not at its public address after 2 sec"),
        ((*PAGES, "location / { return 503; }"), "status 503"),
    ],
)
def test_a_place_that_would_fail_readers_is_not_added(
    room: Room, command: Command, tmp_path: Path, extra: tuple[str, ...], said: str
) -> None:
    before = text_of(room)
    with host(tmp_path / "www", extra=extra) as site:
        push = f"file:{tmp_path / 'www'}"

        status, told = command(
            "mirrors", "add", "new", "--push", push, "--url", site.base, "--patience", "2"
        )

    assert status == 2
    assert said in told
    assert text_of(room) == before
    assert files_in(tmp_path / "www") == []


def test_a_name_that_is_taken_is_a_mistake_before_anything_is_tried(
    room: Room, command: Command
) -> None:
    before = text_of(room)

    status, told = command(
        "mirrors", "add", "one", "--push", "file:x", "--url", "https://x.example/"
    )

    assert status == 2
    assert '[[mirror]] 1 and 3 name: have the same name "one"' in told
    assert text_of(room) == before


def test_where_nobody_can_be_asked_it_says_what_to_give(command: Command) -> None:
    status, told = command("mirrors", "add", "new")

    assert status == 2
    assert "there is nobody to ask here: give --push, --url" in told


def test_on_a_terminal_it_asks_what_the_kind_needs(room: Room, tmp_path: Path) -> None:
    users, root = tmp_path / "users", tmp_path / "www"
    users.write_text("editor:{PLAIN}correct-horse\n")
    writing = Site(port=free_port(), root=root, writable=True, users=users)
    reading = Site(port=free_port(), root=root, extra=PAGES)
    with nginx(writing, reading):
        status, told = on_a_terminal(
            room.folder / "config.toml",
            ("Short name", "new"),
            ("Number", "2"),
            ("address for writing", writing.base),
            ("User", "editor"),
            ("or there is none): ", "correct-horse"),
            ("for readers", reading.base),
        )

    assert status == 0, told
    assert "What kind of place is it?" in told
    mirror = load_file(room.folder / "config.toml").mirrors[-1]
    assert mirror.push.startswith(f"dav://editor@127.0.0.1:{writing.port}/")
    assert mirror.password
    assert mirror.password.read() == "correct-horse"
    assert (room.folder / "new.password").stat().st_mode & 0o777 == 0o600
    assert "correct-horse" not in told
    assert "correct-horse" not in text_of(room)


def on_a_terminal(config: Path, *exchange: tuple[str, str]) -> tuple[int, str]:
    """Run `mirrors add` on a terminal of its own; when it asks, type the answer."""
    ours, theirs = pty.openpty()
    program = "from mirror.cli.main import main; main()"
    words = [sys.executable, "-c", program, "mirrors", "add", "--config", str(config)]
    process = subprocess.Popen(
        words, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True
    )
    os.close(theirs)
    waiting = list(exchange)
    told, since = "", 0
    try:
        with contextlib.suppress(OSError):  # the other side is closed
            while data := os.read(ours, 4096):
                told += data.decode()
                if waiting and waiting[0][0] in told[since:]:
                    since = len(told)
                    os.write(ours, f"{waiting.pop(0)[1]}\n".encode())
        return process.wait(60), told
    finally:
        process.kill()
        process.wait()
        os.close(ours)


def test_a_block_is_toml_that_reads_back(small_config: Path) -> None:
    text = small_config.read_text()
    settings: dict[str, Setting] = {
        "name": "new",
        "url": "https://x.example/y/",
        "push": "file:///srv/ü",
        "password": {"env": "X"},
        "listed": False,
        "audit": 7,
    }

    whole, mirror = with_block(text, small_config, block(settings, 'rate = "1MB"'))

    assert whole.startswith(text.rstrip())
    assert (mirror.name, mirror.listed, mirror.audit, mirror.rate) == ("new", False, 7, 1_000_000)
    assert mirror.password
    assert mirror.password.env == "X"


@pytest.mark.parametrize(
    ("address", "longer"),
    [
        ("https://x.example/", "https://x.example/w/"),
        ("file:www", "file:www/w"),
        ("file:///srv/www/", "file:///srv/www/w"),
        ("s3://bucket/a?endpoint=https://h", "s3://bucket/a/w/?endpoint=https://h"),
        ("git:https://me@h/x.git", "git:https://me@h/x.git?folder=w"),
        ("git:https://h/x.git?folder=a&branch=b", "git:https://h/x.git?branch=b&folder=a/w"),
        ("opendal+gcs:?bucket=b", "opendal+gcs:?bucket=b&root=/w"),
        ("opendal+gcs:?root=/a/&bucket=b", "opendal+gcs:?bucket=b&root=/a/w"),
    ],
)
def test_a_random_word_goes_into_the_path(address: str, longer: str) -> None:
    assert beneath(address, "w") == longer


@pytest.mark.parametrize(
    ("scheme", "answers", "push"),
    [
        ("file", ("up/a b",), "file:up/a%20b"),
        ("davs", ("https://h.example/x/", "me"), "davs://me@h.example/x/"),
        ("davs", ("h.example/x", ""), "davs://h.example/x"),
        ("sftp", ("h:22", "me", "/srv/www", PIN), f"sftp://me@h:22/srv/www/?host-key={PIN}"),
        (
            "s3",
            ("https://s3.example", "bucket", "", "KEY"),
            "s3://KEY@bucket/?endpoint=https://s3.example",
        ),
        ("git", ("https://me@h/x.git", "pages"), "git:https://me@h/x.git?branch=pages"),
        (
            "git",
            ("ssh://git@h/x.git", "pages", PIN),
            f"git:ssh://git@h/x.git?branch=pages&host-key={PIN}",
        ),
        ("ftps", ("h.example", "me", "/www/"), "ftps://me@h.example/www/"),
        ("", ("opendal+gcs:?bucket=b",), "opendal+gcs:?bucket=b"),
    ],
)
def test_each_kind_asks_what_makes_an_address_that_the_configuration_takes(
    small_config: Path, scheme: str, answers: tuple[str, ...], push: str
) -> None:
    waiting = iter(answers)
    kind = next(one for one in KINDS if one.scheme == scheme)

    made = kind.push(lambda _question, _default: next(waiting))

    assert made == push
    assert next(waiting, None) is None
    settings: dict[str, Setting] = {"name": "new", "url": "https://x.example/", "push": made}
    _, mirror = with_block(small_config.read_text(), small_config, block(settings))
    assert mirror.name == "new"
    with_block(
        small_config.read_text(), small_config, block(settings | {"push": beneath(made, "w")})
    )
