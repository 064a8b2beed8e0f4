"""``tamizdat keys rotate`` and ``revoke``: a key gives way to another (format 5.6)."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer
from typer import Option

from keys.errors import NoteError
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
from mirror.keystore import CLOCK, LOG, ROOT, key_path

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
    """Replace the log key, or a witness's, in good order.

    Proofs by the old one stay good. If it may have been stolen: `keys revoke`.

    First it makes the new log key, which then signs beside the old one; once a head bears both
    signatures, it writes the keyring that retires the old one.

    Exit status: 0 what you asked for is done, 1 not yet: no head bears both signatures.
    """
    from mirror.ceremony.making import is_signed_by, next_key, read_log

    newsroom = one_newsroom(config)
    if out is not None:
        check_free(out)
    if not witness:
        key, made = next_key(newsroom, LOG)
        both = is_signed_by(asyncio.run(read_log(newsroom)).head, key)
        if made or not both:
            _tell_not_yet(key, out, config)
            raise typer.Exit(0 if made and out is None else 1)
    if out is None:
        raise typer.BadParameter("say where to put the keyring's text", param_hint="--out")
    _replace(newsroom, Ending.RETIRED, out, witness=witness, new=new, expires=expires)


def _tell_not_yet(key: VerifierKey, out: Path | None, config: Path) -> None:
    typer.echo(f"The new log key is ready: {key}")
    if out is not None:
        typer.echo(f"{out} is not written yet: no head bears the signatures of both keys.")
    typer.echo("Tell your witnesses to follow the new key too. Then restart `tamizdat run`, and")
    typer.echo("when it has published once, come back:")
    typer.echo(f"  tamizdat keys rotate --out {out or 'FILE'} --config {config}")


def revoke(
    out: Annotated[Path, Option(help="Where to put the text that the roots sign.")],
    *,
    last: Annotated[
        int | None,
        Option(help="Size of the last edition that is surely ours. Default: the newest."),
    ] = None,
    retired: Annotated[str, Option(help="Instead: this public key, which was only retired.")] = "",
    machine: Annotated[
        bool, Option("--machine", help="The clock's key too: the whole machine was taken.")
    ] = False,
    witness: WitnessOption = "",
    new: NewOption = "",
    expires: ExpiresOption = "",
    config: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """A key was stolen: take all worth from it, and replace it.

    What it signs after the last good tree is void. It makes a new key, and the text of the
    keyring that says so.

    Once the roots have signed and `keys join` is done, `tamizdat run` proves every old entry
    again under a new head and carries the new proofs to every mirror.
    """
    newsroom = one_newsroom(config)
    check_free(out)
    if retired:
        if machine or witness or new:
            raise typer.BadParameter(
                "--retired stands alone: without --machine, --witness and --new",
                param_hint="--retired",
            )
        _revoke_retired(newsroom, out, retired, last=last, expires=expires)
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


def _revoke_retired(
    newsroom: Config, out: Path, retired: str, *, last: int | None, expires: str
) -> None:
    from mirror.ceremony.making import revoked_text, tree_at

    try:
        key = VerifierKey.parse(retired)
    except NoteError as error:
        raise typer.BadParameter(
            f"{retired!r} is no public key; `tamizdat keys show` has it on a line `retired`",
            param_hint="--retired",
        ) from error
    tree = asyncio.run(tree_at(newsroom, last))
    expiring = expiry_of(newsroom, expires)
    put(out, revoked_text(newsroom, key, last=tree, expires=expiring), newsroom.file)


def _replace(
    newsroom: Config,
    ending: Ending,
    out: Path,
    *,
    witness: str,
    new: str,
    expires: str,
    last: int | None = None,
    machine: bool = False,
) -> None:
    from mirror.ceremony import making
    from mirror.ceremony.wishes import witness_key

    if bool(witness) != bool(new):
        raise typer.BadParameter("--witness and --new belong together", param_hint="--witness")
    tree = asyncio.run(making.tree_at(newsroom, last))  # a slip is told before a key is made
    expiring = expiry_of(newsroom, expires)
    formers = {} if witness else {LOG: making.log_key(newsroom)}
    if machine:
        formers[CLOCK] = making.witness_of(newsroom, CLOCK)
    keys = []
    if witness:
        keys.append(making.Replaced(making.witness_of(newsroom, witness), witness_key(new)))
    for role, former in formers.items():
        made, _ = making.next_key(newsroom, role, anew=ending is Ending.REVOKED)
        keys.append(making.Replaced(former, made))
    text = making.replaced_text(newsroom, keys, last=tree, ending=ending, expires=expiring)
    put(out, text, newsroom.file)
    if ending is Ending.REVOKED and not witness:
        typer.echo(f"Tell your witnesses the new log key: {text.policy.logs[0]}")
    if machine and key_path(newsroom.trust.keys, ROOT).exists():
        typer.echo(
            "root.pem lies here too: if that machine had it, the thief can sign keyrings as you"
            " do. docs/keys/keyring.md says what then, at its end."
        )
