"""Two processes on one data folder: the second one says so, and ends."""

import signal
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.crash.command import start, tamizdat
from tests.crash.home import Home
from tests.crash.site import Site, Story, site_in_thread
from tests.nginx import free_port


@pytest.fixture
def site() -> Iterator[Site]:
    with site_in_thread((Story(number=1),)) as running:
        yield running


@pytest.mark.real
def test_the_second_process_on_a_data_folder_says_so_and_exits_2(
    tmp_path: Path, site: Site
) -> None:
    home = Home(tmp_path / "home", site.base, port=free_port()).make()
    first = start(home, "run")
    try:
        _wait_until_it_serves(home)

        for words in (("run", "--once"), ("run",)):
            second = tamizdat(home, *words)

            assert second.returncode == 2
            assert second.stderr.splitlines()[-1] == (
                f"data folder {home.data} is in use by another tamizdat process;"
                " stop that one first, or give this one its own [store] data"
            )
            assert first.poll() is None

        first.send_signal(signal.SIGTERM)
        assert first.wait(timeout=20) == 0
        assert tamizdat(home, "run", "--once").returncode == 0
    finally:
        first.kill()
        first.communicate()


def _wait_until_it_serves(home: Home) -> None:
    end = time.monotonic() + 30
    while time.monotonic() < end:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", home.port)) == 0:
                return
        time.sleep(0.1)
    pytest.fail("it does not serve its status page")
