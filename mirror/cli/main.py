"""``tamizdat``: find the command, run it, and turn errors into text and an exit status.

Status: 0 done, 1 found wanting, 2 could not be done.
"""

import contextlib
import importlib
import os
import sys
import tempfile
import traceback
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Annotated, Final, NoReturn

from mirror.cli.commands import COMMANDS

if TYPE_CHECKING:  # loaded when it is needed: ``verify`` mostly does without
    import typer

DONE: Final = 0
WANTING: Final = 1
NOT_DONE: Final = 2

_INTERRUPTED: Final = 130  # how typer reports Ctrl-C
_OURS: Final = frozenset({"keys", "feeds", "mirror"})
_USAGE: Final = "Keeps a banned newsroom readable: signed pages and feeds on many mirrors."
_VERSION: Final = "Show the version and end."
_DEBUG: Final = "Show where an unexpected error happened."
_AFTER: Final = (
    "`tamizdat COMMAND --help` says more. Exit status: 0 done, 1 found wanting, 2 not done."
)


def main() -> NoReturn:
    """The program: ends the process with the command's exit status."""
    status = run(sys.argv[1:])
    # To tidy up what a whole log took costs as much as to replay it; and OpenDAL's threads may
    # abort a process that tidies up (PyO3/pyo3-async-runtimes#40): all is done, so it may end.
    if sys.argv[1:2] == ["verify"] or "opendal" in sys.modules:
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(OSError):
                stream.flush()
        os._exit(status)
    sys.exit(status)


def run(arguments: Sequence[str]) -> int:
    """Run the command that ``arguments`` name; its exit status.

    ``--debug`` before the command shows where an unexpected error happened.
    """
    words = list(arguments) or ["--help"]
    debug = words[0] == "--debug"
    words = words[1:] if debug else words
    called = words[0] if words and words[0] in COMMANDS else ""
    name = f"tamizdat {called}".rstrip()
    try:
        status = _do(called, words[1:] if called else words, name)
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return NOT_DONE
    except KeyboardInterrupt:
        return _say("stopped")
    except SystemExit as error:  # typer's answer to a closed pipe
        return error.code if error.code == DONE else NOT_DONE
    except Exception as error:  # noqa: BLE001 - the one place that turns errors into text
        return _explain(error, name, debug=debug)
    if status == _INTERRUPTED:
        return _say("stopped")
    return status if isinstance(status, int) else DONE


def _do(called: str, words: list[str], name: str) -> object:
    if called == "verify":
        from mirror.cli.verify_quick import attempt

        status = attempt(words)
        if status is not None:
            return status
    import typer.main

    app = _load(called) if called else _top()
    try:
        return typer.main.get_command(app)(words, prog_name=name, standalone_mode=False)
    except typer.Abort:
        return _INTERRUPTED


def _load(command: str) -> "typer.Typer":
    import typer

    app = importlib.import_module(COMMANDS[command].module).app
    assert isinstance(app, typer.Typer)  # noqa: S101 - a command's module is ours
    return app


def _top() -> "typer.Typer":
    """What answers without a command: ``--help``, ``--version``, a slip of the pen."""
    import typer

    app = typer.Typer(help=_USAGE, epilog=_AFTER, add_completion=False, rich_markup_mode=None)

    def version(*, wanted: bool) -> None:
        if wanted:
            from importlib.metadata import version as installed

            typer.echo(f"tamizdat {installed('tamizdat')}")
            raise typer.Exit

    @app.callback()
    def options(
        *,
        _version: Annotated[
            bool, typer.Option("--version", callback=version, is_eager=True, help=_VERSION)
        ] = False,
        _debug: Annotated[bool, typer.Option("--debug", help=_DEBUG)] = False,
    ) -> None:
        pass

    for name, command in COMMANDS.items():
        app.command(name, help=command.help)(lambda: None)
    return app


def _explain(error: Exception, name: str, *, debug: bool) -> int:
    """Say what went wrong; the exit status for it."""
    from typer.exceptions import TyperException

    if isinstance(error, TyperException):
        return _say(f"{name}: {error.format_message()}\n`{name} --help` shows how it is used.")
    parts = tuple(_parts(error))
    if not debug and all(map(_is_ours, parts)):
        return _say("\n".join(dict.fromkeys(str(part) for part in parts)))
    if isinstance(error, ModuleNotFoundError) and not debug:
        missing = (error.name or "").partition(".")[0]
        if missing not in _OURS:
            return _say(
                f"{name} needs {missing}, which comes with the service:"
                " pip install '.[service]' in the project's folder"
            )
    return _say(_unexpected(error, name, debug=debug))


def _parts(error: BaseException) -> Iterator[BaseException]:
    if isinstance(error, BaseExceptionGroup):
        for inner in error.exceptions:
            yield from _parts(inner)
    else:
        yield error


def _is_ours(error: BaseException) -> bool:
    from feeds.errors import FeedsError
    from keys.errors import KeysFormatError
    from mirror.errors import MirrorError

    return isinstance(error, (FeedsError, KeysFormatError, MirrorError))


def _unexpected(error: Exception, name: str, *, debug: bool) -> str:
    trace = "".join(traceback.format_exception(error))
    if debug:
        return trace
    text = f"{name}: an error that it did not expect: {type(error).__name__}: {error}"
    try:
        with tempfile.NamedTemporaryFile(
            "w", encoding="utf-8", prefix="tamizdat-error-", suffix=".log", delete=False
        ) as file:
            file.write(trace)
    except OSError:
        return f"{text}\n`tamizdat --debug …` shows where."
    return f"{text}\nPlease report it; where it happened is written in {file.name}"


def _say(text: str) -> int:
    print(text, file=sys.stderr)  # noqa: T201 - the one place for errors
    return NOT_DONE
