"""``tamizdat articles``: look at articles, and decide about them; the service may run."""

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer
from typer import Argument, Exit, Option

from mirror.cli.newsrooms import DEFAULT_CONFIG, NEXT, ConfigOption, JsonOption

if TYPE_CHECKING:
    from pathlib import Path

    from mirror.config import Config
    from mirror.store.catalogue import Row
    from mirror.store.database import Database

app = typer.Typer(
    rich_markup_mode=None,
    add_completion=False,
    invoke_without_command=True,
    help="Show, release, drop or withdraw articles.",
)

Target = Annotated[str, Argument(metavar="URL|ID", help="Its original address, or its id.")]


Held = Annotated[bool, Option("--held", help="Only what waits for you.")]
Limit = Annotated[int, Option(min=1, help="How many, the newest first.")]


@app.callback()
def listed(
    context: typer.Context,
    *,
    held: Held = False,
    limit: Limit = 50,
    json: JsonOption = False,
    config: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """List articles, the newest first."""
    if context.invoked_subcommand is None:
        asyncio.run(_list(config, held=held, limit=limit, json=json))


@app.command("list")
def list_(
    *,
    held: Held = False,
    limit: Limit = 50,
    json: JsonOption = False,
    config: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """List articles, the newest first; what `tamizdat articles` alone does."""
    asyncio.run(_list(config, held=held, limit=limit, json=json))


@app.command()
def show(
    target: Target, *, json: JsonOption = False, config: ConfigOption = DEFAULT_CONFIG
) -> None:
    """Show an article's history: dates, why it was held, and what changed word by word."""
    asyncio.run(_show(target, config, json=json))


@app.command()
def release(target: Target, *, config: ConfigOption = DEFAULT_CONFIG) -> None:
    """Publish what is held of an article."""
    raise Exit(asyncio.run(_decide(target, config, "ready")))


@app.command()
def drop(target: Target, *, config: ConfigOption = DEFAULT_CONFIG) -> None:
    """Don't publish what is held of an article."""
    raise Exit(asyncio.run(_decide(target, config, "dropped")))


@app.command()
def refetch(target: Target, *, config: ConfigOption = DEFAULT_CONFIG) -> None:
    """Read an article again at once."""
    raise Exit(asyncio.run(_refetch(target, config)))


@app.command()
def withdraw(
    target: Target,
    *,
    erase: Annotated[
        bool, Option("--erase", help="Text and pictures go everywhere. Can't be undone.")
    ] = False,
    config: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """Withdraw an article: its page says so and holds no text; --erase leaves nothing of it."""
    raise Exit(asyncio.run(_withdraw(target, config, erase=erase)))


async def _list(config: "Path", *, held: bool, limit: int, json: bool) -> None:
    from mirror.cli import articles_words as words
    from mirror.cli.newsrooms import opened
    from mirror.config import load
    from mirror.store import catalogue

    rows: list[Row] = []
    for newsroom in load(config):
        async with opened(newsroom) as database, database.begin() as connection:
            rows += await (
                catalogue.held(connection) if held else catalogue.newest(connection, limit)
            )
    typer.echo(words.rows_json(rows) if json else words.rows_text(rows, held=held))


async def _show(target: str, config: "Path", *, json: bool) -> None:
    from mirror.cli import articles_words as words
    from mirror.cli.newsrooms import opened
    from mirror.store import catalogue

    newsroom, row = await _find(target, config)
    async with opened(newsroom) as database, database.begin() as connection:
        history = await catalogue.history(connection, row.id)
        names = [mirror.name for mirror in newsroom.mirrors]
        late = await catalogue.not_told(connection, row.id, names)
    if json:
        typer.echo(words.history_json(row, history, late))
    else:
        typer.echo(words.history_text(row, history, late))


async def _decide(target: str, config: "Path", status: str) -> int:
    from mirror.cli.newsrooms import opened
    from mirror.store import kept, versions

    newsroom, row = await _find(target, config)
    async with opened(newsroom) as database, database.begin() as connection:
        changed = await versions.decide(connection, row.id, status)
        await kept.ask(connection)
    if not changed:
        typer.echo(f"Nothing of it is held: {row.title} ({row.id})")
        return 1
    done = f"Released. {NEXT}" if status == "ready" else "Dropped; it will not be published."
    typer.echo(f"{row.title} ({row.id})\n{done}")
    return 0


async def _refetch(target: str, config: "Path") -> int:
    from feeds.article import State
    from mirror.cli.newsrooms import opened

    newsroom, row = await _find(target, config)
    if row.state is State.WITHDRAWN:
        typer.echo(f"It was withdrawn, and is not read again: {row.title} ({row.id})")
        return 1
    async with opened(newsroom) as database:
        await _let_wait(database, row)
    typer.echo(f"{row.title} ({row.id})\nIt is read again. {NEXT}")
    return 0


async def _let_wait(database: "Database", row: "Row") -> None:
    from datetime import UTC, datetime

    from feeds.ids import article_id
    from mirror.source.item import Item
    from mirror.store import catalogue, kept, sources, versions
    from mirror.store.sources import Waiting

    now = datetime.now(UTC)
    address = article_id(row.url)
    async with database.begin() as connection:
        if not await catalogue.hasten(connection, address, now):
            known = await versions.newest_snapshot(connection, row.id)
            item = Item(
                url=row.url,
                id=row.url,
                section=known.section if known else "",
                language=known.language if known else "",
            )
            waiting = Waiting(id=address, item=item, source="operator", found=now, due=now)
            await sources.put_waiting(connection, [waiting])
        await kept.ask(connection)


async def _withdraw(target: str, config: "Path", *, erase: bool) -> int:
    from mirror import erase as erasing
    from mirror.cli import articles_words as words
    from mirror.cli.newsrooms import opened
    from mirror.store import mirrors

    newsroom, row = await _find(target, config)
    async with opened(newsroom) as database:
        home = newsroom.site.url
        changed = await erasing.withdraw(database, row.id, home=home, erase=erase)
        async with database.begin() as connection:
            known = await mirrors.all_records(connection)
    if not changed:
        typer.echo(f"That was said before: {row.id}. {NEXT}")
        return 0
    if erase:
        typer.echo(words.erased_text(row, newsroom, known))
    else:
        typer.echo(f"{row.title} ({row.id})\nWithdrawn. {NEXT}\n{words.SOFT}")
    return 0


async def _find(target: str, config: "Path") -> "tuple[Config, Row]":
    """The article that ``target`` names, and its newsroom."""
    import re

    from feeds.ids import article_id
    from mirror.cli.newsrooms import opened
    from mirror.config import load
    from mirror.errors import StoreError
    from mirror.store import catalogue

    address = target if re.fullmatch(r"[0-9a-f]{16}", target) else article_id(target)
    for newsroom in load(config):
        async with opened(newsroom) as database, database.begin() as connection:
            row = await catalogue.find(connection, address)
        if row is not None:
            return newsroom, row
    raise StoreError(
        f"no article is known by {target} (id {address}); `tamizdat articles` lists them"
    )
