"""The same signatures in the clothes of minisign and signify (format 2.6, 5.1).

Both tools sign with Ed25519 over the file itself (``minisign -S -l``, ``signify -S``); only
the text around the 64 bytes differs. A minisign key number is 8 bytes; for our own keys it is
the start of the digest whose first half is the note's key id.
"""

from dataclasses import dataclass
from typing import Final, Self

from keys.errors import BadSignatureError, NoteError
from keys.note import SIGNATURE_BYTES, Kind, Signature, SigningKey, VerifierKey
from keys.text import from_base64, to_base64

MAX_FILE_BYTES: Final = 8_192
NUMBER_BYTES: Final = 8

_UNTRUSTED: Final = "untrusted comment: "
_TRUSTED: Final = "trusted comment: "
_LEGACY: Final = b"Ed"
_HASHED: Final = b"ED"
_BLOB_BYTES: Final = len(_LEGACY) + NUMBER_BYTES + SIGNATURE_BYTES
_PUBLIC_BYTES: Final = len(_LEGACY) + NUMBER_BYTES + 32
_SIGNIFY_LINES: Final = 2
_MINISIGN_LINES: Final = 4


@dataclass(frozen=True, slots=True)
class Minisig:
    """A signature file of minisign, or of signify.

    Attributes:
        comment: The first line's, which nobody signed; never shown to a reader.
        number: Which key, 8 bytes.
        signature: 64 bytes over the file.
        trusted: minisign's trusted comment; None in a file of signify.
        trusted_signature: 64 bytes over ``signature`` and ``trusted``; empty with None.

    Raises:
        NoteError: A field is outside these limits.
    """

    comment: str
    number: bytes
    signature: bytes
    trusted: str | None = None
    trusted_signature: bytes = b""

    def __post_init__(self) -> None:
        wanted = 0 if self.trusted is None else SIGNATURE_BYTES
        lengths = (len(self.number), len(self.signature), len(self.trusted_signature))
        if lengths != (NUMBER_BYTES, SIGNATURE_BYTES, wanted):
            raise NoteError("a minisign signature is cut short")
        comments = f"{self.comment}{self.trusted or ''}".replace("\t", "")  # minisign's own has one
        if comments and not comments.isprintable():
            raise NoteError("a minisign comment holds a control character")

    def verify(self, message: bytes, key: VerifierKey) -> None:
        """Accept what ``key`` signed; the key number is a hint and is not looked at.

        Raises:
            BadSignatureError: The file, or the trusted comment, is not what was signed.
        """
        good = key.accepts(self.signature, message)
        if self.trusted is not None:
            signed = self.signature + self.trusted.encode()
            good = good and key.accepts(self.trusted_signature, signed)
        if not good:
            raise BadSignatureError(key.name)

    def encode(self) -> bytes:
        """The file's bytes."""
        blob = to_base64(_LEGACY + self.number + self.signature)
        lines = f"{_UNTRUSTED}{self.comment}\n{blob}\n"
        if self.trusted is not None:
            lines += f"{_TRUSTED}{self.trusted}\n{to_base64(self.trusted_signature)}\n"
        return lines.encode()

    @classmethod
    def parse(cls, data: bytes) -> Self:
        """The signature that ``encode``, ``minisign -S -l`` or ``signify -S`` wrote.

        Raises:
            NoteError: ``data`` is anything else.
        """
        lines = _lines(data)
        if len(lines) not in {_SIGNIFY_LINES, _MINISIGN_LINES}:
            raise NoteError("a signature file of minisign has four lines, one of signify two")
        try:
            blob = from_base64(lines[1])
            trusted_signature = from_base64(lines[3]) if lines[3:] else b""
        except ValueError as error:
            raise NoteError(str(error)) from error
        if blob[: len(_HASHED)] == _HASHED:
            raise NoteError("minisign signed a hash of the file; sign again with: minisign -S -l")
        if len(blob) != _BLOB_BYTES or not blob.startswith(_LEGACY):
            raise NoteError("it is no Ed25519 signature of minisign or signify")
        start = len(_LEGACY)
        trusted = None
        if lines[2:]:
            trusted = _after(lines[2], _TRUSTED)
        return cls(
            _after(lines[0], _UNTRUSTED),
            blob[start : start + NUMBER_BYTES],
            blob[start + NUMBER_BYTES :],
            trusted,
            trusted_signature,
        )


def sign(key: SigningKey, text: str) -> Minisig:
    """The signature of a note's ``text`` as ``log/checkpoint.minisig`` holds it.

    Its 64 bytes are those of ``key.sign(text)``; the trusted comment is empty.

    Raises:
        NoteError: The key is of another kind, or ``text`` is not a note's.
    """
    signature = key.sign(text).payload
    number = key_number(key.verifier)
    return Minisig(key.name, number, signature, "", key.sign_bytes(signature))


def check_head(data: bytes, text: str, key: VerifierKey) -> None:
    """Accept the one ``log/checkpoint.minisig`` that goes with a head's ``text``.

    Raises:
        NoteError: It is in another form than ``sign`` gives it.
        BadSignatureError: ``key`` did not sign this.
    """
    found = Minisig.parse(data)
    if (found.comment, found.number, found.trusted) != (key.name, key_number(key), ""):
        raise NoteError("log/checkpoint.minisig is not in the form that its log gives it")
    found.verify(text.encode(), key)


def to_note_line(minisig: Minisig, text: str, key: VerifierKey) -> Signature:
    """The note line of what a root signed with minisign or signify.

    Raises:
        BadSignatureError: ``key`` did not sign exactly ``text``.
    """
    minisig.verify(text.encode(), key)
    return Signature(key.name, key.key_id, minisig.signature)


def key_number(key: VerifierKey) -> bytes:
    """The 8 bytes by which minisign and signify know one of our own keys."""
    return key.digest[:NUMBER_BYTES]


def public_line(key: VerifierKey, number: bytes | None = None) -> str:
    """A public key as ``minisign -V -P`` takes it; starts with ``RW``."""
    return to_base64(_LEGACY + (number or key_number(key)) + key.public)


def public_file(key: VerifierKey, number: bytes | None = None) -> bytes:
    """A public key as ``signify -V -p`` and ``minisign -V -p`` take it."""
    return f"{_UNTRUSTED}{key.name}\n{public_line(key, number)}\n".encode()


def read_public(data: bytes, name: str) -> VerifierKey:
    """The key ``name`` out of the public file of minisign or signify, or of its last line.

    Raises:
        NoteError: ``data`` is neither, or ``name`` is no key name.
    """
    line = _lines(data.removesuffix(b"\n") + b"\n")[-1]
    try:
        blob = from_base64(line)
    except ValueError as error:
        raise NoteError(f"it is no public key of minisign or signify: {error}") from error
    if len(blob) != _PUBLIC_BYTES or not blob.startswith(_LEGACY):
        raise NoteError("it is no public key of minisign or signify")
    return VerifierKey(name, Kind.ED25519, blob[len(_LEGACY) + NUMBER_BYTES :])


def _lines(data: bytes) -> list[str]:
    if len(data) > MAX_FILE_BYTES or not data.endswith(b"\n"):
        raise NoteError("a file of minisign or signify is small and ends with a line end")
    try:
        return data.decode()[:-1].split("\n")
    except UnicodeDecodeError as error:
        raise NoteError("a file of minisign or signify is UTF-8") from error


def _after(line: str, start: str) -> str:
    if not line.startswith(start):
        raise NoteError(f"{line[:80]!r} does not start with {start!r}")
    return line.removeprefix(start)
