"""What a mirror's own ``log/checkpoint`` tells the publisher. Pure."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from keys.checkpoint import Checkpoint
from keys.errors import FormatError
from keys.note import Kind, Note, VerifierKey, verify_note

MAX_HEAD_BYTES: Final = 65_536

_REMEMBERED: Final = 32  # heads by their bytes: where nothing is new, every mirror shows the same


@dataclass(frozen=True, slots=True)
class Head:
    """A checkpoint that our own log key signed.

    Attributes:
        size: Entries in the log.
        root: Of that tree.
        time: Of its newest cosignature that we know, Unix seconds; 0 where it has none.
    """

    size: int
    root: bytes
    time: int


VerifyHead = Callable[[bytes], Head | None]


def own_heads(
    origin: str, log: Iterable[VerifierKey], witnesses: Iterable[VerifierKey]
) -> VerifyHead:
    """A function that knows our own heads: a head for its bytes, or None for all else.

    ``log`` are all keys that this log was ever signed with, retired ones too: a mirror that
    was away may still show a head by one of those.
    """
    keys = (*log, *witnesses)

    @lru_cache(maxsize=_REMEMBERED)
    def verify(data: bytes) -> Head | None:
        try:
            note = Note.parse(data)
            checkpoint = Checkpoint.parse(note.text)
            verified = verify_note(note, keys)
        except FormatError:
            return None
        if checkpoint.origin != origin or all(v.key.kind != Kind.ED25519 for v in verified):
            return None
        newest = max((v.time for v in verified if v.time is not None), default=0)
        return Head(checkpoint.size, checkpoint.root, newest)

    return verify


def whole_lines(data: bytes) -> bytes:
    """``data`` without a last line that was cut short."""
    return data[: data.rfind(b"\n") + 1]


def is_unfinished(data: bytes, ours: bytes) -> bool:
    """Whether ``data`` is the beginning of a head of our origin that nobody signed.

    Mirrors that write in place leave such where a push was cut short; the empty file is
    one too. No whole signature stands in it, so nobody's work is overwritten.
    """
    origin = ours.partition(b"\n")[0] + b"\n"
    begun = origin.startswith(data) or data.startswith(origin)
    return begun and "\n\n\N{EM DASH} ".encode() not in whole_lines(data)
