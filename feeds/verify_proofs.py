"""Whether an offline proof shows that these bytes were published at that path (format 4)."""

from collections.abc import Callable

from feeds.edition import Entry
from feeds.errors import FeedsError
from feeds.verify_report import Head, Verdict
from keys.errors import ProofError
from keys.proof import OfflineProof

Judge = Callable[[bytes], Head]
"""The head of a signed note, if its signatures and its quorum hold; raises ``DoubtError``."""


class DoubtError(FeedsError):
    """A check that did not hold, and the verdict that it leads to."""

    def __init__(self, verdict: Verdict, problem: str, path: str = "") -> None:
        super().__init__(f"{path}: {problem}" if path else problem)
        self.verdict = verdict
        self.problem = problem
        self.path = path


def parse_proof(data: bytes) -> OfflineProof:
    """The proof in ``data``, nothing of it checked yet.

    Raises:
        DoubtError: There is none.
    """
    try:
        return OfflineProof.parse(data)
    except ProofError as error:
        raise DoubtError(Verdict.NOT_GENUINE, f"damaged: {error}") from error


def check_inclusion(proof: OfflineProof, sha: str, path: str) -> None:
    """Accept that bytes of that digest stand at ``path`` in the log of the proof's head.

    Who signed that head is another question.

    Raises:
        DoubtError: The proof is of another file, or does not hold.
    """
    if proof.path != path:
        raise DoubtError(Verdict.NOT_GENUINE, f"the proof of another file, {proof.path}")
    try:
        proof.check(Entry(sha, path).encode())
    except (ProofError, FeedsError) as error:
        problem = "belongs to other bytes than these, or to another log"
        raise DoubtError(Verdict.NOT_GENUINE, problem) from error
