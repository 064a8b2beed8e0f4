"""Which paths a tree may hold, and what each is (format 1 and 2.1)."""

import re
from types import MappingProxyType
from typing import Final

from feeds.errors import InvalidPathError

MAX_PATH_CHARS: Final = 200  # format 2.1
SUMS: Final = "SHA256SUMS"
SUMS_AHEAD: Final = ".SHA256SUMS"  # the next one, while a push brings what it lists; a dot file
CHECKPOINT: Final = "log/checkpoint"
MINISIG: Final = "log/checkpoint.minisig"
PROOF_ENDING: Final = ".tlog-proof"

MEDIA_TYPES: Final = MappingProxyType(
    {  # ending -> media type, one to one (format 1), so that a data: URI can be put back (4.3)
        "avif": "image/avif",
        "gif": "image/gif",
        "jpg": "image/jpeg",
        "m4a": "audio/mp4",
        "mp3": "audio/mpeg",
        "mp4": "video/mp4",
        "ogg": "audio/ogg",
        "opus": "audio/opus",
        "pdf": "application/pdf",
        "png": "image/png",
        "svg": "image/svg+xml",
        "wav": "audio/wav",
        "webm": "video/webm",
        "webp": "image/webp",
    }
)
MEDIA_ENDINGS: Final = MappingProxyType({kind: ending for ending, kind in MEDIA_TYPES.items()})

_PATH: Final = re.compile(r"[A-Za-z0-9._/-]{1,200}")
_EMPTY: Final = frozenset({"", ".", ".."})
_LEAF: Final = ("a/", "p/", "m/", "feeds/archive/")
_KEYRING: Final = re.compile(r"log/keys/([1-9][0-9]{0,8})")


def check_path(path: str) -> str:
    """``path`` as it is, if a log entry may name it (format 2.1).

    Raises:
        InvalidPathError: It may not.
    """
    if not _PATH.fullmatch(path):
        raise InvalidPathError(path, f"is not 1 to {MAX_PATH_CHARS} of A-Z a-z 0-9 . _ / -")
    if not _EMPTY.isdisjoint(path.split("/")):
        raise InvalidPathError(path, "has an empty, '.' or '..' segment")
    if path.startswith("log/"):
        raise InvalidPathError(path, "is under log/, which is not logged")
    if path.endswith(PROOF_ENDING):
        raise InvalidPathError(path, f"ends in {PROOF_ENDING}, and proofs are not logged")
    return path


def check_listed(path: str) -> str:
    """``path`` as it is, if ``SHA256SUMS`` may list it: ``check_path``'s, and keyrings.

    Raises:
        InvalidPathError: It may not.
    """
    if path == SUMS:
        raise InvalidPathError(path, "can't list itself")
    return path if keyring_version(path) else check_path(path)


def keyring_path(version: int) -> str:
    """Where the keyring of that version is."""
    return f"log/keys/{version}"


def keyring_version(path: str) -> int:
    """The version of the keyring that stands at ``path``; 0 where it is no keyring's path."""
    match = _KEYRING.fullmatch(path)
    return int(match[1]) if match else 0


def is_leaf(path: str) -> bool:
    """Whether ``path`` is a leaf by its place alone.

    Closed lists (``l/…``) and what stands under ``x/`` are leaves when the publisher says so.
    """
    return path.startswith(_LEAF)


def needs_proof(path: str) -> bool:
    """Whether an offline proof stands beside the file at ``path`` (format 1)."""
    return path.startswith(("a/", "p/")) or path == SUMS


def proof_path(path: str) -> str:
    """Where the offline proof of ``path`` is."""
    return path + PROOF_ENDING


def media_path(sha: str, media_type: str) -> str:
    """``m/hh/<sha256>.<ext>`` for a file of that hex digest and media type.

    Raises:
        InvalidPathError: The format has no ending for that media type.
    """
    if media_type not in MEDIA_ENDINGS:
        raise InvalidPathError(f"m/{sha[:2]}/{sha}", f"no file ending for {media_type[:80]!r}")
    return f"m/{sha[:2]}/{sha}.{MEDIA_ENDINGS[media_type]}"
