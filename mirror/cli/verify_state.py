"""``State``: what mirrors showed before, kept in a folder from one run to the next.

``state.json`` has the largest head of each log, its signed list of mirrors, and the largest size
of each address; ``<log>.leaves`` the leaf hashes of that head; ``<log>.keyring-<version>`` the
keyrings that were walked; ``forked-…`` the two heads of a fork, which counts while it is there.
"""

import hashlib
import json
import os
import tempfile
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from feeds.errors import TreeError
from feeds.verify import Head, Known, Report, Verdict
from keys.checkpoint import Checkpoint
from keys.errors import FormatError
from keys.keyring import SignedKeyring
from keys.note import MAX_NOTE_BYTES, Note
from mirror.errors import MirrorError

_FORMAT: Final = 1
_MAX_BYTES: Final = 64 * 2**20
_FORKED: Final = f"{Verdict.FORKED}-"
_HEAD: Final = "checkpoint-{}"


class State:
    """A memory (``feeds.verify.Memory``) in a folder, which is made where it is missing.

    Args:
        folder: Where it is kept; one process at a time.
        address: What is being verified: an address, or a folder.

    Raises:
        MirrorError: What stands there can't be read.
    """

    def __init__(self, folder: Path, address: str) -> None:
        self._folder = folder
        self._address = address if "://" in address else str(Path(address).absolute())
        self._file = folder / "state.json"
        self._kept: dict[str, Any] = {"format": _FORMAT, "logs": {}, "addresses": {}}
        try:
            folder.mkdir(parents=True, exist_ok=True)
            if self._file.exists():
                self._kept = _parse(self._file.read_bytes()[:_MAX_BYTES])
        except (OSError, ValueError) as error:
            raise MirrorError(
                f"{self._file}: can't be read ({error}); name another --state folder, or move"
                " this one away and lose what it remembers"
            ) from error

    def recall(self, origin: str) -> Known:
        """What is known of that log, and of this address."""
        at_address = self._sizes().get(origin, 0)
        fork = self._fork(origin)
        kept = self._kept["logs"].get(origin)
        if kept is None:
            return Known(at_address=at_address, fork=fork)
        try:
            tree = Checkpoint.parse(Note.parse(kept["note"].encode()).text)
            time = None if kept["time"] is None else datetime.fromtimestamp(kept["time"], UTC)
            head = Head(origin, tree.size, tree.root, time, kept["note"].encode())
        except (FormatError, KeyError, TypeError, ValueError, AttributeError) as error:
            raise TreeError(str(self._file), f"what it says of {origin} is damaged") from error
        return Known(head, self._leaves(origin), at_address, fork)

    def keyring(self, origin: str, version: int) -> bytes:
        """What was kept as that keyring of that log; empty where nothing was."""
        try:
            with self._keyring_file(origin, version).open("rb") as stream:
                return stream.read(MAX_NOTE_BYTES)
        except OSError:
            return b""

    def mirrors(self, origin: str) -> tuple[str, ...]:
        """Addresses at which that log was seen, and those of its signed list."""
        addresses = self._kept["addresses"].items()
        seen = [place for place, sizes in addresses if "://" in place and origin in sizes]
        return (*seen, *self._listed().get(origin, ()))

    def remember(self, report: Report) -> tuple[Path, ...]:
        """Keep what ``report`` found; the files with evidence of a fork."""
        self._keep_keyrings(report.keyrings)
        head = report.head
        if head is None or report.path:
            return ()
        saved = self._keep_evidence(report) if report.evidence else ()
        if report.verdict is Verdict.FORKED or not report.leaves:
            return saved
        sizes = self._sizes()
        sizes[head.origin] = max(sizes.get(head.origin, 0), head.size)
        known = self.recall(head.origin).head
        if report.mirrors and (known is None or head.size >= known.size):
            self._listed()[head.origin] = list(report.mirrors)
        if known is None or head.size > known.size:
            _write(self._leaves_file(head.origin), report.leaves)
        if known is None or (head.size, _earliness(head)) > (known.size, _earliness(known)):
            time = int(head.time.timestamp()) if head.time else None
            self._kept["logs"][head.origin] = {"note": head.note.decode(), "time": time}
        _write(self._file, json.dumps(self._kept, indent=1, sort_keys=True).encode() + b"\n")
        return saved

    def _sizes(self) -> dict[str, int]:
        sizes: dict[str, int] = self._kept["addresses"].setdefault(self._address, {})
        return sizes

    def _listed(self) -> dict[str, list[str]]:
        listed: dict[str, list[str]] = self._kept.setdefault("mirrors", {})
        return listed

    def _keep_keyrings(self, keyrings: Iterable[bytes]) -> None:
        for data in keyrings:
            keyring = SignedKeyring.parse(data).keyring
            if self.keyring(keyring.origin, keyring.version) != data:
                _write(self._keyring_file(keyring.origin, keyring.version), data)

    def _leaves(self, origin: str) -> bytes:
        try:
            return self._leaves_file(origin).read_bytes()
        except OSError:
            return b""

    def _leaves_file(self, origin: str) -> Path:
        return self._folder / f"{_name(origin)}.leaves"

    def _keyring_file(self, origin: str, version: int) -> Path:
        return self._folder / f"{_name(origin)}.keyring-{version}"

    def _fork(self, origin: str) -> str:
        """Where the proof of a fork of that log is kept, which an earlier run found."""
        for folder in sorted(self._folder.glob(f"{_FORKED}*")):
            try:
                note = (folder / _HEAD.format(1)).read_bytes()[: MAX_NOTE_BYTES + 1]
                other = Checkpoint.parse(Note.parse(note).text).origin != origin
            except (OSError, FormatError):
                other = False  # nobody can say any more, so it may be this one
            if not other:
                return str(folder)
        return ""

    def _keep_evidence(self, report: Report) -> tuple[Path, ...]:
        name = hashlib.sha256(b"".join(report.evidence)).hexdigest()[:16]
        files = [
            self._folder / f"{report.verdict.replace(' ', '-')}-{name}" / _HEAD.format(number)
            for number in range(1, len(report.evidence) + 1)
        ]
        for file, note in zip(files, report.evidence, strict=True):
            file.parent.mkdir(exist_ok=True)
            _write(file, note)
        return tuple(files)


def _name(origin: str) -> str:
    return hashlib.sha256(origin.encode()).hexdigest()[:32]


def _earliness(head: Head) -> float:
    return -head.time.timestamp() if head.time else float("-inf")


def _parse(data: bytes) -> dict[str, Any]:
    kept = json.loads(data)
    if not isinstance(kept, dict) or kept.get("format") != _FORMAT:
        raise ValueError(f"it is not of format {_FORMAT}")
    for name in ("logs", "addresses"):
        if not isinstance(kept.get(name), dict):
            raise ValueError(f"it has no {name}")  # noqa: TRY004 - one kind of error for a bad file
    if not _are_lists(kept.get("mirrors", {})):
        raise ValueError("its mirrors are no lists of addresses")
    return kept


def _are_lists(mirrors: object) -> bool:
    return isinstance(mirrors, dict) and all(
        isinstance(listed, list) and all(isinstance(address, str) for address in listed)
        for listed in mirrors.values()
    )


def _write(file: Path, data: bytes) -> None:
    """Put ``data`` at ``file``: all of it or nothing, whatever happens in between."""
    with tempfile.NamedTemporaryFile(dir=file.parent, delete=False) as temporary:
        temporary.write(data)
        temporary.flush()
        os.fsync(temporary.fileno())
    Path(temporary.name).replace(file)
