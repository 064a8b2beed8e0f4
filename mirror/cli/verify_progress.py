"""How far a verification has come: a bar on a terminal, else a line now and then; on stderr."""

import sys
import time
from types import TracebackType
from typing import Final, Self

_EVERY_S: Final = 10.0
_MB: Final = 1_000_000


class Progress:
    """A ``Meter`` (``mirror.reading.meter``) for people. A context manager.

    Args:
        what: What is being verified.
    """

    def __init__(self, what: str) -> None:
        self._what = what
        self._expected = 0
        self._done = 0
        self._bytes = 0
        self._said = time.monotonic()

    def expect(self, files: int) -> None:
        """So many more will be asked for."""
        self._expected += files

    def arrived(self, total_bytes: int) -> None:
        """One of them was answered; ``total_bytes`` came for all of them so far."""
        self._done += 1
        self._bytes = total_bytes
        self._show()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        pass

    def _words(self) -> str:
        return f"{self._done} of {self._expected} files, {self._bytes / _MB:.1f} MB"

    def _show(self) -> None:
        now = time.monotonic()
        if now - self._said >= _EVERY_S:
            self._said = now
            print(f"{self._what}: {self._words()}", file=sys.stderr, flush=True)  # noqa: T201 - that is what it is for


class Bar(Progress):
    """The same as a bar, which is gone when the verdict is there."""

    def __init__(self, what: str) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, TextColumn, TimeElapsedColumn
        from rich.progress import Progress as RichProgress

        super().__init__(what)
        self._bar = RichProgress(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            TextColumn("{task.fields[words]}", markup=False),
            TimeElapsedColumn(),
            console=Console(stderr=True),
            transient=True,
        )
        self._task = self._bar.add_task(what, total=None, words="")

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._bar.stop()

    def _show(self) -> None:
        now = time.monotonic()
        if now - self._said >= 0.1 or self._done == self._expected:  # noqa: PLR2004 - ten times a second
            self._said = now
            self._bar.update(
                self._task, completed=self._done, total=self._expected, words=self._words()
            )


def progress(what: str) -> Progress:
    """A bar where stderr is a terminal, else lines."""
    return Bar(what) if sys.stderr.isatty() else Progress(what)
