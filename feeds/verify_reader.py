"""What the verifier asks of a place that holds a tree, and nothing more."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, Protocol

from feeds.errors import MissingFileError, TreeError

MAX_FILE_BYTES: Final = 256 * 2**20  # a long film; nothing that a mirror holds is larger


class TooLargeError(TreeError):
    """The file is there, and larger than any genuine one can be."""

    def __init__(self, path: str, limit: int) -> None:
        super().__init__(path, f"is larger than {limit} bytes, which no such file may be")


class SoftMissingError(MissingFileError):
    """There is no such file: what came is the page that this place gives for everything."""

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.problem = "is a page that stands here for whatever is not there"


@dataclass(frozen=True, slots=True)
class Listing:
    """Everything that stands in a place.

    Attributes:
        files: Paths of the regular files, dot files and what is under dot folders apart.
        strange: By path, what is neither file nor folder (a symbolic link, a device), or has
            a name that no text can hold, and what it is instead.
        early: It was made before it was asked for, so that it may lack what came since.
    """

    files: frozenset[str]
    strange: Mapping[str, str] = field(default_factory=dict)
    early: bool = False


class Reader(Protocol):
    """A place that is read, and not trusted: it may answer anything, or late, or never.

    Paths are those of format 1, checked before they come here. A reader of an address may
    fetch ahead and in parallel, as long as it answers in the order asked, and holds no more
    than a few files at a time.
    """

    def listing(self) -> Listing | None:
        """What stands there, or None where a place can't say.

        An early listing is given once at most; then it is of this moment.

        Raises:
            UnreadableError: It could not be listed.
        """
        ...

    def soon(self, wanted: Mapping[str, int]) -> None:
        """Say what ``read_many`` will be asked for next: by path, its ``max_bytes``.

        A reader that has to wait for answers may begin. What it gets so is given once; what was
        said before and is not read by now counts no more.
        """
        ...

    def read_many(
        self, paths: Iterable[str], *, max_bytes: int
    ) -> Iterator[tuple[str, bytes | TreeError]]:
        """Each path with its bytes, in the order asked.

        In place of bytes stands ``MissingFileError`` (the place answered, and has no such
        file), ``TooLargeError`` (more than ``max_bytes``; not all was read) or
        ``UnreadableError`` (no answer, no regular file).
        """
        ...

    def hash_many(self, paths: Iterable[str]) -> Iterator[tuple[str, str | TreeError]]:
        """Each path with the hex SHA-256 of its bytes, in the order asked.

        Reads no more than ``MAX_FILE_BYTES`` of each. Errors stand in place of the digest, as in
        ``read_many``.
        """
        ...


def read_one(reader: Reader, path: str, *, max_bytes: int) -> bytes:
    """The bytes at ``path``.

    Raises:
        MissingFileError: The place has no such file.
        TooLargeError: More than ``max_bytes``.
        UnreadableError: It could not be read.
    """
    for _, found in reader.read_many((path,), max_bytes=max_bytes):
        if isinstance(found, bytes):
            return found
        raise found
    raise TreeError(path, "was asked for, and the reader said nothing")
