"""What the commands under ``tamizdat keys`` share."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Annotated, Final

import typer
from typer import Option

from keys.keyring import Keyring
from keys.note import MAX_NOTE_BYTES
from mirror.config import Config, load
from mirror.config.values import parse_duration
from mirror.errors import ConfigError, KeysError
from mirror.keystore import read_keyrings

ConfigOption = Annotated[Path, Option("--config", help="The configuration, or a folder of them.")]
ExpiresOption = Annotated[
    str,
    Option(
        help="First day on which the keyring counts no more, like 2027-02-24."
        " Default: in a year; in 90 days where no partner is a witness."
    ),
]
DEFAULT_CONFIG: Final = Path("config.toml")


def one_newsroom(config: Path) -> Config:
    """The one newsroom of ``config``.

    Raises:
        ConfigError: There are several, or the file is mistaken.
    """
    newsrooms = load(config)
    if len(newsrooms) > 1:
        raise ConfigError(str(config), ("holds several newsrooms; name one file of it",))
    return newsrooms[0]


def check_free(out: Path) -> None:
    """See, before anything is made, that a text can be written to ``out``."""
    if out.exists():
        raise typer.BadParameter(
            f"{out} is there already and is never written over; choose another name",
            param_hint="--out",
        )
    if not out.absolute().parent.is_dir():
        raise typer.BadParameter(
            f"there is no folder {out.absolute().parent}; make it first", param_hint="--out"
        )


def put(out: Path, made: Keyring, config: Path, losses: Iterable[str] = ()) -> None:
    """Write a keyring's text, and say what to do with it, and what readers lose by it."""
    write(out, made.encode().encode())
    tell_losses(losses)
    names = ", ".join(key.name.rpartition("/")[2] for key in made.roots)
    typer.echo(f"Wrote {out}: version {made.version}, until {made.expires}.")
    typer.echo(f"{made.threshold} of its roots ({names}) sign it, and as many of the version")
    typer.echo("before as that asked for, each on an offline machine:")
    typer.echo(f"  minisign -S -l -m {out.name}        (or signify -S -m {out.name}, or")
    typer.echo(f"  tamizdat keys sign {out.name} --key FILE --passphrase-file FILE)")
    typer.echo(f"Then: tamizdat keys join {out} SIGNATURE… --config {config}")


def tell_losses(losses: Iterable[str]) -> None:
    """Say where a keyring guards readers less than the one before; or nothing."""
    told = list(losses)
    if told:
        typer.echo("It guards readers less than the keyring before:")
    for line in told:
        typer.echo(f"  - {line}.")


def pairs(words: list[str] | None, option: str) -> list[tuple[str, str]]:
    """``NAME=VALUE`` words of ``option``."""
    pairs = [word.partition("=") for word in words or ()]
    for name, equals, value in pairs:
        if not (name and equals and value):
            raise typer.BadParameter(f"{name!r} is not NAME=VALUE", param_hint=option)
    return [(name, value) for name, _, value in pairs]


def date_of(text: str) -> date | None:
    """The day ``text``; None for nothing."""
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise typer.BadParameter(
            f"{text!r} is no date like 2027-02-24", param_hint="--expires"
        ) from error


def span_of(text: str) -> timedelta | None:
    """The span of time ``text`` of --max-age; None for nothing."""
    try:
        return parse_duration(text) if text else None
    except ValueError as error:
        raise typer.BadParameter(f"{text!r} {error}", param_hint="--max-age") from error


def expiry_of(newsroom: Config, wished: str) -> date:
    """When the next keyring expires, with the witnesses of the newest.

    Raises:
        KeysError: The wish is past.
    """
    from mirror.ceremony.wishes import expiry

    policy = read_keyrings(newsroom.trust.keys)[-1].keyring.policy
    return expiry(policy, date_of(wished), today())


def today() -> date:
    """Today, UTC."""
    return datetime.now(UTC).date()


def read(file: Path) -> bytes:
    """A small file; one byte too many where it is larger, which is refused later.

    Raises:
        KeysError: It can't be read.
    """
    try:
        with file.open("rb") as stream:
            return stream.read(MAX_NOTE_BYTES + 1)
    except OSError as error:
        raise KeysError(f"{file} can't be read: {error.strerror}") from error


def write(file: Path, data: bytes, *, over: bool = False) -> None:
    """``file`` with ``data``; unless ``over`` is said, never in the place of another.

    Raises:
        KeysError: It can't be written.
    """
    try:
        with file.open("wb" if over else "xb") as stream:
            stream.write(data)
    except OSError as error:
        raise KeysError(f"{file} can't be written: {error.strerror}") from error
