"""``tamizdat backfill``: reading a site's archive; the service may run."""

import asyncio
import sys
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Final

import typer
from typer import BadParameter, Exit, Option

from mirror.cli.newsrooms import DEFAULT_CONFIG, NEXT, ConfigOption

if TYPE_CHECKING:
    from mirror.config import Config
    from mirror.service.backfill import Progress, Span

app = typer.Typer(rich_markup_mode=None, add_completion=False)

_UNITS: Final = {"s": 1.0, "m": 60.0, "h": 3_600.0}
_EVERY_S: Final = 10.0
_DATE: Final = ["%Y-%m-%d"]


def _rate(text: str) -> float:
    """Requests a second, of ``2/s``, ``30/m`` or ``600/h``."""
    number, _, unit = text.partition("/")
    try:
        rate = float(number) / _UNITS[unit.strip() or "s"]
    except (ValueError, KeyError):
        rate = 0.0
    if not 0 < rate <= 1_000:  # noqa: PLR2004 - no site's wish
        raise BadParameter("write it as 2/s, 30/m or 600/h")
    return rate


@app.command()
def backfill(
    *,
    since: Annotated[datetime, Option(formats=_DATE, help="Articles from that day on, UTC.")],
    until: Annotated[
        datetime | None, Option(formats=_DATE, help="Articles before that day; else all.")
    ] = None,
    source: Annotated[str, Option(help="The one source to go through; else all.")] = "",
    rate: Annotated[str, Option(help="Requests at most, as 2/s, 30/m or 600/h.")] = "1/s",
    processes: Annotated[int, Option(min=0, help="That extract; 0: one a core.")] = 0,
    config: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """Read a site's archive by its sitemaps; the same command goes on where it was ended."""
    from mirror.config import load
    from mirror.service.backfill import Span

    pace = _rate(rate)
    span = Span(since=since.replace(tzinfo=UTC), until=until and until.replace(tzinfo=UTC))
    chosen = [
        one for one in load(config) if not source or source in {each.name for each in one.sources}
    ]
    if not chosen:
        raise BadParameter(f"no source is called {source}", param_hint="--source")
    is_whole = True
    for newsroom in chosen:
        is_whole &= asyncio.run(_backfill(newsroom, span, source, pace, processes))
    raise Exit(0 if is_whole else 1)


async def _backfill(
    config: "Config", span: "Span", source: str, rate: float, processes: int
) -> bool:
    from mirror.cli.newsrooms import opened
    from mirror.errors import SourceError
    from mirror.service.backfill import Backfill, Progress
    from mirror.service.pacing import paced_routes
    from mirror.service.processes import Processes
    from mirror.store.folders import Folders
    from mirror.store.robots import DatabaseRobotsStore

    progress = Progress()
    shown = Shown(config.site.title, progress)
    async with (
        opened(config) as database,
        paced_routes(config, rate, DatabaseRobotsStore(database)) as routes,
    ):
        with Processes(processes) as extractor, shown:
            job = Backfill(
                config=config,
                routes=routes,
                database=database,
                folders=Folders(config.store.data),
                extractor=extractor,
                span=span,
                source=source,
            )
            try:
                is_done = await job.run(progress, lambda: datetime.now(UTC), shown.show)
            except SourceError as error:
                progress.failed(str(error))
                is_done = False
    typer.echo("\n".join(shown.end(is_done=is_done)))
    return is_done


class Shown:
    """Progress as a bar on a terminal, else as a line now and then; on stderr.

    Args:
        title: Of the newsroom.
        progress: What is shown.
    """

    def __init__(self, title: str, progress: "Progress") -> None:
        from rich.console import Console
        from rich.progress import BarColumn, TextColumn, TimeElapsedColumn
        from rich.progress import Progress as RichProgress

        self._progress = progress
        self._title = title
        self._began = self._said = time.monotonic()
        self._is_terminal = sys.stderr.isatty()
        self._bar = RichProgress(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            TextColumn("{task.fields[words]}", markup=False),
            TimeElapsedColumn(),
            console=Console(stderr=True),
            transient=True,
            disable=not self._is_terminal,
        )
        self._task = self._bar.add_task(title, total=None, words="")

    def __enter__(self) -> None:
        self._bar.start()

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def words(self) -> str:
        """How far it is, and how long it will take."""
        from mirror.service.backfill import estimate

        progress = self._progress
        if not progress.done:
            return f"{progress.files} sitemap files, {progress.left} addresses"
        left = estimate(progress, timedelta(seconds=time.monotonic() - self._began))
        still = f", about {_span(left)} to go" if left else ""
        return f"{progress.done} of {progress.done + progress.left} read{still}"

    def show(self) -> None:
        """Say it, if it is time."""
        now = time.monotonic()
        if self._is_terminal:
            done, left = self._progress.done, self._progress.left
            total = done + left if done else None
            self._bar.update(self._task, completed=done, total=total, words=self.words())
        elif now - self._said >= _EVERY_S:
            self._said = now
            typer.echo(f"{self._title}: {self.words()}", err=True)

    def end(self, *, is_done: bool) -> list[str]:
        """What came of it, and what to do next."""
        progress = self._progress
        became = ", ".join(f"{count} {word}" for word, count in sorted(progress.outcomes.items()))
        lines = [f"{self._title}: {progress.done} read ({became or 'nothing was missing'})"]
        lines += [f"  {problem}" for problem in progress.problems]
        if not is_done:
            lines.append(f"{progress.left} wait; the same command goes on with them.")
        if progress.outcomes.get("new"):
            lines.append(NEXT)
        return lines


def _span(left: timedelta) -> str:
    minutes, seconds = divmod(round(left.total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min" if minutes else f"{seconds} s"
