"""What all tests share."""

import logging
import os
import shutil
import sys
from collections.abc import Callable, Generator, Iterator
from pathlib import Path

import pytest
import structlog
from hypothesis import HealthCheck, settings

from tests import light_keys  # noqa: F401  # for what it does
from tests.swift import Swift, swift
from tests.swift import missing as no_swift

PROJECT = Path(__file__).resolve().parent.parent
TOOLS_PATH = f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"  # nginx stands in sbin

_FEW = """\
[site]
title = "The News"
url = "https://news.example/"

[[source]]
name = "news"
url = "https://news.example/rss"

[trust]
origin = "news.example/mirror"
tag_year = 2026
"""


# Time is measured in benchmarks: a busy machine must not fail a test of what is right.
_STEADY = settings(deadline=None, max_examples=20, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("steady", parent=_STEADY)
settings.register_profile("quick", parent=_STEADY, max_examples=15)  # for `make quick`
settings.load_profile("steady")

_STATUS = pytest.StashKey[int]()

WHOLE = frozenset(  # folders and files of tests that run the whole service, or many processes
    {
        *("browser", "ceremonies", "cli", "crash", "newsroom", "service", "witness", "zoo"),
        *("test_demo.py", "test_docs.py", "test_erase.py", "test_reading.py", "test_recover.py"),
        "test_schedule.py",
    }
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """They are ``real`` too: `make quick` leaves them to `make test`.

    Ceremonies come first: their witnesses have the real time, and ``NOW`` is that of the start.
    Then the longest, so that no worker is left with them alone at the end.
    """
    for item in items:
        if _place(item) in WHOLE:
            item.add_marker(pytest.mark.real)
    first = {"ceremonies": -2, "crash": -1}
    items.sort(key=lambda item: first.get(_place(item), 0))


def _place(item: pytest.Item) -> str:
    return item.path.relative_to(PROJECT / "tests").parts[0]


@pytest.fixture(autouse=True)
def _logging_as_it_was() -> Generator[None, None, None]:
    """A command that a test runs sets logging up, on a stream that is gone after the test."""
    level = logging.getLogger().level
    yield
    root = logging.getLogger()
    root.handlers = [one for one in root.handlers if type(one) is not logging.StreamHandler]
    root.setLevel(level)
    structlog.reset_defaults()


@pytest.fixture(scope="session")
def project() -> Path:
    """The top folder of this checkout."""
    return PROJECT


@pytest.fixture(scope="session")
def corpus(project: Path) -> Path:
    """Real pages, feeds and vectors, which lie beside the checkout."""
    folder = project.parent / "shared" / "corpus"
    if not folder.is_dir():
        pytest.skip("the corpus is not there: ../shared/corpus beside the checkout")
    return folder


@pytest.fixture(scope="session")
def s3_server() -> Iterator[Swift]:
    """One Swift for all tests: it takes its time to start. Each test writes into its own folder."""
    if no_swift():
        pytest.skip(no_swift())
    with swift() as running:
        yield running


@pytest.fixture
def small_config(tmp_path: Path) -> Path:
    """A configuration file with nothing but what must be set."""
    file = tmp_path / "config.toml"
    file.write_text(_FEW, encoding="utf-8")
    return file


@pytest.fixture(scope="session")
def need() -> Callable[..., None]:
    """Call it with the names of tools: skips, with a clear word, where one is missing."""

    def check(*tools: str) -> None:
        missing = [tool for tool in tools if shutil.which(tool, path=TOOLS_PATH) is None]
        if missing:
            pytest.skip(f"not installed: {', '.join(missing)} (`make test` installs what it can)")

    return check


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """With TAMIZDAT_NO_SKIP=1 a test that skips has failed: CI has every part."""
    report = yield
    if not hasattr(report, "wasxfail"):
        _fail_if_skipped(report, item.nodeid)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """The same for a whole module that skips."""
    report = yield
    _fail_if_skipped(report, collector.nodeid)
    return report


def _fail_if_skipped(report: pytest.TestReport | pytest.CollectReport, name: str) -> None:
    if report.skipped and os.environ.get("TAMIZDAT_NO_SKIP") == "1":
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome = "failed"
        report.longrepr = f"{name} would skip, and nothing may skip here: {reason}"


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """For ``pytest_unconfigure``."""
    session.config.stash[_STATUS] = int(exitstatus)


@pytest.hookimpl(trylast=True)
def pytest_unconfigure(config: pytest.Config) -> None:
    """OpenDAL's threads may abort a process while it tidies up; all has been told by now."""
    if "opendal" in sys.modules and _STATUS in config.stash:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(config.stash[_STATUS])
