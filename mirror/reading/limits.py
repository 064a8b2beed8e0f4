"""What a verifier lets an unknown server cost it."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

SLOWEST: Final = 4_000  # bytes a second, beyond ``Limits.patience``; a bad line still has that
MAX_PAGE_BYTES: Final = 16 * 2**20  # of what is neither media nor an operator's own file
HELD_BYTES: Final = 64 * 2**20  # of whole files that are held at once


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Bounds of one verification.

    Attributes:
        parallel: Requests at once.
        patience: For the head of an answer, and for a pause in it; a file may take that long
            and a second for every ``SLOWEST`` bytes.
        attempts: How often a file is asked for where the server fails or says to come again.
        wait: Before the second attempt; then twice as long.
        silence: After so many files in a row without an answer, no more is asked.
        total_bytes: Of all files together.
        total_time: Of all requests together.
    """

    parallel: int = 32
    patience: timedelta = timedelta(seconds=30)
    attempts: int = 3
    wait: timedelta = timedelta(seconds=0.3)
    silence: int = 40
    total_bytes: int = 100 * 2**30
    total_time: timedelta = timedelta(hours=24)
