"""``tamizdat demo``: what it sets up, what it keeps, and how it ends."""

import asyncio
import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path

import aiohttp
import pytest
from aiohttp.test_utils import TestClient, TestServer
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from mirror.config import Config, load_text
from mirror.demo import nginx as nginx_module
from mirror.demo.nginx import INSTALL, Nginx, find_nginx
from mirror.demo.plan import (
    FILE,
    ROLES,
    Plan,
    check_ports,
    find_ports,
    load_plan,
    make_plan,
    parse_every,
)
from mirror.demo.run import Demo, run_demo
from mirror.demo.settings import MARK, config_text, prepare
from mirror.demo.static import folder_app
from mirror.demo.told import lines
from mirror.endpoints.build import build
from mirror.errors import ConfigError, MirrorError, StoreLockedError

NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
EVERY = timedelta(seconds=3)


def free_base() -> int:
    """A port from which on the next ones are probably free, away from the defaults."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return min(port, 65_000)


@contextlib.asynccontextmanager
async def started(nginx: Nginx, binary: str) -> AsyncIterator[Nginx]:
    """That nginx, ended whatever happens."""
    try:
        await nginx.start(binary)
        yield nginx
    finally:
        await nginx.stop()


@pytest.fixture
def plan() -> Plan:
    return make_plan(20_000, EVERY, NOW, lambda _: True)


def test_ports_are_the_first_free_ones_from_the_base() -> None:
    taken = {8471, 8474}

    ports = tuple(find_ports(8470, 4, lambda port: port not in taken))

    assert ports == (8470, 8472, 8473, 8475)
    with pytest.raises(ConfigError, match="too few ports are free"):
        tuple(find_ports(65_534, 3, lambda _: True))


@given(
    st.datetimes(min_value=datetime(2000, 1, 1), max_value=datetime(2100, 1, 1)),  # noqa: DTZ001
    st.integers(min_value=1, max_value=10_000),
)
def test_a_plan_comes_back_as_it_was_written(start: datetime, tenths: int) -> None:
    every = timedelta(milliseconds=100 * tenths)

    plan = make_plan(8470, every, start.replace(tzinfo=UTC), lambda _: True)

    assert Plan.decode(plan.encode()) == plan


@given(st.text() | st.just("{}") | st.just('{"words": [1]}') | st.just("[]"))
def test_anything_else_is_no_plan(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        Plan.decode(text)


def test_started_again_it_has_the_same_plan(tmp_path: Path) -> None:
    first = load_plan(tmp_path, NOW, base=free_base(), every=EVERY)

    again = load_plan(tmp_path, NOW + timedelta(days=1))

    assert again == first
    assert (tmp_path / FILE).stat().st_mode & 0o077 == 0


def test_options_that_do_not_agree_with_the_folder_are_refused_both_at_once(
    tmp_path: Path,
) -> None:
    first = load_plan(tmp_path, NOW, base=free_base(), every=EVERY)

    with pytest.raises(ConfigError) as caught:
        load_plan(tmp_path, NOW, base=max(first.ports) + 1, every=2 * EVERY)

    assert [line.partition(":")[0] for line in caught.value.mistakes] == [
        "--port-base",
        "--stories-every",
    ]


def test_a_folder_with_another_newsroom_in_it_is_left_alone(small_config: Path) -> None:
    with pytest.raises(ConfigError, match="not the demo's"):
        load_plan(small_config.parent, NOW)


def test_a_damaged_plan_is_said_with_its_remedy(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text("{}")

    with pytest.raises(ConfigError, match="remove the folder"):
        load_plan(tmp_path, NOW)


def test_a_port_that_something_else_took_is_named(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        ports = (port, *(20_001, 20_002, 20_003), port, 20_005)
        plan = Plan(start=NOW, seed=1, every=EVERY, ports=ports, words=("a", "b", "c"), password="")

        with pytest.raises(ConfigError) as both:
            check_ports(tmp_path, plan, webdav=True)
        with pytest.raises(ConfigError) as one:
            check_ports(tmp_path, plan, webdav=False)

    assert [len(error.value.mistakes) for error in (both, one)] == [2, 1]
    assert f"port {port} (status) is in use" in str(one.value)


@pytest.mark.parametrize(("text", "seconds"), [("3s", 3), ("0.3s", 0.3), ("1m", 60)])
def test_a_span_between_stories_is_read(text: str, seconds: float) -> None:
    assert parse_every(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize("text", ["", "3", "soon", "0s", "-1s", "nans", "infs", "1e99s"])
def test_what_is_no_span_is_refused(text: str) -> None:
    with pytest.raises(ConfigError, match="--stories-every"):
        parse_every(text)


def test_the_configuration_is_an_ordinary_one_with_three_mirrors(
    plan: Plan, tmp_path: Path
) -> None:
    config = load_text(config_text(plan, webdav=True), tmp_path / "config.toml")

    assert [mirror.scheme for mirror in config.mirrors] == ["file", "file", "dav"]
    assert len({mirror.url for mirror in config.mirrors}) == 3
    assert [source.name for source in config.sources] == ["english", "russian"]
    assert ".donate-text" in config.extract.drop
    assert len(load_text(config_text(plan, webdav=False), tmp_path / "c").mirrors) == 2


def test_changes_of_the_operator_stay_once_the_mark_is_taken_away(
    plan: Plan, tmp_path: Path
) -> None:
    first = prepare(tmp_path, plan, webdav=True)
    first.file.write_text(first.file.read_text() + "# mine\n")
    prepare(tmp_path, plan, webdav=True)
    assert "# mine" not in first.file.read_text()

    first.file.write_text(first.file.read_text().removeprefix(MARK) + "# mine\n")
    prepare(tmp_path, plan, webdav=False)

    assert first.file.read_text().endswith("# mine\n")


async def test_a_folder_is_served_closed_packed_and_nothing_beside_it(tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    (tree / "a").mkdir(parents=True)
    (tree / "index.html").write_text("front" * 100)
    (tree / "a" / "x.tlog-proof").write_text("proof")
    (tree / ".hidden").write_text("no")
    (tmp_path / "secret").write_text("no")

    async with TestClient(TestServer(folder_app(tree, "x7k2"))) as client:
        front = await client.get("/x7k2/")
        text = await front.text()
        proof = await client.get("/x7k2/a/x.tlog-proof")
        statuses = [
            (await client.get(path)).status
            for path in ("/", "/x7k2", "/x7k2/a", "/x7k2/.hidden", "/x7k2/%2e%2e/secret", "/x7k2/n")
        ]
        put = await client.put("/x7k2/index.html", data=b"forged")

    assert text == "front" * 100
    assert front.headers["Connection"] == "close"
    assert front.headers["Content-Encoding"] == "gzip"
    assert front.content_type == "text/html"
    assert proof.content_type == "text/plain"
    assert statuses == [404] * 6
    assert put.status == 405


async def pushing(configs: tuple[Config, ...], *, stop: asyncio.Event) -> None:
    """A small service: puts one page on each mirror."""
    for config in configs[0].mirrors:
        mirror = build(config)
        await mirror.put("index.html", config.name.encode())
        await mirror.close()
    await stop.wait()


async def fetched(url: str) -> str:
    async with aiohttp.ClientSession() as session, session.get(url) as answer:
        assert answer.status == 200, url
        assert answer.headers.get("Connection") == "close" or "/rss" in url
        return await answer.text()


async def running(folder: Path, serve: object = pushing) -> tuple[Demo, dict[str, str]]:
    """One run: what it told, and what a reader got from every mirror and the newsroom."""
    stop, told, got = asyncio.Event(), [], {}
    assert callable(serve)
    base = None if (folder / FILE).exists() else free_base()
    up = asyncio.Event()

    def tell(demo: Demo) -> None:
        told.append(demo)
        up.set()

    task = asyncio.create_task(run_demo(folder, serve, stop=stop, tell=tell, base=base))
    task.add_done_callback(lambda _: up.set())
    try:
        await up.wait()
        if not task.done():
            await asyncio.sleep(0.3)
            for mirror in told[0].config.mirrors:
                got[mirror.name] = await fetched(mirror.url)
            got["rss"] = await fetched(f"{told[0].plan.address('newsroom')}/rss/all")
    finally:
        stop.set()
        await task
    return told[0], got


@pytest.mark.real
async def test_newsroom_and_three_mirrors_answer_and_a_second_run_goes_on(
    tmp_path: Path, need: Callable[..., None]
) -> None:
    need("nginx")
    first, got = await running(tmp_path / "demo")

    again, _ = await running(tmp_path / "demo")

    assert {name: got[name] for name in ("one", "two", "three")} == {
        "one": "one", "two": "two", "three": "three"
    }  # fmt: skip
    assert "<rss" in got["rss"]
    assert (again.plan, again.fingerprint) == (first.plan, first.fingerprint)


@pytest.mark.real
async def test_nginx_refuses_who_does_not_know_the_password_and_logs_no_reader(
    tmp_path: Path, need: Callable[..., None]
) -> None:
    need("nginx")
    statuses = []

    async def forging(configs: tuple[Config, ...], *, stop: asyncio.Event) -> None:
        plan = Plan.decode((tmp_path / "demo" / FILE).read_text())
        async with aiohttp.ClientSession() as session:
            for role in ("webdav", "three"):
                url = f"{plan.address(role)}/{plan.word('three')}/index.html"
                async with session.put(url, data=b"forged") as answer:
                    statuses.append(answer.status)
                async with session.get(f"{plan.address(role)}/") as answer:
                    statuses.append(answer.status)
        for config in configs[0].mirrors:
            mirror = build(config)
            await mirror.put("index.html", b"x")
            await mirror.close()
        await stop.wait()

    await running(tmp_path / "demo", forging)

    assert statuses == [401, 404, 405, 404]
    work = tmp_path / "demo" / "nginx"
    assert "127.0.0.1" not in (work / "error.log").read_text()
    assert not list(work.glob("*access*"))


@pytest.mark.real
async def test_without_nginx_it_says_what_to_type_and_goes_on_with_two_mirrors(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(nginx_module, "_SEARCHED", str(tmp_path))
    assert find_nginx() is None

    demo, got = await running(tmp_path / "demo")

    assert set(got) == {"one", "two", "rss"}
    assert INSTALL in "\n".join(lines(demo))


@pytest.mark.real
async def test_an_nginx_that_outlived_its_demo_is_ended_and_no_other(
    tmp_path: Path, need: Callable[..., None]
) -> None:
    need("nginx")
    binary = find_nginx()
    assert binary is not None
    plan = load_plan(tmp_path, NOW, base=free_base())
    other = load_plan(tmp_path / "other", NOW, base=free_base() + 9)
    async with (
        started(Nginx(tmp_path / "other", other), binary) as stranger,
        started(Nginx(tmp_path, plan), binary) as left,
    ):
        with pytest.raises(ConfigError, match="three"):
            check_ports(tmp_path, plan, webdav=True)

        ending = asyncio.create_task(asyncio.to_thread(Nginx(tmp_path, plan).end_left_over))
        await left.stop()  # the parent takes note that it ended
        await ending

        check_ports(tmp_path, plan, webdav=True)
        assert stranger.pid is not None
        os.kill(stranger.pid, 0)


@pytest.mark.real
async def test_an_nginx_that_cannot_start_is_said_in_its_own_words(
    tmp_path: Path, need: Callable[..., None]
) -> None:
    need("nginx")
    binary = find_nginx()
    assert binary is not None
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        base = free_base()
        plan = make_plan(base, EVERY, NOW, lambda candidate: candidate != port)
        plan = Plan.decode(plan.encode().replace(str(plan.port("webdav")), str(port)))

        with pytest.raises(MirrorError, match="nginx did not start: "):
            async with started(Nginx(tmp_path, plan), binary):
                pass


async def test_a_second_demo_in_the_same_folder_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(nginx_module, "_SEARCHED", str(tmp_path))

    async def second(_: tuple[Config, ...], *, stop: asyncio.Event) -> None:
        with pytest.raises(StoreLockedError):
            await run_demo(tmp_path, pushing, stop=stop, tell=lambda _: None)
        stop.set()

    await run_demo(tmp_path, second, stop=asyncio.Event(), tell=lambda _: None, base=free_base())


async def test_what_the_service_raises_comes_out_and_everything_is_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(nginx_module, "_SEARCHED", str(tmp_path))

    async def failing(_: tuple[Config, ...], *, stop: asyncio.Event) -> None:
        assert not stop.is_set()
        raise MirrorError("the disk is gone")

    with pytest.raises(MirrorError, match="the disk is gone"):
        await run_demo(
            tmp_path, failing, stop=asyncio.Event(), tell=lambda _: None, base=free_base()
        )

    check_ports(tmp_path, load_plan(tmp_path, NOW), webdav=True)


async def test_a_service_that_does_not_end_is_ended_within_five_seconds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(nginx_module, "_SEARCHED", str(tmp_path))
    stop = asyncio.Event()

    async def deaf(_: tuple[Config, ...], *, stop: asyncio.Event) -> None:
        stop.set()
        await asyncio.sleep(60)

    begun = time.monotonic()
    await run_demo(tmp_path, deaf, stop=stop, tell=lambda _: None, base=free_base())

    assert time.monotonic() - begun < 5


def test_the_addresses_are_whole_lines_in_a_pipe(plan: Plan, tmp_path: Path) -> None:
    config = load_text(config_text(plan, webdav=True), tmp_path / "config.toml")
    out = StringIO()
    console = Console(file=out)

    for line in lines(Demo(tmp_path, plan, config, "ab" * 32, webdav=True)):
        console.print(line, soft_wrap=True, highlight=False)

    text = out.getvalue()
    for word in ("one", "two", "three"):
        assert f"{plan.base(word)}feeds/all.rss\n" in text
        assert f"{plan.base(word)}feeds/all.atom\n" in text
    assert "abab " * 15 + "abab\n" in text
    assert f"{plan.address('status')}/\n" in text
    assert "\x1b" not in text


def test_every_part_has_a_port_of_its_own(plan: Plan) -> None:
    assert len(set(plan.ports)) == len(ROLES)
    assert json.loads(plan.encode())["ports"] == list(plan.ports)


@pytest.mark.real
def test_ctrl_c_ends_the_command_cleanly_and_its_nginx_with_it(
    tmp_path: Path, need: Callable[..., None], request: pytest.FixtureRequest
) -> None:
    need("nginx")
    pytest.importorskip("mirror.schedule", reason="the service is not built yet")
    tamizdat = str(Path(sys.executable).with_name("tamizdat"))
    command = [tamizdat, "demo", "--folder", str(tmp_path / "d"),
               "--port-base", str(free_base()), "--stories-every", "0.5s"]  # fmt: skip
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    request.addfinalizer(process.kill)  # by its own id, and nothing where it has ended
    assert process.stdout is not None
    text = ""
    while "Ctrl-C ends it" not in text:
        text += process.stdout.readline()
        assert process.poll() is None, text
    pid = int((tmp_path / "d" / "nginx" / "nginx.pid").read_text())
    time.sleep(3)

    begun = time.monotonic()
    process.send_signal(signal.SIGINT)
    process.stdout.close()
    status = process.wait(timeout=20)

    assert (status, time.monotonic() - begun < 6) == (0, True)
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    assert re.search(r"Mirror three +http://127\.0\.0\.1:\d+/[0-9a-f]{8}/", text)
