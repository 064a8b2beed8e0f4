"""Who else than its owner can read a file with a secret."""

import os
import shlex
import stat
from pathlib import Path
from typing import Final

_OTHERS: Final = 0o077


def looseness(handle: int, path: Path) -> str | None:
    """What is wrong with the mode of the open file, and the remedy; None for its owner alone.

    Args:
        handle: Of the file. Pipes and terminals are nobody's file, and pass.
        path: What the operator calls it.
    """
    mode = os.fstat(handle).st_mode
    if not stat.S_ISREG(mode) or not mode & _OTHERS:
        return None
    return (
        f"others can read {path} (mode {stat.S_IMODE(mode):04o}); if they have not, run:"
        f" chmod 600 {shlex.quote(str(path))}"
    )
