"""``tamizdat keys rotate`` and ``revoke``: a key gives way to another (format 5.6)."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer
from typer import Option

from keys.note import VerifierKey
from keys.standing import Ending
from mirror.cli.keys_common import (
    DEFAULT_CONFIG,
    ConfigOption,
    ExpiresOption,
    check_free,
    expiry_of,
    one_newsroom,
    put,
)
from mirror.config import Config
from mirror.keystore import CLOCK, LOG

WitnessOption = Annotated[str, Option(help="Instead of the log key: the key of this witness.")]
NewOption = Annotated[str, Option(help="With --witness: its new public key.")]


def rotate(
    out: Annotated[Path | None, Option(help="Where to put the text that the roots sign.")] = None,
    *,
    witness: WitnessOption = "",
    new: NewOption = "",
    expires: ExpiresOption = "",
    config: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """Replace the log key in good order (or a witness's); its proofs stay good.

    First it makes the new log key, which then signs beside the old one; once a head bears both
    signatures, it writes the keyring that retires the old one.
    """
    from mirror.ceremony.making import is_signed_by, next_key, read_log

    newsroom = one_newsroom(config)
    if out is not None:
        check_free(out)
    if not witness:
        key, made = next_key(newsroom, LOG)
        both = is_signed_by(asyncio.run(read_log(newsroom)).head, key)
        if made or not both:
            typer.echo(f"The new log key is ready: {key}")
            typer.echo(
                "Tell your witnesses to follow it too. Then restart `tamizdat run`, and come"
            )
            typer.echo("back when the head bears both signatures: tamizdat keys rotate --out FILE")
            raise typer.Exit(0 if made else 1)
    _replace(newsroom, Ending.RETIRED, out, witness=witness, new=new, expires=expires)


def revoke(
    out: Annotated[Path, Option(help="Where to put the text that the roots sign.")],
    *,
    last: Annotated[
        int | None,
        Option(help="Size of the last edition that is surely ours. Default: the newest."),
    ] = None,
    retired: Annotated[str, Option(help="A key that was only retired, to be revoked.")] = "",
    machine: Annotated[
        bool, Option("--machine", help="The clock's key too: the whole machine was taken.")
    ] = False,
    witness: WitnessOption = "",
    new: NewOption = "",
    expires: ExpiresOption = "",
    config: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """Take every worth from a stolen key: what it signs after the last good tree is void.

    Once the roots have signed and `keys join` is done, `tamizdat run` proves every old entry
    again under a new head and carries the new proofs to every mirror.
    """
    newsroom = one_newsroom(config)
    check_free(out)
    if retired:
        from mirror.ceremony.making import revoked_text, tree_at

        tree = asyncio.run(tree_at(newsroom, last))
        key = VerifierKey.parse(retired)
        expiring = expiry_of(newsroom, expires)
        put(out, revoked_text(newsroom, key, last=tree, expires=expiring), config)
        return
    _replace(
        newsroom,
        Ending.REVOKED,
        out,
        witness=witness,
        new=new,
        expires=expires,
        last=last,
        machine=machine,
    )


def _replace(
    newsroom: Config,
    ending: Ending,
    out: Path | None,
    *,
    witness: str,
    new: str,
    expires: str,
    last: int | None = None,
    machine: bool = False,
) -> None:
    from mirror.ceremony import making
    from mirror.ceremony.wishes import witness_key

    if out is None:
        raise typer.BadParameter("say where to put the keyring's text", param_hint="--out")
    if bool(witness) != bool(new):
        raise typer.BadParameter("--witness and --new belong together", param_hint="--witness")
    if witness:
        keys = [making.Replaced(making.witness_of(newsroom, witness), witness_key(new))]
    else:
        new_key, _ = making.next_key(newsroom, LOG, anew=ending is Ending.REVOKED)
        keys = [making.Replaced(making.log_key(newsroom), new_key)]
    if machine:
        clock = making.witness_of(newsroom, CLOCK)
        keys.append(making.Replaced(clock, making.next_key(newsroom, CLOCK, anew=True)[0]))
    tree = asyncio.run(making.tree_at(newsroom, last))
    expiring = expiry_of(newsroom, expires)
    made = making.replaced_text(newsroom, keys, last=tree, ending=ending, expires=expiring)
    put(out, made, newsroom.file)
