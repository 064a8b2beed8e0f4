"""A log that grows, and a witness of it, for tests."""

from pathlib import Path

from keys.checkpoint import Checkpoint
from keys.merkle import RootBuilder, consistency_proof, leaf_hash
from keys.note import Kind, Note, SigningKey
from keys.tiles import append, tile_reader
from mirror.witness.state import State
from mirror.witness.wire import Request
from mirror.witness.witness import Witness

ORIGIN = "news.example/mirror"
LOG = SigningKey(ORIGIN, Kind.ED25519, b"l" * 32)
OTHER_LOG = SigningKey(ORIGIN, Kind.ED25519, b"o" * 32)
KEY = SigningKey("partner.example/w", Kind.COSIGNATURE, b"w" * 32)
NOW = 1_795_000_000


class Tree:
    """A log whose entries begin with ``word``; only entries from ``fork`` on have it."""

    def __init__(self, size: int, word: str = "a", fork: int = 0) -> None:
        self.files: dict[str, bytes] = {}
        self.entries = [
            f"{word if index >= fork else 'a'} {index}\n".encode() for index in range(size)
        ]
        grown = append(0, self.entries, self.files.__getitem__)
        self.files |= grown.files

    def at(self, size: int) -> Checkpoint:
        builder = RootBuilder()
        builder.extend(leaf_hash(entry) for entry in self.entries[:size])
        return Checkpoint(ORIGIN, size, builder.root())

    def proof(self, old: int, size: int) -> tuple[bytes, ...]:
        if not 0 < old < size:
            return ()
        part = Tree(0)
        part.files = dict(append(0, self.entries[:size], part.files.__getitem__).files)
        return consistency_proof(old, size, tile_reader(size, part.files.__getitem__))

    def request(self, old: int, size: int, *keys: SigningKey) -> Request:
        text = self.at(size).encode()
        signatures = tuple(key.sign(text) for key in keys or (LOG,))
        return Request(old, self.proof(old, size), Note(text, signatures))


def witness(folder: Path, now: float = NOW) -> Witness:
    """A witness of the log, with its state in ``folder``."""
    return Witness(KEY, {ORIGIN: (LOG.verifier,)}, State.begin(folder), lambda: now)
