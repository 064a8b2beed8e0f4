"""What a head says beside the heads that were seen before: behind, rolled back, forked."""

from dataclasses import dataclass
from typing import Protocol

from feeds.verify_log import Replay
from feeds.verify_report import Finding, Head, Verdict
from keys.merkle import HASH_BYTES


@dataclass(frozen=True, slots=True)
class Known:
    """What is remembered of a log and of an address.

    Attributes:
        head: The largest head of the log that was ever seen, with the earliest time at which
            that size was seen cosigned; or None.
        leaves: Its leaf hashes, 32 bytes each; empty where they were not kept.
        at_address: The largest size that this address ever showed, 0 for none.
        fork: Where two heads of the log that contradict each other are kept; empty for nowhere.
    """

    head: Head | None = None
    leaves: bytes = b""
    at_address: int = 0
    fork: str = ""


class Memory(Protocol):
    """What remembers heads from one run to the next."""

    def recall(self, origin: str) -> Known:
        """What is known of the log of that name, and of the address that is being verified."""
        ...


class NoMemory:
    """A memory that is always empty."""

    def recall(self, origin: str) -> Known:  # noqa: ARG002 - the protocol's
        """Nothing."""
        return Known()


def by_memory(known: Known) -> tuple[Finding, ...]:
    """What was found at an earlier look, and counts until somebody has explained it."""
    if not known.fork:
        return ()
    problem = (
        f"two histories of this log were seen before, and {known.fork} has the heads that prove it;"
        " once the publisher has explained them, move that away and verify again"
    )
    return (Finding(Verdict.FORKED, "", problem),)


def by_size(head: Head, known: Known) -> tuple[tuple[Finding, ...], tuple[bytes, ...]]:
    """What can be said before the log is read: findings, and two notes where they contradict."""
    seen = known.head
    if seen and seen.size == head.size and seen.root != head.root:
        return (_fork(f"another head of the same size {head.size} was seen before"),), (
            seen.note,
            head.note,
        )
    if known.at_address > head.size:
        problem = f"this address showed {known.at_address} entries before, and now {head.size}"
        return (Finding(Verdict.ROLLED_BACK, "", problem),), ()
    if seen and seen.size > head.size and seen.time and head.time and head.time > seen.time:
        problem = (
            f"a head of {seen.size} entries was there on {seen.time:%Y-%m-%d %H:%M} UTC, and this"
            f" one of {head.size} was confirmed after that, on {head.time:%Y-%m-%d %H:%M} UTC"
        )
        return (Finding(Verdict.ROLLED_BACK, "", problem),), (seen.note, head.note)
    return (), ()


def by_log(head: Head, log: Replay, known: Known) -> tuple[tuple[Finding, ...], tuple[bytes, ...]]:
    """What can be said once ``log`` gave the head's root: findings, and the notes of a fork."""
    seen = known.head
    if not seen or seen.size == head.size:
        return (), ()
    if seen.size < head.size:
        consistent: bool | None = log.root(seen.size) == seen.root
    else:
        consistent = _is_start(log.leaves, seen, known.leaves)
    if consistent is None:
        problem = (
            f"a head of {seen.size} entries was seen before, but not its log, so nobody can say"
            " whether this one is its beginning: verify the larger one with --state, then this"
        )
        return (Finding(Verdict.COULD_NOT_TELL, "", problem),), ()
    if not consistent:
        problem = f"it contradicts the head of {seen.size} entries that was seen before"
        return (_fork(problem),), (seen.note, head.note)
    if seen.size < head.size:
        return (), ()
    problem = f"it holds {head.size} of the {seen.size} entries that were seen elsewhere"
    return (Finding(Verdict.BEHIND, "", problem),), ()


def _is_start(leaves: bytes, seen: Head, kept: bytes) -> bool | None:
    """Whether ``leaves`` begin the larger log; None where what was ``kept`` is not that log."""
    larger = Replay()
    if len(kept) == seen.size * HASH_BYTES:
        larger.extend(kept)
    if not larger.size or larger.root(seen.size) != seen.root:
        return None
    return kept.startswith(leaves)


def _fork(problem: str) -> Finding:
    return Finding(Verdict.FORKED, "", f"{problem}: both are signed, and can't both be true")
