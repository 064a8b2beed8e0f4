"""``tamizdat keys keyring``, ``sign`` and ``join``: the next keyring, signed by its roots."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer
from typer import Argument, Option

from keys.files import read_key
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
    today,
)
from mirror.config import Secret
from mirror.config.values import parse_duration
from mirror.keystore import in_groups


def keyring(
    out: Annotated[Path, Option(help="Where to put the text that the roots sign.")],
    *,
    first: Annotated[
        bool, Option("--first", help="A first keyring in the place of that of `init`.")
    ] = False,
    add_root: Annotated[
        list[str] | None, Option(help="A=FILE: the public key of minisign or signify for root A.")
    ] = None,
    remove_root: Annotated[list[str] | None, Option(help="A root's name: it goes.")] = None,
    threshold: Annotated[int | None, Option(min=1, help="How many roots must sign.")] = None,
    add_witness: Annotated[
        list[str] | None, Option(help="NAME=KEY: a witness and its public key.")
    ] = None,
    remove_witness: Annotated[list[str] | None, Option(help="A witness's name: it goes.")] = None,
    quorum: Annotated[int | None, Option(min=0, help="How many witnesses must cosign.")] = None,
    max_age: Annotated[str, Option(help="How old a head may be. Default: as configured.")] = "",
    expires: ExpiresOption = "",
    config: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """Write the next keyring, for its roots to sign; nothing changes before `keys join`."""
    from mirror.ceremony.making import next_text
    from mirror.ceremony.wishes import Wishes, root_key, witness_key

    newsroom = one_newsroom(config)
    check_free(out)
    origin = newsroom.trust.origin
    roots = {name: root_key(origin, name, read(Path(file))) for name, file in pairs(add_root)}
    wishes = Wishes(
        add_roots=roots,
        remove_roots=remove_root or (),
        threshold=threshold,
        add_witnesses={name: witness_key(key) for name, key in pairs(add_witness)},
        remove_witnesses=remove_witness or (),
        quorum=quorum,
        max_age=parse_duration(max_age) if max_age else None,
        expires=date_of(expires),
    )
    put(out, next_text(newsroom, wishes, today(), first=first), config)


def sign(
    file: Annotated[Path, Argument(help="What `keys keyring` wrote.")],
    *,
    key: Annotated[Path, Option(help="The root's key file.")],
    passphrase_file: Annotated[Path, Option(help="File with its passphrase.")],
    out: Annotated[
        Path | None, Option(help="Where to put the signature. Default: beside FILE.")
    ] = None,
) -> None:
    """Sign a keyring with a root key of our own kind; minisign and signify do it as well."""
    from keys.keyring import Keyring
    from keys.minisign import sign as minisign

    text = read(file).decode("utf-8", "replace")
    meant = Keyring.parse(text)
    root = read_key(key, Secret(file=passphrase_file.absolute()).read().encode())
    where = out or file.with_name(f"{file.name}.{root.name.rpartition('/')[2]}.minisig")
    where.write_bytes(minisign(root, text).encode())
    typer.echo(f"Signed version {meant.version} of the keyring of {meant.origin}: {where}")


def join(
    file: Annotated[Path, Argument(help="What `keys keyring` wrote.")],
    signatures: Annotated[list[Path], Argument(help="The roots' signatures of it.")],
    *,
    config: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """Join the roots' signatures; once there are enough, the keyring counts.

    Exit status: 0 it is in its place, 1 signatures are missing.
    """
    from mirror.ceremony.joining import join_files
    from mirror.ceremony.making import read_log

    newsroom = one_newsroom(config)
    published = bool(asyncio.run(read_log(newsroom)).signed)
    text = read(file).decode("utf-8", "replace")
    given = map(read, signatures)
    joined = join_files(newsroom, text, given, published=published, today=today())
    if joined.signed is None:
        for one in joined.lacking:
            names = ", ".join(name for name in one.names)
            typer.echo(f"version {one.version} asks for {one.count} more of: {names}")
        raise typer.Exit(1)
    typer.echo(f"Keyring {joined.signed.keyring.version} is complete, signed by:")
    for name in joined.signers:
        typer.echo(f"  {name}")
    typer.echo(f"Its fingerprint: {in_groups(joined.signed.fingerprint)}")
    typer.echo("Restart `tamizdat run`: its next edition carries it to the mirrors.")
