"""``Log``: the one writer of the log (format 2.7 and 3.2). Stage, commit, sign, place.

What a crash leaves behind is told by where it came: before the commit the staged files are
thrown away, after it the edition is signed and placed. The same size is never signed with
another root, because only one commit can move the log to a size.
"""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final

import structlog

from feeds.edition import EMPTY_SHA, Entry, sums
from feeds.errors import FeedsError, MissingFileError
from feeds.paths import CHECKPOINT, MINISIG, SUMS, SUMS_AHEAD, keyring_version
from keys import minisign
from keys.checkpoint import Checkpoint
from keys.errors import FormatError
from keys.merkle import EMPTY_ROOT, root
from keys.note import Note, SigningKey
from keys.tiles import append, tile_reader
from mirror.errors import ClockError, PublishError, StoreDamagedError
from mirror.keystore import KeyStore
from mirror.publish.draft import Draft
from mirror.publish.quorum import Quorum
from mirror.publish.staging import Staging, sha_of, sweep
from mirror.store import durable, ledger
from mirror.store.database import Database
from mirror.store.folders import Folders
from mirror.store.ledger import Edition, Ledger

CLOCK_TOLERANCE: Final = timedelta(minutes=10)  # as verifiers have it (format 6)

_log = structlog.get_logger(__name__)


class Log:
    """The log of one newsroom. One call at a time."""

    def __init__(
        self,
        *,
        origin: str,
        keys: KeyStore,
        database: Database,
        folders: Folders,
        quorum: Quorum | None = None,
    ) -> None:
        """Nothing is read yet; see ``open``. Without ``quorum`` no witness is asked."""
        self._origin = origin
        self._keys = keys
        self._database = database
        self._folders = folders
        self._quorum = quorum or Quorum((), keys, database)
        self._ledger = Ledger()
        self._judged = (b"", False)  # a head, and whether it is half signed

    @property
    def ledger(self) -> Ledger:
        """Where the log stands."""
        return self._ledger

    @property
    def unfinished(self) -> bool:
        """Whether an edition was committed, but not signed and placed: a crash came between."""
        at = self._ledger
        return at.signed < at.size or Staging(self._folders, at.size).exists

    @property
    def half_signed(self) -> bool:
        """Whether the head lacks a signature that counts now: keys or witnesses have changed."""
        head = self._ledger.head
        if head != self._judged[0]:
            self._judged = (head, self._is_half_signed(head))
        return self._judged[1]

    def _is_half_signed(self, head: bytes) -> bool:
        note = Note.parse(head)
        lines = {(line.name, line.key_id) for line in note.signatures}
        missing = any((key.name, key.verifier.key_id) not in lines for key in self._signers)
        return missing or not self._keys.newest.keyring.judge(note).good

    async def open(self) -> None:
        """Read where the log stands, and see that the stored tree is that one.

        Raises:
            StoreDamagedError: It is not; nothing may be signed.
        """
        async with self._database.begin() as connection:
            self._ledger = await ledger.read(connection, self._origin)
        await asyncio.to_thread(sweep, self._folders, keep=self._ledger.size)
        await asyncio.to_thread(self._check_tree)
        if self._ledger.size and not self.unfinished:
            await asyncio.to_thread(self._show_head)

    async def finish(self, now: datetime) -> None:
        """Sign and place what was committed.

        Raises:
            ClockError: The clock is wrong; nothing was signed.
            StoreError: It can't be written; trying again goes on.
        """
        async with self._database.begin() as connection:
            edition = await ledger.edition(connection, self._ledger.size)
        if edition is None:
            raise StoreDamagedError(f"the database knows no edition of size {self._ledger.size}")
        await self._finish(edition, now)

    async def publish(self, draft: Draft, now: datetime) -> Edition:
        """Make the next edition of ``draft``.

        Raises:
            PublishError: Nothing was signed: the clock, another writer, no quorum.
            StoreError: It can't be written; nothing is lost.
        """
        self._check_clock(now)
        if self.unfinished:
            await self.finish(now)
        old = self._ledger
        async with self._database.begin() as connection:
            listed = await ledger.listed(connection)
        try:
            changed, files, entries = _compile(draft, listed)
        except FeedsError as error:
            raise PublishError(f"the next edition can't be made: {error}") from error
        tree = await asyncio.to_thread(
            append, old.size, [entry.encode() for entry in entries], self._folders.read
        )
        staging = Staging(self._folders, tree.size)
        await asyncio.to_thread(staging.begin, files | tree.files)
        edition = Edition(
            size=tree.size, before=old.size, root=tree.root, time=int(now.timestamp())
        )
        async with self._database.begin() as connection:
            await ledger.advance(connection, self._origin, old, edition)
            numbered = ((old.size + n, one.path, one.sha) for n, one in enumerate(entries))
            await ledger.put_leaves(connection, numbered)
            await ledger.put_mutable(connection, changed, edition.size, draft.closed)
            await draft.record(connection)
            moved = await ledger.read(connection, self._origin)
        self._ledger = moved  # it is, once that is committed
        await self._finish(edition, now)
        return edition

    async def refresh(self, now: datetime, *, older_than: timedelta) -> bool:
        """Cosign the head again, if its newest cosignature is ``older_than``; whether it was.

        Raises:
            ClockError: The clock is wrong; nothing was signed.
            QuorumError: Too few witnesses answered; the head stays as it was.
            StoreError: It can't be written.
        """
        at = self._ledger
        fresh = now.timestamp() - at.time < older_than.total_seconds()
        if not at.size or (fresh and not self.half_signed):
            return False
        self._check_clock(now)
        await self._sign(Edition(size=at.size, before=at.size, root=at.root, time=0), now)
        await asyncio.to_thread(self._show_head)
        return True

    async def _finish(self, edition: Edition, now: datetime) -> None:
        async with self._database.begin() as connection:
            leaves = await ledger.leaves_between(
                connection, edition.before, edition.size, limit=edition.size
            )
            mutable = await ledger.mutable_since(connection, edition.size - 1)
        if self._ledger.signed < edition.size:
            self._check_clock(now)
            await self._sign(edition, now)
        gone = [leaf.path for leaf in leaves if leaf.sha == EMPTY_SHA]
        gone += [item.path for item in mutable if item.sha == EMPTY_SHA]
        head = self._ledger.head
        text = Note.parse(head).text

        def place() -> None:
            staging = Staging(self._folders, edition.size)
            staging.write_proofs(leaves, edition.size, head)
            signature = minisign.sign(self._keys.log, text).encode()
            staging.write({MINISIG: signature, CHECKPOINT: head})
            staging.place(path for path in gone if not keyring_version(path))

        await asyncio.to_thread(place)

    async def _sign(self, edition: Edition, now: datetime) -> None:
        """Sign and cosign; remembered before it is shown to anybody."""
        text = Checkpoint(self._origin, edition.size, edition.root).encode()
        time = max(int(now.timestamp()), self._ledger.time)
        note = Note(text, tuple(key.sign(text) for key in self._signers))
        if self._keys.clock is not None:
            note = note.with_signatures(self._keys.clock.cosign(text, time))
        read = Staging(self._folders, edition.size).read
        head = (await self._quorum.complete(note, read, now)).encode()
        async with self._database.begin() as connection:
            await ledger.put_head(connection, self._origin, size=edition.size, time=time, head=head)
            signed = await ledger.read(connection, self._origin)
        self._ledger = signed
        self._judged = (head, False)
        _log.info("log.signed", size=edition.size, root=edition.root.hex()[:16])

    @property
    def _signers(self) -> tuple[SigningKey, ...]:
        return (self._keys.log, *self._keys.also)

    def _check_clock(self, now: datetime) -> None:
        behind = self._ledger.time - now.timestamp()
        if behind > CLOCK_TOLERANCE.total_seconds():
            last = datetime.fromtimestamp(self._ledger.time, UTC)
            raise ClockError(
                f"the clock says {now:%Y-%m-%d %H:%M} UTC, but the last head was cosigned at"
                f" {last:%Y-%m-%d %H:%M} UTC; nothing was signed. Set this machine's clock"
                " (timedatectl), then run again"
            )
        if self._keys.newest.keyring.expired(now.astimezone(UTC).date()):
            raise PublishError(
                f"the keyring expired on {self._keys.newest.keyring.expires}; nothing was signed."
                " Make the next one with `tamizdat keys keyring`, or see that the clock is right"
            )

    def _show_head(self) -> None:
        """Let the tree show the newest head; a crash may have come before that."""
        path = self._folders.site / CHECKPOINT
        if not path.exists() or path.read_bytes() != self._ledger.head:
            durable.write(path, self._ledger.head, by=self._folders.staging)

    def _check_tree(self) -> None:
        at = self._ledger
        read = Staging(self._folders, at.size).read
        stored = EMPTY_ROOT if not at.size else self._stored_root(at.size, read)
        if stored != at.root:
            raise StoreDamagedError(
                f"the tiles in {self._folders.site} are not of the log in the database"
                f" (size {at.size}, root {at.root.hex()[:16]}…)"
            )

    def _stored_root(self, size: int, read: Callable[[str], bytes]) -> bytes:
        try:
            return root(size, tile_reader(size, read))
        except MissingFileError as error:
            raise StoreDamagedError(f"{error}, in {self._folders.site}") from error
        except FormatError as error:
            raise StoreDamagedError(f"{self._folders.site}: {error}") from error


def _compile(
    draft: Draft, listed: dict[str, str]
) -> tuple[dict[str, str], dict[str, bytes], tuple[Entry, ...]]:
    """Changed mutable files by path with their hash, files to stage, and log entries."""
    hashes = {path: sha_of(data) for path, data in draft.leaves.items()}
    entries = [Entry(sha, path) for path, sha in hashes.items()]
    files = {path: data for path, data in draft.leaves.items() if data}
    changed: dict[str, str] = {}
    for path, data in draft.mutable.items():
        sha = EMPTY_SHA if data is None else sha_of(data)
        if data is not None:
            files[path] = data
        if listed.get(path) != sha and (data is not None or path in listed):
            changed[path] = sha
        else:
            files.pop(path, None)
    now = {path: sha for path, sha in listed.items() if path not in draft.closed} | changed
    table = sums({path: sha for path, sha in now.items() if sha != EMPTY_SHA})
    files[SUMS] = files[SUMS_AHEAD] = table
    entries.append(Entry(sha_of(table), SUMS))
    return changed, files, tuple(entries)
