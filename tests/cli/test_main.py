"""``tamizdat`` itself: help, errors in words, exit status."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import typer

from feeds.errors import MissingFileError
from mirror.cli import main as program
from mirror.cli.commands import COMMANDS, Command
from mirror.errors import ConfigError, EndpointRefusedError

PROGRAM = (sys.executable, "-c", "from mirror.cli.main import main; main()")

Register = Callable[[Callable[[], None]], None]


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch) -> Register:
    """Call it with a function: that is what ``tamizdat try`` does from then on."""

    def register(action: Callable[[], None]) -> None:
        app = typer.Typer(rich_markup_mode=None)
        app.command()(action)
        module = type(sys)("tests_cli_try")
        module.__dict__["app"] = app
        monkeypatch.setitem(sys.modules, "tests_cli_try", module)
        monkeypatch.setitem(COMMANDS, "try", Command("tests_cli_try", "Only in tests."))

    return register


def raising(error: BaseException) -> Callable[[], None]:
    def action() -> None:
        raise error

    return action


def test_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    for arguments in (["--help"], []):
        assert program.run(arguments) == 0
        text = capsys.readouterr().out
        for name, listed in COMMANDS.items():
            assert f"  {name} " in text
            assert listed.help[:30] in text


def test_the_version_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert program.run(["--version"]) == 0
    assert capsys.readouterr().out.startswith("tamizdat 0.")


def test_a_slip_of_the_pen_is_put_right(capsys: pytest.CaptureFixture[str]) -> None:
    assert program.run(["vrify"]) == 2
    assert "Did you mean 'verify'?" in capsys.readouterr().err


def test_a_wrong_option_is_said_with_where_to_look(
    command: Register, capsys: pytest.CaptureFixture[str]
) -> None:
    command(lambda: None)

    assert program.run(["try", "--loud"]) == 2
    assert "`tamizdat try --help` shows how it is used." in capsys.readouterr().err


@pytest.mark.parametrize(
    "error",
    [
        ConfigError("config.toml", ("[site] title: is missing",)),
        EndpointRefusedError("eu-1", "PUT log/checkpoint: 403"),
        MissingFileError("log/checkpoint"),
    ],
)
def test_our_errors_are_said_as_they_are(
    command: Register, capsys: pytest.CaptureFixture[str], error: Exception
) -> None:
    command(raising(error))

    assert program.run(["try"]) == 2
    assert capsys.readouterr().err == f"{error}\n"


def test_errors_of_several_tasks_are_all_said(
    command: Register, capsys: pytest.CaptureFixture[str]
) -> None:
    inner = [EndpointRefusedError("a", "no"), ExceptionGroup("", [EndpointRefusedError("b", "no")])]
    command(raising(ExceptionGroup("tasks", inner)))

    assert program.run(["try"]) == 2
    assert capsys.readouterr().err == "mirror a: no\nmirror b: no\n"


@pytest.mark.parametrize(("code", "status"), [(0, 0), (1, 1), (2, 2)])
def test_the_status_is_the_command_s(command: Register, code: int, status: int) -> None:
    command(raising(typer.Exit(code)))

    assert program.run(["try"]) == status


def test_an_error_that_nobody_expected_is_kept_in_a_file(
    command: Register,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    command(raising(ZeroDivisionError("a surprise")))

    assert program.run(["try"]) == 2

    said = capsys.readouterr().err
    (file,) = tmp_path.iterdir()
    assert "ZeroDivisionError: a surprise" in said
    assert str(file) in said
    assert "Traceback" not in said
    assert "Traceback" in file.read_text(encoding="utf-8")


def test_debug_shows_where_it_happened(
    command: Register, capsys: pytest.CaptureFixture[str]
) -> None:
    command(raising(EndpointRefusedError("a", "no")))

    assert program.run(["--debug", "try"]) == 2
    assert "Traceback" in capsys.readouterr().err


def test_a_part_of_the_service_that_is_missing_is_said(
    command: Register, capsys: pytest.CaptureFixture[str]
) -> None:
    command(raising(ModuleNotFoundError("No module named 'lxml'", name="lxml.html")))

    assert program.run(["try"]) == 2
    assert capsys.readouterr().err == (
        "tamizdat try needs lxml, which comes with the service: pip install '.[service]' in the"
        " project's folder\n"
    )


def test_ctrl_c_is_no_error_message(command: Register, capsys: pytest.CaptureFixture[str]) -> None:
    command(raising(KeyboardInterrupt()))

    assert program.run(["try"]) == 2
    assert capsys.readouterr().err == "stopped\n"


def test_a_reader_who_hangs_up_gets_no_traceback() -> None:
    process = subprocess.Popen(
        [*PROGRAM, "--help"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    assert process.stdout
    assert process.stderr
    process.stdout.close()

    assert process.stderr.read() == b""
    process.stderr.close()
    assert process.wait(30) == 2


def test_help_imports_nothing_of_the_service() -> None:
    code = (
        "import sys; from mirror.cli.main import run; run(['--help']);"
        "print([m for m in ('structlog', 'sqlalchemy', 'aiohttp', 'lxml', 'cryptography')"
        " if m in sys.modules])"
    )

    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)

    assert done.stdout.endswith("[]\n")
