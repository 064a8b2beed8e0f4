"""A log that grows, and a witness of it, for tests."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from keys.checkpoint import Checkpoint
from keys.files import read_key
from keys.merkle import RootBuilder, consistency_proof, leaf_hash
from keys.note import Kind, Note, SigningKey
from keys.tiles import append, tile_reader
from mirror.cli.main import run
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


def memory(folder: Path) -> State:
    """A state in ``folder`` that remembers the log, as ``witness init`` leaves it."""
    state = State.begin(folder)
    state.follow(ORIGIN)
    return state


def witness(folder: Path, now: float = NOW) -> Witness:
    """A witness of the log, with its state in ``folder``."""
    return Witness(KEY, {ORIGIN: (LOG.verifier,)}, memory(folder), lambda: now)


@dataclass
class Made:
    """What ``witness init`` made in ``folder``, used by its commands."""

    folder: Path

    @property
    def settings(self) -> Path:
        return self.folder / "witness.toml"

    @property
    def tree(self) -> Path:
        """The file that says what was cosigned last."""
        digest = hashlib.sha256(ORIGIN.encode()).hexdigest()
        return self.folder / "state" / f"{digest[:32]}.tree"

    @property
    def out(self) -> Path:
        """Where the last cosignature is put."""
        return self.folder / "answer"

    @property
    def key(self) -> SigningKey:
        return read_key(self.folder / "witness.pem", (self.folder / "passphrase").read_bytes()[:-1])

    def do(self, *words: object) -> int:
        """``tamizdat witness …``; its status."""
        return run(["witness", *map(str, words), "--config", str(self.settings)])

    def sign(self, request: Request) -> int:
        """``tamizdat witness sign``; its status."""
        self.out.unlink(missing_ok=True)
        file = self.folder / "request"
        file.write_bytes(request.encode())
        return self.do("sign", "--request", file, "--out", self.out)


def made(folder: Path) -> Made:
    """``tamizdat witness init`` for the log."""
    words = ("--name", "partner.example/w", "--log", str(LOG.verifier))
    assert run(["witness", "init", str(folder), *words]) == 0
    return Made(folder)
