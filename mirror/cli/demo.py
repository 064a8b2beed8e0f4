"""``tamizdat demo``: a sample newsroom, the service and three mirrors, nothing to configure."""

import asyncio
import signal
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from typer import Option

if TYPE_CHECKING:
    from mirror.demo.run import Demo

app = typer.Typer(rich_markup_mode=None, add_completion=False)


@app.command()
def demo(
    folder: Annotated[Path, Option(help="Where everything is kept.")] = Path("demo"),
    *,
    port_base: Annotated[
        int | None, Option(min=1024, max=65_000, help="First port. Default: 8470.")
    ] = None,
    stories_every: Annotated[
        str, Option(help="Between two stories. Default: 3s.", show_default=False)
    ] = "",
    seconds: Annotated[
        float | None, Option("--for", metavar="SECONDS", min=0, help="End by itself after that.")
    ] = None,
) -> None:
    """A sample newsroom and three mirrors on this machine; Ctrl-C ends it."""
    from mirror import logs
    from mirror.demo.plan import parse_every
    from mirror.demo.run import run_demo
    from mirror.schedule import serve

    every = parse_every(stories_every) if stories_every else None
    place = folder.absolute()
    logs.set_up()

    async def main() -> None:
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, stop.set)
        if seconds is not None:
            loop.call_later(seconds, stop.set)
        await run_demo(place, serve, stop=stop, tell=_teller(), base=port_base, every=every)

    asyncio.run(main())


def _teller() -> "Callable[[Demo], None]":
    from rich.console import Console

    from mirror.demo.told import lines

    console = Console()

    def tell(demo: "Demo") -> None:
        for line in lines(demo):
            console.print(line, soft_wrap=True, highlight=False)

    return tell
