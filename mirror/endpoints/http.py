"""Requests to a host that speaks HTTP: connections kept, time limited, errors told in words."""

import contextlib
import io
import os
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Final

import aiohttp
from yarl import URL

from mirror.errors import EndpointError, EndpointRefusedError, EndpointUnreachableError
from mirror.proxy import PROXY_ERRORS, proxied

# Without one, some hosts answer 403; with a client's own, every host learns what we run.
HEADERS: Final = {"User-Agent": "Mozilla/5.0", "Accept": "*/*"}
SLOWEST: Final = 20_000  # bytes a second; a body may take that long beyond the timeout
LARGE: Final = 1_000_000  # bytes; from here on a body is sent in pieces, so others are not held up
KEEP_ALIVE: Final = 60.0  # seconds; a round's phases, and short rounds, share connections

GONE: Final = frozenset({HTTPStatus.NOT_FOUND, HTTPStatus.GONE})
_TRY_AGAIN: Final = {
    HTTPStatus.REQUEST_TIMEOUT,
    HTTPStatus.CONFLICT,
    HTTPStatus.LOCKED,
    HTTPStatus.TOO_EARLY,
    HTTPStatus.TOO_MANY_REQUESTS,
}


@dataclass(slots=True, kw_only=True)
class Host:
    """One host, as one mirror asks it. Calls may overlap.

    Attributes:
        mirror: Name of the mirror, for errors.
        timeout_s: For one request; a body of many bytes gets more (``SLOWEST``).
        headers: Of every request.
        proxy: Address of a proxy, or empty.
    """

    mirror: str
    timeout_s: float
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    proxy: str = field(default="", repr=False)
    _open: aiohttp.ClientSession | None = field(default=None, repr=False)

    @contextlib.asynccontextmanager
    async def request(
        self,
        verb: str,
        path: str,
        address: str,
        *,
        data: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        """The answer to a request for ``address``, which errors call ``path``.

        Redirects are not followed, and a body comes as it was sent, compressed or not.

        Raises:
            EndpointUnreachableError: The line failed, in words without address and secret.
        """
        limit = self.timeout_s + len(data or b"") / SLOWEST
        try:
            async with self._session().request(
                verb,
                URL(address, encoded=True),
                data=data if data is None or len(data) < LARGE else io.BytesIO(data),
                headers=headers,
                allow_redirects=False,
                timeout=aiohttp.ClientTimeout(total=limit),
            ) as answer:
                yield answer
        except TimeoutError as error:
            what = f"{verb} {path}: no answer within {limit:.0f} s"
            raise EndpointUnreachableError(self.mirror, what) from error
        except (aiohttp.ClientError, OSError, *PROXY_ERRORS) as error:
            what = f"{verb} {path}: {_reason(error)}"
            raise EndpointUnreachableError(self.mirror, what) from None

    async def body(self, answer: aiohttp.ClientResponse, path: str, max_bytes: int) -> bytes:
        """All of the answer's body.

        Raises:
            EndpointUnreachableError: It has more than ``max_bytes``.
        """
        data = bytearray()
        async for piece in answer.content.iter_any():
            data += piece
            if len(data) > max_bytes:
                what = f"GET {path}: over {max_bytes} bytes"
                raise EndpointUnreachableError(self.mirror, what)
        return bytes(data)

    def no(self, what: str, status: int, remedies: Mapping[int, str]) -> EndpointError:
        """The error for an answer that is none of those hoped for; ``remedies`` by status."""
        if status in _TRY_AGAIN or (
            status >= HTTPStatus.INTERNAL_SERVER_ERROR and status != HTTPStatus.INSUFFICIENT_STORAGE
        ):
            return EndpointUnreachableError(self.mirror, what)
        if HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST:
            remedy = "it leads to another address; write that one as `push`"
        else:
            remedy = remedies.get(status, "")
        return EndpointRefusedError(self.mirror, f"{what}; {remedy}" if remedy else what)

    async def close(self) -> None:
        """Close the connections."""
        if self._open is not None:
            await self._open.close()
            self._open = None

    def _session(self) -> aiohttp.ClientSession:
        if self._open is None:
            self._open = aiohttp.ClientSession(
                headers={**HEADERS, **self.headers},
                connector=self._connector(),
                cookie_jar=aiohttp.DummyCookieJar(),
                skip_auto_headers=("Accept-Encoding",),
                auto_decompress=False,
            )
        return self._open

    def _connector(self) -> aiohttp.BaseConnector:
        if self.proxy:
            key = f"[[mirror]] {self.mirror} proxy"
            return proxied(self.proxy, key=key, limit=0, keepalive_timeout=KEEP_ALIVE)
        return aiohttp.TCPConnector(limit=0, keepalive_timeout=KEEP_ALIVE)


def is_success(status: int) -> bool:
    """Whether a status says that it was done."""
    return HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES


def _reason(error: Exception) -> str:
    """What went wrong on the line, in words that hold no address and no secret."""
    for kind, words in _WORDS.items():
        if isinstance(error, kind):
            return words
    if isinstance(error, aiohttp.ClientConnectorError):
        error = error.os_error  # whose text may hold the address
        return (
            f"no connection ({os.strerror(error.errno) if error.errno else type(error).__name__})"
        )
    if isinstance(error, OSError):
        return error.strerror or type(error).__name__
    return type(error).__name__


_WORDS: Final[Mapping[type[Exception], str]] = {
    **dict.fromkeys(PROXY_ERRORS, "the proxy did not let us through"),
    aiohttp.ClientConnectorCertificateError: "its TLS certificate is not valid",
    aiohttp.ClientConnectorDNSError: "its host name is not found",
    aiohttp.ServerDisconnectedError: "the connection was closed before the answer",
}
