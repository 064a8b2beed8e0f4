"""What a push that is under way leaves behind: files of a head that is still to come.

A push writes new leaves with their proofs first, the head last (format 7). So what does not
belong to the head may belong to the next one, and only signed proofs and the log can say so.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from feeds.edition import EMPTY_SHA, EditionError
from feeds.errors import TreeError
from feeds.paths import PROOF_ENDING, SUMS, needs_proof, proof_path
from feeds.verify_log import Replay, read_bundles
from feeds.verify_proofs import DoubtError, Judge, parse_proof
from feeds.verify_reader import Reader
from feeds.verify_report import Head
from feeds.verify_sums import pinned_sums
from keys.errors import TileError
from keys.proof import MAX_PROOF_BYTES
from keys.tiles import TILE_WIDTH

_MAX_PROOFS: Final = 300  # looked at to find the next head


@dataclass(frozen=True, slots=True)
class Newer:
    """A valid head that is larger than the tree's own.

    Attributes:
        head: The largest that a proof in the tree bears.
        log: Its log, where the tree's bundles give its root; else None.
        expected: Path to digest of its edition, as far as it is known.
        complete: Whether ``expected`` holds the mutable files too.
    """

    head: Head
    log: Replay | None = None
    expected: Mapping[str, str] = field(default_factory=dict)
    complete: bool = False

    def may_lack(self, path: str) -> bool:
        """Whether that edition may have no file at ``path``, so that it is gone already."""
        return self.expected.get(path, EMPTY_SHA) == EMPTY_SHA


def find_newer(reader: Reader, paths: Iterable[str], *, log: Replay, judge: Judge) -> Newer | None:
    """The next head, if proofs beside ``paths`` (or that of ``SHA256SUMS``) bear one.

    Args:
        reader: The tree.
        paths: Files that do not belong to the tree's own head.
        log: The log of the tree's own head; it is left as it is.
        judge: Says which heads are to be trusted.
    """
    beside = (path.removesuffix(PROOF_ENDING) for path in paths)
    asked = list(dict.fromkeys((SUMS, *filter(needs_proof, beside))))[:_MAX_PROOFS]
    head: Head | None = None
    proofs = reader.read_many(map(proof_path, asked), max_bytes=MAX_PROOF_BYTES)
    for _, data in proofs:
        found = None if isinstance(data, TreeError) else _head_of(data, judge)
        if found and found.size > max(log.size, head.size if head else 0):
            head = found
    return _follow(reader, head, log.copy()) if head else None


def _head_of(data: bytes, judge: Judge) -> Head | None:
    try:
        proof = parse_proof(data)
        return judge(proof.checkpoint)
    except DoubtError:
        return None


def _follow(reader: Reader, head: Head, log: Replay) -> Newer:
    known = log.size
    try:
        for tile, _, entries in read_bundles(reader, known, head.size):
            log.take(entries[max(known - tile.index * TILE_WIDTH, 0) :])
    except (TreeError, TileError, EditionError):
        return Newer(head)  # the push has not come so far
    if log.root(head.size) != head.root or not log.sums:
        return Newer(head)
    expected = {**log.current, SUMS: log.sums}
    try:
        listed = pinned_sums(reader, log.sums)
    except EditionError:
        listed = None
    if listed is None:
        return Newer(head, log, expected)
    return Newer(head, log, {**expected, **listed}, complete=True)
