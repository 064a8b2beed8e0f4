"""What is sent to a witness, and what comes back (C2SP tlog-witness v1.0.0). Pure.

The same bytes travel over HTTP and on a USB stick.
"""

from dataclasses import dataclass
from typing import Final, Self

from keys.errors import NoteError
from keys.merkle import HASH_BYTES, MAX_PROOF_HASHES
from keys.note import MAX_NOTE_BYTES, MAX_SIGNATURES, Note, Signature
from keys.text import from_base64, from_decimal, to_base64
from mirror.witness.errors import MalformedError

ADD: Final = "add-checkpoint"
SIZE_TYPE: Final = "text/x.tlog.size"
MAX_ANSWER_BYTES: Final = 16_384
MAX_REQUEST_BYTES: Final = MAX_NOTE_BYTES + 4_096

_OLD: Final = "old "
_ONE: Final = "a request is `old SIZE`, the lines of a proof, an empty line and a signed head"


@dataclass(frozen=True, slots=True)
class Request:
    """Asks for a cosignature.

    Attributes:
        old: Size of the tree that the witness cosigned last; 0 where there is none.
        proof: That tree ``old`` is the start of the one in ``note``; at most 63 hashes.
        note: The signed head. Nothing of it is checked here.

    Raises:
        MalformedError: A field is outside these limits.
    """

    old: int
    proof: tuple[bytes, ...]
    note: Note

    def __post_init__(self) -> None:
        if len(self.proof) > MAX_PROOF_HASHES:
            raise MalformedError(f"more than {MAX_PROOF_HASHES} hashes of a proof")
        if any(len(item) != HASH_BYTES for item in self.proof):
            raise MalformedError("a hash that has not 32 bytes")

    def encode(self) -> bytes:
        """The bytes that are sent, at most ``MAX_REQUEST_BYTES``."""
        lines = (f"{_OLD}{self.old}", *map(to_base64, self.proof), "\n")
        return "\n".join(lines).encode() + self.note.encode()

    @classmethod
    def parse(cls, data: bytes) -> Self:
        """The request that ``encode`` wrote.

        Raises:
            MalformedError: ``data`` is anything else.
        """
        head, gap, note = data.partition(b"\n\n")
        if len(data) > MAX_REQUEST_BYTES or not gap:
            raise MalformedError(_ONE)
        try:
            first, *lines = head.decode("ascii").split("\n", MAX_PROOF_HASHES + 1)
            if not first.startswith(_OLD):
                raise MalformedError(_ONE)
            old = from_decimal(first.removeprefix(_OLD))
            return cls(old, tuple(map(from_base64, lines)), Note.parse(note))
        except (ValueError, NoteError) as error:
            raise MalformedError(str(error)) from error


def encode_answer(*signatures: Signature) -> bytes:
    """The lines of a witness that signed."""
    return "".join(f"{signature}\n" for signature in signatures).encode()


def parse_answer(data: bytes) -> tuple[Signature, ...]:
    """The lines that ``encode_answer`` wrote; whose they are is not checked.

    Raises:
        MalformedError: ``data`` is anything else.
    """
    try:
        text = data.decode()
        if len(data) > MAX_ANSWER_BYTES or not text.endswith("\n"):
            raise MalformedError("a witness answers with signature lines")
        lines = text[:-1].split("\n", MAX_SIGNATURES)
        return tuple(Signature.parse(line) for line in lines)
    except (UnicodeDecodeError, NoteError) as error:
        raise MalformedError(f"a witness answers with signature lines: {error}") from error


def encode_size(size: int) -> bytes:
    """The body of a 409 (``SIZE_TYPE``)."""
    return f"{size}\n".encode()


def parse_size(data: bytes) -> int:
    """The size in the body of a 409.

    Raises:
        MalformedError: ``data`` is anything else.
    """
    try:
        text = data.decode("ascii")
        if not text.endswith("\n"):
            raise MalformedError("a size ends with a line end")
        return from_decimal(text[:-1])
    except ValueError as error:
        raise MalformedError(f"no size of a tree: {error}") from error
