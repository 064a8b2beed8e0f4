"""``tamizdat sources``: how they stand, what a site offers, and whether rules find the articles."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from typer import Argument, Exit, Option

from mirror.cli.newsrooms import DEFAULT_CONFIG, ConfigOption, JsonOption

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mirror.cli.sources_words import Row
    from mirror.config import Config, FetchConfig, SourceConfig

app = typer.Typer(
    rich_markup_mode=None,
    add_completion=False,
    invoke_without_command=True,
    help="Show the sources, find some, and try rules on saved pages.",
)

RulesOption = Annotated[
    Path | None,
    Option(
        "--rules",
        help="A file with [extract] and [[rules]] to try; what they change is shown.",
    ),
]


@app.callback()
def listed(
    context: typer.Context, *, json: JsonOption = False, config: ConfigOption = DEFAULT_CONFIG
) -> None:
    """Show every source: what it last brought, and what is wrong with it."""
    if context.invoked_subcommand is None:
        asyncio.run(_list(config, json=json))


@app.command("list")
def list_(*, json: JsonOption = False, config: ConfigOption = DEFAULT_CONFIG) -> None:
    """Show every source; what `tamizdat sources` alone does."""
    asyncio.run(_list(config, json=json))


@app.command()
def find(
    url: Annotated[str, Argument(metavar="URL", help="The newsroom's site, or a page of it.")],
    *,
    json: JsonOption = False,
    config: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """Look at a site, and print [[source]] entries for the configuration."""
    raise Exit(asyncio.run(_find(url, config, json=json)))


@app.command()
def check(
    pages: Annotated[
        list[str] | None,
        Argument(metavar="FILE|URL", help="Saved pages, or addresses. None: what was read last."),
    ] = None,
    *,
    rules: RulesOption = None,
    limit: Annotated[int, Option(min=1, max=1_000, help="Of those read last, how many.")] = 10,
    json: JsonOption = False,
    config: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """Show what the rules find on pages; nothing is stored. Exit 1 if anything is wanting."""
    raise Exit(asyncio.run(_check(pages or [], rules, limit, config, json=json)))


async def _list(config: Path, *, json: bool) -> None:
    from datetime import UTC, datetime

    from mirror.cli import sources_words as words
    from mirror.config import load

    rows = [row for newsroom in load(config) for row in await _rows(newsroom)]
    if json:
        typer.echo(words.rows_json(rows))
    else:
        words.print_rows(rows, datetime.now(UTC))


async def _rows(newsroom: "Config") -> "list[Row]":
    from datetime import UTC, datetime

    from mirror.cli.newsrooms import has_begun, opened
    from mirror.cli.sources_words import Row
    from mirror.service.status import source_status
    from mirror.store import sources
    from mirror.store.sources import SourceRecord

    now, records = datetime.now(UTC), dict[str, SourceRecord]()
    if has_begun(newsroom):
        async with opened(newsroom) as database, database.begin() as connection:
            records = await sources.all_records(connection)
    known = [records.get(one.name) or SourceRecord(name=one.name) for one in newsroom.sources]
    return [
        Row(
            status=source_status(one.url, record, now),
            newsroom=newsroom.site.title,
            source=one,
            state=record.state,
        )
        for one, record in zip(newsroom.sources, known, strict=True)
    ]


async def _find(url: str, config: Path, *, json: bool) -> int:
    from mirror.cli import sources_words as words
    from mirror.source.fetch import Fetcher
    from mirror.source.finding import find as look

    address = url if "://" in url else f"https://{url}"
    fetch, configured = _settings(address, config)
    async with Fetcher(fetch) as fetcher:
        found = await look(address, fetcher.get)
    typer.echo(words.found_json(found) if json else words.found_text(address, found, configured))
    return 0 if found.proposals else 1


def _settings(url: str, config: Path) -> "tuple[FetchConfig, tuple[SourceConfig, ...]]":
    """How that site is read, and what is read of it, where it is configured."""
    from urllib.parse import urlsplit

    from mirror.config import FetchConfig, load

    if not config.exists():
        return FetchConfig(), ()
    newsrooms = load(config)
    host = urlsplit(url).hostname or ""
    chosen = next((one for one in newsrooms if host in one.site.own_hosts), newsrooms[0])
    return chosen.fetch, chosen.sources


async def _check(
    pages: "Sequence[str]", rules: Path | None, limit: int, config: Path, *, json: bool
) -> int:
    from datetime import UTC, datetime

    from mirror.cli import trials_words as words
    from mirror.cli.sources_pages import kept_pages, trials_of
    from mirror.config import with_rules
    from mirror.source.trial import try_page

    newsroom, now = _one(config), datetime.now(UTC)
    tried = with_rules(newsroom, rules) if rules else newsroom
    live = newsroom if rules else None
    if pages:
        trials = await trials_of(pages, tried, live, now)
    else:
        kept = await kept_pages(newsroom, limit)
        trials = [try_page(page, tried, live, now) for page in kept]
    if not trials:
        typer.echo("No page was read yet: name a saved page, or an address.")
        return 1
    typer.echo(words.trials_json(trials) if json else words.trials_text(trials))
    return int(any(trial.wanting for trial in trials))


def _one(config: Path) -> "Config":
    """The newsroom of a file: a folder has several, each with rules of its own."""
    from mirror.config import load
    from mirror.errors import ConfigError

    newsrooms = load(config)
    if len(newsrooms) > 1:
        raise ConfigError(str(config), ("holds several newsrooms; name one file with --config",))
    return newsrooms[0]
