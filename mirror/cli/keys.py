"""``tamizdat keys``: the keys that readers know the mirror by, and how they are replaced."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from typer import Argument, Option

from keys.errors import KeysFormatError, NoteError
from keys.files import read_public, write_key
from keys.keyring import SignedKeyring
from keys.minisign import public_line
from keys.note import Kind, SigningKey
from mirror.ceremony.aside import ROLES, aside
from mirror.cli import keys_replace, keys_ring
from mirror.cli.keys_common import DEFAULT_CONFIG, ConfigOption, one_newsroom
from mirror.config import Config, Passphrase, load
from mirror.errors import KeysError
from mirror.keystore import CLOCK, LOG, NEXT, OLD, ROOT, in_groups, key_path, read_keyrings

_HELP = "Make, show, sign and replace keys and keyrings."

app = typer.Typer(rich_markup_mode=None, add_completion=False, help=_HELP)


class Role(StrEnum):
    """What a new key is for."""

    ROOT = ROOT
    LOG = LOG
    WITNESS = "witness"


@app.command()
def show(*, config: ConfigOption = DEFAULT_CONFIG) -> None:
    """Show fingerprint, keyring and public keys.

    Nothing secret, and no passphrase is needed.
    """
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
    try:
        key = SigningKey.generate(name, Kind.COSIGNATURE if role is Role.WITNESS else Kind.ED25519)
    except NoteError as error:
        raise typer.BadParameter(error.problem, param_hint="NAME") from error
    write_key(file, key, _passphrase(passphrase_file, config).read().encode())
    typer.echo(str(key.verifier))


def _passphrase(file: Path | None, config: Path) -> Passphrase:
    if file is not None:
        return Passphrase(file=file.absolute())
    return one_newsroom(config).trust.passphrase


def _shown(config: Config) -> str:
    keyrings = read_keyrings(config.trust.keys)
    lines = [f"{config.site.title}: {config.trust.origin}", ""]
    lines += ["Fingerprint of keyring 1, by which readers know your mirrors:"]
    lines += [f"  {in_groups(keyrings[0].fingerprint)}", ""]
    lines += _keyring_lines(keyrings[-1])
    lines += ["", f"Key files in {config.trust.keys}:"]
    lines += [_file_line(config.trust.keys, role) for role in (ROOT, LOG, CLOCK)]
    changing = (f"{LOG}{NEXT}", f"{LOG}{OLD}", f"{CLOCK}{NEXT}")
    lines += [
        _file_line(config.trust.keys, role)
        for role in changing
        if key_path(config.trust.keys, role).exists()
    ]
    kept = [path for role in ROLES for path in aside(config.trust.keys, role)]
    lines += [f"{_file_line(config.trust.keys, path.stem)}, set aside" for path in kept]
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
    for witness in keyring.policy.witnesses:
        lines.append(f"  witness  {witness.name}: {witness.key}")
    if not keyring.policy.groups:
        lines.append(f"  quorum   {keyring.policy.quorum}")
    for group in keyring.policy.groups:
        lines.append(f"  quorum   {group.needed} of {len(group.members)} witnesses")
    lines += [f"  {one.ending}  {one.key}, up to size {one.size}" for one in keyring.former]
    return lines


def _file_line(folder: Path, role: str) -> str:
    path = key_path(folder, role)
    if not path.exists():
        return f"  {path.name}: not here"
    try:
        return f"  {path.name}: {read_public(path).name}"
    except KeysFormatError as error:
        raise KeysError(str(error)) from error


for _command in (
    keys_ring.keyring,
    keys_ring.sign,
    keys_ring.join,
    keys_replace.rotate,
    keys_replace.revoke,
):
    app.command()(_command)
