"""``Renewal``: offline proofs made anew after the keyring changed what counts (format 5.6).

After a revocation the keyring goes out at once, and the new proofs follow. Where only more
witnesses are asked for, the new proofs go first: they are good under both keyrings, so nobody
who verifies meanwhile is alarmed.

It goes by the index in the log, a part at a time, and remembers how far it came; so does the
carrying of the new proofs to each mirror. A page that is replaced meanwhile gets its new proof
with its edition.
"""

import asyncio
import json
import shutil
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

import structlog

from feeds.edition import EMPTY_SHA
from feeds.errors import MissingFileError
from feeds.paths import SUMS, keyring_path, needs_proof, proof_path
from keys.checkpoint import Checkpoint
from keys.keyring import Keyring
from keys.note import Note
from mirror.endpoints.protocol import Mirror
from mirror.keystore import KeyStore
from mirror.publish.carrier import Carrier, Pace
from mirror.publish.lanes import Lanes
from mirror.publish.log import Log
from mirror.publish.proofs import offline_proofs
from mirror.store import durable, kept, ledger
from mirror.store.database import Database
from mirror.store.folders import Folders
from mirror.tree import Leaf

PART: Final = 1_000  # entries of the log between two marks of how far it came

_NAME: Final = "renewal"

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Mark:
    """How far it came.

    Attributes:
        version: Of the keyring that asked for it; 0: none ever did.
        next: The first log index whose proof is still the old one.
        end: Proofs of this index and above were made under that keyring.
    """

    version: int = 0
    next: int = 0
    end: int = 0

    @property
    def done(self) -> bool:
        """Whether nothing is left to do."""
        return self.next >= self.end

    def encode(self) -> str:
        """For the table of single values."""
        return json.dumps([self.version, self.next, self.end])

    @classmethod
    def parse(cls, value: str) -> "Mark":
        """What ``encode`` wrote; of nothing, a mark of nothing."""
        return cls(*json.loads(value)) if value else cls()


class Renewal:
    """The new proofs of one newsroom. ``step`` is called by the log's one writer alone.

    Attributes:
        comes_first: Whether the new proofs go out before the keyring that asks for them.
    """

    def __init__(self, log: Log, keys: KeyStore, database: Database, folders: Folders) -> None:
        """Nothing is read yet."""
        self._log = log
        self._database = database
        self._folders = folders
        self._keys = keys
        self._wanted, self.comes_first = wanted(one.keyring for one in keys.keyrings)
        self._current: set[str] = set()  # mirrors that have every new proof
        self._done: Mark | None = None  # once nothing is left to do here
        self._published = False  # whether the newest keyring is

    async def keys_to_show(self) -> KeyStore:
        """The keys, with those keyrings alone that may be published yet."""
        if not self.comes_first or not self._log.ledger.signed:
            return self._keys
        mark = await self._mark()
        if (mark.version == self._wanted and mark.done) or await self._is_published():
            return self._keys
        shown = [one for one in self._keys.keyrings if one.keyring.version < self._wanted]
        return replace(self._keys, keyrings=tuple(shown))

    async def needs_heads(self) -> bool:
        """Whether mirrors must have a head under the newest keyring before they have that."""
        return self.comes_first and not await self._is_published()

    async def _is_published(self) -> bool:
        if not self._published:
            async with self._database.begin() as connection:
                listed = await ledger.listed(connection)
            self._published = keyring_path(self._keys.newest.keyring.version) in listed
        return self._published

    async def step(self) -> bool:
        """Make the next part of the proofs anew; whether there was one.

        Raises:
            StoreError: They can't be written; the next call goes on.
        """
        mark = await self._mark()
        head = self._log.ledger.head
        if mark.done or not self._good(head):
            return False
        async with self._database.begin() as connection:
            leaves = await ledger.leaves_between(connection, mark.next, mark.end, PART)
        await asyncio.to_thread(self._write, leaves, head)
        end = leaves[-1].index + 1 if len(leaves) == PART else mark.end
        mark = replace(mark, next=end)
        async with self._database.begin() as connection:
            await kept.put(connection, _NAME, mark.encode())
        _log.info("proofs.renewed", next=mark.next, end=mark.end)
        return True

    async def carry(self, mirror: Mirror, pace: Pace, *, size: int, whole: bool) -> int:
        """Put on ``mirror`` the new proofs that it lacks; how many were put.

        Args:
            mirror: Where to.
            pace: How it is asked.
            size: Of the head that stands there.
            whole: It was just given everything, all there is.

        Raises:
            EndpointError: The rest is put by the next call.
            StoreError: How far it came can't be remembered.
        """
        if not self._wanted or mirror.name in self._current:
            return 0
        made = await self._mark()
        name = _mark_of(mirror.name)
        async with self._database.begin() as connection:
            theirs = Mark.parse(await kept.get(connection, name))
        if theirs.version != made.version:
            theirs = Mark(made.version, 0, made.end)
        if whole and made.done:
            theirs = replace(theirs, next=made.end)
        carrier = Carrier(mirror, pace)
        try:
            theirs = await self._carry(carrier, theirs, made.next, size)
        finally:
            await carrier.close()
        if made.done and made.version == self._wanted:
            async with self._database.begin() as connection:
                await kept.put(connection, name, theirs.encode())
            self._current.add(mirror.name)
        return carrier.puts

    async def _carry(self, carrier: Carrier, theirs: Mark, upto: int, size: int) -> Mark:
        """The proofs from ``theirs`` on, a part at a time, each remembered; the new mark."""
        while theirs.next < upto:
            async with self._database.begin() as connection:
                leaves = await ledger.leaves_between(connection, theirs.next, upto, PART)
            async with Lanes(carrier.width) as lanes:
                for path in _proofs(leaves, size):
                    await lanes.start(self._put(carrier, path))
                await lanes.rest()
            await carrier.flush()
            end = leaves[-1].index + 1 if len(leaves) == PART else upto
            theirs = replace(theirs, next=end)
            async with self._database.begin() as connection:
                await kept.put(connection, _mark_of(carrier.name), theirs.encode())
        return theirs

    async def left(self) -> int:
        """How many entries of the log still have an old proof here."""
        mark = await self._mark()
        return max(mark.end - mark.next, 0)

    async def _mark(self) -> Mark:
        if not self._wanted:
            return Mark()
        if self._done is not None:
            return self._done
        async with self._database.begin() as connection:
            mark = Mark.parse(await kept.get(connection, _NAME))
            if mark.version < self._wanted and self._good(self._log.ledger.head):
                mark = Mark(self._wanted, 0, self._log.ledger.signed)
                await kept.put(connection, _NAME, mark.encode())
        if mark.version == self._wanted and mark.done:
            self._done = mark
        return mark

    def _good(self, head: bytes) -> bool:
        """Whether proofs that lead to ``head`` are good under the newest keyring."""
        if not head:
            return False
        note = Note.parse(head)
        key = self._keys.log.verifier
        lines = {(line.name, line.key_id) for line in note.signatures}
        return (key.name, key.key_id) in lines and self._keys.newest.keyring.judge(note).good

    def _write(self, leaves: Iterable[Leaf], head: bytes) -> None:
        """Whole and durable beside the tree first, then in their places; one sync for each."""
        size = Checkpoint.parse(Note.parse(head).text).size
        site, beside = self._folders.site, self._folders.staging / _NAME
        proofs = offline_proofs(leaves, size, head, self._folders.read)
        with durable.told(site):
            shutil.rmtree(beside, ignore_errors=True)
            beside.mkdir()
            durable.write_all(beside, proofs)
            durable.sync_all(beside)
            for path in proofs:
                durable.move(beside / path, site / path)
            durable.sync_all(site)
            shutil.rmtree(beside)

    async def _put(self, carrier: Carrier, path: str) -> None:
        try:
            data = self._folders.read(path)
        except MissingFileError:
            return  # erased since: its push deletes it
        await carrier.put(path, data)


def _mark_of(mirror: str) -> str:
    """Under which name it is kept how far that mirror has the new proofs."""
    return f"{_NAME} {mirror}"


def wanted(keyrings: Iterable[Keyring]) -> tuple[int, bool]:
    """The newest version that made proofs from before it doubtful (0: none did), and a choice.

    The choice is whether the new proofs can go first: no key was revoked with it.
    """
    found = (0, False)
    before: Keyring | None = None
    for keyring in keyrings:
        if before is not None and _breaks(before, keyring):
            found = (keyring.version, set(keyring.revoked) == set(before.revoked))
        before = keyring
    return found


def _breaks(before: Keyring, after: Keyring) -> bool:
    """Whether a proof may count less: a key was revoked, or other witnesses are asked for."""
    old, new = before.policy, after.policy
    names = [{one.name for one in policy.witnesses} for policy in (old, new)]
    return (
        set(after.revoked) != set(before.revoked)
        or names[0] != names[1]
        or (old.groups, old.quorum) != (new.groups, new.quorum)
    )


def _proofs(leaves: Iterable[Leaf], size: int) -> Iterable[str]:
    """Of ``leaves``; without that of a list that a mirror at ``size`` does not have yet."""
    return (
        proof_path(leaf.path)
        for leaf in leaves
        if needs_proof(leaf.path)
        and leaf.sha != EMPTY_SHA
        and (leaf.path != SUMS or leaf.index < size)
    )
