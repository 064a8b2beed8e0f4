"""A site and a newsroom for each test."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.service.room import Room, Site, make_room, running


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    """A site with nothing in its feed."""
    async with running(Site()) as site:
        yield site


@pytest.fixture
def room(tmp_path: Path, site: Site) -> Room:
    """A newsroom that reads ``site``."""
    return make_room(tmp_path / "room", site)
