"""The offline proofs that stand beside a tree's files (format 1, 4)."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from feeds.edition import EMPTY_SHA
from feeds.errors import TreeError
from feeds.paths import SUMS, needs_proof, proof_path
from feeds.verify_compare import Wrong
from feeds.verify_log import Replay
from feeds.verify_proofs import DoubtError, check_inclusion, parse_proof
from feeds.verify_reader import Listing, Reader
from feeds.verify_report import Verdict
from feeds.verify_trust import Trust
from keys.proof import MAX_PROOF_BYTES


@dataclass(slots=True)
class Beside:
    """What a look at the proofs gave.

    Attributes:
        wrong: By path of the proof, what is wrong with it.
        evidence: The notes of heads in proofs that contradict the log.
        count: Proofs checked.
    """

    wrong: dict[str, Wrong] = field(default_factory=dict)
    evidence: tuple[bytes, ...] = ()
    count: int = 0


def proofs_due(files: Mapping[str, str]) -> list[str]:
    """The files of an edition that have a proof beside them, ``SHA256SUMS`` first."""
    due = (path for path, sha in files.items() if needs_proof(path) and sha != EMPTY_SHA)
    return [SUMS, *(path for path in due if path != SUMS)]


def missing_proofs(due: Collection[str], listing: Listing) -> dict[str, Wrong]:
    """By path of the proof, those that are not there."""
    absent = set(map(proof_path, due)) - listing.files
    return dict.fromkeys(sorted(absent), Wrong(Verdict.INCOMPLETE, "is missing"))


def check_proofs(
    reader: Reader, paths: Collection[str], files: Mapping[str, str], *, log: Replay, trust: Trust
) -> Beside:
    """Check the proofs of ``paths``, whose digests ``files`` has.

    Args:
        reader: The tree.
        paths: Of the files, not of their proofs.
        files: Path to digest.
        log: The log that every proof's head must agree with, as far as it goes.
        trust: Says which heads count.
    """
    beside = Beside(count=len(paths))
    found = reader.read_many(map(proof_path, paths), max_bytes=MAX_PROOF_BYTES)
    for path, (where, data) in zip(paths, found, strict=True):
        if isinstance(data, TreeError):
            beside.wrong[where] = Wrong.of(data)
            continue
        try:
            _check(data, path, files[path], log=log, trust=trust)
        except DoubtError as doubt:
            beside.wrong[where] = Wrong(doubt.verdict, doubt.problem)
            if doubt.verdict is Verdict.FORKED:
                beside.evidence = (parse_proof(data).checkpoint,)
    return beside


def _check(data: bytes, path: str, sha: str, *, log: Replay, trust: Trust) -> None:
    proof = parse_proof(data)
    agrees = proof.tree.size <= log.size and log.root(proof.tree.size) == proof.tree.root
    try:
        trust.judge(proof.checkpoint)
    except DoubtError as doubt:
        if doubt.verdict is not Verdict.COULD_NOT_TELL or not agrees:
            raise
        # A revoked key's head from its good days: the log under a good head has the leaf (5.6).
    if proof.tree.size <= log.size and not agrees:
        problem = f"its head of {proof.tree.size} entries contradicts this log, and is signed"
        raise DoubtError(Verdict.FORKED, problem)
    check_inclusion(proof, sha, path)
