"""``PublicAddress``: the files of one mirror, as any reader gets them."""

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from types import TracebackType
from typing import Final, Self

import aiohttp
from yarl import URL

from feeds.errors import MissingFileError, TreeError
from feeds.verify_reader import MAX_FILE_BYTES
from mirror.config import MirrorConfig
from mirror.errors import EndpointRefusedError, EndpointUnreachableError
from mirror.proxy import PROXY_ERRORS, proxied
from mirror.reading.fetch import Fetch, Take, in_words
from mirror.reading.limits import MAX_PAGE_BYTES, Limits

PARALLEL: Final = 8
_BROWSER: Final = {"User-Agent": "Mozilla/5.0", "Accept": "*/*", "Accept-Encoding": "gzip, br"}
_OF_ANY_SIZE: Final = ("m/", "x/")
_SHOWN_FOR_ALL: Final = frozenset({"index.html", "404.html"})  # hosts answer with these


@dataclass(frozen=True, slots=True, kw_only=True)
class Habits:
    """How a web server serves a file.

    Attributes:
        media_type: Its ``Content-Type``, without parameters, in lower case.
        compresses: Whether a page comes compressed to a browser that can unpack it.
        closes: Whether the connection ends after the one answer.
    """

    media_type: str
    compresses: bool
    closes: bool


class PublicAddress:
    """The ``url`` of a mirror; an async context manager. Calls may overlap.

    It is read as a browser would, through the mirror's proxy where its kind is "onion".

    Raises:
        ConfigError: Its proxy can't be read, or is none.
        EndpointRefusedError: It is an onion, and no proxy leads to Tor.
    """

    def __init__(self, config: MirrorConfig) -> None:
        self._name = config.name
        self._url = config.url
        self._limits = Limits(
            parallel=PARALLEL,
            patience=config.timeout,
            attempts=2,
            silence=2 * PARALLEL,
            total_time=timedelta(days=7),
            total_bytes=2**50,
        )
        self._proxy = _proxy_of(config)
        self._nothing = ""  # SHA-256 of the page that stands for whatever is not there

    async def __aenter__(self) -> Self:
        patience = self._limits.patience.total_seconds()
        self._session = aiohttp.ClientSession(
            auto_decompress=False,
            connector=_connector(self._proxy, self._name),
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=patience, sock_read=patience),
        )
        self._fetch = Fetch(self._session, self._url, self._limits)
        self._nothing = await self._fetch.learn()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._session.close()

    async def read(self, path: str) -> bytes | None:
        """What a reader gets at ``path``, or None where nothing is.

        Raises:
            EndpointUnreachableError: No answer that counts.
        """
        held = bytearray()

        def begin() -> Take:
            held.clear()
            return held.extend

        limit = MAX_FILE_BYTES if path.startswith(_OF_ANY_SIZE) else MAX_PAGE_BYTES
        try:
            await self._fetch.get(path, begin=begin, max_bytes=limit)
        except MissingFileError:
            return None
        except PROXY_ERRORS as error:
            what = f"its proxy does not let us through to {self._url} ({error})"
            raise EndpointUnreachableError(self._name, what) from None
        except TreeError as error:
            what = f"at its public address {self._url}: {error}"
            raise EndpointUnreachableError(self._name, what) from error
        if self._nothing and path not in _SHOWN_FOR_ALL:
            shown = hashlib.sha256(held).hexdigest()
            return None if shown == self._nothing else bytes(held)
        return bytes(held)

    async def habits(self, path: str) -> Habits | None:
        """How ``path`` is served to a browser; None where it is not.

        Raises:
            EndpointUnreachableError: No answer that counts.
        """
        try:
            async with self._session.get(
                URL(self._url + path, encoded=True), headers=_BROWSER, allow_redirects=False
            ) as answer:
                said = answer.headers
                if answer.status != HTTPStatus.OK:
                    return None
                return Habits(
                    media_type=answer.content_type.lower(),
                    compresses=said.get("Content-Encoding", "identity").lower() != "identity",
                    closes="close" in said.get("Connection", "").lower(),
                )
        except (TimeoutError, OSError, ValueError, aiohttp.ClientError, *PROXY_ERRORS) as error:
            what = f"at its public address {self._url}: {in_words(error)}"
            raise EndpointUnreachableError(self._name, what) from None


def _proxy_of(config: MirrorConfig) -> str:
    if config.kind != "onion":
        return ""
    if config.proxy is None:
        raise EndpointRefusedError(
            config.name,
            "its address is an onion, and nothing leads there; set `proxy` to your Tor's SOCKS"
            " port, as a secret that holds socks5h://127.0.0.1:9050",
        )
    return config.proxy.read()


def _connector(proxy: str, mirror: str) -> aiohttp.BaseConnector:
    if not proxy:
        return aiohttp.TCPConnector(limit=PARALLEL)
    return proxied(proxy, key=f'[[mirror]] "{mirror}" proxy', limit=PARALLEL)
