"""From the keyring that the verifier knows to the newest one, and what heads are worth (5.5)."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

from feeds.errors import MissingFileError, TreeError, UnreadableError
from feeds.paths import keyring_path
from feeds.verify_proofs import DoubtError
from feeds.verify_reader import Reader, read_one
from feeds.verify_report import Findings, Head, Verdict
from keys.errors import FormatError, KeyringError
from keys.keyring import SignedKeyring, check_first, check_own, check_update, fingerprint
from keys.note import MAX_NOTE_BYTES, Note
from keys.standing import Standing
from keys.verifier import VerifierKey

_MAX_KEYRINGS: Final = 1_000  # one a month for eighty years
_MAX_KEPT: Final = 20_000  # heads judged already, of some 500 bytes
_LAST: Final = datetime(9999, 12, 31, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Pin:
    """What the verifier trusts from elsewhere: a keyring's bytes, or its fingerprint.

    Attributes:
        keyring: The file, or empty.
        fingerprint: Its SHA-256 in hex, where there is no file.
    """

    keyring: bytes = b""
    fingerprint: str = ""


@dataclass(slots=True)
class Trust:
    """The newest keyring that could be reached, and the heads judged by it."""

    signed: SignedKeyring
    _judged: dict[bytes, Head | DoubtError] = field(default_factory=dict)

    @property
    def version(self) -> int:
        """Of the keyring."""
        return self.signed.keyring.version

    @property
    def max_age(self) -> timedelta:
        """After which a head is stale."""
        return timedelta(seconds=self.signed.keyring.max_age)

    @property
    def log_keys(self) -> tuple[VerifierKey, ...]:
        """Every key that signs, or once signed, for the log."""
        keyring = self.signed.keyring
        return (*keyring.policy.logs, *(former.key for former in keyring.former))

    def check_expiry(self, now: datetime) -> None:
        """Accept a keyring that still counts for the present state of a mirror.

        Raises:
            DoubtError: It does not.
        """
        keyring = self.signed.keyring
        if keyring.expired(now.date()):
            problem = (
                f"the newest keyring here expired on {keyring.expires}, so nothing says which keys"
                " count now: look for a newer one on another mirror, and check this clock"
            )
            raise DoubtError(Verdict.COULD_NOT_TELL, problem, keyring.path)

    def judge(self, note: bytes) -> Head:
        """The head in ``note``, if the keyring vouches for it.

        Raises:
            DoubtError: It does not.
        """
        if note not in self._judged:
            if len(self._judged) >= _MAX_KEPT:
                self._judged.clear()
            self._judged[note] = self._judge(note)
        found = self._judged[note]
        if isinstance(found, DoubtError):
            raise found
        return found

    def _judge(self, note: bytes) -> Head | DoubtError:
        try:
            judged = self.signed.keyring.judge(Note.parse(note))
        except FormatError as error:
            return DoubtError(Verdict.NOT_GENUINE, f"no head that can be trusted: {error}")
        if not judged.good:
            doubtful = judged.standing is Standing.DOUBTFUL and judged.quorum_met
            verdict = Verdict.COULD_NOT_TELL if doubtful else Verdict.NOT_GENUINE
            return DoubtError(verdict, " ".join(judged.reasons))
        tree = judged.tree
        return Head(tree.origin, tree.size, tree.root, _moment(judged.quorum_time), note)


def walk_keyrings(reader: Reader, pin: Pin, findings: Findings) -> Trust:
    """From the pinned keyring to the newest that follows it in this tree.

    Raises:
        DoubtError: There is no keyring to begin with.
    """
    signed = pinned(reader, pin)
    _check_earlier(reader, signed, findings)
    return Trust(_newest(reader, signed, findings))


def trust_for_file(pin: Pin, reader: Reader | None) -> Trust:
    """The pinned keyring, or the newest that follows it in the tree that a file stands in.

    Raises:
        DoubtError: There is no keyring to begin with.
    """
    if reader is not None:
        return Trust(_newest(reader, pinned(reader, pin), Findings()))
    if not pin.keyring:
        problem = (
            "a fingerprint alone is not enough here: give the keyring itself with --keyring,"
            " or verify the file inside its mirror's folder"
        )
        raise DoubtError(Verdict.COULD_NOT_TELL, problem)
    return Trust(_accepted(pin.keyring, pin))


def _newest(reader: Reader, signed: SignedKeyring, findings: Findings) -> SignedKeyring:
    for _ in range(_MAX_KEYRINGS):
        path = keyring_path(signed.keyring.version + 1)
        try:
            data = read_one(reader, path, max_bytes=MAX_NOTE_BYTES)
        except TreeError as error:
            if type(error) is not MissingFileError:
                findings.add(Verdict.GENUINE, path, f"{error.problem}; it counts as none")
            break
        try:
            following = SignedKeyring.parse(data)
        except FormatError as error:
            findings.add(Verdict.GENUINE, path, f"no keyring, counts as none ({error})")
            break
        try:
            check_update(signed, following)
        except FormatError as error:
            findings.add(Verdict.NOT_GENUINE, path, str(error))
            break
        signed = following
    return signed


def pinned(reader: Reader, pin: Pin) -> SignedKeyring:
    """The keyring that the verifier trusts from elsewhere.

    Raises:
        DoubtError: It is none, or the tree has none with that fingerprint.
    """
    return _accepted(pin.keyring or _find(reader, pin.fingerprint), pin)


def _accepted(data: bytes, pin: Pin) -> SignedKeyring:
    try:
        signed = SignedKeyring.parse(data)
        if pin.keyring:
            check_own(signed)
        else:
            check_first(signed, pin.fingerprint)
    except FormatError as error:
        problem = f"the keyring that you trust can't be used: {error}"
        raise DoubtError(Verdict.COULD_NOT_TELL, problem) from error
    return signed


def _find(reader: Reader, wanted: str) -> bytes:
    plain = "".join(letter for letter in wanted.lower() if letter not in " :-\t\n")
    for version in range(1, _MAX_KEYRINGS):
        try:
            data = read_one(reader, keyring_path(version), max_bytes=MAX_NOTE_BYTES)
        except MissingFileError:
            break
        except TreeError:
            continue
        if fingerprint(data) == plain:
            return data
    problem = (
        "no keyring here has the fingerprint that you trust: this is another publisher's mirror,"
        " a forgery, or the fingerprint was copied wrongly"
    )
    raise DoubtError(Verdict.NOT_GENUINE, problem, "log/keys")


def _check_earlier(reader: Reader, signed: SignedKeyring, findings: Findings) -> None:
    """The tree's own copies of the pinned keyring and of those before it."""
    later = signed
    for version in range(signed.keyring.version, 0, -1):
        path = keyring_path(version)
        try:
            found = SignedKeyring.parse(read_one(reader, path, max_bytes=MAX_NOTE_BYTES))
            if version < signed.keyring.version:
                check_update(found, later)
            elif found != signed:
                raise KeyringError("it is not the one that you trust")
        except MissingFileError:
            findings.add(Verdict.INCOMPLETE, path, "is missing")
            break
        except UnreadableError as error:
            findings.add(Verdict.COULD_NOT_TELL, path, error.problem)
            break
        except (TreeError, FormatError) as error:
            findings.add(Verdict.NOT_GENUINE, path, str(error))
            break
        later = found


def _moment(time: int | None) -> datetime | None:
    if time is None:
        return None
    return datetime.fromtimestamp(min(time, int(_LAST.timestamp())), UTC)
