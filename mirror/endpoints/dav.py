"""``dav://user@host/path`` and ``davs://``: a mirror behind WebDAV, over HTTP or HTTPS."""

import asyncio
import base64
from collections.abc import Mapping
from datetime import timedelta
from http import HTTPStatus
from typing import Final
from urllib.parse import quote, unquote, urlsplit, urlunsplit

from mirror.config import MirrorConfig
from mirror.endpoints import paths
from mirror.endpoints.http import GONE, Host, is_success
from mirror.endpoints.serving import media_type
from mirror.errors import EndpointError

_NO_FOLDER: Final = {  # what servers answer where the folder is not there yet; nginx: 500
    HTTPStatus.NOT_FOUND,
    HTTPStatus.CONFLICT,
    HTTPStatus.INTERNAL_SERVER_ERROR,
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
        self,
        name: str,
        address: str,
        *,
        user: str = "",
        password: str = "",
        timeout: timedelta,
        proxy: str = "",
    ) -> None:
        """A mirror at ``address``, an http(s) address without user.

        ``timeout`` is for one request; a body of many bytes gets more.
        """
        self._name = name
        self._address = address if address.endswith("/") else f"{address}/"
        headers = {}
        if user or password:
            credentials = base64.b64encode(f"{user}:{password}".encode()).decode()
            headers["Authorization"] = f"Basic {credentials}"
        seconds = timeout.total_seconds()
        self._host = Host(mirror=name, timeout_s=seconds, headers=headers, proxy=proxy)
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
            proxy=config.proxy.read() if config.proxy else "",
        )

    @property
    def name(self) -> str:
        """Name in the configuration."""
        return self._name

    async def get(self, path: str, *, max_bytes: int) -> bytes | None:
        """See ``Mirror.get``."""
        paths.check(self._name, path)
        async with self._host.request("GET", path, self._address + quote(path)) as answer:
            if answer.status in GONE:
                return None
            if answer.status != HTTPStatus.OK:
                raise self._no("GET", path, answer.status)
            return await self._host.body(answer, path, max_bytes)

    async def put(self, path: str, data: bytes) -> None:
        """See ``Mirror.put``."""
        paths.check(self._name, path)
        folder = path.rpartition("/")[0]
        status = await self._put(path, data)
        if status in _NO_FOLDER and folder not in self._folders:
            await self._make_folders(path)
            status = await self._put(path, data)
        if not is_success(status):
            self._folders.discard(folder)  # it may have been removed: look again next time
            raise self._no("PUT", path, status)
        self._folders.add(folder)

    async def delete(self, path: str) -> None:
        """See ``Mirror.delete``."""
        paths.check(self._name, path)
        status = await self._status("DELETE", path)
        if not is_success(status) and status not in GONE:
            raise self._no("DELETE", path, status)

    async def close(self) -> None:
        """Close the connections."""
        await self._host.close()

    async def _put(self, path: str, data: bytes) -> int:
        return await self._status("PUT", path, data)

    async def _make_folders(self, path: str) -> None:
        async with self._making:
            for folder in paths.folders(path):
                if folder not in self._folders:
                    status = await self._status("MKCOL", f"{folder}/")
                    if not is_success(status) and status != HTTPStatus.METHOD_NOT_ALLOWED:
                        raise self._no("MKCOL", f"{folder}/", status)
                    self._folders.add(folder)  # 405: it is there already

    async def _status(self, verb: str, path: str, data: bytes | None = None) -> int:
        headers = {} if data is None else {"Content-Type": media_type(path)}
        address = self._address + quote(path)
        async with self._host.request(verb, path, address, data=data, headers=headers) as answer:
            return answer.status

    def _no(self, verb: str, path: str, status: int) -> EndpointError:
        return self._host.no(f"{verb} {path}: {status}", status, _REMEDIES)
