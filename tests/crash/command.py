"""The real program, in a process of its own."""

import os
import subprocess
import sys
from collections.abc import Sequence

from tests.conftest import PROJECT
from tests.crash.home import Home

PROGRAM = (sys.executable, "-c", "from mirror.cli.main import main; main()")


def tamizdat(home: Home, *words: str, by: Sequence[str] = ()) -> "subprocess.CompletedProcess[str]":
    """``tamizdat WORDS --config …``, run to its end; ``by`` are words before the program."""
    return subprocess.run(
        [*by, *PROGRAM, *words, "--config", str(home.config_file)],
        cwd=PROJECT,
        env=os.environ | {"NO_COLOR": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )


def start(home: Home, *words: str) -> "subprocess.Popen[str]":
    """The same, left running."""
    return subprocess.Popen(
        [*PROGRAM, *words, "--config", str(home.config_file)],
        cwd=PROJECT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
