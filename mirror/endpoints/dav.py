"""``dav://user@host/path`` and ``davs://``: a mirror behind WebDAV, over HTTP or HTTPS."""

import asyncio
import base64
import contextlib
import io
from collections.abc import AsyncIterator, Mapping
from datetime import timedelta
from http import HTTPStatus
from typing import Final
from urllib.parse import quote, unquote, urlsplit, urlunsplit

import aiohttp

from mirror.config import MirrorConfig
from mirror.endpoints import paths
from mirror.endpoints.serving import media_type
from mirror.errors import EndpointError, EndpointRefusedError, EndpointUnreachableError

# Without one, some hosts answer 403; with a client's own, every host learns what we run.
HEADERS: Final = {"User-Agent": "Mozilla/5.0", "Accept": "*/*"}
SLOWEST: Final = 20_000  # bytes a second; a body may take that long beyond the timeout
LARGE: Final = 1_000_000  # bytes; from here on a body is sent in pieces, so others are not held up
KEEP_ALIVE: Final = 60.0  # seconds; a round's phases, and short rounds, share connections

_GONE: Final = {HTTPStatus.NOT_FOUND, HTTPStatus.GONE}
_NO_FOLDER: Final = {  # what servers answer where the folder is not there yet; nginx: 500
    HTTPStatus.NOT_FOUND,
    HTTPStatus.CONFLICT,
    HTTPStatus.INTERNAL_SERVER_ERROR,
}
_TRY_AGAIN: Final = {
    HTTPStatus.REQUEST_TIMEOUT,
    HTTPStatus.CONFLICT,
    HTTPStatus.LOCKED,
    HTTPStatus.TOO_EARLY,
    HTTPStatus.TOO_MANY_REQUESTS,
}
_REMEDIES: Final[Mapping[int, str]] = {
    HTTPStatus.UNAUTHORIZED: "set the user in `push` and its `password`",
    HTTPStatus.FORBIDDEN: "let this user write there",
    HTTPStatus.METHOD_NOT_ALLOWED: "turn on PUT, DELETE and MKCOL at this address",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "raise the host's limit on the size of a file",
    HTTPStatus.INSUFFICIENT_STORAGE: "free some space there; the next push goes on",
}


class DavMirror:
    """A WebDAV folder. Connections are kept open; folders are made when first needed."""

    def __init__(
        self, name: str, address: str, *, user: str = "", password: str = "", timeout: timedelta
    ) -> None:
        """A mirror at ``address``, an http(s) address without user.

        ``timeout`` is for one request; a body of many bytes gets more (``SLOWEST``).
        """
        self._name = name
        self._address = address if address.endswith("/") else f"{address}/"
        self._headers = dict(HEADERS)
        if user or password:
            credentials = base64.b64encode(f"{user}:{password}".encode()).decode()
            self._headers["Authorization"] = f"Basic {credentials}"
        self._timeout = timeout.total_seconds()
        self._open: aiohttp.ClientSession | None = None
        self._folders: set[str] = set()
        self._making = asyncio.Lock()

    @classmethod
    def build(cls, config: MirrorConfig) -> "DavMirror":
        """The mirror that ``config`` describes.

        Raises:
            ConfigError: Its password can't be read.
        """
        parts = urlsplit(config.push)
        scheme = "https" if config.scheme == "davs" else "http"
        address = urlunsplit((scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))
        return cls(
            config.name,
            address,
            user=unquote(parts.username or ""),
            password=config.password.read() if config.password else "",
            timeout=config.timeout,
        )

    @property
    def name(self) -> str:
        """Name in the configuration."""
        return self._name

    async def get(self, path: str, *, max_bytes: int) -> bytes | None:
        """See ``Mirror.get``."""
        paths.check(self._name, path)
        async with self._request("GET", path) as answer:
            if answer.status in _GONE:
                return None
            if answer.status != HTTPStatus.OK:
                raise self._no("GET", path, answer.status)
            data = bytearray()
            async for piece in answer.content.iter_any():
                data += piece
                if len(data) > max_bytes:
                    what = f"GET {path}: over {max_bytes} bytes"
                    raise EndpointUnreachableError(self._name, what)
            return bytes(data)

    async def put(self, path: str, data: bytes) -> None:
        """See ``Mirror.put``."""
        paths.check(self._name, path)
        folder = path.rpartition("/")[0]
        status = await self._put(path, data)
        if status in _NO_FOLDER and folder not in self._folders:
            await self._make_folders(path)
            status = await self._put(path, data)
        if not _is_success(status):
            self._folders.discard(folder)  # it may have been removed: look again next time
            raise self._no("PUT", path, status)
        self._folders.add(folder)

    async def delete(self, path: str) -> None:
        """See ``Mirror.delete``."""
        paths.check(self._name, path)
        status = await self._status("DELETE", path)
        if not _is_success(status) and status not in _GONE:
            raise self._no("DELETE", path, status)

    async def close(self) -> None:
        """Close the connections."""
        if self._open is not None:
            await self._open.close()
            self._open = None

    async def _put(self, path: str, data: bytes) -> int:
        return await self._status("PUT", path, data)

    async def _make_folders(self, path: str) -> None:
        async with self._making:
            for folder in paths.folders(path):
                if folder not in self._folders:
                    status = await self._status("MKCOL", f"{folder}/")
                    if not _is_success(status) and status != HTTPStatus.METHOD_NOT_ALLOWED:
                        raise self._no("MKCOL", f"{folder}/", status)
                    self._folders.add(folder)  # 405: it is there already

    async def _status(self, verb: str, path: str, data: bytes | None = None) -> int:
        async with self._request(verb, path, data) as answer:
            return answer.status

    @contextlib.asynccontextmanager
    async def _request(
        self, verb: str, path: str, data: bytes | None = None
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        """The answer; every failure of the line is told as one of ours, without secrets."""
        headers = {} if data is None else {"Content-Type": media_type(path)}
        limit = self._timeout + len(data or b"") / SLOWEST
        try:
            async with self._session().request(
                verb,
                self._address + quote(path),
                data=data if data is None or len(data) < LARGE else io.BytesIO(data),
                headers=headers,
                allow_redirects=False,
                timeout=aiohttp.ClientTimeout(total=limit),
            ) as answer:
                yield answer
        except TimeoutError as error:
            what = f"{verb} {path}: no answer within {limit:.0f} s"
            raise EndpointUnreachableError(self._name, what) from error
        except (aiohttp.ClientError, OSError) as error:
            what = f"{verb} {path}: {_reason(error)}"
            raise EndpointUnreachableError(self._name, what) from None

    def _session(self) -> aiohttp.ClientSession:
        if self._open is None:
            self._open = aiohttp.ClientSession(
                headers=self._headers,
                connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=KEEP_ALIVE),
                cookie_jar=aiohttp.DummyCookieJar(),
                skip_auto_headers=("Accept-Encoding",),
            )
        return self._open

    def _no(self, verb: str, path: str, status: int) -> EndpointError:
        what = f"{verb} {path}: {status}"
        if status in _TRY_AGAIN or (
            status >= HTTPStatus.INTERNAL_SERVER_ERROR and status != HTTPStatus.INSUFFICIENT_STORAGE
        ):
            return EndpointUnreachableError(self._name, what)
        if HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST:
            remedy = "it leads to another address; write that one as `push`"
        else:
            remedy = _REMEDIES.get(status, "")
        return EndpointRefusedError(self._name, f"{what}; {remedy}" if remedy else what)


def _is_success(status: int) -> bool:
    return HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES


def _reason(error: Exception) -> str:
    """What went wrong on the line, in words that hold no address and no secret."""
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        return "its TLS certificate is not valid"
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return "its host name is not found"
    if isinstance(error, aiohttp.ClientConnectorError):
        return f"no connection ({error.os_error.strerror or type(error.os_error).__name__})"
    if isinstance(error, aiohttp.ServerDisconnectedError):
        return "the connection was closed before the answer"
    if isinstance(error, OSError):
        return error.strerror or type(error).__name__
    return type(error).__name__
