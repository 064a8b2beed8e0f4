"""``tamizdat mirrors add``: a place is tried before it is believed, then stands in the file."""

import asyncio
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from typer import Argument, Option

from mirror.cli.newsrooms import DEFAULT_CONFIG, ConfigOption

if TYPE_CHECKING:
    from mirror.audit.trial import Trial
    from mirror.cli.mirrors_ask import Kind
    from mirror.config import MirrorConfig
    from mirror.config.adding import Setting


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What the operator said, and what he was asked."""

    name: str
    push: str
    url: str
    kind: str
    listed: bool
    secret: "dict[str, str]"
    password: str
    extra: str


def add(
    name: Annotated[str, Argument(metavar="NAME", help="Short name for it.")] = "",
    *,
    push: Annotated[str, Option(help="Where we write: davs://user@host/folder/, …")] = "",
    url: Annotated[str, Option(help="The address of the same place for readers.")] = "",
    kind: Annotated[str, Option(help="What readers need for it: web or onion.")] = "web",
    unlisted: Annotated[bool, Option("--unlisted", help="Name it nowhere: a reserve.")] = False,
    password_env: Annotated[str, Option(help="Environment variable with its password.")] = "",
    password_file: Annotated[str, Option(help="File with its password.")] = "",
    setting: Annotated[
        list[str] | None, Option("--set", help="Another setting, such as 'rate = \"1MB\"'.")
    ] = None,
    as_is: Annotated[bool, Option("--as-is", help="Add no random word to the addresses.")] = False,
    patience: Annotated[
        int, Option(min=1, help="Seconds until what is written must be public.")
    ] = 60,
    config: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """Try a place, and write its [[mirror]] block."""
    from mirror.config import load_file
    from mirror.config.adding import beneath, segment

    named = {"env": password_env, "file": password_file}
    wishes = _wishes(
        name=name,
        push=push,
        url=url,
        kind=kind,
        listed=not unlisted,
        secret={key: value for key, value in named.items() if value},
        extra="\n".join(setting or ()),
    )
    if not as_is:
        word = segment()
        push, url = beneath(wishes.push, word), beneath(wishes.url, word)
        wishes = replace(wishes, push=push, url=url)
    load_file(config)  # it must be right before it grows
    asyncio.run(_add(config, config.read_text(encoding="utf-8"), wishes, patience))


async def _add(file: Path, before: str, wishes: Wishes, patience: int) -> None:
    from datetime import timedelta

    from mirror.audit.address import PublicAddress
    from mirror.audit.trial import try_out
    from mirror.config import adding
    from mirror.endpoints.build import build

    with _password(file, wishes) as secret:
        settings = _settings(wishes, secret)
        block = adding.block(settings, wishes.extra)
        _, mirror = adding.with_block(before, file, block)
        typer.echo(f"Trying {mirror.name}: {mirror.url}")
        endpoint = build(mirror)
        try:
            async with PublicAddress(mirror) as address:
                trial = await try_out(
                    endpoint,
                    address,
                    name=adding.segment(),
                    tell=lambda step: typer.echo(f"  {step}"),
                    patience=timedelta(seconds=patience),
                )
        finally:
            await endpoint.close()
        found: dict[str, Setting] = {
            "compresses": trial.habits.compresses,
            "closes": trial.habits.closes,
        }
        block = adding.block(settings | found, wishes.extra)
        whole, mirror = adding.with_block(before, file, block)
        adding.write(file, before, whole)
    typer.echo(_told(file, mirror, block, trial))


def _settings(wishes: Wishes, secret: "dict[str, str]") -> "dict[str, Setting]":
    settings: dict[str, Setting] = {"name": wishes.name, "url": wishes.url, "push": wishes.push}
    if secret:
        settings["password"] = secret
    if wishes.kind != "web":
        settings["kind"] = wishes.kind
    if not wishes.listed:
        settings["listed"] = False
    return settings


@contextmanager
def _password(file: Path, wishes: Wishes) -> "Iterator[dict[str, str]]":
    """Where the password is kept; one that was typed goes into a file, and stays if all goes well.

    Raises:
        ConfigError: git would track that file, or it is there already.
    """
    from mirror.begin import refuse_git, write_secret

    if not wishes.password:
        yield wishes.secret
        return
    kept = file.absolute().parent / f"{wishes.name}.password"
    refuse_git(kept.parent, (kept,))
    write_secret(kept, wishes.password)
    try:
        yield {"file": kept.name}
    except BaseException:
        kept.unlink()
        raise


def _wishes(
    *,
    name: str,
    push: str,
    url: str,
    kind: str,
    listed: bool,
    secret: "dict[str, str]",
    extra: str,
) -> Wishes:
    """What was given, and what a person on a terminal answers for the rest.

    Raises:
        ConfigError: Something is missing, and nobody can be asked.
    """
    from mirror.cli.mirrors_ask import choose, offered
    from mirror.config.kinds import PUSH_BUILT

    _need_somebody(NAME=name, **{"--push": push, "--url": url})
    name = name or _ask("Short name for it, such as volunteer-1", "")
    chosen: Kind | None = None
    if not push:
        chosen = choose(offered(PUSH_BUILT), _ask, typer.echo)
        push = chosen.push(_ask)
    password = ""
    if chosen and chosen.secret and not secret:
        password, secret = _secret(chosen.secret)
    url = url or _ask("The address of the same place for readers (https://host/folder/)", "")
    return Wishes(
        name=name,
        push=push,
        url=url if url.endswith("/") else f"{url}/",
        kind=kind,
        listed=listed,
        secret=secret,
        password=password,
        extra=extra,
    )


def _secret(what: str) -> "tuple[str, dict[str, str]]":
    """A password that is typed, or the file that holds it: a private key is one."""
    question = f"{what} (empty: it is in a file, or there is none)"
    password = str(typer.prompt(question, "", hide_input=True, show_default=False))
    file = "" if password else _ask("The file that holds it (empty: there is none)", "")
    return password, {"file": file} if file else {}


def _need_somebody(**given: str) -> None:
    from mirror.errors import ConfigError

    missing = [key for key, value in given.items() if not value]
    if missing and not (sys.stdin.isatty() and sys.stdout.isatty()):
        problem = f"there is nobody to ask here: give {', '.join(missing)}"
        raise ConfigError("tamizdat mirrors add", (problem,))


def _ask(question: str, default: str) -> str:
    return str(typer.prompt(question, default=default, show_default=bool(default))).strip()


def _told(file: Path, mirror: "MirrorConfig", block: str, trial: "Trial") -> str:
    habits = trial.habits
    lines = [
        f"  pages come compressed: {'yes' if habits.compresses else 'no'}",
        f"  connections are closed after each page: {'yes' if habits.closes else 'no'}",
        *(f"  but {note}" for note in trial.notes),
        "",
        f"Added to {file}:",
        "",
        *(f"  {line}" for line in block.splitlines()),
        "",
        "Next:",
        "- Restart the service, which reads its configuration when it starts; where none runs,",
        f"  `tamizdat mirrors push {mirror.name}`.",
    ]
    if not habits.compresses:
        lines.append("- Let its web server compress pages: they are a third as heavy then.")
    if not habits.closes:
        lines.append(
            "- Let it close each connection, if you can: some lines freeze after 15 to 20 kB."
        )
    if not (habits.compresses and habits.closes):
        lines.append("  docs/mirrors.md shows how, for nginx.")
    return "\n".join(lines)
