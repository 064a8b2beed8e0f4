"""``tamizdat recover --from MIRROR``: take over what a mirror holds, after a restored backup."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer
from typer import Exit, Option

from mirror.cli.newsrooms import DEFAULT_CONFIG

if TYPE_CHECKING:
    from mirror.config import Config
    from mirror.recover import Recovered
    from mirror.recover.told import Tell

app = typer.Typer(rich_markup_mode=None, add_completion=False)

_WORDS: Final = {"log": "Replaying the log", "files": "Comparing files", "articles": "Articles"}


@app.command()
def recover(
    mirror: Annotated[
        str, Option("--from", metavar="MIRROR", help="Its name in the configuration.")
    ],
    *,
    config: Annotated[Path, Option(help="The configuration of the newsroom.")] = DEFAULT_CONFIG,
) -> None:
    """Make this machine's log and database what a mirror shows; all is verified first."""
    from mirror import logs
    from mirror.config import load

    logs.set_up()
    newsroom = _one(load(config), mirror, config)
    result = asyncio.run(_run(newsroom, mirror))
    typer.echo(_told(result))
    raise Exit(1 if result.problems else 0)


def _one(newsrooms: "tuple[Config, ...]", mirror: str, file: Path) -> "Config":
    from mirror.errors import ConfigError

    having = [one for one in newsrooms if mirror in {known.name for known in one.mirrors}]
    if len(newsrooms) == 1:
        return newsrooms[0]
    if len(having) == 1:
        return having[0]
    mistake = f"holds {len(having)} newsrooms with a mirror {mirror}; name one file with --config"
    raise ConfigError(str(file), (mistake,))


async def _run(newsroom: "Config", mirror: str) -> "Recovered":
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    from mirror.recover import recover as take_over

    console = Console(stderr=True)
    if not console.is_terminal:
        return await take_over(newsroom, mirror, tell=_log_lines())
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        tasks = {what: progress.add_task(words, total=None) for what, words in _WORDS.items()}

        def tell(what: str, done: int, total: int) -> None:
            progress.update(tasks[what], completed=done, total=total)

        return await take_over(newsroom, mirror, tell=tell)


def _log_lines() -> "Tell":
    import structlog

    log = structlog.get_logger(__name__)

    def tell(what: str, done: int, total: int) -> None:
        log.info("recover", what=what, done=done, total=total)

    return tell


def _told(result: "Recovered") -> str:
    before, size = result.before, result.size
    counts = f"{result.editions} editions, {result.articles} articles, {result.aliases} aliases"
    lines = [
        f"Taken over from mirror {result.mirror}: its log of {size} entries; here were {before}.",
        f"  {counts}",
        f"  {result.files} files put in place, {result.fetched} of them from mirrors",
    ]
    if result.problems:
        lines += [
            f"{len(result.problems)} pages could not be read back into the database:",
            *(f"  {problem}" for problem in result.problems),
            "They stay published. When the source changes them, they come as new versions.",
        ]
    lines += ["Next: tamizdat run --once. It makes front pages and feeds anew where that is due."]
    return "\n".join(lines)
