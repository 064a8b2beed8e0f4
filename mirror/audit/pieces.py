"""What a mirror should hold, file by file, and what a look at one of them says. Pure."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from feeds.edition import EMPTY_SHA
from feeds.paths import (
    MINISIG,
    PROOF_ENDING,
    SUMS,
    keyring_path,
    keyring_version,
    needs_proof,
    proof_path,
)
from keys.tiles import paths_between
from mirror.tree import Leaf, Mutable

UNKNOWN: Final = ""


@dataclass(frozen=True, slots=True)
class Piece:
    """One file.

    Attributes:
        path: In the tree (format 1).
        sha: Hex SHA-256 of its canonical bytes; ``EMPTY_SHA`` where nothing may stand there;
            ``UNKNOWN`` of what no list has, such as tiles and proofs.
    """

    path: str
    sha: str = UNKNOWN

    @property
    def gone(self) -> bool:
        """Whether nothing may stand there."""
        return self.sha == EMPTY_SHA


class Found(StrEnum):
    """What a reader gets, against what we published."""

    RIGHT = "right"
    MISSING = "missing"
    WRONG = "wrong"
    LEFT = "not deleted"  # it was withdrawn, and is there still
    MOVED = "moved on"  # our own tree changed meanwhile: nothing can be said


def of_leaf(leaf: Leaf) -> Iterator[Piece]:
    """A leaf, and its proof where it has one; ``SHA256SUMS`` counts as mutable."""
    if leaf.path == SUMS:
        return
    yield Piece(leaf.path, leaf.sha)
    if needs_proof(leaf.path):
        yield Piece(proof_path(leaf.path), EMPTY_SHA if leaf.sha == EMPTY_SHA else UNKNOWN)


def of_mutable(items: Iterable[Mutable]) -> Iterator[Piece]:
    """Mutable files that are there now, and every keyring up to the newest."""
    newest = 0
    for item in items:
        newest = max(newest, keyring_version(item.path))
        if item.sha != EMPTY_SHA and not keyring_version(item.path):
            yield Piece(item.path, item.sha)
    for version in range(1, newest + 1):
        yield Piece(keyring_path(version))


def of_log(size: int) -> Iterator[Piece]:
    """Tiles and bundles of a log of that size, and what stands beside its head."""
    for path in (*paths_between(0, size), SUMS, proof_path(SUMS), MINISIG):
        yield Piece(path)


def judge(piece: Piece, expected: bytes | None, theirs: bytes | None) -> Found:
    """What ``theirs`` is, where ``expected`` should be; None: nothing is there, or may be."""
    if expected is None:
        return Found.LEFT if theirs else Found.RIGHT
    if theirs is None:
        return Found.MISSING
    if theirs == expected or (piece.path.endswith(PROOF_ENDING) and theirs):
        return Found.RIGHT  # proofs are made anew with newer heads; the older ones hold as well
    return Found.WRONG
