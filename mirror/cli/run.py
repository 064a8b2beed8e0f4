"""``tamizdat run``: the service, or one round of it."""

import asyncio
import signal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from typer import Exit, Option, Typer, echo

if TYPE_CHECKING:
    from mirror.config import Config

app = Typer(rich_markup_mode=None, add_completion=False)


@app.command()
def run(
    config: Annotated[
        Path, Option(help="The configuration, or a folder with one file for each newsroom.")
    ] = Path("config.toml"),
    *,
    once: Annotated[bool, Option("--once", help="One round; then exit 0, or 1.")] = False,
    verbose: Annotated[bool, Option("--verbose", help="Log more.")] = False,
) -> None:
    """Poll the newsroom, publish what is new, and keep every mirror current."""
    import uvloop

    from mirror import logs
    from mirror.config import load

    logs.set_up(verbose=verbose)
    configs = load(config)
    if once:
        raise Exit(uvloop.run(_once(configs)))
    uvloop.run(_serve(configs))


async def _once(configs: "tuple[Config, ...]") -> int:
    """One round for each newsroom; 1 where anything fell short."""
    from mirror.cli.push_progress import PushProgress
    from mirror.service import Service

    fell_short = False
    for config in configs:
        async with Service.open(config) as service:
            with PushProgress() as progress:
                service.pusher.watch = progress.watch
                report = await service.round()
        if len(configs) > 1:
            echo(f"{config.site.title}:")
        for line in report.lines:
            echo(line)
        if not config.mirrors:
            echo(f"no mirror is named yet: add a [[mirror]] to {config.file}")
        fell_short |= report.fell_short
    return int(fell_short)


async def _serve(configs: "tuple[Config, ...]") -> None:
    from mirror.schedule import serve

    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    pages = {f"http://{config.web.listen}/" for config in configs}
    echo(f"status: {' '.join(sorted(pages))}; Ctrl-C ends it")
    await serve(configs, stop=stop)
