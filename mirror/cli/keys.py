"""``tamizdat keys``: the keys that readers know the mirror by, and new ones."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from typer import Argument, Option

from keys.errors import KeysFormatError
from keys.files import read_public, write_key
from keys.keyring import SignedKeyring
from keys.minisign import public_line
from keys.note import Kind, SigningKey
from mirror.config import Config, Secret, load
from mirror.errors import ConfigError, KeysError
from mirror.keystore import CLOCK, LOG, ROOT, in_groups, key_path, read_keyrings

app = typer.Typer(rich_markup_mode=None, add_completion=False, help="Show and make keys.")

ConfigOption = Annotated[Path, Option("--config", help="The configuration, or a folder of them.")]
DEFAULT_CONFIG = Path("config.toml")


class Role(StrEnum):
    """What a new key is for."""

    ROOT = ROOT
    LOG = LOG
    WITNESS = "witness"


@app.command()
def show(*, config: ConfigOption = DEFAULT_CONFIG) -> None:
    """Show fingerprint, keyring and public keys; nothing secret, and no passphrase is needed."""
    for newsroom in load(config):
        typer.echo(_shown(newsroom))


@app.command()
def new(
    role: Annotated[Role, Argument(help="What the key is for.")],
    name: Annotated[str, Argument(help="Its name for ever, like news.example/mirror/root/b.")],
    file: Annotated[Path, Option("--out", help="The key file to make; never written over.")],
    *,
    passphrase_file: Annotated[
        Path | None, Option(help="File with the passphrase. Default: that of the configuration.")
    ] = None,
    config: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """Make a key, and print its public half."""
    key = SigningKey.generate(name, Kind.COSIGNATURE if role is Role.WITNESS else Kind.ED25519)
    write_key(file, key, _passphrase(passphrase_file, config).read().encode())
    typer.echo(str(key.verifier))


def _passphrase(file: Path | None, config: Path) -> Secret:
    if file is not None:
        return Secret(file=file.absolute())
    newsrooms = load(config)
    if len(newsrooms) > 1:
        raise ConfigError(str(config), ("holds several newsrooms; name one file of it",))
    return newsrooms[0].trust.passphrase


def _shown(config: Config) -> str:
    keyrings = read_keyrings(config.trust.keys)
    lines = [f"{config.site.title}: {config.trust.origin}", ""]
    lines += ["Fingerprint of keyring 1, by which readers know your mirrors:"]
    lines += [f"  {in_groups(keyrings[0].fingerprint)}", ""]
    lines += _keyring_lines(keyrings[-1])
    lines += ["", f"Key files in {config.trust.keys}:"]
    lines += [_file_line(config.trust.keys, role) for role in (ROOT, LOG, CLOCK)]
    return "\n".join(lines)


def _keyring_lines(signed: SignedKeyring) -> list[str]:
    keyring = signed.keyring
    signed_by = f"{keyring.threshold} of {len(keyring.roots)} roots"
    lines = [
        f"Newest keyring: version {keyring.version}, until {keyring.expires}, by {signed_by}",
        *(f"  root     {key}" for key in keyring.roots),
    ]
    for key in keyring.policy.logs:
        lines += [f"  log      {key}", f"           for minisign -P: {public_line(key)}"]
    lines += [f"  witness  {witness.key}" for witness in keyring.policy.witnesses]
    return lines


def _file_line(folder: Path, role: str) -> str:
    path = key_path(folder, role)
    if not path.exists():
        return f"  {path.name}: not here"
    try:
        return f"  {path.name}: {read_public(path).name}"
    except KeysFormatError as error:
        raise KeysError(str(error)) from error
