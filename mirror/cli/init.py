"""``tamizdat init DIR``: from nothing to a configuration, keys and a fingerprint to spread."""

import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated
from urllib.parse import urljoin, urlsplit

import typer
from typer import Argument, Option

from mirror.begin import BESIDE, Begun, Wishes, begin
from mirror.config import Passphrase
from mirror.keystore import ROOT, in_groups, key_path

VARIABLE = "TAMIZDAT_PASSPHRASE"
EXAMPLE_URL = "https://news.example/"

app = typer.Typer(rich_markup_mode=None, add_completion=False)


@app.command()
def init(
    folder: Annotated[Path, Argument(metavar="DIR", help="Where to put it.")] = Path(),
    *,
    title: Annotated[str, Option(help="The newsroom's name.")] = "",
    url: Annotated[str, Option(help="Where its articles stand: https://…")] = "",
    feed: Annotated[str, Option(help="Address of its feed. Default: rss under the url.")] = "",
    origin: Annotated[
        str, Option(help="The log's name, for ever: your domain, and perhaps a path.")
    ] = "",
    language: Annotated[str, Option(help="Language of the articles.")] = "en",
    timezone: Annotated[str, Option(help="The newsroom's time zone.")] = "UTC",
    tag_year: Annotated[
        int, Option(help="Year in the entries' ids. Default: this one.", show_default=False)
    ] = 0,
    passphrase_file: Annotated[
        Path | None,
        Option(help=f"File with a passphrase. Default: ${VARIABLE}, or a new one."),
    ] = None,
) -> None:
    """Make a configuration, keys and a data folder in DIR; nothing is written over."""
    now = datetime.now(UTC)
    guessed = not url
    url = url or _ask("Where do the articles stand?", EXAMPLE_URL)
    guessed = guessed and url == EXAMPLE_URL
    host = (urlsplit(url).hostname or "news.example").removeprefix("www.")
    wishes = Wishes(
        title=title or _ask("What is the newsroom called?", host),
        url=url,
        feed=feed or _ask("Where is its feed?", urljoin(url, "rss")),
        origin=origin or _ask("What shall the log be called, for ever?", f"{host}/mirror"),
        tag_year=tag_year or now.year,
        language=language,
        timezone=timezone,
        passphrase=_passphrase(passphrase_file),
    )
    typer.echo(_told(begin(folder, wishes, now), guessed=guessed))


def _ask(question: str, default: str) -> str:
    """The answer from a terminal; the default where there is none to ask on."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        return default
    return str(typer.prompt(question, default=default))


def _passphrase(file: Path | None) -> Passphrase | None:
    if file is not None:
        return Passphrase(file=file.absolute())
    return Passphrase(env=VARIABLE) if os.environ.get(VARIABLE) else None


def _told(begun: Begun, *, guessed: bool) -> str:
    config = begun.config
    keys = config.trust.keys
    lines = [
        f"Made {config.file}, keys in {keys} and the data folder {config.store.data}.",
        "",
        "Fingerprint of the keyring, by which readers know your mirrors. Spread it by print, voice",
        "and other channels than the mirrors:",
        "",
        f"  {in_groups(begun.fingerprint)}",
        "",
        "To do better, before you publish:",
    ]
    if config.trust.passphrase.file == config.file.parent / BESIDE:
        lines += [
            f"- The passphrase lies in {config.trust.passphrase.file}, near the keys it opens.",
            '  Make it a systemd credential: passphrase = { credential = "passphrase" }.',
        ]
    lines += [
        "- One root key, here, is weak: who takes this machine can replace every key. Better: 2 of",
        "  3 roots, at three people, on offline machines (docs/keys/first.md); or at least move",
        f"  {key_path(keys, ROOT)} to one.",
        "- The clock on this machine proves when, and protects no one once the machine is seized.",
        "  Better: 2 of 3 among the clock and two partners that run `tamizdat witness`",
        "  (docs/keys/witness.md).",
        "",
        "Next:",
    ]
    if guessed:
        lines += [
            f"- {EXAMPLE_URL} only stands for your newsroom. The keys bear the log's name, so",
            "  begin again in another folder: tamizdat init DIR --url https://your.newsroom/",
        ]
    lines += [
        f"- Look at {config.file.name}: is the feed right? Add a [[mirror]].",
        f"- tamizdat run --once --config {config.file}",
    ]
    return "\n".join(lines)
