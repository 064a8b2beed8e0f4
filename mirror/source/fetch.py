"""``Fetcher``: GETs that are bounded in bytes, time and redirects, and stay on the internet.

The newsroom's site is not trusted: it may be taken over, or someone in between may answer
for it. So nothing it sends is read past a bound, and nothing it says makes this machine
connect to a private address.
"""

import asyncio
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from types import TracebackType
from typing import Final, Self
from urllib.parse import urljoin, urlsplit

import aiohttp

from mirror.config import FetchConfig
from mirror.errors import SourceError, SourceRefusedError, SourceUnreachableError
from mirror.proxy import PROXY_ERRORS, proxied
from mirror.source import encoding, headers, problems
from mirror.source.addresses import PublicResolver, public_socket
from mirror.source.body import DEFAULT_PACE, Pace, read
from mirror.source.proxy import refuse_private
from mirror.source.response import Limits, Response
from mirror.source.robots import Robots, RobotsStore

_REDIRECTS: Final = {301: True, 302: False, 303: False, 307: False, 308: True}  # for good?
_MAX_URL_CHARS: Final = 4_000
_LEAST_S: Final = 0.001  # of no time at all, aiohttp makes time without end
_HOSTS: Final = 1_024  # asked lately; only so many wait for their turn one by one


class Fetcher:
    """Fetches for one newsroom; used as an async context manager. Calls may overlap.

    Args:
        config: The bounds.
        pace: How slow an answer may be.
        resolver: What resolves names, before their addresses are checked.
        robots: Where robots.txt files are kept.
    """

    def __init__(
        self,
        config: FetchConfig,
        *,
        pace: Pace = DEFAULT_PACE,
        resolver: aiohttp.abc.AbstractResolver | None = None,
        robots: RobotsStore | None = None,
    ) -> None:
        self._config = config
        self._pace = pace
        self._resolver = resolver
        self._turn = lru_cache(maxsize=_HOSTS)(lambda _host: asyncio.Semaphore(config.concurrency))
        self._whole = self._timeout(config.timeout.total_seconds())
        self._session: aiohttp.ClientSession | None = None
        self._dates: dict[str, tuple[datetime, float]] = {}
        self._robots = (
            Robots(self._robots_txt, config.user_agent, robots) if config.robots else None
        )

    @property
    def clock_gaps(self) -> tuple[timedelta, ...]:
        """How far ahead of ours the clock of each host is, by its last answer."""
        steady, now = _steady_s(), datetime.now(UTC)
        return tuple(
            date + timedelta(seconds=steady - then) - now for date, then in self._dates.values()
        )

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(
            connector=self._connector(),
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            headers={
                "User-Agent": self._config.user_agent,
                "Accept-Encoding": encoding.ACCEPTED,
            },
        )
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    def _connector(self) -> aiohttp.BaseConnector:
        if self._config.proxy is not None:
            return proxied(self._config.proxy.read(), key="[fetch] proxy")
        if self._config.private_addresses:
            return aiohttp.TCPConnector(resolver=self._resolver)
        return aiohttp.TCPConnector(
            resolver=PublicResolver(self._resolver), socket_factory=public_socket
        )

    async def get(
        self,
        url: str,
        *,
        kind: Limits = Limits.PAGE,
        etag: str = "",
        last_modified: str = "",
    ) -> Response:
        """What ``url`` gives, or leads to.

        ``etag`` and ``last_modified`` are those of the last answer, if any; with one of them
        the answer may be a 304. Requests to one host wait for each other.

        Raises:
            SourceUnreachableError: No whole answer in time, or one that may change by itself.
            SourceRefusedError: The source or its robots.txt said no, or a limit of ours does.
        """
        asked = {"Accept": kind.value}
        if etag:
            asked["If-None-Match"] = etag
        if last_modified:
            asked["If-Modified-Since"] = last_modified
        hops: list[str] = []
        for_good = True
        left = self._config.timeout.total_seconds()
        while True:
            address, host = _checked(url)
            if self._config.proxy is not None and not self._config.private_addresses:
                refuse_private(address)
            if self._robots and kind.asks_robots and not self._robots.is_known(address):
                await self._robots.check(address)
            async with self._turn(host):
                begun = time.monotonic()
                with self._in_words(address):
                    answer = await self._hop(left, address, kind, asked, tuple(hops))
            if isinstance(answer, Response):
                return answer if for_good else replace(answer, is_permanent=False)
            url, is_permanent = answer
            for_good = for_good and is_permanent
            left -= time.monotonic() - begun
            hops.append(address)
            if len(hops) > self._config.max_redirects:
                limit = f"leads on more than {self._config.max_redirects} times"
                raise SourceRefusedError(hops[0], f"{limit}; see [fetch] max_redirects")
            url = _upgraded(address, url)

    async def send(self, url: str, form: Mapping[str, str]) -> None:
        """Post ``form`` to ``url``, within the same bounds; what is answered is not read.

        Raises:
            SourceUnreachableError: No answer in time, or one that may change by itself.
            SourceRefusedError: Any other answer than success, or a limit of ours.
        """
        if self._session is None:
            raise RuntimeError("a Fetcher works inside its own `async with`")
        address, host = _checked(url)
        if self._config.proxy is not None and not self._config.private_addresses:
            refuse_private(address)
        async with self._turn(host):
            with self._in_words(address):
                async with self._session.post(
                    address, data=form, allow_redirects=False, timeout=self._whole
                ) as response:
                    status, sent = response.status, response.headers
        if not 200 <= status < 300:  # noqa: PLR2004 - success
            raise problems.said_no(address, status, sent)

    async def _robots_txt(self, address: str) -> str:
        response = await self.get(address, kind=Limits.ROBOTS)
        return response.body.decode("utf-8", "replace")

    def _timeout(self, left: float) -> aiohttp.ClientTimeout:
        idle = self._pace.idle.total_seconds()
        return aiohttp.ClientTimeout(total=max(left, _LEAST_S), sock_read=idle)

    @contextmanager
    def _in_words(self, address: str) -> Iterator[None]:
        """Every fault of a request as one of ours."""
        try:
            yield
        except SourceError:
            raise
        except TimeoutError as error:
            span = f"{self._config.timeout.total_seconds():g} s"
            raise SourceUnreachableError(address, f"no whole answer within {span}") from error
        except PROXY_ERRORS as error:
            problem = f"the proxy does not let us through ({error})"
            raise SourceUnreachableError(address, problem) from None
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise problems.translated(address, error) from error

    async def _hop(
        self, left: float, address: str, kind: Limits, asked: dict[str, str], hops: tuple[str, ...]
    ) -> Response | tuple[str, bool]:
        """One request: the answer, or where it leads, and whether that is for good."""
        if self._session is None:
            raise RuntimeError("a Fetcher works inside its own `async with`")
        timeout = self._timeout(left) if hops else self._whole
        async with self._session.get(
            address, headers=asked, allow_redirects=False, timeout=timeout
        ) as response:
            status = response.status
            if status in _REDIRECTS and "Location" in response.headers:
                target = urljoin(address, response.headers["Location"].strip())
                return target, _REDIRECTS[status]
            unchanged = status == 304 and len(asked) > 1  # noqa: PLR2004 - Not Modified
            if status != 200 and not unchanged:  # noqa: PLR2004 - OK
                raise problems.said_no(address, status, response.headers)
            limit = kind.max_bytes(self._config)
            body = b"" if unchanged else await read(response, limit, self._pace)
            now, date = datetime.now(UTC), headers.http_date(response.headers.get("Date", ""))
            if date is not None:
                self._dates[response.url.authority] = (
                    date + timedelta(seconds=headers.age(response.headers)),
                    _steady_s(),
                )
            return Response(
                status=status,
                url=address,
                hops=hops,
                headers=response.headers,
                body=body,
                date=date,
                fetched_at=now.replace(microsecond=0),
            )


def _steady_s() -> float:
    """Seconds that no setting of the clock changes; on Linux, sleep counts too."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


@lru_cache(maxsize=1_024)  # the sources', again and again
def _checked(url: str) -> tuple[str, str]:
    """``url`` without its fragment, if it is one that may be asked for; and its host and port."""
    try:
        parts = urlsplit(url)
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname)
        secret = "@" in parts.netloc
        _ = parts.port
    except ValueError as error:
        raise SourceRefusedError(url[:200], f"is no address ({error})") from error
    if not usable or secret or len(url) > _MAX_URL_CHARS:
        problem = "holds a user or password" if secret else "is no address of a web page"
        raise SourceRefusedError(url[:200], problem)
    return parts._replace(fragment="").geturl(), parts.netloc


def _upgraded(before: str, after: str) -> str:
    """``after``, but never from https down to http: sites that say so serve https as well."""
    if before.startswith("https:") and after.startswith("http:"):
        return "https:" + after.removeprefix("http:")
    return after
