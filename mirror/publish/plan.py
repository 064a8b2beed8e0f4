"""What one mirror lacks, as steps in the order of format 7. Pure: values in, values out.

Whoever verifies the mirror in between must be able to tell each file from a forgery. So where
readers have a head already, a new keyring and the proof of the next ``SHA256SUMS``, which bears
the next head, come before all else; each proof is there before its file; and before the short group
the next table, as a dot file, which says what the group's mutable files will be.

New leaf files are put with their proofs while they stream by; only the paths of what comes
later (deletions, replaced pages) are held, so a first push needs no more memory than the
hundredth.
"""

from collections.abc import AsyncGenerator, AsyncIterable, Collection, Iterator
from dataclasses import dataclass
from enum import IntEnum

from feeds.edition import EMPTY_SHA
from feeds.paths import (
    CHECKPOINT,
    MINISIG,
    SUMS,
    SUMS_AHEAD,
    keyring_path,
    keyring_version,
    needs_proof,
    proof_path,
)
from keys.tiles import paths_between
from mirror.tree import Leaf, Mutable


class Phase(IntEnum):
    """The parts of format 7, in their order."""

    AHEAD = 1  # on a mirror with a head: what lets a verifier know the next one
    NEW = 2  # leaf files that nothing shows yet, with their proofs
    GONE = 3  # deletions
    LOG = 4  # tiles, bundles, keyrings
    SHOWN = 5  # the short group: replaced pages, mutable files, SHA256SUMS
    HEAD = 6


@dataclass(frozen=True, slots=True)
class Step:
    """One file, put or deleted.

    Attributes:
        phase: Which part of format 7 it belongs to.
        path: What it puts or deletes.
        deletes: Whether it deletes.
        index: Of the leaf that it carries, or -1.
        proof: Where its proof is, which must have arrived before the file is begun; or empty.
    """

    phase: Phase
    path: str
    deletes: bool = False
    index: int = -1
    proof: str = ""

    @property
    def files(self) -> tuple[str, ...]:
        """What it puts or deletes, one after another."""
        return (self.proof, self.path) if self.proof else (self.path,)


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """What lies between a mirror and us.

    Attributes:
        since: The size that the mirror's own head states; 0 where it has none.
        given: New leaves below this index were put already, by this push or the one before.
        size: The size of our head.
    """

    since: int
    given: int
    size: int

    def __post_init__(self) -> None:
        if not 0 <= self.since <= self.given <= self.size:
            raise ValueError(f"a gap of {self.since}, {self.given}, {self.size}")


async def steps(
    gap: Gap,
    leaves: AsyncIterable[Leaf],
    mutable: Collection[Mutable],
    owed: Collection[str] = (),
) -> AsyncGenerator[Step, None]:
    """Every request that closes ``gap``, in the order of format 7.

    ``leaves`` are the current ones with an index of ``gap.since`` or more, by index;
    ``mutable`` the mutable files that changed after that edition; ``owed`` the deletions
    that this mirror missed. An owed path that is published again is put, not deleted.
    """
    bearing = (*_keyrings(mutable), proof_path(SUMS))
    for path in bearing if gap.since else ():
        yield Step(Phase.AHEAD, path)
    gone: list[str] = []
    shown: list[Step] = []
    again: set[str] = set()
    missed = frozenset(owed)
    async for leaf in leaves:
        proof = proof_path(leaf.path) if needs_proof(leaf.path) else ""
        files = (proof, leaf.path) if proof else (leaf.path,)
        again.update(missed.intersection(files))
        match phase_of(leaf, gap.since):
            case Phase.GONE:
                gone += files
            case Phase.SHOWN:
                shown.append(Step(Phase.SHOWN, leaf.path, index=leaf.index, proof=proof))
            case Phase.NEW if leaf.index >= gap.given:
                yield Step(Phase.NEW, leaf.path, index=leaf.index, proof=proof)
    again.update(item.path for item in mutable if item.sha != EMPTY_SHA)
    gone += (item.path for item in mutable if item.sha == EMPTY_SHA and _may_go(item.path))
    gone += (path for path in owed if path not in again)
    late = () if gap.since else bearing
    for path in dict.fromkeys(gone):
        yield Step(Phase.GONE, path, deletes=True)
    for path in (*paths_between(gap.since, gap.size), *late, SUMS_AHEAD):
        yield Step(Phase.LOG, path)
    for step in (*shown, *_group(mutable)):
        yield step
    yield Step(Phase.HEAD, CHECKPOINT)


def phase_of(leaf: Leaf, since: int) -> Phase | None:
    """When a mirror whose head states ``since`` gets this leaf; None: ``SHA256SUMS``, always."""
    if leaf.path == SUMS:
        return None
    if leaf.sha == EMPTY_SHA:
        return Phase.GONE
    new = leaf.first_index >= since and (needs_proof(leaf.path) or leaf.path.startswith("m/"))
    return Phase.NEW if new else Phase.SHOWN  # others may have been mutable before, as lists are


def _may_go(path: str) -> bool:
    """Not ``SHA256SUMS``, and no keyring: an old one is unlisted, and needed all the same."""
    return path != SUMS and not keyring_version(path)


def _keyrings(mutable: Collection[Mutable]) -> Iterator[str]:
    """Every keyring up to a new one: a reader walks from the first (format 5.5)."""
    newest = max((keyring_version(item.path) for item in mutable), default=0)
    return (keyring_path(version) for version in range(1, newest + 1))


def _group(mutable: Collection[Mutable]) -> Iterator[Step]:
    for item in mutable:
        if item.sha != EMPTY_SHA and _may_go(item.path):
            yield Step(Phase.SHOWN, item.path)
    for path in (SUMS, MINISIG):
        yield Step(Phase.SHOWN, path)
