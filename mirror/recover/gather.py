"""Bring together what the tree of a head needs: what is here and right, else from mirrors.

Everything that was not here is staged in ``staging/<size>/``, durably. Nothing else changes,
so a run that was cut short, or found something missing, is simply done again.
"""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from itertools import islice

from feeds.edition import EMPTY_SHA, EditionError, parse_sums
from feeds.errors import MissingFileError
from feeds.paths import SUMS, SUMS_AHEAD, keyring_path, keyring_version
from keys.errors import FormatError
from keys.keyring import SignedKeyring
from keys.tiles import MAX_BUNDLE_BYTES
from mirror.errors import RecoverError
from mirror.publish.heads import Head
from mirror.publish.lanes import Lanes
from mirror.publish.staging import Staging, sha_of
from mirror.recover.history import History, bundles
from mirror.recover.holders import Holders
from mirror.recover.told import Tell
from mirror.store.folders import Folders, read_file

_WINDOW = 16  # bundles that are asked for at once
_STEP = 200  # files between two words of progress
_TOGETHER = 64  # files that are made durable at once, or
_MUCH = 8_000_000  # bytes of them
_SHOWN = 10  # missing files that are named


class Gatherer:
    """Gathers the tree of one head."""

    def __init__(self, folders: Folders, holders: Holders, head: Head, tell: Tell) -> None:
        """Nothing is read yet."""
        self._folders = folders
        self._holders = holders
        self._head = head
        self._tell = tell
        self.staging = Staging(folders, head.size)
        self.staged = 0
        self.fetched = 0

    async def history(self) -> History:
        """The log up to the head; its tiles and bundles are here or staged then.

        Raises:
            RecoverError: The mirror's log is not the one that its head states.
        """
        for here in (True, False):  # what is here may be damaged: then everything is fetched
            history = History()
            try:
                async for path, width, data in self._bundles(here=here):
                    files = dict(history.take(data, width))
                    await asyncio.to_thread(self._stage, files | {path: data})
            except (FormatError, EditionError) as error:
                problem: str = str(error)
                continue
            if history.root == self._head.root and history.last == SUMS:
                await asyncio.to_thread(self._stage, dict(history.partial_tiles()))
                return history
            problem = "its entries have another root"
        raise RecoverError(
            f"the log on mirror {self._holders.name} is not the one that its head states"
            f" ({problem}); nothing was changed. Try another mirror with --from"
        )

    async def files(self, history: History, keyrings: Iterable[SignedKeyring]) -> dict[str, str]:
        """Every current file, here or staged; what ``SHA256SUMS`` lists, by path.

        Raises:
            RecoverError: Some are missing, or wrong, wherever they were looked for.
        """
        table, why = await self._here_or_there(SUMS, history.sums)
        if table is None:
            raise RecoverError(f"{SUMS} can't be had: {why}; nothing was changed")
        listed = parse_sums(table)
        await asyncio.to_thread(self._stage, {SUMS: table, SUMS_AHEAD: table})
        await asyncio.to_thread(self._stage, _keyrings(listed, tuple(keyrings)))
        wanted = {leaf.path: leaf.sha for leaf in history.leaves.values() if leaf.path != SUMS}
        wanted |= listed
        missing = await self._get_all({p: sha for p, sha in wanted.items() if sha != EMPTY_SHA})
        if missing:
            raise RecoverError(_missing_text(missing))
        return listed

    async def _get_all(self, needed: Mapping[str, str]) -> dict[str, str]:
        """Have these files, by path with their hash, here or staged; those missing, with why."""
        missing: dict[str, str] = {}
        came: dict[str, bytes] = {}
        done = 0

        async def get(path: str, sha: str) -> None:
            data, why = await self._there(path, sha)
            if data is None:
                missing[path] = why
            else:
                came[path] = data
            if len(came) >= _TOGETHER or sum(map(len, came.values())) >= _MUCH:
                await store()

        async def store() -> None:
            batch = dict(came)
            came.clear()
            await asyncio.to_thread(self._stage, batch)

        every = iter(needed.items())
        async with Lanes(self._holders.width) as lanes:
            while batch := list(islice(every, _STEP)):
                for path, sha in await asyncio.to_thread(self._not_here, batch):
                    await lanes.start(get(path, sha))
                done += len(batch)
                self._tell("files", done, len(needed))
            await lanes.rest()
        await store()
        return missing

    def _not_here(self, files: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
        return [(path, sha) for path, sha in files if not self._is_here(path, sha)]

    async def _bundles(self, *, here: bool) -> AsyncIterator[tuple[str, int, bytes]]:
        every = bundles(self._head.size)
        done = 0
        while window := list(islice(every, _WINDOW)):
            found = await asyncio.gather(*(self._bundle(path, here=here) for path, _ in window))
            for (path, width), data in zip(window, found, strict=True):
                yield path, width, data
                done += width
            self._tell("log", done, self._head.size)

    async def _bundle(self, path: str, *, here: bool) -> bytes:
        if here:
            try:
                return await asyncio.to_thread(read_file, self._folders.site, path)
            except MissingFileError:
                pass
        data, why = await self._holders.find(path, bool, max_bytes=MAX_BUNDLE_BYTES)
        if data is None:
            raise RecoverError(f"{path} can't be had: {why}; nothing was changed")
        self.fetched += 1
        return data

    async def _here_or_there(self, path: str, sha: str) -> tuple[bytes | None, str]:
        if await asyncio.to_thread(self._is_here, path, sha):
            return await asyncio.to_thread(self.staging.read, path), ""
        return await self._there(path, sha)

    async def _there(self, path: str, sha: str) -> tuple[bytes | None, str]:
        found = await self._holders.find(path, lambda data: sha_of(data) == sha)
        self.fetched += found[0] is not None
        return found

    def _is_here(self, path: str, sha: str) -> bool:
        """Whether the tree will have the right bytes there once what is staged is placed."""
        try:
            return hashlib.sha256(self.staging.read(path)).hexdigest() == sha
        except MissingFileError:
            return False

    def _stage(self, files: Mapping[str, bytes]) -> None:
        """Stage those of ``files`` that are not here as they must be."""
        new = {path: data for path, data in files.items() if not self._is_here(path, sha_of(data))}
        if new:
            self.staging.write(new)
            self.staged += len(new)


def _keyrings(listed: Mapping[str, str], ours: tuple[SignedKeyring, ...]) -> dict[str, bytes]:
    """The keyrings that readers walk along; the newest must be ours.

    Raises:
        RecoverError: The mirror has a newer one than this machine.
    """
    newest = max(map(keyring_version, listed), default=0)
    if newest > len(ours):
        raise RecoverError(
            f"the mirror publishes keyring {newest}, but this machine's newest is {len(ours)}:"
            f" put keyring-{newest} and the keys that it names into [trust] keys first"
        )
    return {
        keyring_path(signed.keyring.version): signed.encode()
        for signed in ours
        if signed.keyring.version < newest
    }


def _missing_text(missing: Mapping[str, str]) -> str:
    shown = "\n".join(_lines(missing))
    return (
        f"{len(missing)} files are missing or wrong, and nothing was changed:\n{shown}\n"
        "Put these files into the mirror's folder or under data/site (from another copy; any"
        " reader's will do: they are checked), or name another mirror with --from"
    )


def _lines(missing: Mapping[str, str]) -> Iterator[str]:
    for path, why in islice(sorted(missing.items()), _SHOWN):
        yield f"  {path}: {why}"
    if len(missing) > _SHOWN:
        yield f"  … and {len(missing) - _SHOWN} more"
