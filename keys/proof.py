"""``OfflineProof``: what shows, without a log at hand, that a file was published (format 4)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, Self

from keys.checkpoint import Checkpoint
from keys.errors import NoteError, ProofError
from keys.merkle import HASH_BYTES, MAX_PROOF_HASHES, leaf_hash, verify_inclusion
from keys.note import MAX_NOTE_BYTES, Note
from keys.text import from_base64, from_decimal, to_base64

MAGIC: Final = "c2sp.org/tlog-proof@v1"
MAX_PROOF_BYTES: Final = MAX_NOTE_BYTES + 4_096

_PATH: Final = re.compile(r"[A-Za-z0-9._/-]{1,200}")
_HEAD_LINES: Final = 3


@dataclass(frozen=True, slots=True)
class OfflineProof:
    """The proof of one log entry.

    Attributes:
        path: The path in the entry (format 2.1); a claim, true once ``check`` accepts the
            entry that is made of it.
        index: Which entry of the log, from 0.
        hashes: From the leaf's sibling up, at most 63.
        checkpoint: The bytes of the head that it leads to.
        note: ``checkpoint``, parsed; its signatures are not checked here.
        tree: What ``note`` says.

    Raises:
        ProofError: A field is outside these limits.
    """

    path: str
    index: int
    hashes: tuple[bytes, ...]
    checkpoint: bytes
    note: Note = field(init=False, compare=False, repr=False)
    tree: Checkpoint = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        if not _PATH.fullmatch(self.path):
            raise ProofError(f"{self.path[:200]!r} is no path of the tree")
        if len(self.hashes) > MAX_PROOF_HASHES:
            raise ProofError(f"more than {MAX_PROOF_HASHES} hashes")
        if any(len(item) != HASH_BYTES for item in self.hashes):
            raise ProofError("a hash that has not 32 bytes")
        try:
            note = Note.parse(self.checkpoint)
            tree = Checkpoint.parse(note.text)
        except NoteError as error:
            raise ProofError(f"the head in it is unreadable: {error}") from error
        if not 0 <= self.index < tree.size:
            raise ProofError(f"a log of {tree.size} entries has no entry {self.index}")
        object.__setattr__(self, "note", note)
        object.__setattr__(self, "tree", tree)

    def check(self, entry: bytes) -> None:
        """Accept that ``entry`` is in the log of the head; says nothing of who signed that.

        Raises:
            ProofError: It is not shown.
        """
        verify_inclusion(leaf_hash(entry), self.index, self.tree.size, self.hashes, self.tree.root)

    def encode(self) -> bytes:
        """The bytes of the ``.tlog-proof`` file, at most ``MAX_PROOF_BYTES``."""
        lines = (
            MAGIC,
            f"extra {to_base64(self.path.encode())}",
            f"index {self.index}",
            *(to_base64(item) for item in self.hashes),
            "\n",
        )
        return "\n".join(lines).encode() + self.checkpoint

    @classmethod
    def parse(cls, data: bytes) -> Self:
        """The proof that ``encode`` wrote; nothing of it is checked yet.

        Raises:
            ProofError: ``data`` is anything else.
        """
        if len(data) > MAX_PROOF_BYTES:
            raise ProofError(f"larger than {MAX_PROOF_BYTES} bytes")
        head, gap, checkpoint = data.partition(b"\n\n")
        try:
            lines = head.decode("ascii").split("\n", MAX_PROOF_HASHES + _HEAD_LINES)
        except UnicodeDecodeError as error:
            raise ProofError("its lines are not plain ASCII") from error
        if not gap or len(lines) < _HEAD_LINES or lines[0] != MAGIC:
            raise ProofError(f"it is no {MAGIC} file")
        try:
            return cls(
                from_base64(_value(lines, 1, "extra")).decode("ascii"),
                from_decimal(_value(lines, 2, "index")),
                tuple(from_base64(line) for line in lines[_HEAD_LINES:]),
                checkpoint,
            )
        except ValueError as error:
            raise ProofError(str(error)) from error


def _value(lines: Sequence[str], number: int, word: str) -> str:
    name, _, value = lines[number].partition(" ")
    if name != word:
        raise ValueError(f"line {number + 1} is not its {word!r} line")
    return value
