"""``tamizdat witness``: cosign a publisher's heads, as a partner organisation does."""

import asyncio
import signal
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer
from typer import Argument, Context, Option

from mirror.witness import CONFIG

if TYPE_CHECKING:  # imported when the command runs: --help stays fast
    from mirror.config import Config
    from mirror.witness.config import WitnessSettings
    from mirror.witness.errors import RefusalError
    from mirror.witness.witness import Witness

_HELP: Final = "Cosign a publisher's heads, so that nobody can show two histories."
app = typer.Typer(rich_markup_mode=None, add_completion=False, help=_HELP)

ConfigOption = Annotated[Path, Option("--config", help="The witness's settings.")]


@app.callback(invoke_without_command=True)
def serve(context: Context, *, config: ConfigOption = Path(CONFIG)) -> None:
    """Answer the publisher until Ctrl-C (or SIGTERM); the settings are made by `witness init`."""
    context.default_map = {name: {"config": str(config)} for name in ("sign", "show", "follow")}
    if context.invoked_subcommand is None:
        from mirror import logs

        logs.set_up()
        asyncio.run(_serve(config))


@app.command()
def init(
    folder: Annotated[Path, Argument(metavar="DIR", help="Where to put it.")],
    name: Annotated[str, Option(help="The witness's name for ever, like partner.example/w.")],
    *,
    keyring: Annotated[
        Path | None, Option(help="The publisher's newest keyring: its log is followed.")
    ] = None,
    log: Annotated[
        list[str] | None, Option(help="Instead of a keyring: the log's public key, name+…")
    ] = None,
) -> None:
    """Make a witness in DIR: key, settings, memory; print the public key for the publisher."""
    from mirror.witness.begin import begin

    if (keyring is None) == (not log):
        raise typer.BadParameter("give either --keyring FILE or --log KEY")
    key = begin(folder, name, keyring=keyring, logs=log or ())
    typer.echo(f"Made a witness in {folder}. Its public key, for the publisher's keyring:\n")
    typer.echo(f"  {key}\n")
    typer.echo(f"Run it: tamizdat witness --config {folder / CONFIG}")


@app.command()
def follow(
    origin: Annotated[str, Argument(metavar="LOG", help="Its name, as in its key before the +.")],
    *,
    head: Annotated[
        Path | None,
        Option(help="After a lost memory: the log's newest head that this witness cosigned."),
    ] = None,
    config: ConfigOption = Path(CONFIG),
) -> None:
    """Follow a log that was added to the settings, or go on after its memory was lost."""
    from keys.files import read_public
    from mirror.witness.config import load, logs_of
    from mirror.witness.resume import follow as begin_to_follow
    from mirror.witness.state import State

    settings = load(config)
    state = State(settings.state)
    begin_to_follow(
        state,
        logs_of(settings, config),
        origin,
        key=read_public(settings.key),
        head=_read(head) if head else None,
    )
    typer.echo(f"Followed: {origin}, last cosigned at size {state.read(origin).size}")
    if head:
        typer.echo("See that no `witness.cosigned` in this witness's log names a larger size")


@app.command()
def sign(
    *,
    request: Annotated[Path, Option(help="What `witness request` made on the publisher's side.")],
    out: Annotated[Path, Option(help="Where to put the cosignature.")],
    config: ConfigOption = Path(CONFIG),
) -> None:
    """Cosign one request from a file, without a network."""
    from mirror import logs
    from mirror.errors import KeysError
    from mirror.witness.errors import ConflictError, RefusalError
    from mirror.witness.wire import Request, encode_answer

    logs.set_up()
    witness = _open(config)[1]
    try:
        signature = witness.add(Request.parse(_read(request)))
    except ConflictError as error:
        raise KeysError(
            f"{request}: refused: {error.problem}. Make the request anew with --size {error.size};"
            " if that fails too, keep both files: they may show a second history"
            f"{_kept(error)}"
        ) from error
    except RefusalError as error:
        raise KeysError(
            f"{request}: refused: {error.problem}; nothing was signed{_kept(error)}"
        ) from error
    _put(out, encode_answer(signature))
    typer.echo(f"Cosigned; take {out} back to the publisher: tamizdat witness import")


@app.command()
def show(*, config: ConfigOption = Path(CONFIG)) -> None:
    """Show the public key, the logs that are followed, and what was signed last."""
    from keys.files import read_public
    from mirror.witness.config import load, logs_of
    from mirror.witness.state import State

    settings = load(config)
    state = State(settings.state)
    typer.echo(f"key  {read_public(settings.key)}")
    for origin, keys in logs_of(settings, config).items():
        known = state.read(origin)
        typer.echo(f"log  {origin}: last cosigned at size {known.size}")
        for key in keys:
            typer.echo(f"       {key}")
        number, place = state.kept(origin)
        if number:
            typer.echo(f"     {number} refused heads of it are kept in {place}")


@app.command("request")
def request_(
    name: Annotated[str, Argument(help="The witness, as the keyring names it.")],
    *,
    out: Annotated[Path, Option(help="Where to put the request.")],
    size: Annotated[
        int | None, Option(help="What the witness signed last. Default: what it signed for us.")
    ] = None,
    config: ConfigOption = Path("config.toml"),
) -> None:
    """For the publisher: what a witness without a network is to sign, as a file."""
    from mirror.publish.airgap import make_request

    data = asyncio.run(make_request(_newsroom(config), name, size))
    _put(out, data)
    typer.echo(f"Made {out}; on the witness: tamizdat witness sign --request {out.name} --out FILE")


@app.command("import")
def import_(
    file: Annotated[Path, Argument(help="What `witness sign` made.")],
    *,
    config: ConfigOption = Path("config.toml"),
) -> None:
    """For the publisher: take the cosignature of a witness without a network."""
    from mirror.publish.airgap import take_answer

    names = asyncio.run(take_answer(_newsroom(config), _read(file)))
    typer.echo(f"Taken: {', '.join(names)}. The next round of `tamizdat run` uses it.")


async def _serve(config: Path) -> None:
    from mirror.witness.server import start

    settings, witness = await asyncio.to_thread(_open, config)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    runner = await start(witness, settings.listen)
    typer.echo(f"witness: http://{settings.listen}/add-checkpoint; Ctrl-C ends it")
    sys.stdout.flush()
    try:
        await stop.wait()
    finally:
        await runner.cleanup()


def _open(config: Path) -> "tuple[WitnessSettings, Witness]":
    from keys.files import read_key
    from keys.note import Kind
    from mirror.errors import KeysError
    from mirror.witness.config import load, logs_of
    from mirror.witness.state import State
    from mirror.witness.witness import Witness

    settings = load(config)
    logs = logs_of(settings, config)
    state = State(settings.state)
    for origin in logs:
        state.check(origin)  # damage is said at the start
    key = read_key(settings.key, settings.passphrase.read().encode())
    if key.kind is not Kind.COSIGNATURE:
        raise KeysError(f"{settings.key} is no witness's key; make one with `witness init`")
    return settings, Witness(key, logs, state, time.time)


def _newsroom(config: Path) -> "Config":
    from mirror.cli.keys_common import one_newsroom

    return one_newsroom(config)


def _read(file: Path) -> bytes:
    from mirror.errors import KeysError
    from mirror.witness.wire import MAX_REQUEST_BYTES

    try:
        with file.open("rb") as stream:
            return stream.read(MAX_REQUEST_BYTES + 1)
    except OSError as error:
        raise KeysError(f"{file} can't be read: {error.strerror}") from error


def _put(file: Path, data: bytes) -> None:
    from mirror.errors import KeysError

    try:
        file.write_bytes(data)
    except OSError as error:
        raise KeysError(f"{file} can't be written: {error.strerror}; choose another") from error


def _kept(error: "RefusalError") -> str:
    if error.evidence is None:
        return ""
    return f"\nThe head, and beside it the one that was held, are kept: {error.evidence}"
