"""The service itself is killed (-9) in its work; started again it goes on, and all is right."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from feeds.paths import CHECKPOINT
from mirror.config import load
from tests.conftest import PROJECT
from tests.crash.check import wrong_after_the_crash, wrong_at_the_end
from tests.crash.command import PROGRAM, start, tamizdat
from tests.crash.home import Home
from tests.crash.site import Site, Story, site_in_thread
from tests.nginx import free_port
from tests.program import Program

MANY = tuple(Story(number=number) for number in range(1, 301))
PATIENCE_S = 100.0


@pytest.fixture
def site() -> Iterator[Site]:
    with site_in_thread(MANY) as running:
        yield running


@pytest.mark.real
@pytest.mark.timeout(300)
def test_a_first_push_of_300_articles_that_is_killed_is_done_by_the_next_start(
    tmp_path: Path, site: Site
) -> None:
    home = Home(tmp_path / "home", site.base, port=free_port(), mirrors=0, lanes=1).make()
    assert tamizdat(home, "run", "--once").returncode == 0
    home = replace(home, mirrors=2)
    home.config_file.write_text(home.text())
    first = start(home, "run")
    one = home.folder / "mirrors" / "one"
    try:
        _wait(lambda: _count(one, "a/*/*.html") >= 20, first)
    finally:
        first.kill()
        first.communicate()
    assert not (one / CHECKPOINT).exists(), "the push was over before it could be killed"
    assert wrong_after_the_crash(home, datetime.now(UTC)) == []

    second = start(home, "run")
    try:
        _wait(lambda: _is_done(home, 300), second)
        second.send_signal(signal.SIGTERM)
        assert second.wait(timeout=30) == 0
    finally:
        second.kill()
        second.communicate()

    (home.folder / "signed").touch()
    assert wrong_at_the_end(home, MANY, home.folder / "signed", datetime.now(UTC)) == []


@pytest.mark.real
@pytest.mark.timeout(300)
def test_a_demo_that_is_killed_goes_on_at_its_next_start(
    tmp_path: Path, need: Callable[..., None]
) -> None:
    need("nginx")
    folder = tmp_path / "demo"
    port = min(free_port(), 65_000)
    words = ["demo", "--folder", str(folder), "--port-base", str(port), "--stories-every", "0.3s"]
    first = _demo(words)
    try:
        _wait(lambda: _count(folder / "mirrors" / "two", "a/*/*.html") >= 25, first)
    finally:
        first.kill()
        first.communicate()

    (config,) = load(folder / "config.toml")
    folders = [mirror.folder or folder for mirror in config.mirrors[:2]]
    second = _demo(words)
    try:
        _wait(lambda: all(_count(one, "a/*/*.html") >= 40 for one in folders), second)
        second.send_signal(signal.SIGINT)
        assert second.wait(timeout=30) == 0
    finally:
        second.kill()
        second.communicate()

    # It ended while stories still came, so perhaps within a push; the newsroom is away now.
    last = [*PROGRAM, "run", "--once", "--config", str(folder / "config.toml")]
    subprocess.run(last, cwd=PROJECT, check=False, capture_output=True)
    for mirror, one in zip(config.mirrors, folders, strict=False):
        keyring = config.trust.keys / "keyring-1"
        verdict = _verified(one, "--keyring", keyring, "--base", mirror.url)
        assert verdict["verdict"] == "genuine", verdict
        assert _count(one, "a/*/*.html") >= 40


def _demo(words: list[str]) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [*PROGRAM, *words],
        cwd=PROJECT,
        env=os.environ | {"PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def _verified(*words: object) -> dict[str, object]:
    command = [sys.executable, *PROGRAM[1:], "verify", "--json", *map(str, words)]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)
    verdict: dict[str, object] = json.loads(done.stdout)
    return verdict


def _wait(is_so: Callable[[], bool], process: "subprocess.Popen[str] | Program") -> None:
    end = time.monotonic() + PATIENCE_S
    while not is_so():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < end, "it takes too long"
        time.sleep(0.005)


def _count(folder: Path, pattern: str) -> int:
    return sum(1 for _ in folder.glob(pattern))


def _is_done(home: Home, articles: int) -> bool:
    heads = set()
    for folder, _ in home.trees.values():
        if not (folder / CHECKPOINT).exists() or _count(folder, "a/*/*.html") < articles:
            return False
        heads.add((folder / CHECKPOINT).read_bytes())
    return len(heads) == 1
