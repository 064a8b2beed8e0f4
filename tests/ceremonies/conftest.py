"""A newsroom's site, and a house with 2 of 3 roots and 2 of 3 witnesses."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from tests.ceremonies.world import House, two_of_three
from tests.service.room import Site, Story, running


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    """A site with two stories."""
    async with running(Site()) as site:
        site.add(Story(1), Story(2))
        yield site


@pytest.fixture
async def house(tmp_path: Path, site: Site, need: Callable[..., None]) -> AsyncIterator[House]:
    """A newsroom whose partners run; nothing is published yet."""
    need("minisign")
    house = two_of_three(tmp_path, site)
    try:
        house.start()
        yield house
    finally:
        house.stop()
