"""``sftp://user@host/path?host-key=SHA256:…``: a mirror that is a folder behind SSH."""

import asyncio
import contextlib
import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Final, TypeVar

import asyncssh

from mirror.config import MirrorConfig
from mirror.config.sftp import SftpPlace
from mirror.endpoints import paths
from mirror.endpoints.sftp_session import NEW, WRITE, SftpSession, check
from mirror.endpoints.ssh import FULL, Line, in_words
from mirror.errors import EndpointError, EndpointRefusedError, EndpointUnreachableError

T = TypeVar("T")

SLOWEST: Final = 20_000  # bytes a second; a file may take that long beyond the timeout

_FILE: Final = 0o644
_FOLDER: Final = 0o755
_MISSING: Final = (asyncssh.SFTPNoSuchFile, asyncssh.SFTPNoSuchPath)


class SftpMirror:
    """A folder behind SFTP. One connection is kept open, and requests overlap on it.

    A file is written beside its place under a dot name, and renamed once the server has said
    that all of it was written. The dot name follows from path and bytes: what a push that was
    killed left behind, the next one completes and renames. Only ``lay`` writes in place, and only
    where nothing stands.

    A put takes three round trips (open; write and close; rename), and no connection of its own.
    """

    far_width: Final = 7

    def __init__(self, name: str, place: SftpPlace, secret: str, *, timeout_s: float) -> None:
        """A mirror in the place's folder, which is made when the first file is put.

        ``secret`` is the user's password, or a private key; ``timeout_s`` is for one request,
        and a file of many bytes gets more (``SLOWEST``).
        """
        self._name = name
        self._root = place.folder.rstrip("/")
        self._timeout = timeout_s
        self._line = Line(name, place, secret, timeout_s=timeout_s)
        self._known: set[str] = set()  # folders that were asked for, or are there

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
            f"GET {path}", path, 0, lambda session: self._get(session, path, max_bytes)
        )

    async def put(self, path: str, data: bytes) -> None:
        """See ``Mirror.put``."""
        await self._run(
            f"PUT {path}", path, len(data), lambda session: self._put(session, path, data)
        )

    async def lay(self, path: str, data: bytes) -> None:
        """See ``Laying.lay``: two round trips."""
        await self._run(
            f"PUT {path}", path, len(data), lambda session: self._lay(session, path, data)
        )

    async def delete(self, path: str) -> None:
        """See ``Mirror.delete``."""
        await self._run(f"DELETE {path}", path, 0, lambda session: self._delete(session, path))

    async def close(self) -> None:
        """Close the connection."""
        await self._line.close()

    async def _run(
        self, what: str, path: str, size: int, work: Callable[[SftpSession], Awaitable[T]]
    ) -> T:
        paths.check(self._name, path)
        limit = self._timeout + size / SLOWEST
        session = await self._line.session()
        try:
            async with asyncio.timeout(limit):
                return await work(session)
        except TimeoutError:
            self._line.drop()  # the next request tries another connection
            problem = f"{what}: no answer within {limit:.0f} s"
            raise EndpointUnreachableError(self._name, problem) from None
        except (asyncssh.Error, OSError) as error:
            if isinstance(error, asyncssh.SFTPNoConnection | asyncssh.SFTPConnectionLost):
                self._line.drop()
            raise await self._told(session, what, error, size) from None

    async def _get(self, session: SftpSession, path: str, max_bytes: int) -> bytes | None:
        try:
            data = await session.read(self._place(path), max_bytes)
        except _MISSING:
            return None
        except EOFError:
            raise EndpointUnreachableError(self._name, f"GET {path}: it was cut short") from None
        if data is None:
            raise EndpointUnreachableError(self._name, f"GET {path}: over {max_bytes} bytes")
        return data

    async def _put(self, session: SftpSession, path: str, data: bytes) -> None:
        place = self._place(path)
        folder, slash, _ = place.rpartition("/")
        fresh = f"{folder}{slash}.{hashlib.sha256(path.encode() + data).hexdigest()[:32]}"
        file = await self._create(session, fresh, WRITE)
        async with _or_removed(session, fresh):
            await session.fill(file, data)
            await session.rename(fresh, place)

    async def _lay(self, session: SftpSession, path: str, data: bytes) -> None:
        place = self._place(path)
        try:
            file = await self._create(session, place, NEW)
        except (asyncssh.SFTPFailure, asyncssh.SFTPFileAlreadyExists):
            await self._put(session, path, data)  # it stands there; or the error comes again
            return
        async with _or_removed(session, place):
            await session.fill(file, data)

    async def _create(self, session: SftpSession, place: str, flags: int) -> bytes:
        """Open ``place`` to write; folders that may be missing are asked for just before."""
        folder = place.rpartition("/")[0]
        if folder not in self._known:
            for name in _way(folder, self._root):
                if name not in self._known:
                    self._known.add(name)
                    session.mkdir(name, _FOLDER)
        try:
            return await session.create(place, flags, _FILE)
        except _MISSING:  # all of it is new; or what we knew of is gone
            await self._make(session, folder)
        return await session.create(place, flags, _FILE)

    async def _make(self, session: SftpSession, folder: str) -> None:
        """Make ``folder`` and all above it, in one round trip."""
        answers = [session.mkdir(name, _FOLDER) for name in _way(folder, "")]
        for answer in answers:
            await answer
        # Version 3 has no word for "it is there"; if it isn't, the next request says so.
        with contextlib.suppress(asyncssh.SFTPFailure, asyncssh.SFTPFileAlreadyExists):
            check(answers[-1].result())

    async def _delete(self, session: SftpSession, path: str) -> None:
        with contextlib.suppress(*_MISSING):
            await session.remove(self._place(path))

    def _place(self, path: str) -> str:
        return f"{self._root}/{path}" if self._root else path

    async def _told(
        self, session: SftpSession, what: str, error: Exception, size: int
    ) -> EndpointError:
        """The error in words. Version 3 says "failure" of a full disk: that one is looked up."""
        if isinstance(error, asyncssh.SFTPFailure):
            with contextlib.suppress(asyncssh.Error, OSError, TimeoutError):
                async with asyncio.timeout(self._timeout):
                    room = await session.has_room(self._root or ".", size)
                if not room:
                    return EndpointRefusedError(self._name, f"{what}: {FULL}")
        return in_words(self._name, what, error)


def _way(folder: str, root: str) -> list[str]:
    """``root`` and what leads from there to ``folder``, from the top."""
    found = []
    while folder and len(folder) >= len(root):
        found.append(folder)
        folder = folder.rpartition("/")[0]
    return found[::-1]


@contextlib.asynccontextmanager
async def _or_removed(session: SftpSession, place: str) -> AsyncIterator[None]:
    """Leave nothing of a file at ``place`` where the server says no in the block."""
    try:
        yield
    except asyncssh.SFTPError:
        with contextlib.suppress(asyncssh.SFTPError):
            await session.remove(place)
        raise
