"""``tamizdat mirrors check`` and ``repair``: what readers of a mirror get, and putting back."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Annotated

import typer
from typer import Exit, Option

from mirror.cli.mirrors_common import Name, having, mirror_of
from mirror.cli.newsrooms import DEFAULT_CONFIG, ConfigOption, JsonOption

if TYPE_CHECKING:
    from pathlib import Path

    from mirror.audit.address import PublicAddress
    from mirror.audit.audit import Audit, Looked
    from mirror.audit.pieces import Found, Piece
    from mirror.audit.tree import OwnTree
    from mirror.config import Config, MirrorConfig
    from mirror.store.database import Database


def check(
    name: Name,
    *,
    files: Annotated[int, Option("--files", "-n", min=1, help="How many, at random.")] = 50,
    json: JsonOption = False,
    config: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """Compare some files with what readers get."""
    raise Exit(asyncio.run(_check(name, config, files=files, json=json)))


def repair(name: Name, *, json: JsonOption = False, config: ConfigOption = DEFAULT_CONFIG) -> None:
    """Compare every file, and put back what is not right."""
    raise Exit(asyncio.run(_repair(name, config, json=json)))


async def _check(name: str, config: "Path", *, files: int, json: bool) -> int:
    from random import SystemRandom

    from mirror.cli import mirrors_findings as findings

    newsroom = having(name, config)
    mirror = mirror_of(newsroom, name)
    async with _opened(newsroom, mirror) as (_, tree, address, audit):
        head = await audit.head()
        pieces = await tree.sample(head.size, files, SystemRandom()) if head.size else ()
        looked = await audit.look(pieces)
        habits = await address.habits("index.html")
        ours = (await tree.head()).signed
    found = findings.Findings(mirror=mirror, head=head, ours=ours, looked=looked, habits=habits)
    typer.echo(findings.as_json(found) if json else findings.as_text(found))
    return int(found.wanting)


async def _repair(name: str, config: "Path", *, json: bool) -> int:
    from mirror.cli import mirrors_findings as findings

    newsroom = having(name, config)
    mirror = mirror_of(newsroom, name)
    async with _opened(newsroom, mirror) as (database, tree, _, audit):
        head = await audit.head()
        looked = await _look_at_all(name, tree, audit, head.size)
        mended = await _mend(database, mirror, audit, looked)
        ours = (await tree.head()).signed
        again = await _taken_down(database, name)
    found = findings.Findings(
        mirror=mirror, head=head, ours=ours, looked=looked, mended=mended, again=again
    )
    typer.echo(findings.as_json(found) if json else findings.as_text(found))
    return int(found.wanting)


async def _look_at_all(name: str, tree: "OwnTree", audit: "Audit", size: int) -> "Looked":
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    console = Console(stderr=True)
    with Progress(
        *columns,
        TimeRemainingColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    ) as bar:
        task = bar.add_task(f"Comparing {name}", total=2 * size)

        def progress(done: int) -> None:
            bar.update(task, completed=done)

        return await audit.look(tree.every(size), progress)


async def _mend(
    database: "Database", mirror: "MirrorConfig", audit: "Audit", looked: "Looked"
) -> "dict[Piece, Found]":
    """Put back what is not right; what readers get of each of these now."""
    from datetime import UTC, datetime

    from mirror.endpoints.build import build
    from mirror.publish.carrier import Carrier, Pace
    from mirror.store import losses

    if not looked.faults:
        return {}
    endpoint = build(mirror)
    try:
        carrier = Carrier(endpoint, Pace(concurrency=mirror.concurrency, timeout=mirror.timeout))
        try:
            mended = await audit.mend(carrier, (piece for piece, _ in looked.faults))
        finally:
            await carrier.close()
    finally:
        await endpoint.close()
    async with database.begin() as connection:
        paths = [piece.path for piece in mended]
        await losses.put_back(connection, mirror.name, paths, datetime.now(UTC))
    return mended


async def _taken_down(database: "Database", name: str) -> tuple[str, ...]:
    from mirror.store import losses

    async with database.begin() as connection:
        return tuple(loss.path for loss in await losses.taken_down(connection, name))


@asynccontextmanager
async def _opened(
    newsroom: "Config", mirror: "MirrorConfig"
) -> "AsyncIterator[tuple[Database, OwnTree, PublicAddress, Audit]]":
    from mirror.audit.address import PublicAddress
    from mirror.audit.audit import Audit
    from mirror.audit.tree import OwnTree
    from mirror.cli.newsrooms import opened
    from mirror.store.folders import Folders

    async with opened(newsroom) as database, PublicAddress(mirror) as address:
        tree = OwnTree(database, Folders(newsroom.store.data), newsroom.trust.origin)
        yield database, tree, address, Audit(tree, address, mirror.url)
