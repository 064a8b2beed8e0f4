"""Files of the published tree as the log has them, and how far a push of them came."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Leaf:
    """One current leaf file of the tree (format 1), and where in the log it stands.

    Attributes:
        path: As in the log.
        sha: Hex SHA-256 of its canonical bytes; ``EMPTY_SHA`` where it was removed.
        index: Of its newest entry; that one wins.
        first_index: Of its first entry; lower than ``index`` where it was replaced.
    """

    path: str
    sha: str
    index: int
    first_index: int


@dataclass(frozen=True, slots=True)
class Mutable:
    """One mutable file, or a keyring (``log/keys/N``).

    Attributes:
        path: As in ``SHA256SUMS``.
        sha: Hex SHA-256 of its canonical bytes; ``EMPTY_SHA`` where it is no more.
    """

    path: str
    sha: str


@dataclass(frozen=True, slots=True)
class Resume:
    """Where a push that was cut short goes on, if the mirror still is as it left it.

    Attributes:
        since: The size of the mirror's head then.
        given: New leaves below this index were put.
        path: The last of these.
    """

    since: int
    given: int
    path: str
