"""``git:https://user@host/x.git?branch=pages``: a branch that a pages service publishes.

Readers get whole commits, so a push to such a mirror is one commit (``Batching``). What is kept
of the branch on this machine is in ``git_kept``; nothing there can't be lost.
"""

import asyncio
import contextlib
import shutil
import tempfile
import weakref
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

from mirror.config import MirrorConfig
from mirror.config.git import GitPlace
from mirror.endpoints import paths
from mirror.endpoints.git_batch import GitBatch
from mirror.endpoints.git_kept import Kept, StaleError
from mirror.endpoints.git_run import Git
from mirror.endpoints.git_stream import Base


class GitMirror:
    """A branch of a git repository.

    What is put by itself, in no batch, waits for the commit that is under way, and goes into
    the next one with all that waited too.
    """

    def __init__(self, name: str, git: Git, *, passing: bool = False) -> None:
        """A mirror on ``git.place``; ``passing``: what is kept goes with ``close``."""
        self._name = name
        self._git = git
        self._passing = passing
        self._kept = Kept(name, git)
        self._place = git.place
        self._lock = asyncio.Lock()  # one at a time looks at the branch, or changes it
        self._turn = asyncio.Lock()  # one at a time makes a commit of what is in no batch
        self._looks = 0
        self._next: GitBatch | None = None
        self._joiners: Counter[GitBatch] = Counter()
        self._batches: weakref.WeakSet[GitBatch] = weakref.WeakSet()

    @classmethod
    def build(cls, config: MirrorConfig, kept: Path | None = None) -> "GitMirror":
        """The mirror that ``config`` describes; what it keeps lies in the folder ``kept``.

        Without ``kept`` that is a folder that ``close`` removes.

        Raises:
            ConfigError: Its password or key can't be read.
        """
        folder = kept or Path(tempfile.mkdtemp(prefix="mirror-"))
        git = Git(
            folder / f"{config.name}.git",
            GitPlace.parse(config.push),
            secret=config.password.read() if config.password else "",
            proxy=_far_names(config.proxy.read()) if config.proxy else "",
        )
        return cls(config.name, git, passing=kept is None)

    @property
    def name(self) -> str:
        """Name in the configuration."""
        return self._name

    async def get(self, path: str, *, max_bytes: int) -> bytes | None:
        """See ``Mirror.get``."""
        paths.check(self._name, path)
        base = await self._look()
        if base is None:
            return None
        place = f"{self._place.folder}/{path}" if self._place.folder else path
        return await self._kept.read(base, place, max_bytes=max_bytes)

    async def put(self, path: str, data: bytes) -> None:
        """See ``Mirror.put``."""
        async with self._joined() as batch:
            await batch.put(path, data)
            await self._shown(batch)

    async def delete(self, path: str) -> None:
        """See ``Mirror.delete``."""
        async with self._joined() as batch:
            await batch.delete(path)
            await self._shown(batch)

    def batch(self) -> GitBatch:
        """See ``Batching.batch``."""
        batch = GitBatch(self._name, self._kept, self._show)
        self._batches.add(batch)
        return batch

    async def close(self) -> None:
        """End what runs; remove what is not kept."""
        for batch in tuple(self._batches):
            await batch.close()
        await self._kept.close()
        if self._passing:
            await asyncio.to_thread(shutil.rmtree, self._git.folder.parent, ignore_errors=True)

    async def _look(self) -> Base | None:
        """What stands on the branch now; who asks while another looks, waits for one look."""
        looks = self._looks
        async with self._lock:
            if self._looks != looks:
                return await self._kept.base()
            self._looks += 1
            return await self._kept.look()

    @contextlib.asynccontextmanager
    async def _joined(self) -> AsyncIterator[GitBatch]:
        """The batch that takes part in the next commit; the last to leave closes it."""
        batch = self._next = self._next or self.batch()
        self._joiners[batch] += 1
        try:
            yield batch
        finally:
            self._joiners[batch] -= 1
            if not self._joiners[batch]:
                del self._joiners[batch]
                self._next = None if self._next is batch else self._next
                await batch.close()

    async def _shown(self, batch: GitBatch) -> None:
        """Wait until ``batch`` is shown, by whoever comes first."""
        async with self._turn:
            self._next = None if self._next is batch else self._next
            await batch.flush()

    async def _show(self, batch: GitBatch) -> None:
        """Commit and push; once more where the branch has moved meanwhile."""
        async with self._lock:
            base = await self._kept.base()
            try:
                await self._commit(batch, base)
            except StaleError:
                await self._commit(batch, await self._kept.look())
            if not any(one.waiting for one in self._batches if one is not batch):
                await self._kept.slim()

    async def _commit(self, batch: GitBatch, base: Base | None) -> None:
        place = self._place
        made = await batch.commit(base, folder=place.folder, history=place.history)
        if base is None or made.tree != base.tree:
            await self._kept.push(made, base)


def _far_names(proxy: str) -> str:
    """``proxy`` in the form in which it looks host names up itself, so that nobody here does."""
    for near, far in (("socks5://", "socks5h://"), ("socks4://", "socks4a://")):
        proxy = proxy.replace(near, far, 1)
    return proxy
