"""``GitBatch``: files and deletions that become one commit."""

import asyncio
from collections.abc import Awaitable, Callable

from feeds.paths import CHECKPOINT
from mirror.endpoints import paths
from mirror.endpoints.git_kept import Kept
from mirror.endpoints.git_run import end
from mirror.endpoints.git_stream import Base, blob, blob_id, commit, head_time
from mirror.errors import EndpointUnreachableError

Show = Callable[["GitBatch"], Awaitable[None]]


class GitBatch:
    """See ``Batch``. Files go to git as they come; only their names are held here."""

    def __init__(self, mirror: str, kept: Kept, show: Show) -> None:
        """An empty batch; ``show`` commits and pushes it."""
        self._mirror = mirror
        self._kept = kept
        self._show = show
        self._changes: dict[str, str | None] = {}
        self._time = 0
        self._import: asyncio.subprocess.Process | None = None
        self._lock = asyncio.Lock()

    @property
    def waiting(self) -> bool:
        """Whether something was put or deleted that is not shown yet."""
        return bool(self._changes)

    async def put(self, path: str, data: bytes) -> None:
        """See ``Batch.put``."""
        paths.check(self._mirror, path)
        async with self._lock:
            await self._tell(blob(data))
            self._changes[path] = blob_id(data)
            if path == CHECKPOINT:
                self._time = head_time(data)

    async def delete(self, path: str) -> None:
        """See ``Batch.delete``."""
        paths.check(self._mirror, path)
        async with self._lock:
            self._changes[path] = None

    async def flush(self) -> None:
        """See ``Batch.flush``."""
        async with self._lock:
            if self._changes:
                await self._show(self)
                self._changes.clear()

    async def close(self) -> None:
        """See ``Batch.close``."""
        self._changes.clear()
        if self._import is not None:
            process, self._import = self._import, None
            await end(process)

    async def commit(self, base: Base | None, *, folder: str, history: bool) -> Base:
        """The commit of all that waits, on ``base``; called by ``show`` alone.

        Raises:
            EndpointError: It can't be made.
        """
        prefix = f"{folder}/" if folder else ""
        changes = {f"{prefix}{path}": name for path, name in self._changes.items()}
        time = self._time or (base.time if base else 0)
        await self._tell(commit(changes, base, time=time, history=history))
        process, self._import = self._import, None
        if process is None:
            raise EndpointUnreachableError(self._mirror, "git fast-import is not there")
        return await self._kept.imported(process)

    async def _tell(self, commands: bytes) -> None:
        if self._import is None:
            self._import = await self._kept.importer()
        stdin = self._import.stdin
        if stdin is None:
            raise EndpointUnreachableError(self._mirror, "git fast-import takes nothing")
        try:
            stdin.write(commands)
            await stdin.drain()
        except (OSError, RuntimeError):
            process, self._import = self._import, None
            await self._kept.imported(process)  # says why it ended
