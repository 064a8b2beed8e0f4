"""``tamizdat`` in processes of its own, forked from one that has loaded it.

Loading takes most of the time of a short command, and tests start hundreds of them. Where the
very command line matters (another clock, what a process list shows), tests start it by that.
"""

import atexit
import multiprocessing
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Final

from mirror.cli.main import main

_FORKS: Final = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload(
    [
        *("mirror.cli.main", "mirror.cli.run", "mirror.cli.witness"),
        *("mirror.schedule", "mirror.service", "mirror.web", "mirror.witness.server"),
        "tests.light_keys",
    ]
)


@dataclass
class Program:
    """A process that runs, or has run, ``tamizdat``; used as a ``subprocess.Popen``.

    Attributes:
        words: Its arguments.
        output: The file that its output goes to, at the end.
        errors: The same for its errors.
    """

    words: tuple[str, ...]
    output: Path
    errors: Path
    _process: ForkServerProcess

    @property
    def pid(self) -> int:
        assert self._process.pid is not None
        return self._process.pid

    def poll(self) -> int | None:
        """Its status, or None while it runs; negative where a signal ended it."""
        return self._process.exitcode

    def wait(self, timeout: float | None = None) -> int:
        self._process.join(timeout)
        status = self._process.exitcode
        if status is None:
            raise subprocess.TimeoutExpired(self.words, timeout or 0)
        return status

    def send_signal(self, what: signal.Signals) -> None:
        if self.poll() is None:
            os.kill(self.pid, what)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def communicate(self, timeout: float | None = None) -> tuple[str, str]:
        """What it said, once it has ended."""
        self.wait(timeout)
        return self.output.read_text(), self.errors.read_text()


def begin(
    *words: object, log: Path | None = None, environment: Mapping[str, str] | None = None
) -> Program:
    """Start ``tamizdat WORDS``; all that it says goes to ``log``, where one is given."""
    if log is None:
        output, errors = _new_file(), _new_file()
    else:
        output = errors = log
    arguments = tuple(map(str, words))
    values = dict(environment or os.environ)
    target = (arguments, str(Path.cwd()), values, str(output), str(errors))
    process = _FORKS.Process(target=_run, args=target)
    process.start()
    return Program(arguments, output, errors, process)


def done(
    *words: object, timeout: float = 100, environment: Mapping[str, str] | None = None
) -> "subprocess.CompletedProcess[str]":
    """``tamizdat WORDS``, run to its end."""
    program = begin(*words, environment=environment)
    try:
        output, errors = program.communicate(timeout)
    finally:
        program.kill()
    return subprocess.CompletedProcess(program.words, program.wait(), output, errors)


def _new_file() -> Path:
    number, name = tempfile.mkstemp(dir=_said())
    os.close(number)
    return Path(name)


@cache
def _said() -> Path:
    """Where what programs say is kept, as long as the tests run."""
    folder = Path(tempfile.mkdtemp(prefix="said-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def _run(
    words: Sequence[str], folder: str, environment: Mapping[str, str], output: str, errors: str
) -> None:
    os.environ.clear()
    os.environ.update(environment)
    time.tzset()
    os.chdir(folder)
    for number, name in ((1, output), (2, errors)):
        file = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        os.dup2(file, number)
        os.close(file)
    sys.argv = ["tamizdat", *words]
    main()
