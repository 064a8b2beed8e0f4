"""``Keyring``: which keys are trusted, and how that may change (format 5.4 to 5.6)."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final, Self

from keys.errors import KeyringError, NoteError
from keys.note import Kind, Note, VerifierKey, check_text, verify_note
from keys.policy import Policy, read_key
from keys.standing import Ending, Former, HeadJudgement, judge_head
from keys.text import check_name, from_base64, from_decimal

MAX_ROOTS: Final = 16
MAX_FORMER: Final = 64
MAX_AGE_S: Final = 366 * 24 * 3600

_ENDING: Final = "/keys"  # after the log's name, on the first line


@dataclass(frozen=True, slots=True, kw_only=True)
class Keyring:
    """One version of what a verifier trusts.

    Attributes:
        origin: The log's name; every log key bears it.
        version: From 1.
        expires: The first day, UTC, on which it counts no more for the present state of a
            mirror.
        max_age: Seconds after which a head is stale, at most a year.
        threshold: How many roots must sign a keyring.
        roots: 1 to 16 keys of kind ``ED25519``, each able to sign keyrings.
        policy: Log keys, witnesses and quorum.
        former: Keys that were once in it, at most 64, in any order.

    Raises:
        KeyringError: A field is outside these limits, or one key has two offices.
    """

    origin: str
    version: int
    expires: date
    max_age: int
    threshold: int
    roots: tuple[VerifierKey, ...]
    policy: Policy
    former: tuple[Former, ...] = ()

    def __post_init__(self) -> None:
        try:
            check_name(self.origin)
            check_text(self.encode())
        except (ValueError, NoteError) as error:
            raise KeyringError(str(error)) from error
        if not 1 <= self.version < 2**31:
            raise KeyringError(f"{self.version} is no version")
        if not 1 <= self.max_age <= MAX_AGE_S:
            raise KeyringError(
                f"its max-age is {self.max_age} seconds; it must be 1 to {MAX_AGE_S}"
            )
        if not 1 <= self.threshold <= len(self.roots) <= MAX_ROOTS:
            raise KeyringError(
                f"{self.threshold} of {len(self.roots)} roots: need 1 to {MAX_ROOTS} roots, and"
                " no more signatures than there are roots"
            )
        if len(self.former) > MAX_FORMER:
            raise KeyringError(f"more than {MAX_FORMER} former keys")
        self._check_keys()

    @property
    def retired(self) -> tuple[Former, ...]:
        """Former keys that are good up to their last size."""
        return tuple(item for item in self.former if item.ending is Ending.RETIRED)

    @property
    def revoked(self) -> tuple[Former, ...]:
        """Former keys that were lost or stolen."""
        return tuple(item for item in self.former if item.ending is Ending.REVOKED)

    @property
    def path(self) -> str:
        """Where it stands in the tree."""
        return keyring_path(self.version)

    def expired(self, today: date) -> bool:
        """Whether it counts no more for the present state of a mirror."""
        return today >= self.expires

    def judge(self, note: Note) -> HeadJudgement:
        """What a head's signatures are worth.

        Raises:
            NoteError: It is no checkpoint.
            BadSignatureError: A line of a key that this keyring knows is false.
        """
        return judge_head(note, self.origin, self.policy, self.former)

    def encode(self) -> str:
        """The text that the roots sign."""
        return "".join(f"{line}\n" for line in self._lines()) + f"\n{self.policy.encode()}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """The keyring that ``encode`` wrote.

        Raises:
            KeyringError: ``text`` is anything else.
        """
        own, _, policy = text.partition("\n\n")
        first, *lines = own.split("\n")
        if not first.endswith(_ENDING):
            raise KeyringError("its first line is not the log's name and /keys")
        facts: dict[str, str] = {}
        roots: list[VerifierKey] = []
        former: list[Former] = []
        for line in lines:
            match line.split(" "):
                case ["root", key]:
                    roots.append(read_key(key))
                case [("retired" | "revoked") as ending, key, size, root]:
                    former.append(_read_former(ending, key, size, root))
                case [("version" | "expires" | "max-age" | "threshold") as name, value]:
                    facts[name] = value
                case _:
                    raise KeyringError(f"{line[:80]!r} is no line of a keyring")
        keyring = cls(
            **_read_facts(facts),
            origin=first.removesuffix(_ENDING),
            expires=_read_date(facts),
            roots=tuple(roots),
            policy=Policy.parse(policy),
            former=tuple(former),
        )
        if keyring.encode() != text:
            raise KeyringError("it is not in the one valid form and order")
        return keyring

    def _lines(self) -> Iterator[str]:
        yield f"{self.origin}{_ENDING}"
        yield f"version {self.version}"
        yield f"expires {self.expires.isoformat()}"
        yield f"max-age {self.max_age}"
        yield f"threshold {self.threshold}"
        yield from (f"root {key}" for key in self.roots)
        yield from map(str, self.former)

    def _check_keys(self) -> None:
        if any(key.kind is not Kind.ED25519 for key in self.roots):
            raise KeyringError("a root's key must be of the kind that signs notes")
        if any(key.name != self.origin for key in self.policy.logs):
            raise KeyringError(f"a log key does not bear the log's name {self.origin}")
        for item in self.former:
            if item.key.kind is Kind.ED25519 and item.key.name != self.origin:
                raise KeyringError(f"{item.ending} {item.key.name} is not a key of this log")
        keys = (*self.roots, *self.policy.keys, *(item.key for item in self.former))
        if len({key.public for key in keys}) < len(keys):
            raise KeyringError("one key stands in it twice; every office needs its own key")


@dataclass(frozen=True, slots=True)
class SignedKeyring:
    """A keyring with its signatures, which ``check_first`` and ``check_update`` judge.

    Attributes:
        note: Text and signatures.
        keyring: What the text says.
    """

    note: Note
    keyring: Keyring

    @property
    def fingerprint(self) -> str:
        """What is printed and spread: hex SHA-256 of the file."""
        return fingerprint(self.encode())

    def encode(self) -> bytes:
        """The bytes of ``log/keys/<version>``."""
        return self.note.encode()

    @classmethod
    def parse(cls, data: bytes) -> Self:
        """The keyring that ``encode`` wrote; no signature is checked.

        Raises:
            NoteError: ``data`` is no signed note.
            KeyringError: It is one, but no keyring.
        """
        note = Note.parse(data)
        return cls(note, Keyring.parse(note.text))


def fingerprint(data: bytes) -> str:
    """Hex SHA-256 of a keyring's file, as ``sha256sum`` prints it."""
    return hashlib.sha256(data).hexdigest()


def keyring_path(version: int) -> str:
    """Where that version stands in the tree."""
    return f"log/keys/{version}"


def signers(note: Note, roots: Iterable[VerifierKey]) -> tuple[VerifierKey, ...]:
    """Which of ``roots`` signed.

    Raises:
        BadSignatureError: A line of one of them is false.
    """
    return tuple(verified.key for verified in verify_note(note, roots))


def check_own(signed: SignedKeyring) -> None:
    """Accept a keyring that enough of its own roots signed.

    Raises:
        KeyringError: Too few did.
        BadSignatureError: A root's line is false.
    """
    _check_threshold(signed.note, signed.keyring, "its own")


def check_first(signed: SignedKeyring, pinned: str) -> None:
    """Accept the keyring whose fingerprint the verifier knows from elsewhere.

    Args:
        signed: The keyring.
        pinned: Its fingerprint; letter case, spaces, colons and hyphens don't matter.

    Raises:
        KeyringError: It is another, or too few of its own roots signed it.
        BadSignatureError: A root's line is false.
    """
    wanted = "".join(letter for letter in pinned.lower() if letter not in " :-\t\n")
    if wanted != signed.fingerprint:
        raise KeyringError(
            f"this is not the one you trust: its fingerprint is {signed.fingerprint},"
            f" not {wanted[:64]}"
        )
    check_own(signed)


def check_update(old: SignedKeyring, new: SignedKeyring) -> None:
    """Accept ``new`` as what follows the trusted ``old`` (format 5.5).

    Raises:
        KeyringError: It is not the next version of the same log, or too few of the old or of
            the new roots signed it.
        BadSignatureError: A root's line is false.
    """
    before, after = old.keyring, new.keyring
    if after.origin != before.origin:
        raise KeyringError(f"version {after.version} is of {after.origin}, not {before.origin}")
    if after.version != before.version + 1:
        raise KeyringError(f"version {after.version} does not follow version {before.version}")
    _check_threshold(new.note, before, f"version {before.version}'s")
    _check_threshold(new.note, after, "its own")


def _check_threshold(note: Note, keyring: Keyring, whose: str) -> None:
    count = len(signers(note, keyring.roots))
    if count < keyring.threshold:
        raise KeyringError(
            f"signed by {count} of {whose} {len(keyring.roots)} roots,"
            f" but it takes {keyring.threshold}"
        )


def _read_facts(facts: dict[str, str]) -> dict[str, int]:
    try:
        return {
            "version": from_decimal(facts["version"]),
            "max_age": from_decimal(facts["max-age"]),
            "threshold": from_decimal(facts["threshold"]),
        }
    except (KeyError, ValueError) as error:
        raise KeyringError(f"version, max-age or threshold: {error}") from error


def _read_date(facts: dict[str, str]) -> date:
    try:
        return date.fromisoformat(facts["expires"])
    except (KeyError, ValueError) as error:
        raise KeyringError(f"expires: {error}") from error


def _read_former(ending: str, key: str, size: str, root: str) -> Former:
    try:
        return Former(Ending(ending), read_key(key), from_decimal(size), from_base64(root))
    except ValueError as error:
        raise KeyringError(f"{ending}: {error}") from error
