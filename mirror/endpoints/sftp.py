"""``sftp://user@host/path?host-key=SHA256:…``: a mirror that is a folder behind SSH."""

import asyncio
import contextlib
import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Final, TypeVar, cast

import asyncssh

from mirror.config import MirrorConfig
from mirror.config.sftp import SftpPlace
from mirror.endpoints import paths
from mirror.endpoints.ssh import FULL, Line, in_words
from mirror.errors import EndpointError, EndpointRefusedError, EndpointUnreachableError

T = TypeVar("T")

PIECE: Final = 131_072  # bytes; OpenSSH ends the session on one write over about 256 KiB
AT_ONCE: Final = 32  # pieces of one file on their way
SLOWEST: Final = 20_000  # bytes a second; a file may take that long beyond the timeout

_WRITE: Final = asyncssh.FXF_WRITE | asyncssh.FXF_CREAT
_NEW: Final = _WRITE | asyncssh.FXF_EXCL
_FILE: Final = asyncssh.SFTPAttrs(permissions=0o644)
_FOLDER: Final = asyncssh.SFTPAttrs(permissions=0o755)
_MISSING: Final = (asyncssh.SFTPNoSuchFile, asyncssh.SFTPNoSuchPath)


class SftpMirror:
    """A folder behind SFTP. One connection is kept open, and requests overlap on it.

    A file is written beside its place under a dot name, and renamed once the server has said
    that all of it was written. The dot name follows from path and bytes: what a push that was
    killed left behind, the next one completes and renames. Only ``lay`` writes in place, and only
    where nothing stands.

    A put takes three round trips (``put_trips``): open; write and close; rename.
    """

    put_trips: Final = 3

    def __init__(self, name: str, place: SftpPlace, secret: str, *, timeout_s: float) -> None:
        """A mirror in the place's folder, which is made when the first file is put.

        ``secret`` is the user's password, or a private key; ``timeout_s`` is for one request,
        and a file of many bytes gets more (``SLOWEST``).
        """
        self._name = name
        self._root = place.folder.rstrip("/")
        self._timeout = timeout_s
        self._line = Line(name, place, secret, timeout_s=timeout_s)
        self._making: dict[str, asyncio.Task[None]] = {}

    @classmethod
    def build(cls, config: MirrorConfig) -> "SftpMirror":
        """The mirror that ``config`` describes.

        Raises:
            ConfigError: Its password or key can't be read.
        """
        return cls(
            config.name,
            SftpPlace.parse(config.push),
            config.password.read() if config.password else "",
            timeout_s=config.timeout.total_seconds(),
        )

    @property
    def name(self) -> str:
        """Name in the configuration."""
        return self._name

    async def get(self, path: str, *, max_bytes: int) -> bytes | None:
        """See ``Mirror.get``."""
        return await self._run(
            f"GET {path}", path, 0, lambda client: self._get(client, path, max_bytes)
        )

    async def put(self, path: str, data: bytes) -> None:
        """See ``Mirror.put``."""
        await self._run(
            f"PUT {path}", path, len(data), lambda client: self._put(client, path, data)
        )

    async def lay(self, path: str, data: bytes) -> None:
        """See ``Laying.lay``: two round trips."""
        await self._run(
            f"PUT {path}", path, len(data), lambda client: self._lay(client, path, data)
        )

    async def delete(self, path: str) -> None:
        """See ``Mirror.delete``."""
        await self._run(f"DELETE {path}", path, 0, lambda client: self._delete(client, path))

    async def close(self) -> None:
        """Close the connection."""
        for task in tuple(self._making.values()):
            task.cancel()
        await self._line.close()

    async def _run(
        self, what: str, path: str, size: int, work: Callable[[asyncssh.SFTPClient], Awaitable[T]]
    ) -> T:
        paths.check(self._name, path)
        limit = self._timeout + size / SLOWEST
        client = await self._line.client()
        try:
            async with asyncio.timeout(limit):
                return await work(client)
        except TimeoutError:
            self._line.drop()  # the next request tries another connection
            problem = f"{what}: no answer within {limit:.0f} s"
            raise EndpointUnreachableError(self._name, problem) from None
        except (asyncssh.Error, OSError) as error:
            if isinstance(error, asyncssh.SFTPNoConnection | asyncssh.SFTPConnectionLost):
                self._line.drop()
            raise await self._told(client, what, error, size) from None

    async def _get(self, client: asyncssh.SFTPClient, path: str, max_bytes: int) -> bytes | None:
        try:
            file = await client.open(
                self._place(path), asyncssh.FXF_READ, encoding=None, block_size=0
            )
        except _MISSING:
            return None
        async with file:
            attributes, data = await asyncio.gather(file.stat(), _read(file, 0))
            size = attributes.size or 0
            if size > max_bytes:
                what = f"GET {path}: over {max_bytes} bytes"
                raise EndpointUnreachableError(self._name, what)
            whole = bytearray(data)
            while len(whole) < size:
                data = await _read(file, len(whole))
                if not data:
                    raise EndpointUnreachableError(self._name, f"GET {path}: it was cut short")
                whole += data
        return bytes(whole)

    async def _put(self, client: asyncssh.SFTPClient, path: str, data: bytes) -> None:
        place = self._place(path)
        folder, slash, _ = place.rpartition("/")
        fresh = f"{folder}{slash}.{hashlib.sha256(path.encode() + data).hexdigest()[:32]}"
        file = await self._create(client, fresh, _WRITE)
        async with _or_removed(client, fresh):
            await _fill(file, data)
            await client.posix_rename(fresh, place)

    async def _lay(self, client: asyncssh.SFTPClient, path: str, data: bytes) -> None:
        place = self._place(path)
        try:
            file = await self._create(client, place, _NEW)
        except (asyncssh.SFTPFailure, asyncssh.SFTPFileAlreadyExists):
            await self._put(client, path, data)  # it stands there; or the error comes again
            return
        async with _or_removed(client, place):
            await _fill(file, data)

    async def _create(
        self, client: asyncssh.SFTPClient, place: str, flags: int
    ) -> asyncssh.SFTPClientFile:
        """Open ``place`` to write, and make its folder where that is missing."""
        try:
            return await client.open(place, flags, _FILE, encoding=None, block_size=0)
        except _MISSING:
            await self._make(client, place.rpartition("/")[0])
        return await client.open(place, flags, _FILE, encoding=None, block_size=0)

    async def _delete(self, client: asyncssh.SFTPClient, path: str) -> None:
        with contextlib.suppress(*_MISSING):
            await client.remove(self._place(path))

    async def _make(self, client: asyncssh.SFTPClient, folder: str) -> None:
        """Make ``folder`` and all above it; who waits for the same one, waits for one request."""
        task = self._making.get(folder)
        if task is None:
            task = self._making[folder] = asyncio.create_task(self._mkdir(client, folder))
            task.add_done_callback(lambda done: self._made(folder, done))
        await asyncio.shield(task)

    async def _mkdir(self, client: asyncssh.SFTPClient, folder: str) -> None:
        try:
            await client.mkdir(folder, _FOLDER)
        except _MISSING:
            above, _, name = folder.rpartition("/")
            if not above or not name:
                raise
            await self._make(client, above)
            await client.mkdir(folder, _FOLDER)
        except (asyncssh.SFTPFailure, asyncssh.SFTPFileAlreadyExists):
            pass  # version 3 has no word for "it is there"; if it isn't, the next request says so

    def _made(self, folder: str, done: "asyncio.Task[None]") -> None:
        self._making.pop(folder, None)
        if not done.cancelled():
            done.exception()  # seen, where everybody who waited has given up

    def _place(self, path: str) -> str:
        return f"{self._root}/{path}" if self._root else path

    async def _told(
        self, client: asyncssh.SFTPClient, what: str, error: Exception, size: int
    ) -> EndpointError:
        """The error in words. Version 3 says "failure" of a full disk: that one is looked up."""
        if isinstance(error, asyncssh.SFTPFailure):
            with contextlib.suppress(asyncssh.Error, OSError, TimeoutError):
                async with asyncio.timeout(self._timeout):
                    free = await client.statvfs(self._root or ".")
                room = free.bavail * free.frsize
                if room <= size or (free.files and not free.favail):
                    return EndpointRefusedError(self._name, f"{what}: {FULL}")
        return in_words(self._name, what, error)


async def _read(file: asyncssh.SFTPClientFile, at: int) -> bytes:
    return cast("bytes", await file.read(PIECE, at))


@contextlib.asynccontextmanager
async def _or_removed(client: asyncssh.SFTPClient, place: str) -> AsyncIterator[None]:
    """Leave nothing of a file at ``place`` where the server says no in the block."""
    try:
        yield
    except asyncssh.SFTPError:
        with contextlib.suppress(asyncssh.SFTPError):
            await client.remove(place)
        raise


async def _fill(file: asyncssh.SFTPClientFile, data: bytes) -> None:
    """Write all of ``data`` and close; the last pieces and the close in one round trip.

    Requests go out in the order in which they are begun here, and a server does what concerns
    one file in that order.
    """
    starts = range(0, len(data), PIECE)
    waves = [starts[at : at + AT_ONCE] for at in range(0, len(starts), AT_ONCE)] or [starts]
    for number, wave in enumerate(waves, start=1):
        jobs: list[Awaitable[object]] = [file.write(data[at : at + PIECE], at) for at in wave]
        if number == len(waves):
            jobs.append(file.close())
        for answer in await asyncio.gather(*jobs, return_exceptions=True):
            if isinstance(answer, BaseException):
                raise answer
