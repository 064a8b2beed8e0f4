"""``ftp://user@host/path`` and ``ftps://``: a mirror that is a folder behind FTP.

``ftps`` has TLS, and the certificate is checked; ``ftp`` sends all as it is. TLS is asked for
right after the connection is there (RFC 4217), or begins with the first byte on port 990.
Paths are seen from the folder that the login begins in (RFC 1738, 3.2.2); one that starts with
two slashes is a whole one.
"""

import asyncio
import contextlib
import hashlib
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar
from urllib.parse import unquote, urlsplit

import aioftp

from mirror.config import MirrorConfig
from mirror.endpoints import paths
from mirror.endpoints.ftp_pool import Login, Pool, Session
from mirror.endpoints.ftp_transfer import PIECE, store, transfer
from mirror.endpoints.ftp_words import NO_RENAME, code_of, in_words
from mirror.errors import EndpointRefusedError, EndpointUnreachableError

T = TypeVar("T")

PORT: Final = 21
SLOWEST: Final = 20_000  # bytes a second; a file may take that long beyond the timeout

_NO_SUCH: Final = "550"  # says "no such file" and "denied" alike
_NO_FOLDER: Final = ("550", "553", "450", "451")  # to STOR, where the folder is not there yet
_UNKNOWN: Final = ("500", "502", "504")  # no such command


class FtpMirror:
    """A folder on an FTP server. Sessions are kept open; folders are made when first needed.

    A file is written beside its place under a dot name, its size is looked at, and it is
    renamed. The dot name follows from path and bytes: what a push that was killed left behind,
    the next one completes and renames.
    """

    def __init__(self, name: str, login: Login, root: str, *, sessions: int) -> None:
        """A mirror in the folder ``root``, which is made when the first file is put."""
        self._name = name
        self._root = root.rstrip("/")
        self._timeout = login.timeout_s
        self._pool = Pool(login, sessions)
        self._folders: set[str] = set()
        self._making = asyncio.Lock()

    @classmethod
    def build(cls, config: MirrorConfig) -> "FtpMirror":
        """The mirror that ``config`` describes.

        Raises:
            ConfigError: Its password can't be read.
        """
        parts = urlsplit(config.push)
        login = Login(
            host=parts.hostname or "",
            port=parts.port or PORT,
            user=unquote(parts.username or ""),
            password=config.password.read() if config.password else "",
            tls=config.scheme == "ftps",
            timeout_s=config.timeout.total_seconds(),
        )
        root = unquote(parts.path).removeprefix("/")
        return cls(config.name, login, root, sessions=config.concurrency)

    @property
    def name(self) -> str:
        """Name in the configuration."""
        return self._name

    async def get(self, path: str, *, max_bytes: int) -> bytes | None:
        """See ``Mirror.get``."""
        return await self._run("GET", path, 0, lambda session: self._get(session, path, max_bytes))

    async def put(self, path: str, data: bytes) -> None:
        """See ``Mirror.put``."""
        await self._run("PUT", path, len(data), lambda session: self._put(session, path, data))

    async def delete(self, path: str) -> None:
        """See ``Mirror.delete``."""
        await self._run("DELETE", path, 0, lambda session: self._delete(session.client, path))

    async def close(self) -> None:
        """Close the sessions."""
        await self._pool.close()

    async def _run(
        self, verb: str, path: str, size: int, work: Callable[[Session], Awaitable[T]]
    ) -> T:
        paths.check(self._name, path)
        what = f"{verb} {path}"
        limit = self._timeout + size / SLOWEST
        try:
            async with asyncio.timeout(limit):
                return await self._on_a_session(work)
        except TimeoutError:
            problem = f"{what}: no answer within {limit:.0f} s"
            raise EndpointUnreachableError(self._name, problem) from None
        except (aioftp.AIOFTPException, OSError, EOFError) as error:
            raise in_words(self._name, what, error) from None

    async def _on_a_session(self, work: Callable[[Session], Awaitable[T]]) -> T:
        """Do ``work``; once more on a new session where an old one was closed meanwhile."""
        used = False
        try:
            async with self._pool.session() as session:
                used = session.used
                return await work(session)
        except (ConnectionError, EOFError, aioftp.StatusCodeError) as error:
            if not used or (isinstance(error, aioftp.StatusCodeError) and code_of(error) != "421"):
                raise
        async with self._pool.session(fresh=True) as session:
            return await work(session)

    async def _get(self, session: Session, path: str, max_bytes: int) -> bytes | None:
        try:
            return await self._retrieve(session, path, max_bytes)
        except aioftp.StatusCodeError as error:
            if code_of(error) != _NO_SUCH:
                raise
            if not await self._stands(session.client, path):
                return None
        return await self._retrieve(session, path, max_bytes)  # it may have come meanwhile

    async def _retrieve(self, session: Session, path: str, max_bytes: int) -> bytes:
        data = bytearray()
        command = f"RETR {self._place(path)}"
        async with transfer(session.client, command, session.tls) as (reader, _):
            while piece := await reader.read(PIECE):
                data += piece
                if len(data) > max_bytes:
                    what = f"GET {path}: over {max_bytes} bytes"
                    raise EndpointUnreachableError(self._name, what)
        return bytes(data)

    async def _put(self, session: Session, path: str, data: bytes) -> None:
        client = session.client
        place = self._place(path)
        folder, slash, _ = place.rpartition("/")
        fresh = f"{folder}{slash}.{hashlib.sha256(path.encode() + data).hexdigest()[:32]}"
        try:
            await store(client, fresh, data, session.tls)
        except aioftp.StatusCodeError as error:
            if code_of(error) not in _NO_FOLDER or folder in self._folders:
                self._folders.discard(folder)  # it may have been removed: look again next time
                raise
            await self._make(client, place)
            await store(client, fresh, data, session.tls)
        self._folders.add(folder)
        if not await _has_size(client, fresh, len(data)):
            raise EndpointUnreachableError(self._name, f"PUT {path}: it was cut short")
        try:
            await client.command(f"RNFR {fresh}", "350")
            await client.command(f"RNTO {place}", "2xx")
        except aioftp.StatusCodeError as error:
            with contextlib.suppress(aioftp.StatusCodeError):
                await client.command(f"DELE {fresh}", "2xx")
            if code_of(error).startswith("5"):
                problem = f"PUT {path}: {code_of(error)}; {NO_RENAME}"
                raise EndpointRefusedError(self._name, problem) from None
            raise

    async def _delete(self, client: aioftp.Client, path: str) -> None:
        try:
            await client.command(f"DELE {self._place(path)}", "2xx")
        except aioftp.StatusCodeError as error:
            if code_of(error) != _NO_SUCH or await self._stands(client, path):
                raise

    async def _stands(self, client: aioftp.Client, path: str) -> bool:
        """Whether a file stands at ``path``, though the server gave or deleted none.

        Its answer is the same for what is not there and what we may not have; a head that can't
        be read must not be taken for none.
        """
        for command in ("SIZE", "MDTM"):
            try:
                await client.command(f"{command} {self._place(path)}", "213")
            except aioftp.StatusCodeError as error:
                if code_of(error) == _NO_SUCH:
                    return False
                if code_of(error) not in _UNKNOWN:
                    raise
            else:
                return True
        problem = "it does not say what stands there (SIZE, MDTM); mirror by another kind"
        raise EndpointRefusedError(self._name, f"{path}: {problem}")

    async def _make(self, client: aioftp.Client, place: str) -> None:
        """Make every folder above ``place``."""
        async with self._making:
            for folder in filter(None, paths.folders(place)):
                if folder not in self._folders:
                    with contextlib.suppress(aioftp.StatusCodeError):  # there; or STOR says why
                        await client.command(f"MKD {folder}", "2xx")
                    self._folders.add(folder)

    def _place(self, path: str) -> str:
        return f"{self._root}/{path}" if self._root else path


async def _has_size(client: aioftp.Client, place: str, size: int) -> bool:
    """Whether the server has that many bytes there, as far as it says (RFC 3659)."""
    try:
        _, lines = await client.command(f"SIZE {place}", "213")
    except aioftp.StatusCodeError as error:
        if code_of(error) in _UNKNOWN:
            return True
        raise
    return lines[-1].strip() == str(size)
