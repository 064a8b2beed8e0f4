"""The real command in a process of its own, within what a verification may cost."""

import os
import subprocess
import sys
import time
from dataclasses import dataclass
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
    """Run it; fails where it takes more memory or time than any animal may cost."""
    begun = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "-c", _COMMAND, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    assert process.stdout
    with process.stdout as stream:
        text = stream.read().decode()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert time.monotonic() - begun < MAX_SECONDS
    assert usage.ru_maxrss < MAX_KILOBYTES
    return Answer(text, process.returncode)
