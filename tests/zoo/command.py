"""The real command in a process of its own, within what a verification may cost."""

import re
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

MAX_KILOBYTES: Final = 200_000
MAX_SECONDS: Final = 10.0

_COMMAND: Final = "from mirror.cli.main import main; main()"


@dataclass(frozen=True, slots=True)
class Answer:
    """What the command said, and how it ended."""

    text: str
    status: int


def tamizdat(*arguments: str) -> Answer:
    """Run it; fails where it takes more memory or time than any animal may cost.

    While other processes have the processor, no time passes.
    """
    begun = time.monotonic()
    with tempfile.TemporaryFile() as out:
        process = subprocess.Popen(
            [sys.executable, "-c", _COMMAND, *arguments], stdout=out, stderr=subprocess.STDOUT
        )
        peak, waited = 0, 0.0
        while process.poll() is None:
            peak = max(peak, _peak_kilobytes(process.pid))
            waited = max(waited, _waited_s(process.pid))
            time.sleep(0.02)
        out.seek(0)
        text = out.read().decode()
    assert time.monotonic() - begun - waited < MAX_SECONDS
    assert 0 < peak < MAX_KILOBYTES
    return Answer(text, process.returncode)


def _peak_kilobytes(pid: int) -> int:
    """What it needed at most so far; getrusage would count the tests' own process before exec."""
    try:
        told = Path(f"/proc/{pid}/status").read_text(encoding="ascii", errors="replace")
    except OSError:  # it has just ended
        return 0
    running = Path(f"/proc/{pid}/cmdline")
    match = re.search(r"^VmHWM:\s+(\d+) kB$", told, re.MULTILINE)
    try:
        begun = _COMMAND.encode() in running.read_bytes()  # before exec it is the tests' process
    except OSError:
        return 0
    return int(match[1]) if match and begun else 0


def _waited_s(pid: int) -> float:
    """How long it was ready to run, and others ran (proc(5): schedstat)."""
    try:
        return int(Path(f"/proc/{pid}/schedstat").read_text(encoding="ascii").split()[1]) / 1e9
    except (OSError, IndexError):  # it has just ended
        return 0.0
