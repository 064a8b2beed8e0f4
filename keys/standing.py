"""What a head's signatures are worth under a keyring (format 5.6 and 6)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum, StrEnum
from typing import Final

from keys.checkpoint import Checkpoint
from keys.errors import KeyringError
from keys.merkle import EMPTY_ROOT, HASH_BYTES
from keys.note import Kind, Note, Verified, VerifierKey, verify_note
from keys.policy import NO_QUORUM, Policy
from keys.text import MAX_SIZE, to_base64

_LAST_TIME: Final = 253_402_300_799  # the end of the year 9999, after which no date is written


class Ending(StrEnum):
    """Why a key signs no more."""

    RETIRED = "retired"  # replaced in good order; good up to its last size
    REVOKED = "revoked"  # lost or stolen; counts for nothing beyond its last good size


@dataclass(frozen=True, slots=True)
class Former:
    """A key that was once in a policy.

    Attributes:
        ending: How its time ended.
        key: A log's key, or a witness's: that of the present witness whose key bears the
            same name.
        size: Entries of the last tree that it may have signed.
        root: That tree's root; ``EMPTY_ROOT`` exactly for size 0.

    Raises:
        KeyringError: A field is outside these limits.
    """

    ending: Ending
    key: VerifierKey
    size: int
    root: bytes

    def __post_init__(self) -> None:
        if not 0 <= self.size <= MAX_SIZE or len(self.root) != HASH_BYTES:
            raise KeyringError(f"{self.ending} {self.key.name}: no last size and root")
        if (self.root == EMPTY_ROOT) != (self.size == 0):
            raise KeyringError(f"{self.ending} {self.key.name}: no root hash for its last size")

    def __str__(self) -> str:
        """The line of a keyring."""
        return f"{self.ending} {self.key} {self.size} {to_base64(self.root)}"

    def covers(self, tree: Checkpoint) -> bool:
        """Whether ``tree`` is not beyond the last tree, as far as size and root can tell."""
        if tree.size == self.size:
            return tree.root == self.root
        return tree.size < self.size


class Standing(Enum):
    """Who signed a head for the log; the first that applies."""

    CURRENT = "the log's present key"
    RETIRED = "a key that was good up to this size"
    DOUBTFUL = "a revoked key, at a size that was still good: show the leaf under a good head"
    REVOKED = "a revoked key, beyond its last good tree"
    OUTGROWN = "a retired key, beyond its last tree"
    UNKNOWN = "no key that the keyring knows"


@dataclass(frozen=True, slots=True)
class HeadJudgement:
    """A head as a keyring sees it. Freshness, expiry and consistency are not judged here.

    Attributes:
        tree: What the head says.
        standing: Who signed it for the log.
        quorum_met: Whether enough witnesses cosigned.
        quorum_time: POSIX seconds at which the last witness that was needed cosigned; None
            where the quorum is not met, or none is asked for.
        fresh_time: POSIX seconds since when a whole quorum has cosigned; None likewise.
        reasons: All of it in plain words, one sentence each.
    """

    tree: Checkpoint
    standing: Standing
    quorum_met: bool
    quorum_time: int | None
    fresh_time: int | None
    reasons: tuple[str, ...]

    @property
    def log_ok(self) -> bool:
        """Whether the log's signature is good."""
        return self.standing in {Standing.CURRENT, Standing.RETIRED}

    @property
    def good(self) -> bool:
        """Whether both the log's signature and the quorum are good."""
        return self.log_ok and self.quorum_met


def judge_head(note: Note, origin: str, policy: Policy, former: Sequence[Former]) -> HeadJudgement:
    """What the signatures of a head are worth.

    Raises:
        NoteError: It is no checkpoint.
        BadSignatureError: A line of a key that the keyring knows is false.
    """
    tree = Checkpoint.parse(note.text)
    found = verify_note(note, (*policy.keys, *(ended.key for ended in former)))
    if tree.origin != origin:
        reason = f"The head is of the log {tree.origin}, not of {origin}."
        return HeadJudgement(tree, Standing.UNKNOWN, False, None, None, (reason,))  # noqa: FBT003  # no quorum
    standing = _standing(tree, found, policy, former)
    times = dict(_cosigned(tree, found, policy, former))
    met = policy.quorum_time(times)
    return HeadJudgement(
        tree,
        standing,
        quorum_met=met is not None,
        quorum_time=None if policy.quorum == NO_QUORUM else met,
        fresh_time=None if policy.quorum == NO_QUORUM else policy.quorum_time(times, newest=True),
        reasons=(
            f"The head of {tree.size} entries is signed by {standing.value}.",
            *(f"Witness {name} saw it at {written(time)}." for name, time in times.items()),
            *_on_quorum(policy, times, met),
        ),
    )


def written(time: int) -> str:
    """POSIX seconds as people write a moment."""
    if time > _LAST_TIME:
        return f"second {time} after 1970"
    return f"{datetime.fromtimestamp(time, UTC):%Y-%m-%d %H:%M:%S} UTC"


def _standing(
    tree: Checkpoint, found: Sequence[Verified], policy: Policy, former: Sequence[Former]
) -> Standing:
    signers = {verified.key for verified in found}
    if signers.intersection(policy.logs):
        return Standing.CURRENT
    worth = {
        (Ending.RETIRED, True): Standing.RETIRED,
        (Ending.REVOKED, True): Standing.DOUBTFUL,
        (Ending.REVOKED, False): Standing.REVOKED,
        (Ending.RETIRED, False): Standing.OUTGROWN,
    }
    ended = {
        worth[item.ending, item.covers(tree)]
        for item in former
        if item.key in signers and item.key.kind is Kind.ED25519
    }
    return next((standing for standing in Standing if standing in ended), Standing.UNKNOWN)


def _cosigned(
    tree: Checkpoint, found: Sequence[Verified], policy: Policy, former: Sequence[Former]
) -> Iterator[tuple[str, int]]:
    times = {item.key: item.time for item in found if item.time is not None}
    retired = [item for item in former if item.ending is Ending.RETIRED and item.covers(tree)]
    for witness in policy.witnesses:
        keys = [witness.key, *(item.key for item in retired if item.key.name == witness.key.name)]
        signed = [times[key] for key in keys if key in times]
        if signed:
            yield witness.name, max(signed)


def _on_quorum(policy: Policy, times: dict[str, int], met: int | None) -> Iterator[str]:
    if policy.quorum == NO_QUORUM:
        yield "The keyring asks for no witness, so nothing shows when the head was made."
    elif met is None:
        missing = [item.name for item in policy.witnesses if item.name not in times]
        yield f"Its quorum {policy.quorum} is not met; not signed by {', '.join(missing)}."
    else:
        yield f"Its quorum {policy.quorum} was met at {written(met)}."
