"""What ``git fast-import`` is told: files, and a commit of some of them. Pure: values to bytes.

The stream is that of git-fast-import(1). Who wrote it and where, it does not say: every commit
is by the same nobody, at the time that the tree's own head shows.
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from keys.checkpoint import Checkpoint
from keys.errors import KeysFormatError
from keys.note import Note

MADE: Final = "refs/heads/made"  # the commit that is to be pushed
PLAIN: Final = ".nojekyll"  # tells GitHub's pages to serve files as they are

_NOBODY: Final = "mirror <mirror@mirror.invalid>"
_MESSAGE: Final = b"Update"
_TIME_BYTES: Final = 8
_COSIGNATURE_BYTES: Final = 72


@dataclass(frozen=True, slots=True, kw_only=True)
class Base:
    """The commit that stands on the branch.

    Attributes:
        commit: Its id.
        tree: The id of its tree.
        time: Of the commit, POSIX seconds.
    """

    commit: str
    tree: str
    time: int


def blob(data: bytes) -> bytes:
    """The command that brings one file."""
    return b"blob\ndata %d\n%s\n" % (len(data), data)


def blob_id(data: bytes) -> str:
    """The name that git gives to a file with these bytes."""
    whole = b"blob %d\x00%s" % (len(data), data)
    return hashlib.sha1(whole, usedforsecurity=False).hexdigest()


def commit(
    changes: Mapping[str, str | None], base: Base | None, *, time: int, history: bool
) -> bytes:
    """The commands for one commit on ``base``: a blob's id for each path, or None: it goes.

    Without ``history`` the commit has no parent, and whatever else stood in ``base`` all the
    same. Only the folders that changes lie in are looked at.
    """
    return b"".join(_lines(changes, base, time=time, history=history))


def _lines(
    changes: Mapping[str, str | None], base: Base | None, *, time: int, history: bool
) -> Iterator[bytes]:
    yield blob(b"")
    yield f"commit {MADE}\ncommitter {_NOBODY} {time} +0000\n".encode()
    yield b"data %d\n%s\n" % (len(_MESSAGE), _MESSAGE)
    if base and history:
        yield f"from {base.commit}\n".encode()
    elif base:
        yield f'M 040000 {base.tree} ""\n'.encode()
    yield f"M 100644 {blob_id(b'')} {PLAIN}\n".encode()
    for path, name in changes.items():
        yield f"D {path}\n".encode() if name is None else f"M 100644 {name} {path}\n".encode()
    yield b"\ndone\n"


def head_time(data: bytes) -> int:
    """The newest time that the cosignatures of a ``log/checkpoint`` state; 0 for none.

    POSIX seconds. No signature is checked: this is for a commit's date, and no more.
    """
    try:
        note = Note.parse(data)
        Checkpoint.parse(note.text)
    except KeysFormatError:
        return 0
    times = (
        int.from_bytes(line.payload[:_TIME_BYTES])
        for line in note.signatures
        if len(line.payload) == _COSIGNATURE_BYTES
    )
    return max((time for time in times if time < 2**32), default=0)
