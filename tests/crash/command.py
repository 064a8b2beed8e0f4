"""The real program, in a process of its own."""

import os
import subprocess
import sys
from collections.abc import Sequence

from tests import program
from tests.conftest import PROJECT
from tests.crash.home import Home

PROGRAM = (sys.executable, "-c", "from mirror.cli.main import main; main()")


def tamizdat(home: Home, *words: str, by: Sequence[str] = ()) -> "subprocess.CompletedProcess[str]":
    """``tamizdat WORDS --config …``, run to its end; ``by`` are words before the program."""
    words = (*words, "--config", str(home.config_file))
    environment = os.environ | {"NO_COLOR": "1"}
    if not by:
        return program.done(*words, environment=environment)
    return subprocess.run(
        [*by, *PROGRAM, *words],
        cwd=PROJECT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )


def start(home: Home, *words: str) -> program.Program:
    """The same, left running."""
    return program.begin(*words, "--config", home.config_file)
