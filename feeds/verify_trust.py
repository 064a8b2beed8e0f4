"""``Pin`` and ``Trust``: whom the verifier trusts, and what heads are worth by that (5.5)."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

from feeds.verify_proofs import DoubtError
from feeds.verify_report import Head, Verdict
from keys.errors import FormatError
from keys.keyring import SignedKeyring
from keys.note import Note
from keys.standing import Standing
from keys.verifier import VerifierKey

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
    """The newest keyring that could be reached, and the heads judged by it.

    Attributes:
        signed: That keyring.
        way: The keyrings that lead to it, from the pinned one on, itself included.
    """

    signed: SignedKeyring
    way: tuple[SignedKeyring, ...] = ()
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
        time, fresh = _moment(judged.quorum_time), _moment(judged.fresh_time)
        return Head(tree.origin, tree.size, tree.root, time, note, fresh)


def _moment(time: int | None) -> datetime | None:
    if time is None:
        return None
    return datetime.fromtimestamp(min(time, int(_LAST.timestamp())), UTC)
