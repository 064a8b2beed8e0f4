"""Signed notes and cosignatures (format 2.3, 2.4; C2SP signed-note v1.0.0)."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final, Self

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from keys.errors import BadSignatureError, NoteError
from keys.text import MAX_SIZE, check_name, from_base64, to_base64
from keys.verifier import KEY_ID_BYTES, SIGNATURE_BYTES, Kind, VerifierKey

__all__ = [
    "MAX_NOTE_BYTES",
    "MAX_SIGNATURES",
    "SIGNATURE_BYTES",
    "Kind",
    "Note",
    "Signature",
    "SigningKey",
    "Verified",
    "VerifierKey",
    "check_text",
    "verify_note",
]

MAX_NOTE_BYTES: Final = 65_536  # 16 lines of the largest signatures that witnesses make today
MAX_SIGNATURES: Final = 64
_TIME_BYTES: Final = 8

_CONTROL: Final = re.compile("[\x00-\x09\x0b-\x1f]")
_DASH: Final = "\u2014 "  # what every signature line starts with


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature line.

    Attributes:
        name: Whose it claims to be.
        key_id: The 4 bytes that tell one key of that name from another.
        payload: What follows the id: 64 bytes for a note signature, a big-endian u64 time
            and 64 bytes for a cosignature, something else for kinds that we do not know.

    Raises:
        NoteError: A field is outside these limits.
    """

    name: str
    key_id: bytes
    payload: bytes

    def __post_init__(self) -> None:
        try:
            check_name(self.name)
        except ValueError as error:
            raise NoteError(str(error)) from error
        if len(self.key_id) != KEY_ID_BYTES or not self.payload:
            raise NoteError(f"the signature line of {self.name} is cut short")

    def __str__(self) -> str:
        """The line without its end."""
        return f"{_DASH}{self.name} {to_base64(self.key_id + self.payload)}"

    @classmethod
    def parse(cls, line: str) -> Self:
        """The signature that ``str`` wrote as ``line``.

        Raises:
            NoteError: ``line`` is anything else.
        """
        name, space, encoded = line.removeprefix(_DASH).partition(" ")
        if not line.startswith(_DASH) or not space:
            raise NoteError(f"{line[:80]!r} is not a signature line")
        try:
            blob = from_base64(encoded)
        except ValueError as error:
            raise NoteError(str(error)) from error
        return cls(name, blob[:KEY_ID_BYTES], blob[KEY_ID_BYTES:])


@dataclass(frozen=True, slots=True)
class Note:
    """A text and the signatures that it carries, none of them checked yet.

    Attributes:
        text: UTF-8, ends in LF, no control character but LF; may hold empty lines.
        signatures: In the order of the lines, at most ``MAX_SIGNATURES``; empty for a text
            that nobody has signed yet, which can't be encoded.

    Raises:
        NoteError: A field is outside these limits.
    """

    text: str
    signatures: tuple[Signature, ...] = ()

    def __post_init__(self) -> None:
        check_text(self.text)
        if len(self.signatures) > MAX_SIGNATURES:
            raise NoteError(f"more than {MAX_SIGNATURES} signature lines")

    def encode(self) -> bytes:
        """The note's bytes, at most ``MAX_NOTE_BYTES``.

        Raises:
            NoteError: Nobody has signed it, or it has grown too large.
        """
        if not self.signatures:
            raise NoteError("nobody has signed this text yet")
        lines = "".join(f"{signature}\n" for signature in self.signatures)
        data = f"{self.text}\n{lines}".encode()
        if len(data) > MAX_NOTE_BYTES:
            raise NoteError(f"larger than {MAX_NOTE_BYTES} bytes")
        return data

    @classmethod
    def parse(cls, data: bytes) -> Self:
        """The note that ``encode`` wrote; no signature of it is checked.

        Raises:
            NoteError: ``data`` is anything else.
        """
        if len(data) > MAX_NOTE_BYTES:
            raise NoteError(f"larger than {MAX_NOTE_BYTES} bytes")
        try:
            whole = data.decode()
        except UnicodeDecodeError as error:
            raise NoteError("not UTF-8") from error
        text, gap, lines = whole.rpartition("\n\n")
        if not gap or not lines.endswith("\n"):
            raise NoteError("no text, empty line and signature lines")
        signed = lines[:-1].split("\n", MAX_SIGNATURES)
        return cls(f"{text}\n", tuple(Signature.parse(line) for line in signed))

    def with_signatures(self, *signatures: Signature) -> Self:
        """The same text with ``signatures`` added, each in the place of its key's earlier one."""
        lines = {(line.name, line.key_id): line for line in (*self.signatures, *signatures)}
        return replace(self, signatures=tuple(lines.values()))


class SigningKey:
    """A secret Ed25519 key that knows its name and what it may sign.

    Its text form never shows the secret.

    Raises:
        NoteError: ``name`` is no key name, or ``seed`` has not 32 bytes.
    """

    __slots__ = ("_secret", "verifier")

    def __init__(self, name: str, kind: Kind, seed: bytes) -> None:
        try:
            self._secret = Ed25519PrivateKey.from_private_bytes(seed)
        except ValueError as error:
            raise NoteError(f"the secret key of {name} has not 32 bytes") from error
        self.verifier = VerifierKey(name, kind, self._secret.public_key().public_bytes_raw())

    @classmethod
    def generate(cls, name: str, kind: Kind) -> Self:
        """A new key from the system's randomness."""
        return cls(name, kind, Ed25519PrivateKey.generate().private_bytes_raw())

    @property
    def name(self) -> str:
        """The key's name."""
        return self.verifier.name

    @property
    def kind(self) -> Kind:
        """What it signs."""
        return self.verifier.kind

    @property
    def seed(self) -> bytes:
        """The secret, 32 bytes."""
        return self._secret.private_bytes_raw()

    def __repr__(self) -> str:
        return f"<SigningKey {self.verifier}>"

    def sign(self, text: str) -> Signature:
        """This key's line under a note's ``text``.

        Raises:
            NoteError: The key is a witness's, or ``text`` is not a note's.
        """
        self._require(Kind.ED25519)
        check_text(text)
        return self._line(self.sign_bytes(text.encode()))

    def cosign(self, text: str, time: int) -> Signature:
        """This witness's line under a checkpoint's ``text``, seen at ``time`` (POSIX seconds).

        Raises:
            NoteError: The key is no witness's, or ``text`` or ``time`` can't be signed.
        """
        self._require(Kind.COSIGNATURE)
        check_text(text)
        if not 0 <= time <= MAX_SIZE:
            raise NoteError(f"{time} is not a time in seconds since 1970")
        signature = self.sign_bytes(_cosigned(text, time))
        return self._line(time.to_bytes(_TIME_BYTES, "big") + signature)

    def sign_bytes(self, message: bytes) -> bytes:
        """The bare 64-byte signature over ``message``, for the forms of other tools."""
        return self._secret.sign(message)

    def _require(self, kind: Kind) -> None:
        if self.kind is not kind:
            raise NoteError(f"the key of {self.name} signs {self.kind.name}, not {kind.name}")

    def _line(self, payload: bytes) -> Signature:
        return Signature(self.name, self.verifier.key_id, payload)


@dataclass(frozen=True, slots=True)
class Verified:
    """A key that did sign, and when it says so.

    Attributes:
        key: The known key.
        time: POSIX seconds of a cosignature, None for a plain signature.
    """

    key: VerifierKey
    time: int | None


def verify_note(note: Note, keys: Iterable[VerifierKey]) -> tuple[Verified, ...]:
    """Which of ``keys`` signed ``note``, each once, in the order of the lines.

    Lines of other keys are ignored. Where a witness signed twice, its later time counts.

    Raises:
        BadSignatureError: A line of one of ``keys`` is false; the whole note is rejected.
    """
    known = {(key.name, key.key_id): key for key in keys}
    found: dict[VerifierKey, int | None] = {}
    for signature in note.signatures:
        key = known.get((signature.name, signature.key_id))
        if key is None:
            continue
        time = _verify(note.text, key, signature.payload)
        earlier = found.get(key)
        found[key] = time if earlier is None or time is None else max(earlier, time)
    return tuple(Verified(key, time) for key, time in found.items())


def check_text(text: str) -> None:
    """Accept what a note may say: UTF-8 that ends in LF, no other control character.

    Raises:
        NoteError: ``text`` is anything else.
    """
    if not text.endswith("\n"):
        raise NoteError("the text does not end with a line end")
    if _CONTROL.search(text):
        raise NoteError("the text holds a control character")
    try:
        size = len(text.encode())
    except UnicodeEncodeError as error:
        raise NoteError("the text can't be written as UTF-8") from error
    if size > MAX_NOTE_BYTES:
        raise NoteError(f"the text is larger than {MAX_NOTE_BYTES} bytes")


def _verify(text: str, key: VerifierKey, payload: bytes) -> int | None:
    time = None
    message = text.encode()
    if key.kind is Kind.COSIGNATURE:
        time = int.from_bytes(payload[:_TIME_BYTES], "big")
        payload = payload[_TIME_BYTES:]
        message = _cosigned(text, time)
    if (time or 0) > MAX_SIZE or not key.accepts(payload, message):
        raise BadSignatureError(key.name)
    return time


def _cosigned(text: str, time: int) -> bytes:
    return f"cosignature/v1\ntime {time}\n{text}".encode()
