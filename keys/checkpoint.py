"""``Checkpoint``: what a log says of itself at one size (format 2.4; C2SP tlog-checkpoint)."""

from dataclasses import dataclass
from typing import Final, Self

from keys.errors import NoteError
from keys.merkle import EMPTY_ROOT, HASH_BYTES
from keys.text import MAX_SIZE, check_name, from_base64, from_decimal, to_base64

_LINES: Final = 3


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The text of a head.

    Attributes:
        origin: The log's name, the same for ever; also the name of its key.
        size: How many entries, 0 to 2^63 - 1.
        root: Merkle tree hash over them, 32 bytes; ``EMPTY_ROOT`` exactly for size 0.

    Raises:
        NoteError: A field is outside these limits.
    """

    origin: str
    size: int
    root: bytes

    def __post_init__(self) -> None:
        try:
            check_name(self.origin)
        except ValueError as error:
            raise NoteError(f"checkpoint: {error}") from error
        if not 0 <= self.size <= MAX_SIZE:
            raise NoteError(f"checkpoint of {self.origin}: {self.size} is no size of a log")
        if len(self.root) != HASH_BYTES or (self.root == EMPTY_ROOT) != (self.size == 0):
            raise NoteError(f"checkpoint of {self.origin}: no root hash for size {self.size}")

    def encode(self) -> str:
        """The three lines that are signed."""
        return f"{self.origin}\n{self.size}\n{to_base64(self.root)}\n"

    @classmethod
    def parse(cls, text: str) -> Self:
        """The checkpoint that ``encode`` wrote.

        Raises:
            NoteError: ``text`` is anything else; extension lines are not allowed.
        """
        lines = text.split("\n")
        if len(lines) != _LINES + 1 or lines[-1]:
            raise NoteError("a checkpoint has three lines: origin, size and root")
        origin, size, root, _ = lines
        try:
            return cls(origin, from_decimal(size), from_base64(root))
        except ValueError as error:
            raise NoteError(f"checkpoint: {error}") from error
