"""A browser for each module, and a copy of a mirror for each test."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser.checking import mirror
from tests.browser.chromium import CHROMIUM, FLAGS
from tests.feeds.tree import SignedTree


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return tmp_path / "copy"


@pytest.fixture
def tree(copy: Path) -> SignedTree:
    return mirror(copy, time=datetime.now(UTC) - timedelta(minutes=5))
