"""Work that is done by a process of its own, forked from one that has loaded everything."""

import contextlib
import json
import os
import signal
import tempfile
import traceback
from collections.abc import Callable
from typing import Any


class Child:
    """``work``, done in a process of its own."""

    def __init__(self, work: Callable[[], list[str]]) -> None:
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 - ``end`` closes it
        self._pid = os.fork()
        if self._pid == 0:
            with contextlib.suppress(BaseException):
                _answer(work, self._file.fileno())
            os._exit(0)

    def stop(self) -> None:
        """With all its threads, until it goes on."""
        os.kill(self._pid, signal.SIGSTOP)
        os.waitpid(self._pid, os.WUNTRACED)

    def go_on(self) -> None:
        os.kill(self._pid, signal.SIGCONT)

    def end(self) -> tuple[int, list[str]]:
        """The status that it ended with, and what ``work`` returned."""
        _, status = os.waitpid(self._pid, 0)
        with self._file:
            self._file.seek(0)
            said = self._file.read()
        if os.WIFSIGNALED(status):
            return status, []
        answer = json.loads(said)
        if "error" in answer:
            return status, [answer["error"]]
        return status, answer["done"]


def forked(work: Callable[[], list[str]]) -> tuple[int, list[str]]:
    """``work``, done by a child to its end."""
    return Child(work).end()


def _answer(work: Callable[[], list[str]], descriptor: int) -> None:
    answer: dict[str, Any]
    try:
        answer = {"done": work()}
    except BaseException:  # noqa: BLE001 - the parent reports it
        answer = {"error": traceback.format_exc()}
    with open(descriptor, "w", closefd=False) as file:
        json.dump(answer, file)
