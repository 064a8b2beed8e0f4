"""``tamizdat mirrors``: how mirrors stand; push to one, pause it, go on; the service may run."""

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer
from typer import Exit, Option

from mirror.cli.mirrors_add import add
from mirror.cli.mirrors_audit import check, repair
from mirror.cli.mirrors_common import Name, having
from mirror.cli.newsrooms import DEFAULT_CONFIG, NEXT, ConfigOption, JsonOption

if TYPE_CHECKING:
    from pathlib import Path

    from mirror.cli.mirrors_words import Row
    from mirror.config import Config
    from mirror.publish.outcome import Outcome

app = typer.Typer(
    rich_markup_mode=None,
    add_completion=False,
    invoke_without_command=True,
    help="Show the mirrors; add, push to, check, mend and retire them.",
)


@app.callback()
def listed(
    context: typer.Context, *, json: JsonOption = False, config: ConfigOption = DEFAULT_CONFIG
) -> None:
    """Show every mirror: what it has, what it lacks, and why."""
    if context.invoked_subcommand is None:
        asyncio.run(_list(config, json=json))


@app.command("list")
def list_(*, json: JsonOption = False, config: ConfigOption = DEFAULT_CONFIG) -> None:
    """Show every mirror; what `tamizdat mirrors` alone does."""
    asyncio.run(_list(config, json=json))


@app.command()
def push(name: Name, *, config: ConfigOption = DEFAULT_CONFIG) -> None:
    """Bring a mirror up to date now."""
    raise Exit(asyncio.run(_push(name, config)))


@app.command()
def pause(name: Name, *, config: ConfigOption = DEFAULT_CONFIG) -> None:
    """Push nothing to a mirror until `resume`; it keeps what it has."""
    raise Exit(asyncio.run(_pause(name, config, paused=True)))


@app.command()
def resume(name: Name, *, config: ConfigOption = DEFAULT_CONFIG) -> None:
    """Push to a mirror again."""
    raise Exit(asyncio.run(_pause(name, config, paused=False)))


@app.command()
def retire(
    name: Name,
    *,
    undo: Annotated[bool, Option("--undo", help="It stays after all.")] = False,
    config: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """Announce that a mirror goes soon: listed no more."""
    raise Exit(asyncio.run(_retire(name, config, undo=undo)))


for _command in (add, check, repair):
    app.command()(_command)


async def _list(config: "Path", *, json: bool) -> None:
    from mirror.cli import mirrors_words as words
    from mirror.config import load

    every: list[Row] = []
    for newsroom in load(config):
        every += await _rows(newsroom)
    if json:
        typer.echo(words.rows_json(every))
    elif every:
        words.print_rows(every)
    else:
        typer.echo("No mirror is configured: add a [[mirror]] to the configuration.")


async def _rows(newsroom: "Config") -> "list[Row]":
    from datetime import UTC, datetime

    from mirror.cli.mirrors_words import Row
    from mirror.cli.newsrooms import opened
    from mirror.service.status import mirror_status
    from mirror.store import ledger, mirrors
    from mirror.store.mirrors import MirrorRecord

    now = datetime.now(UTC)
    async with opened(newsroom) as database, database.begin() as connection:
        ours = await ledger.read(connection, newsroom.trust.origin)
        records = await mirrors.all_records(connection)
        sizes = {record.size for record in records.values() if record.size is not None}
        missing = await ledger.first_editions_after(connection, sizes)
        owed = {one.name: await mirrors.owed(connection, one.name) for one in newsroom.mirrors}
    return [
        Row(
            status=mirror_status(
                records.get(one.name) or MirrorRecord(name=one.name),
                url=one.url,
                listed=one.listed,
                ours=ours.signed,
                missing_since=missing,
                seen=None,
                now=now,
            ),
            newsroom=newsroom.site.title,
            config=one,
            owed=owed[one.name],
        )
        for one in newsroom.mirrors
    ]


async def _push(name: str, config: "Path") -> int:
    from mirror import logs
    from mirror.cli.newsrooms import opened
    from mirror.errors import StoreLockedError
    from mirror.store import kept

    logs.set_up()
    newsroom = having(name, config)
    try:
        outcome = await _push_here(newsroom, name)
    except StoreLockedError:
        async with opened(newsroom) as database, database.begin() as connection:
            await kept.ask(connection, push=name)
        typer.echo(
            "The service runs, and pushes itself: it was asked to do so now."
            " `tamizdat mirrors` shows what comes of it."
        )
        return 0
    if isinstance(outcome, str):
        remedy = {
            "paused": f"`tamizdat mirrors resume {name}` goes on",
            "nothing to push yet": "`tamizdat run --once` publishes",
            "waits for the held head": "`tamizdat run --once` asks for its signatures again",
        }.get(outcome, "")
        typer.echo(f"Nothing was pushed to {name}: {outcome}{f'; {remedy}' if remedy else ''}.")
        return 1
    if outcome.problem:
        typer.echo(outcome.problem)
        return 1
    typer.echo(
        f"mirror {name}: current at {outcome.to_size}, {outcome.puts} files put,"
        f" {outcome.deletes} deleted, {outcome.bytes:,} bytes in {outcome.seconds:.1f} s"
    )
    return 0


async def _push_here(newsroom: "Config", name: str) -> "Outcome | str":
    """What came of it, or why nothing was pushed."""
    from datetime import UTC, datetime

    from mirror.cli.push_progress import PushProgress
    from mirror.metrics import Metrics
    from mirror.publish.outcome import Trouble
    from mirror.service.parts import open_parts
    from mirror.service.pushing import Pusher

    async with open_parts(newsroom, Metrics()) as parts:
        pusher = Pusher(parts)
        with PushProgress() as progress:
            pusher.watch = progress.watch
            while True:
                result = await pusher.push(name, datetime.now(UTC), forced=True)
                if result is None:
                    return pusher.idle[name]
                if result[0].trouble is not Trouble.UNFINISHED:
                    return result[0]


async def _pause(name: str, config: "Path", *, paused: bool) -> int:
    from mirror.cli.newsrooms import opened
    from mirror.store import kept, mirrors

    newsroom = having(name, config)
    async with opened(newsroom) as database, database.begin() as connection:
        await mirrors.pause(connection, name, paused=paused)
        await kept.ask(connection)
    if paused:
        typer.echo(f"Paused: nothing is pushed to {name}. What was erased stays there until then.")
    else:
        typer.echo(f"Pushes to {name} go on. {NEXT}")
    return 0


async def _retire(name: str, config: "Path", *, undo: bool) -> int:
    from datetime import UTC, datetime

    from mirror.cli.newsrooms import opened
    from mirror.store import kept, mirrors

    newsroom = having(name, config)
    async with opened(newsroom) as database, database.begin() as connection:
        await mirrors.retire(connection, name, None if undo else datetime.now(UTC))
        await kept.ask(connection)
    if undo:
        typer.echo(f"Mirror {name} stays: it is listed again as its `listed` says. {NEXT}")
    else:
        typer.echo(
            f"Mirror {name} retires: no list of addresses names it any more.\n"
            "It is pushed to as before, so that readers who come to it learn where to go.\n"
            f"{NEXT}\n"
            "Leave it up for as long as readers may be away, a month say. Then take its\n"
            "[[mirror]] out of the configuration, and switch it off."
        )
    return 0
