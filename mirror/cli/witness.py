"""``tamizdat witness``: cosign a publisher's heads, as a partner organisation does."""

import asyncio
import os
import secrets
import signal
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer
from typer import Argument, Context, Option

if TYPE_CHECKING:  # imported when the command runs: --help stays fast
    from mirror.config import Config
    from mirror.witness.config import WitnessSettings
    from mirror.witness.witness import Witness

CONFIG: Final = "witness.toml"

_HELP: Final = "Cosign a publisher's heads, so that nobody can show two histories."
_TEXT: Final = """\
# Written by `tamizdat witness init`. Paths are seen from the folder of this file.
key = "witness.pem"
passphrase = { file = "passphrase" }   # better: { credential = "passphrase" }, from systemd
listen = "127.0.0.1:8480"              # put a web server with https before it
state = "state"                        # what was signed: never delete it, never restore an old one

[[log]]                                # repeat the block for each publisher
"""

app = typer.Typer(rich_markup_mode=None, add_completion=False, help=_HELP)

ConfigOption = Annotated[Path, Option("--config", help="The witness's settings.")]


@app.callback(invoke_without_command=True)
def serve(context: Context, *, config: ConfigOption = Path(CONFIG)) -> None:
    """Answer the publisher until Ctrl-C (or SIGTERM); the settings are made by `witness init`."""
    context.default_map = {name: {"config": str(config)} for name in ("sign", "show")}
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
    from keys.files import write_key
    from keys.note import Kind, SigningKey
    from mirror.errors import ConfigError
    from mirror.witness.config import load, logs_of
    from mirror.witness.state import State

    if (keyring is None) == (not log):
        raise typer.BadParameter("give either --keyring FILE or --log KEY")
    settings = folder / CONFIG
    if settings.exists():
        raise ConfigError(str(settings), ("is there already, and is never written over",))
    key = SigningKey.generate(name, Kind.COSIGNATURE)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    State.begin(folder / "state")
    secret = secrets.token_urlsafe(24)
    _write(folder / "passphrase", f"{secret}\n".encode())
    write_key(folder / "witness.pem", key, secret.encode())
    if keyring is not None:
        _write(folder / "keyring", keyring.read_bytes())
        lines = 'keyring = "keyring"\n'
    else:
        lines = f"keys = [{', '.join(_quoted(one) for one in log or ())}]\n"
    _write(settings, f"{_TEXT}{lines}".encode())
    logs_of(load(settings), settings)
    typer.echo(f"Made a witness in {folder}. Its public key, for the publisher's keyring:\n")
    typer.echo(f"  {key.verifier}\n")
    typer.echo(f"Run it: tamizdat witness --config {settings}")


@app.command()
def sign(
    *,
    request: Annotated[Path, Option(help="What `witness request` made on the publisher's side.")],
    out: Annotated[Path, Option(help="Where to put the cosignature.")],
    config: ConfigOption = Path(CONFIG),
) -> None:
    """Cosign one request from a file, without a network."""
    from mirror.errors import KeysError
    from mirror.witness.errors import ConflictError, RefusalError
    from mirror.witness.wire import Request, encode_answer

    witness = _open(config)[1]
    try:
        signature = witness.add(Request.parse(_read(request)))
    except ConflictError as error:
        raise KeysError(
            f"{request}: refused: {error.problem}. Make the request anew with --size {error.size};"
            " if that fails too, keep both files: they may show a second history"
        ) from error
    except RefusalError as error:
        raise KeysError(f"{request}: refused: {error.problem}; nothing was signed") from error
    out.write_bytes(encode_answer(signature))
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
        typer.echo(f"log  {origin}: last cosigned at size {known.size if known else 0}")
        for key in keys:
            typer.echo(f"       {key}")


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
    out.write_bytes(data)
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
        state.read(origin)  # damage is said at the start
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


def _write(path: Path, data: bytes) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(data)


def _quoted(text: str) -> str:
    import json

    return json.dumps(text)
