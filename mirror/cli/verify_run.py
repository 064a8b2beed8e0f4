"""What ``tamizdat verify`` does, once its words are understood.

Part of the base install: nothing of the service is imported, but for an address. What is only
needed for one kind of target is imported when it is.
"""

import secrets
import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
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

if TYPE_CHECKING:  # imported where they are needed
    from feeds.folder_ahead import Ahead
    from feeds.verify import Elsewhere
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
    mirror: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Look:
    """How every kind of tree is looked at.

    Attributes:
        pin: Whom the user trusts.
        options: What is checked.
        state: What was seen before, or None.
        mirrors: Addresses that the user named, to be asked for newer keyrings.
        patience: How long these may take.
    """

    pin: Pin
    options: Options
    state: "State | None"
    mirrors: tuple[str, ...]
    patience: timedelta

    def at(self, reader: Reader, elsewhere: "Elsewhere | None" = None) -> Report:
        """The verdict on a tree; where a push is under way, that of another look."""
        seen = Seen()
        for look in range(_LOOKS):
            report = self.once(reader, elsewhere, seen)
            if report.verdict.exit_status == 0 or not report.pending or look == _LOOKS - 1:
                break
            time.sleep(_PAUSE_S)
        return report

    def once(
        self, reader: Reader, elsewhere: "Elsewhere | None" = None, seen: Seen | None = None
    ) -> Report:
        """The verdict on a tree as it is now; what it lacks is looked for by ``elsewhere``."""
        return verify_tree(
            reader,
            self.pin,
            now=datetime.now(UTC),
            options=self.options,
            memory=self.state,
            seen=seen,
            elsewhere=elsewhere or self._beside_a_disk(),
        )

    def _beside_a_disk(self) -> "Elsewhere | None":
        if not self.mirrors and not self.state:
            return None
        from mirror.cli.verify_elsewhere import for_folder

        return for_folder(self.mirrors, self.state, self.patience)


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
    mirrors = tuple(check_base(_address(url)) for url in wish.mirror)
    look = _Look(pin, options, state, mirrors, timedelta(seconds=wish.timeout))
    if "://" in target:
        report = _fetch(target, look, wish)
    elif Path(target).is_dir():
        report = _read_folder(Path(target), look, ahead)
    elif wish.proof is None and _is_bundle(Path(target)):
        report = _read_bundle(Path(target), look)
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


def _read_folder(folder: Path, look: _Look, ahead: "Ahead | None") -> Report:
    try:
        reader = FolderReader(folder, ahead=ahead)
    except UnreadableError as error:
        return _unreadable(str(error))
    return look.at(reader)


def _is_bundle(file: Path) -> bool:
    from feeds.bundle import MAGICS
    from feeds.paths import proof_path

    if not file.is_file() or file.with_name(proof_path(file.name)).is_file():
        return False
    try:
        return _read(file, 3)[:4] in MAGICS
    except OSError:
        return False  # said below


def _read_bundle(file: Path, look: _Look) -> Report:
    from feeds.bundle import BundleReader
    from feeds.verify_papers import verify_papers

    try:
        reader = BundleReader(file)
    except UnreadableError as error:
        return _unreadable(str(error))
    with reader:
        if not reader.is_tree:
            return verify_papers(reader, reader.listing(), look.pin)
        return look.once(reader)


def _fetch(address: str, look: _Look, wish: Wish) -> Report:
    from mirror.cli.verify_elsewhere import for_address
    from mirror.cli.verify_progress import progress
    from mirror.reading.limits import Limits
    from mirror.reading.reader import AddressReader

    limits = Limits(patience=look.patience, parallel=wish.parallel)
    with (
        progress(address) as meter,
        AddressReader(address, limits=limits, meter=meter) as reader,
    ):
        others = for_address(reader, address, look.mirrors, look.state, look.patience)
        return look.at(reader, others)


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
