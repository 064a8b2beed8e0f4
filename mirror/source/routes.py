"""``Routes``: by which way each source is read: directly, or through a proxy of its own."""

from collections.abc import Callable
from contextlib import AsyncExitStack
from datetime import timedelta
from types import TracebackType
from typing import Final, Self
from urllib.parse import urlsplit

from mirror.config import Config, FetchConfig, Secret
from mirror.source.fetch import Fetcher
from mirror.source.robots import RobotsStore

DIRECT: Final = "direct"  # in place of a proxy's address

Make = Callable[[FetchConfig, RobotsStore | None], Fetcher]


def _fetcher(config: FetchConfig, robots: RobotsStore | None) -> Fetcher:
    return Fetcher(config, robots=robots)


class Routes:
    """The fetchers of one newsroom, one for each route; an async context manager.

    Args:
        config: Its sources say which proxy they go through; the others go as [fetch] says.
        robots: Where robots.txt files are kept.
        make: What makes a fetcher of its settings and ``robots``.
    """

    def __init__(
        self, config: Config, robots: RobotsStore | None = None, make: Make = _fetcher
    ) -> None:
        self._fetch = config.fetch
        self._make = make
        self._robots = robots
        self._made: dict[str, Fetcher] = {}
        self._stack = AsyncExitStack()
        self.main = self._route(config.fetch.proxy)
        self._hosts = {source.name: _host(source.url) for source in config.sources}
        self._of: dict[str, Fetcher] = {}
        self._second: dict[str, Fetcher] = {}
        for source in config.sources:
            if source.proxy is not None:
                self._of[source.name] = self._route(source.proxy)
            if source.second_proxy is not None:
                self._second[source.name] = self._route(source.second_proxy)

    async def __aenter__(self) -> Self:
        for fetcher in self._made.values():
            await self._stack.enter_async_context(fetcher)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._stack.__aexit__(kind, error, trace)

    @property
    def clock_gaps(self) -> tuple[timedelta, ...]:
        """How far ahead of ours the clocks of all hosts are that answered."""
        if len(self._made) == 1:
            return self.main.clock_gaps
        return tuple(gap for fetcher in self._made.values() for gap in fetcher.clock_gaps)

    def of(self, source: str, url: str = "") -> Fetcher:
        """The way to that source, and to its article ``url``."""
        return self._of.get(self._named(source, url), self.main)

    def second_of(self, source: str, url: str = "") -> Fetcher | None:
        """The other way, by which its articles are compared, or None."""
        return self._second.get(self._named(source, url))

    def _named(self, source: str, url: str) -> str:
        """That source, or the one that ``url`` must be of: the operator may have asked for it."""
        if source in self._hosts or not self._hosts:
            return source
        same = (name for name, host in self._hosts.items() if host == _host(url))
        return next(same, next(iter(self._hosts)))

    def _route(self, proxy: Secret | None) -> Fetcher:
        """One for each proxy, whoever names it.

        Raises:
            ConfigError: The secret can't be read.
        """
        address = DIRECT if proxy is None else proxy.read().strip()
        if address not in self._made:
            through = None if address == DIRECT else proxy
            config = self._fetch.model_copy(update={"proxy": through})
            self._made[address] = self._make(config, self._robots)
        return self._made[address]


def _host(url: str) -> str:
    return (urlsplit(url).hostname or "").lower()
