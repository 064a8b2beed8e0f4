"""``tamizdat keys keyring``, ``sign`` and ``join``: the next keyring, signed by its roots."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer
from typer import Argument, Option

from keys.errors import FormatError
from keys.files import read_key
from keys.keyring import Keyring
from keys.note import Kind
from mirror.cli.keys_common import (
    DEFAULT_CONFIG,
    ConfigOption,
    ExpiresOption,
    check_free,
    date_of,
    one_newsroom,
    pairs,
    put,
    read,
    span_of,
    tell_losses,
    today,
    write,
)
from mirror.config import Passphrase
from mirror.errors import KeysError
from mirror.keystore import in_groups, keyring_path, read_keyrings


def keyring(
    out: Annotated[Path, Option(help="Where to put the text that the roots sign.")],
    *,
    first: Annotated[
        bool, Option("--first", help="A first keyring, before anything is published.")
    ] = False,
    add_root: Annotated[
        list[str] | None,
        Option(help="A=FILE: the public key of minisign or signify for root A. Once for each."),
    ] = None,
    remove_root: Annotated[
        list[str] | None, Option(help="A root's name: it goes. Once for each.")
    ] = None,
    threshold: Annotated[int | None, Option(min=1, help="How many roots must sign.")] = None,
    add_witness: Annotated[
        list[str] | None, Option(help="NAME=KEY: a witness and its public key. Once for each.")
    ] = None,
    remove_witness: Annotated[
        list[str] | None, Option(help="A witness's name: it goes. Once for each.")
    ] = None,
    quorum: Annotated[
        int | None,
        Option(min=0, help="How many witnesses must cosign; with 0 no mirror is ever genuine."),
    ] = None,
    max_age: Annotated[
        str, Option(help="How old a head may be, like 48h. Default: as configured.")
    ] = "",
    expires: ExpiresOption = "",
    config: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """Write the next keyring, for its roots to sign.

    Nothing changes before `keys join`.
    """
    from mirror.ceremony.heir import weakened
    from mirror.ceremony.making import next_text
    from mirror.ceremony.wishes import Wishes, root_key, witness_key

    newsroom = one_newsroom(config)
    check_free(out)
    origin = newsroom.trust.origin
    roots = {
        name: root_key(origin, name, read(Path(file)))
        for name, file in pairs(add_root, "--add-root")
    }
    wishes = Wishes(
        add_roots=roots,
        remove_roots=remove_root or (),
        threshold=threshold,
        add_witnesses={name: witness_key(key) for name, key in pairs(add_witness, "--add-witness")},
        remove_witnesses=remove_witness or (),
        quorum=quorum,
        max_age=span_of(max_age),
        expires=date_of(expires),
    )
    made = next_text(newsroom, wishes, today(), first=first)
    old = read_keyrings(newsroom.trust.keys)[-1].keyring
    put(out, made, config, weakened(old, made))


def sign(
    file: Annotated[Path, Argument(help="What `keys keyring` wrote.")],
    *,
    key: Annotated[Path, Option(help="The root's key file.")],
    passphrase_file: Annotated[Path, Option(help="File with its passphrase.")],
    out: Annotated[
        Path | None, Option(help="Where to put the signature. Default: beside FILE.")
    ] = None,
) -> None:
    """Sign a keyring with a root key file of our own kind.

    minisign and signify sign as well.
    """
    from keys.minisign import sign as minisign

    text = read(file).decode("utf-8", "replace")
    meant = _parsed(text, file)
    root = read_key(key, Passphrase(file=passphrase_file.absolute()).read().encode())
    if root.verifier in meant.policy.keys or root.kind is not Kind.ED25519:
        raise KeysError(f"{key} is no root: it is the key of {root.name}; nothing was signed")
    where = out or file.with_name(f"{file.name}.{root.name.rpartition('/')[2]}.minisig")
    if not _is_signature(where):
        check_free(where)
    write(where, minisign(root, text).encode(), over=True)
    typer.echo(f"Signed version {meant.version} of the keyring of {meant.origin}: {where}")
    if root.verifier not in meant.roots:
        typer.echo(f"{root.name} is no root of it:")
        typer.echo(f"that counts only if it was a root of version {meant.version - 1}.")


def _parsed(text: str, file: Path) -> Keyring:
    try:
        return Keyring.parse(text)
    except FormatError as error:
        raise KeysError(f"{file}: {error}") from error


def _is_signature(file: Path) -> bool:
    """Whether a signature stands there, which another may take the place of."""
    from keys.minisign import Minisig

    if not file.is_file():  # a pipe would be waited for
        return False
    try:
        Minisig.parse(read(file))
    except (FormatError, KeysError):
        return False
    return True


def join(
    file: Annotated[Path, Argument(help="What `keys keyring` wrote.")],
    signatures: Annotated[list[Path], Argument(help="The roots' signatures of it.")],
    *,
    config: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """Join the roots' signatures; with enough, the keyring counts.

    Exit status: 0 it is in its place, 1 signatures are missing.
    """
    from mirror.ceremony.joining import join_files
    from mirror.ceremony.making import read_log, roots_at

    newsroom = one_newsroom(config)
    published = bool(asyncio.run(read_log(newsroom)).signed)
    text = read(file).decode("utf-8", "replace")
    own = _parsed(text, file)
    trees = asyncio.run(roots_at(newsroom, {one.size for one in own.former}))
    given = {str(path): read(path) for path in signatures}
    joined = join_files(newsroom, text, given, published=published, trees=trees, today=today())
    if joined.signed is None:
        tell_losses(joined.weakened)
        for one in joined.lacking:
            names = ", ".join(one.names)
            typer.echo(f"version {one.version} asks for {one.count} more of: {names}")
        raise typer.Exit(1)
    typer.echo(f"Keyring {own.version} is complete, signed by:")
    for name in joined.signers:
        typer.echo(f"  {name}")
    typer.echo(f"Its fingerprint: {in_groups(joined.signed.fingerprint)}")
    tell_losses(joined.weakened)
    if joined.weakened:
        path = keyring_path(newsroom.trust.keys, own.version)
        remedy = "tamizdat keys keyring --first" if own.version == 1 else f"rm {path}"
        typer.echo(f"If you did not mean that, before `tamizdat run` starts again: {remedy}")
    typer.echo("Restart `tamizdat run`: its next edition carries it to the mirrors.")
