"""What ``tamizdat verify`` does, once its words are understood.

Part of the base install: nothing of the service is imported, but for an address. What is only
needed for one kind of target is imported when it is.
"""

import secrets
import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from string import hexdigits
from typing import TYPE_CHECKING, Final

from feeds.errors import UnreadableError
from feeds.folder import FolderReader
from feeds.localise import check_base
from feeds.verify import (
    SAMPLED_PROOFS,
    Finding,
    Options,
    Pin,
    Reader,
    Report,
    Seen,
    Verdict,
    verify_tree,
)
from keys.note import MAX_NOTE_BYTES
from mirror.errors import MirrorError

if TYPE_CHECKING:  # imported where --state is given
    from feeds.folder_ahead import Ahead
    from mirror.cli.verify_state import State

_DIGITS: Final = 64  # of a fingerprint
_LOOKS: Final = 3  # at a tree into which a push is under way
_PAUSE_S: Final = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """The words of one command; see ``mirror.cli.verify``."""

    target: str
    keyring: Path | None = None
    fingerprint: str = ""
    proof: Path | None = None
    base: str = ""
    state: Path | None = None
    sample: int | None = None
    proofs: bool = False
    json: bool = False
    timeout: float = 30.0
    parallel: int = 32


def run_verify(wish: Wish, ahead: "Ahead | None" = None) -> int:
    """Do it, and print the answer; the exit status.

    ``ahead`` is a process that reads the folder already.

    Raises:
        MirrorError: Wrong usage, or a memory that can't be read.
        FeedsError: ``--base`` is no address of a mirror.
    """
    pin = _pin(wish.keyring, wish.fingerprint)
    target, base = wish.target, wish.base
    if "://" in target:
        target = _address(target)
        base = base or target
    options = Options(
        base=check_base(base) if base else None,
        proofs=None if wish.proofs else SAMPLED_PROOFS,
        sample=wish.sample,
        seed=secrets.randbits(64),
    )
    state = _state(wish.state, base or target)
    if "://" in target:
        report = _fetch(target, pin, options, state, wish)
    elif Path(target).is_dir():
        report = _read_folder(Path(target), pin, options, state, ahead)
    elif wish.proof is None and _is_bundle(Path(target)):
        report = _read_bundle(Path(target), pin, options, state)
    else:
        report = _file(Path(target), wish.proof, pin)
    saved = state.remember(report) if state else ()
    _say(report, saved, json=wish.json)
    return report.verdict.exit_status


def _say(report: Report, saved: tuple[Path, ...], *, json: bool) -> None:
    from mirror.cli.verify_words import as_json, as_text

    sys.stdout.write(as_json(report, saved) if json else as_text(report, saved))
    sys.stdout.write("\n")
    sys.stdout.flush()


def _state(folder: Path | None, address: str) -> "State | None":
    if folder is None:
        return None
    from mirror.cli.verify_state import State

    return State(folder, address)


def _read_folder(
    folder: Path, pin: Pin, options: Options, state: "State | None", ahead: "Ahead | None"
) -> Report:
    try:
        reader = FolderReader(folder, ahead=ahead)
    except UnreadableError as error:
        return _unreadable(str(error))
    return _look(reader, pin, options, state)


def _is_bundle(file: Path) -> bool:
    from feeds.bundle import MAGICS
    from feeds.paths import proof_path

    if not file.is_file() or file.with_name(proof_path(file.name)).is_file():
        return False
    try:
        return _read(file, 3)[:4] in MAGICS
    except OSError:
        return False  # said below


def _read_bundle(file: Path, pin: Pin, options: Options, state: "State | None") -> Report:
    from feeds.bundle import BundleReader
    from feeds.verify_papers import verify_papers

    try:
        reader = BundleReader(file)
    except UnreadableError as error:
        return _unreadable(str(error))
    with reader:
        if not reader.is_tree:
            return verify_papers(reader, reader.listing(), pin)
        now = datetime.now(UTC)
        return verify_tree(reader, pin, now=now, options=options, memory=state)


def _fetch(address: str, pin: Pin, options: Options, state: "State | None", wish: Wish) -> Report:
    from datetime import timedelta

    from mirror.cli.verify_progress import progress
    from mirror.reading.limits import Limits
    from mirror.reading.reader import AddressReader

    limits = Limits(patience=timedelta(seconds=wish.timeout), parallel=wish.parallel)
    with (
        progress(address) as meter,
        AddressReader(address, limits=limits, meter=meter) as reader,
    ):
        return _look(reader, pin, options, state)


def _look(reader: Reader, pin: Pin, options: Options, state: "State | None") -> Report:
    """The verdict on a tree; where a push is under way, that of another look."""
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


def _file(file: Path, proof: Path | None, pin: Pin) -> Report:
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


def _tree_of(file: Path) -> Reader | None:
    """The mirror in whose folder ``file`` stands."""
    for folder in file.absolute().parents:
        if (folder / "log" / "keys").is_dir():
            return FolderReader(folder)
    return None


def _pin(keyring: Path | None, fingerprint: str) -> Pin:
    if (keyring is None) == (not fingerprint):
        raise MirrorError("say whom you trust: either --keyring FILE or --fingerprint HEX")
    if keyring is None:
        digits = "".join(letter for letter in fingerprint if letter not in " :-\t\n")
        if len(digits) != _DIGITS or not set(digits) <= set(hexdigits):
            raise MirrorError(
                f"--fingerprint {fingerprint[:100]!r}: is none; copy all 64 digits (0-9, a-f)"
            )
        return Pin(fingerprint=fingerprint)
    try:
        return Pin(keyring=_read(keyring, MAX_NOTE_BYTES))
    except OSError as error:
        raise MirrorError(f"{keyring}: {error.strerror or error}") from error


def _read(file: Path, limit: int) -> bytes:
    """The bytes of ``file``; one more than ``limit`` where it is larger, which is refused later."""
    with file.open("rb") as stream:
        return stream.read(limit + 1)


def _unreadable(problem: str) -> Report:
    verdict = Verdict.COULD_NOT_TELL
    return Report(verdict=verdict, findings=(Finding(verdict, "", problem),))
