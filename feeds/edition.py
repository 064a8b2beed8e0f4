"""What pins an edition: log entries, one for each file, and ``SHA256SUMS`` (format 2.1, 2.2)."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Self

from feeds.errors import FeedsError, InvalidPathError
from feeds.paths import check_listed, check_path

EMPTY_SHA: Final = hashlib.sha256(b"").hexdigest()  # a file that must go altogether (format 1.3)
MAX_SUMS_BYTES: Final = 64_000  # format 1: however large the archive
MAX_ENTRY_BYTES: Final = 64 + 2 + 200 + 1

_COMMON: Final = re.compile(  # entries as most are: no segment that starts with a dot
    r"(?:[0-9a-f]{64}  (?!log/)(?:[A-Za-z0-9_-][A-Za-z0-9._-]*/)*"
    r"[A-Za-z0-9_-][A-Za-z0-9._-]*(?<!\.tlog-proof)\n)*"
)
_LINE: Final = re.compile(rb"([0-9a-f]{64})  ([A-Za-z0-9._/-]{1,200})\n")


class EditionError(FeedsError):
    """Bytes that are no log entry, or no ``SHA256SUMS``, by format 2.1."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of the log: these bytes stood at this path.

    Attributes:
        sha: SHA-256 of the file's canonical bytes, 64 lower-case hex digits.
        path: Where it stands (format 2.1).

    Raises:
        EditionError: ``sha`` is no such digest.
        InvalidPathError: No entry may name that path.
    """

    sha: str
    path: str

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[0-9a-f]{64}", self.sha):
            raise EditionError(f"{self.sha[:80]!r} is not 64 lower-case hex digits")
        check_path(self.path)

    def encode(self) -> bytes:
        """One line as ``sha256sum`` writes it."""
        return f"{self.sha}  {self.path}\n".encode()

    @classmethod
    def parse(cls, data: bytes) -> Self:
        """The entry that ``encode`` wrote.

        Raises:
            EditionError: ``data`` is anything else.
        """
        return cls(*split_entry(data))


def split_entry(data: bytes) -> tuple[str, str]:
    """Digest and path of an entry; what ``Entry.parse`` does, without making one.

    Raises:
        EditionError: ``data`` is no entry.
    """
    match = _LINE.fullmatch(data)
    if not match:
        raise EditionError(f"{data[:80]!r} is not one sha256sum line")
    try:
        return match[1].decode(), check_path(match[2].decode())
    except InvalidPathError as error:
        raise EditionError(str(error)) from error


def split_entries(entries: Sequence[bytes]) -> list[tuple[str, str]]:
    """What ``split_entry`` says of each, in a third of the time where they are as most are.

    Raises:
        EditionError: One of them is no entry.
    """
    text = b"".join(entries).decode("ascii", "replace")
    lengths = [len(entry) for entry in entries]
    lines = text.splitlines(keepends=True)
    if (
        max(lengths, default=0) <= MAX_ENTRY_BYTES
        and [len(line) for line in lines] == lengths
        and _COMMON.fullmatch(text)
    ):
        return [(line[:64], line[66:-1]) for line in lines]
    return [split_entry(entry) for entry in entries]


def sums(mutable: Mapping[str, str]) -> bytes:
    """``SHA256SUMS`` for the mutable files: path to hex SHA-256 of the canonical bytes.

    Raises:
        EditionError: A digest is none, or there are too many files for ``MAX_SUMS_BYTES``.
        InvalidPathError: ``SHA256SUMS`` may not list that path.
    """
    for path, sha in mutable.items():
        check_listed(path)
        if not re.fullmatch(r"[0-9a-f]{64}", sha):
            raise EditionError(f"{path}: {sha[:80]!r} is not 64 lower-case hex digits")
    data = "".join(f"{mutable[path]}  {path}\n" for path in sorted(mutable)).encode()
    if len(data) > MAX_SUMS_BYTES:
        raise EditionError(
            f"SHA256SUMS would be {len(data)} bytes, over {MAX_SUMS_BYTES}:"
            " publish fewer sections, lists or feeds"
        )
    return data


def parse_sums(data: bytes) -> dict[str, str]:
    """Path to digest, from the bytes that ``sums`` wrote.

    Raises:
        EditionError: ``data`` is anything else.
    """
    if len(data) > MAX_SUMS_BYTES:
        raise EditionError(f"SHA256SUMS is {len(data)} bytes, over {MAX_SUMS_BYTES}")
    listed: dict[str, str] = {}
    last = ""
    for line in data.splitlines(keepends=True):
        match = _LINE.fullmatch(line)
        if not match:
            raise EditionError(f"SHA256SUMS: {line[:80]!r} is not one sha256sum line")
        path = match[2].decode()
        if path <= last:
            raise EditionError(f"SHA256SUMS: {path} is not in order after {last}")
        try:
            last = check_listed(path)
        except InvalidPathError as error:
            raise EditionError(f"SHA256SUMS: {error}") from error
        listed[path] = match[1].decode()
    return listed
