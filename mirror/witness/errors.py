"""What a witness answers when it does not sign: ``RefusalError``, one class for each status."""

from pathlib import Path
from typing import ClassVar


class RefusalError(Exception):
    """No signature is given; ``status`` is that of C2SP tlog-witness.

    Attributes:
        problem: Why not.
        size: For a conflict, the size of the tree that the witness cosigned last.
        origin: Which log signed what was refused; empty where none that is followed did.
        evidence: The file that keeps it, where it may show a second history.
    """

    status: ClassVar[int] = 400

    def __init__(self, problem: str, *, size: int | None = None) -> None:
        super().__init__(problem)
        self.problem = problem
        self.size = size
        self.origin = ""
        self.evidence: Path | None = None


class MalformedError(RefusalError):
    """The request is not in the one form that it may have."""


class UnknownLogError(RefusalError):
    """The witness does not follow a log of that name."""

    status = 404


class UnsignedError(RefusalError):
    """No key that the witness knows signed the head, or such a key's signature is false."""

    status = 403


class ConflictError(RefusalError):
    """The witness cosigned another tree last than the one that the proof starts from."""

    status = 409


class InconsistentError(RefusalError):
    """The proof does not hold: this would be a second history."""

    status = 422
