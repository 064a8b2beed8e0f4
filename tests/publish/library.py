"""``Library``: a published tree in memory, with a real log, real keys and real proofs."""

import hashlib
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from feeds.edition import EMPTY_SHA, Entry, sums
from feeds.errors import MissingFileError
from feeds.localise import is_localised, localise
from feeds.paths import CHECKPOINT, MINISIG, SUMS, SUMS_AHEAD, needs_proof, proof_path
from keys.checkpoint import Checkpoint
from keys.merkle import EMPTY_ROOT, inclusion_proof
from keys.minisign import sign as minisign
from keys.note import Kind, Note, SigningKey
from keys.proof import OfflineProof
from keys.tiles import append, paths_between, tile_reader
from mirror.publish.heads import VerifyHead, own_heads
from mirror.tree import Leaf, Mutable

ORIGIN = "news.example/mirror"
BASE = "https://cloud.example/x7k2/"
START = datetime(2026, 5, 1, 12, tzinfo=UTC)


@dataclass
class Library:
    """What the publisher has; ``publish`` makes the next edition.

    Attributes:
        files: The tree, canonical bytes.
        editions: For each size, every file that its head pins or needs, canonical.
        gone: For each size, what must not stand there.
        debts: The durable list of deletions, by mirror.
        before_read: Called before each ``read``, with its path.
    """

    files: dict[str, bytes] = field(default_factory=dict)
    editions: dict[int, dict[str, bytes]] = field(default_factory=dict)
    gone: dict[int, frozenset[str]] = field(default_factory=dict)
    debts: dict[str, set[str]] = field(default_factory=dict)
    before_read: Callable[[str], None] = lambda _: None
    size: int = 0
    moving: bool = False
    root: bytes = EMPTY_ROOT
    roots: dict[int, bytes] = field(default_factory=dict)
    log_key: SigningKey = field(default_factory=lambda: SigningKey(ORIGIN, Kind.ED25519, b"l" * 32))
    clock: SigningKey = field(
        default_factory=lambda: SigningKey("news.example/clock", Kind.COSIGNATURE, b"c" * 32)
    )
    time: datetime = START
    _leaves: dict[str, Leaf] = field(default_factory=dict)
    _mutable: dict[str, tuple[int, str]] = field(default_factory=dict)

    @property
    def head(self) -> bytes:
        return self.files[CHECKPOINT]

    @property
    def verify(self) -> VerifyHead:
        return own_heads(ORIGIN, [self.log_key.verifier], [self.clock.verifier])

    def publish(
        self,
        leaves: Mapping[str, bytes],
        mutable: Mapping[str, bytes] | None = None,
        *,
        erase: Iterable[str] = (),
    ) -> int:
        """The next edition with these files new or changed; its size."""
        mutable = mutable or {}
        self.files.update({**leaves, **mutable})
        erased = tuple(erase)
        for path in erased:
            self.files.pop(path, None)
            self.files.pop(proof_path(path), None)
        changes = {path: _sha(data) for path, data in leaves.items()}
        changes.update((path, EMPTY_SHA) for path in erased if path in self._leaves)
        old, self.size = self.size, self.size + len(changes) + 1
        self._note_mutable(mutable, erased)
        self.files[SUMS] = sums({p: s for p, (_, s) in self._mutable.items() if s != EMPTY_SHA})
        self.files[SUMS_AHEAD] = self.files[SUMS]
        changes[SUMS] = _sha(self.files[SUMS])
        self._log(old, changes)
        self.sign(self.time)
        for path in changes:
            if needs_proof(path) and path in self.files:
                self.files[proof_path(path)] = self._proof(path)
        self.editions[self.size] = self._edition()
        self.gone[self.size] = frozenset(self._dead())
        return self.size

    def sign(self, time: datetime) -> None:
        """Sign and cosign the head of today's size, as of ``time``."""
        self.time = time
        text = Checkpoint(ORIGIN, self.size, self.root).encode()
        seconds = int(time.timestamp())
        note = Note(text, (self.log_key.sign(text), self.clock.cosign(text, seconds)))
        self.files[CHECKPOINT] = note.encode()
        self.files[MINISIG] = minisign(self.log_key, text).encode()
        if self.size in self.editions:
            self.editions[self.size][CHECKPOINT] = self.head

    async def edition_root(self, size: int) -> bytes | None:
        return self.roots.get(size)

    async def leaves(self, since: int) -> AsyncIterator[Leaf]:
        for leaf in sorted(self._leaves.values(), key=lambda leaf: leaf.index):
            if leaf.index >= since:
                yield leaf

    async def mutable(self, since: int) -> tuple[Mutable, ...]:
        return tuple(Mutable(p, sha) for p, (size, sha) in self._mutable.items() if size > since)

    async def read(self, path: str) -> bytes:
        self.before_read(path)
        try:
            return self.files[path]
        except KeyError:
            raise MissingFileError(path) from None

    async def owed(self, mirror: str) -> tuple[str, ...]:
        return tuple(self.debts.get(mirror, ()))

    async def owe(self, mirror: str, paths: Iterable[str]) -> None:
        self.debts.setdefault(mirror, set()).update(paths)

    async def paid(self, mirror: str, paths: Iterable[str]) -> None:
        self.debts.get(mirror, set()).difference_update(paths)

    def _note_mutable(self, mutable: Mapping[str, bytes], erased: Iterable[str]) -> None:
        new = {path: _sha(data) for path, data in mutable.items()}
        new.update((path, EMPTY_SHA) for path in erased if path in self._mutable)
        self._mutable.update((path, (self.size, sha)) for path, sha in new.items())

    def _log(self, old: int, changes: Mapping[str, str]) -> None:
        entries = [Entry(sha, path).encode() for path, sha in changes.items()]
        appended = append(old, entries, self.files.__getitem__)
        self.files.update(appended.files)
        self.root = self.roots[appended.size] = appended.root
        for index, (path, sha) in enumerate(changes.items(), start=old):
            first = self._leaves[path].first_index if path in self._leaves else index
            self._leaves[path] = Leaf(path, sha, index, first)

    def _proof(self, path: str) -> bytes:
        index = self._leaves[path].index
        hashes = inclusion_proof(index, self.size, tile_reader(self.size, self.files.__getitem__))
        return OfflineProof(path, index, hashes, self.head).encode()

    def _edition(self) -> dict[str, bytes]:
        tiles = set(paths_between(0, self.size))
        live = {p for p in self.files if not p.startswith("log/tile/")}
        return {path: self.files[path] for path in live | tiles}

    def _dead(self) -> Iterable[str]:
        shas = {p: leaf.sha for p, leaf in self._leaves.items()}
        shas.update((p, sha) for p, (_, sha) in self._mutable.items())
        for path, sha in shas.items():
            if sha == EMPTY_SHA:
                yield from (path, proof_path(path))


def holds(library: Library, files: Mapping[str, bytes], base: str = BASE) -> list[str]:
    """What a reader of ``files`` misses: nothing where the head's edition is all there.

    A file of a newer edition in the place of an older one is "updating", and right.
    """
    head = library.verify(files[CHECKPOINT]) if CHECKPOINT in files else None
    if head is None:
        return []
    sizes = [size for size in library.editions if size >= head.size]
    wrong = []
    for path in library.editions[head.size]:
        if path == CHECKPOINT:
            continue
        right = {
            served(library.editions[n][path], path, base)
            for n in sizes
            if path in library.editions[n]
        }
        may_go = any(path in library.gone[size] for size in sizes)
        if files.get(path) not in right and not (may_go and path not in files):
            wrong.append(path)
    return wrong


def whole(library: Library, base: str = BASE) -> dict[str, bytes]:
    """What a complete and current mirror serves of the newest edition."""
    newest = library.editions[library.size]
    return {path: served(data, path, base) for path, data in newest.items()}


def served(data: bytes, path: str, base: str) -> bytes:
    """What a mirror at ``base`` serves for these canonical bytes."""
    return localise(data, base) if is_localised(path) else data


def article(number: int, text: str = "") -> tuple[str, bytes]:
    """The path and page of an article."""
    name = _sha(b"%d" % number)[:16]
    return f"a/{name[:2]}/{name}.html", f"<p>story {number} {text}".encode()


def articles(*numbers: int, text: str = "") -> dict[str, bytes]:
    """Several articles by path."""
    return dict(article(number, text) for number in numbers)


def picture(number: int) -> tuple[str, bytes]:
    """The path and bytes of a picture."""
    data = b"picture %d" % number
    return f"m/{_sha(data)[:2]}/{_sha(data)}.webp", data


def fronts(edition: int) -> dict[str, bytes]:
    """The mutable files of an edition."""
    feed = f'<link href="https://mirror.invalid/"/>{edition}'.encode()
    return {"index.html": b"front %d" % edition, "feeds/all.rss": feed, "feeds/all.atom": feed}


def _sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
