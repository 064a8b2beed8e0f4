"""How far pushes have come, on a terminal: files, rate and time left, a line for each mirror."""

import logging
import sys
import time
from types import TracebackType
from typing import Final, Self, TextIO

from rich.console import Console
from rich.filesize import decimal
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

_PATIENCE_S: Final = 1.0  # a push that takes less is not shown


class PushProgress:
    """Bars for the pushes under way, where stderr is a terminal; a context manager."""

    def __init__(self) -> None:
        console = Console(stderr=True)
        self._bars = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=20),
            TextColumn("{task.percentage:>3.0f}%"),
            TextColumn("{task.completed:,.0f} of {task.total:,.0f}"),
            TextColumn("{task.fields[rate]}/s"),
            TimeRemainingColumn(compact=True),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self._tasks: dict[str, TaskID] = {}
        self._begun: dict[str, float] = {}

    def __enter__(self) -> Self:
        before = sys.stderr
        self._bars.start()
        _log_to(sys.stderr, before)  # above the bars
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        before = sys.stderr
        self._bars.stop()
        _log_to(sys.stderr, before)

    def watch(self, name: str, done: int, total: int, sent: int) -> None:
        """See ``mirror.service.pushing.Watch``."""
        if self._bars.disable:
            return
        now = time.monotonic()
        took = now - self._begun.setdefault(name, now)
        if took < _PATIENCE_S:
            return
        if name not in self._tasks:
            self._tasks[name] = self._bars.add_task(f"Pushing to {name}", total=total, rate="")
        rate = decimal(round(sent / took))
        self._bars.update(self._tasks[name], completed=done, total=total, rate=rate)


def _log_to(stream: TextIO, instead_of: TextIO) -> None:
    """Send the log lines that went to one stream to another."""
    for handler in logging.getLogger().handlers:
        if isinstance(handler, logging.StreamHandler) and handler.stream is instead_of:
            handler.setStream(stream)
