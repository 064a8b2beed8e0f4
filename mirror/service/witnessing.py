"""What the operator is told of witnesses that do not sign. Pure."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Final

from mirror.errors import QuorumError
from mirror.publish.quorum import Failing
from mirror.status import Problem

PATIENCE: Final = timedelta(minutes=10)  # before somebody is told
QUORUM: Final = "quorum"

_REMEDY: Final = (
    "ask the witness's operator to look after it; one without a network is asked by file:"
    " tamizdat witness request"
)


def problem_of(error: QuorumError, now: datetime) -> Problem | None:
    """What to tell of a head that is held; None while it is not held for long."""
    if now - error.since < PATIENCE:
        return None
    who = ", ".join(error.missing)
    return Problem(
        key=QUORUM,
        what=f"Nothing can be published: witness {who} does not sign",
        since=error.since,
        why=str(error),
        remedy=_REMEDY,
    )


def failing_keys(failing: Mapping[str, Failing], now: datetime) -> Iterator[tuple[str, Problem]]:
    """One problem for each witness that has been missing for long, by its key."""
    for name, one in failing.items():
        if now - one.since >= PATIENCE:
            key = witness_key(name)
            what = f"Witness {name} does not sign"
            yield key, Problem(key=key, what=what, since=one.since, why=one.problem, remedy=_REMEDY)


def witness_key(name: str) -> str:
    """The key of the alert about one witness."""
    return f"witness/{name}"
