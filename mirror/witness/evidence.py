"""What a log showed that a witness refused, beside what the witness held. Kept, never deleted."""

import hashlib
from pathlib import Path
from typing import Final

from mirror.errors import StoreError
from mirror.store import durable
from mirror.witness.judge import Head, Shows

MOST: Final = 16  # heads of one kind of one log; whoever can send more shows nothing new by it

FOLDER: Final = "evidence"
_REFUSED: Final = ".refused"


def keep(state: Path, log: str, shows: Shows, head: Head, held: bytes) -> Path:
    """Keep the refused ``head`` in a file below ``state``, and beside it what was ``held``.

    The same head is kept once. Nobody else writes here meanwhile.

    Args:
        state: The folder of the witness's memory.
        log: Stands for the log in file names.
        shows: What it may show.
        head: What was refused.
        held: The head that was cosigned last, as it was kept.

    Raises:
        EvidenceFullError: There are enough of this kind.
        StoreError: It can't be written.
    """
    folder = state / FOLDER
    digest = hashlib.sha256(head.note.text.encode()).hexdigest()[:32]
    name = f"{log}-{shows}-{digest}"
    refused = folder / f"{name}{_REFUSED}"
    with durable.told(folder):
        if refused.exists():
            return refused
        others = {path.stem for path in folder.glob(f"{log}-{shows}-*")} - {name}
    if len(others) >= MOST:
        raise EvidenceFullError(folder)
    durable.write(folder / f"{name}.held", held)
    durable.write(refused, head.note.encode())
    with durable.told(state):
        durable.sync_folder(state)
    return refused


def count(state: Path, log: str) -> int:
    """How many refused heads of ``log`` are kept.

    Raises:
        StoreError: They can't be seen.
    """
    with durable.told(state):
        return sum(1 for _ in (state / FOLDER).glob(f"{log}-*{_REFUSED}"))


class EvidenceFullError(StoreError):
    """No more heads of this kind are kept."""

    def __init__(self, folder: Path) -> None:
        super().__init__(
            f"{folder} has {MOST} refused heads of this kind of this log already, and no more is"
            " kept; look at them, and move them to another place"
        )
