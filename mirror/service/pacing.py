"""``paced_routes``: ways to the sources that keep to so many requests a second, all together."""

import asyncio
from functools import partial

from mirror.config import Config, FetchConfig
from mirror.source.fetch import Fetcher
from mirror.source.response import Limits, Response
from mirror.source.robots import RobotsStore
from mirror.source.routes import Routes


class Turns:
    """When requests may begin: ``rate`` a second, whoever they ask."""

    def __init__(self, rate: float) -> None:
        self._every = 1 / rate
        self._next = 0.0

    async def wait(self) -> None:
        """Until it is one's turn."""
        now = asyncio.get_running_loop().time()
        self._next = max(self._next, now)
        wait, self._next = self._next - now, self._next + self._every
        await asyncio.sleep(wait)


class PacedFetcher(Fetcher):
    """A ``Fetcher`` whose requests wait for ``turns``, which several of them may share."""

    def __init__(self, turns: Turns, config: FetchConfig, robots: RobotsStore | None) -> None:
        super().__init__(config, robots=robots)
        self._turns = turns

    async def get(
        self, url: str, *, kind: Limits = Limits.PAGE, etag: str = "", last_modified: str = ""
    ) -> Response:
        """As ``Fetcher.get``, when its turn has come."""
        await self._turns.wait()
        return await super().get(url, kind=kind, etag=etag, last_modified=last_modified)


def paced_routes(config: Config, rate: float, robots: RobotsStore) -> Routes:
    """The ways to the sources, of which all together begin ``rate`` requests a second at most.

    Raises:
        ConfigError: A proxy's secret can't be read.
    """
    return Routes(config, robots, make=partial(PacedFetcher, Turns(rate)))
