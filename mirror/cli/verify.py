"""``tamizdat verify TARGET``: do these files come from the publisher, unchanged?

Part of the base install: nothing of the service is imported.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer
from typer import Argument, Exit, Option

if TYPE_CHECKING:  # imported when the command runs: --help stays fast
    from feeds.verify import Options, Pin, Reader, Report
    from mirror.cli.verify_state import State
    from mirror.reading.limits import Limits

app = typer.Typer(rich_markup_mode=None, add_completion=False)

_LOOKS: Final = 3  # at a tree into which a push is under way
_PAUSE_S: Final = 1.0


@app.command()
def verify(
    target: Annotated[str, Argument(help="A file, a mirror's folder, or its address.")],
    *,
    keyring: Annotated[Path | None, Option(help="The keyring file that you trust.")] = None,
    fingerprint: Annotated[str, Option(help="Its SHA-256, where you have no file.")] = "",
    proof: Annotated[
        Path | None, Option(help="For a file: its proof. Default: FILE.tlog-proof beside it.")
    ] = None,
    base: Annotated[str, Option(help="For a folder: the address it was copied from.")] = "",
    state: Annotated[
        Path | None, Option(help="Folder that remembers what mirrors showed before.")
    ] = None,
    sample: Annotated[
        int | None, Option(min=1, help="Compare only so many files, chosen at random.")
    ] = None,
    proofs: Annotated[bool, Option("--proofs", help="Check every proof, not only 100.")] = False,
    json: Annotated[bool, Option("--json", help="Answer as JSON.")] = False,
    timeout: Annotated[
        float, Option(min=0.1, help="For an address: seconds to wait for an answer.")
    ] = 30.0,
    parallel: Annotated[int, Option(min=1, max=256, help="For an address: requests at once.")] = 32,
) -> None:
    """Check a file or a mirror against the keys that you trust.

    Exit status: 0 genuine (or updating, behind, stale, as it says), 1 found wanting, 2 could not
    tell.
    """
    from mirror.cli.verify_state import State
    from mirror.cli.verify_words import as_json, as_text

    pin = _pin(keyring, fingerprint)
    if "://" in target:
        target = _address(target)
        base = base or target
    remembered = State(state, base or target) if state else None
    options = _options(base, sample, proofs=proofs)
    if "://" in target:
        report = _fetch(target, pin, options, remembered, _limits(timeout, parallel))
    elif Path(target).is_dir():
        report = _read_folder(Path(target), pin, options, remembered)
    else:
        report = _file(Path(target), proof, pin)
    saved = remembered.remember(report) if remembered else ()
    typer.echo(as_json(report, saved) if json else as_text(report, saved))
    raise Exit(report.verdict.exit_status)


def _read_folder(folder: Path, pin: "Pin", options: "Options", state: "State | None") -> "Report":
    from feeds.errors import UnreadableError
    from feeds.folder import FolderReader

    try:
        reader = FolderReader(folder)
    except UnreadableError as error:
        return _unreadable(str(error))
    return _look(reader, pin, options, state)


def _fetch(
    address: str, pin: "Pin", options: "Options", state: "State | None", limits: "Limits"
) -> "Report":
    from mirror.cli.verify_progress import progress
    from mirror.reading.reader import AddressReader

    with (
        progress(address) as meter,
        AddressReader(address, limits=limits, meter=meter) as reader,
    ):
        return _look(reader, pin, options, state)


def _look(reader: "Reader", pin: "Pin", options: "Options", state: "State | None") -> "Report":
    """The verdict on a tree; where a push is under way, that of another look."""
    import time
    from datetime import UTC, datetime

    from feeds.verify import Seen, verify_tree

    seen = Seen()
    for look in range(_LOOKS):
        report = verify_tree(
            reader, pin, now=datetime.now(UTC), options=options, memory=state, seen=seen
        )
        if report.verdict.exit_status == 0 or not report.pending or look == _LOOKS - 1:
            break
        time.sleep(_PAUSE_S)
    return report


def _address(text: str) -> str:
    """The base of the mirror that somebody named by ``text``, as a browser shows it."""
    from urllib.parse import urlsplit

    parts = urlsplit(text)
    host = parts.netloc.lower()
    path = parts.path.removesuffix("index.html")
    return f"{parts.scheme.lower()}://{host}{path if path.endswith('/') else path + '/'}"


def _limits(timeout: float, parallel: int) -> "Limits":
    from datetime import timedelta

    from mirror.reading.limits import Limits

    return Limits(patience=timedelta(seconds=timeout), parallel=parallel)


def _file(file: Path, proof: Path | None, pin: "Pin") -> "Report":
    from feeds.paths import proof_path
    from feeds.verify import MAX_SAVED_BYTES, verify_file
    from keys.proof import MAX_PROOF_BYTES

    if not file.is_file():
        return _unreadable(f"{file}: is neither a file nor a folder")
    beside = proof or file.with_name(proof_path(file.name))
    try:
        data = _read(file, MAX_SAVED_BYTES)
        proven = _read(beside, MAX_PROOF_BYTES) if proof or beside.is_file() else None
    except OSError as error:
        return _unreadable(f"{error.filename or file}: {error.strerror or error}")
    return verify_file(data, proven, pin, tree=_tree_of(file))


def _tree_of(file: Path) -> "Reader | None":
    """The mirror in whose folder ``file`` stands."""
    from feeds.folder import FolderReader

    for folder in file.absolute().parents:
        if (folder / "log" / "keys").is_dir():
            return FolderReader(folder)
    return None


def _pin(keyring: Path | None, fingerprint: str) -> "Pin":
    from feeds.verify import Pin
    from keys.note import MAX_NOTE_BYTES

    if (keyring is None) == (not fingerprint):
        raise typer.BadParameter(
            "say whom you trust: either --keyring FILE or --fingerprint HEX",
            param_hint="--keyring",
        )
    if keyring is None:
        return Pin(fingerprint=fingerprint)
    try:
        return Pin(keyring=_read(keyring, MAX_NOTE_BYTES))
    except OSError as error:
        problem = f"{keyring}: {error.strerror or error}"
        raise typer.BadParameter(problem, param_hint="--keyring") from error


def _options(base: str, sample: int | None, *, proofs: bool) -> "Options":
    import secrets

    from feeds.localise import check_base
    from feeds.verify import SAMPLED_PROOFS, Options

    return Options(
        base=check_base(base) if base else None,
        proofs=None if proofs else SAMPLED_PROOFS,
        sample=sample,
        seed=secrets.randbits(64),
    )


def _read(file: Path, limit: int) -> bytes:
    """The bytes of ``file``; one more than ``limit`` where it is larger, which is refused later."""
    with file.open("rb") as stream:
        return stream.read(limit + 1)


def _unreadable(problem: str) -> "Report":
    from feeds.verify import Finding, Report, Verdict

    verdict = Verdict.COULD_NOT_TELL
    return Report(verdict=verdict, findings=(Finding(verdict, "", problem),))
