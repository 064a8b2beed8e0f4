"""``Robots``: what robots.txt lets us read (RFC 9309); the only import of ``protego``."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Protocol
from urllib.parse import urlsplit
from weakref import WeakValueDictionary

from protego import Protego

from mirror.errors import SourceError, SourceRefusedError, SourceUnreachableError, StoreError

FRESH_FOR: Final = timedelta(days=1)  # RFC 9309, 2.4
RETRY: Final = timedelta(minutes=5)  # after it could not be had
MAX_CHARS: Final = 512_000  # RFC 9309, 2.5: at least 500 KiB
_MAX_KNOWN: Final = 4_096  # addresses whose verdict is remembered
_MAX_ORIGINS: Final = 1_000
_AGENT: Final = re.compile(r"\s*user[- ]?agent\s*:?\s*([^#]*)", re.IGNORECASE)
_TOKEN: Final = re.compile(r"[A-Za-z_-]+")  # a product token (RFC 9309, 2.2.1)
_SITEMAP: Final = re.compile(r"^\s*sitemap\s*:\s*(\S+)", re.IGNORECASE | re.MULTILINE)
_REMEDY: Final = "if it is your own site, set robots = false under [fetch]"


@dataclass(frozen=True, slots=True, kw_only=True)
class RobotsFile:
    """One robots.txt as it was last had.

    Attributes:
        origin: Scheme, host and port that it is for.
        text: What it says, at most ``MAX_CHARS``; empty where there is none, which allows all.
        fetched: When it was had, UTC.
    """

    origin: str
    text: str
    fetched: datetime


class RobotsStore(Protocol):
    """Where these files outlive the process: at most one for each origin."""

    async def load(self, origin: str) -> RobotsFile | None:
        """What was kept for that origin."""
        ...

    async def keep(self, file: RobotsFile) -> None:
        """Insert, or replace what is kept for its origin."""
        ...


Get = Callable[[str], Awaitable[str]]  # the text at an address; raises SourceError


class Robots:
    """Which addresses may be read, for one newsroom. Calls may overlap.

    Each file is asked for at most once in ``FRESH_FOR``. One that is not there (4xx) allows
    everything. Where it can't be had (5xx, no answer), the one that was had before goes on to
    count; without one nothing is allowed, and it is asked for again after ``RETRY``.

    Args:
        get: Fetches a robots.txt.
        user_agent: Ours; its first word is what groups are chosen by.
        store: Where files are kept; a fault of it is no fault here.
        now: The clock, UTC.
    """

    def __init__(
        self,
        get: Get,
        user_agent: str,
        store: RobotsStore | None = None,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._get = get
        token = _TOKEN.match(user_agent)
        self._token = token[0].lower() if token else "*"
        self._store = store
        self._now = now
        self._rules: dict[str, tuple[datetime, Protego]] = {}
        self._failed: dict[str, tuple[datetime, SourceError]] = {}
        self._allowed: dict[str, datetime] = {}
        self._guards: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    def is_known(self, url: str) -> bool:
        """Whether ``url`` is known to be allowed: nothing need be asked or computed."""
        until = self._allowed.get(url)
        return until is not None and self._now() < until

    async def check(self, url: str) -> None:
        """See that ``url`` may be read.

        Raises:
            SourceRefusedError: robots.txt forbids it.
            SourceUnreachableError: robots.txt can't be had, and never was.
        """
        parts = urlsplit(url)
        until, rules = await self._rules_of(f"{parts.scheme}://{parts.netloc}")
        if not rules.can_fetch(url, self._token):
            raise SourceRefusedError(url, f"its robots.txt forbids us to read it; {_REMEDY}")
        if len(self._allowed) >= _MAX_KNOWN:
            self._allowed.clear()
        self._allowed[url] = until

    async def _rules_of(self, origin: str) -> tuple[datetime, Protego]:
        guard = self._guards.get(origin)
        if guard is None:
            guard = self._guards[origin] = asyncio.Lock()
        async with guard:
            known = self._rules.get(origin)
            if known is None:
                known = await self._kept(origin)
            if known is not None and self._now() < known[0]:
                return known
            return await self._ask(origin, known)

    async def _kept(self, origin: str) -> tuple[datetime, Protego] | None:
        if self._store is None:
            return None
        file = None
        with suppress(StoreError):
            file = await self._store.load(origin)
        return None if file is None else self._remember(file)

    async def _ask(
        self, origin: str, known: tuple[datetime, Protego] | None
    ) -> tuple[datetime, Protego]:
        now = self._now()
        when, problem = self._failed.get(origin, (now - RETRY, None))
        if problem is None or now - when >= RETRY:
            try:
                return await self._had(origin, await self._get(f"{origin}/robots.txt"))
            except SourceError as error:
                if 400 <= error.status < 500:  # noqa: PLR2004 - "unavailable" (RFC 9309, 2.3.1.3)
                    return await self._had(origin, "")
                self._failed[origin] = (now, error)
                problem = error
        if known is not None:
            return now + RETRY, known[1]
        kind = type(problem) if isinstance(problem, SourceRefusedError) else SourceUnreachableError
        told = f"its robots.txt can't be had ({problem.problem}); {_REMEDY}"
        raise kind(problem.url, told, retry_after_s=problem.retry_after_s)

    async def _had(self, origin: str, text: str) -> tuple[datetime, Protego]:
        self._failed.pop(origin, None)
        file = RobotsFile(origin=origin, text=for_agent(text, self._token), fetched=self._now())
        if self._store is not None:
            with suppress(StoreError):
                await self._store.keep(file)
        return self._remember(file)

    def _remember(self, file: RobotsFile) -> tuple[datetime, Protego]:
        rules = Protego.parse(file.text)
        if len(self._rules) >= _MAX_ORIGINS:
            self._rules.clear()
        self._rules[file.origin] = known = (file.fetched + FRESH_FOR, rules)
        return known


def for_agent(text: str, token: str) -> str:
    """``text`` with all agents that ``token`` is not called by one name: then few are parsed.

    A file may name thousands, each with all of the rules that follow.
    """
    whole = text[:MAX_CHARS]
    lines = (whole if whole is text else whole.rpartition("\n")[0]).removeprefix("\ufeff")
    return "\n".join(_renamed(line, token) for line in lines.splitlines())


def _renamed(line: str, token: str) -> str:
    agent = _AGENT.match(line)
    if agent is None:
        return line
    name = agent[1].strip().lower()
    return f"User-agent: {name if name and name.strip('*') in token else '-'}"


def sitemaps_of(robots_txt: bytes) -> list[str]:
    """What a robots.txt names as sitemaps, as it writes them (sitemaps.org)."""
    return _SITEMAP.findall(robots_txt.decode("utf-8", "replace"))
