"""What a push is given, and what comes of it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from enum import StrEnum

from mirror.endpoints.protocol import Mirror
from mirror.publish.carrier import Pace
from mirror.tree import Resume

Progress = Callable[[int, int, int], None]  # requests done, in all (estimated), bytes put
Save = Callable[[Resume], Awaitable[None]]


class Trouble(StrEnum):
    """Why a mirror is not as it should be, by who does something about it."""

    UNREACHABLE = "unreachable"  # nobody: the next push tries again
    REFUSED = "refused"  # the operator: credentials, rights, quota
    FOREIGN = "foreign"  # the operator: somebody else's head is there; nothing was written
    OWED = "owed"  # nobody yet: current, but something that must go could not be deleted
    UNFINISHED = "unfinished"  # nobody: it goes on where it was, with the next push
    OURS = "ours"  # the operator: our own tree, or this program


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One mirror that is to be pushed to.

    Attributes:
        mirror: The endpoint.
        base: The address that readers use; localised files get it (format 1.5).
        moved: Whether what stands there was made for another base: it is all put again.
        pace: How it is asked.
        owes: Whether something may have to be deleted there that an earlier push could not.
        resume: From the last ``Outcome``, if that push was cut short.
        progress: Called after each request of a push that changes something.
        save: Given, now and then, where a push that is killed goes on; durable on return.
    """

    mirror: Mirror
    base: str
    moved: bool = False
    owes: bool = True
    pace: Pace = field(default_factory=Pace)
    resume: Resume | None = None
    progress: Progress | None = None
    save: Save | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of one push to one mirror.

    Attributes:
        mirror: Its name.
        requests: Made, those that failed too.
        puts: Files put.
        deletes: Files deleted.
        bytes: Put.
        from_size: The size that its head stated before; 0 where it had none.
        to_size: The size that it states now, as far as it is known.
        problem: What fell short, in words, with the remedy; None where nothing did.
        trouble: The kind of problem; None where there is none.
        owed: Deletions that are still to be done there.
        resume: Hand this to the next push of this mirror.
        seconds: That it took.
    """

    mirror: str
    requests: int
    puts: int
    deletes: int
    bytes: int
    from_size: int
    to_size: int
    problem: str | None = None
    trouble: Trouble | None = None
    owed: int = 0
    resume: Resume | None = None
    seconds: float = 0.0
