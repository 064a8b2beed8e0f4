"""``VerifierKey``: a public key in its C2SP text form; the one place that checks signatures."""

import hashlib
from dataclasses import dataclass
from enum import IntEnum
from typing import Final, Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from keys.errors import NoteError
from keys.text import check_name, from_base64, to_base64

KEY_ID_BYTES: Final = 4
PUBLIC_BYTES: Final = 32
SIGNATURE_BYTES: Final = 64

_PARTS: Final = ("name", "id", "base64")


class Kind(IntEnum):
    """What a key signs: the type byte of C2SP signed-note."""

    ED25519 = 0x01  # the note's text
    COSIGNATURE = 0x04  # the text with a time before it (tlog-cosignature)


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """A public key with the name and the kind of signature that it is trusted for.

    Attributes:
        name: Often an address without its scheme; see ``keys.text.check_name``.
        kind: What it signs.
        public: 32 bytes, as RFC 8032 writes an Ed25519 key.

    Raises:
        NoteError: A field is outside these limits.
    """

    name: str
    kind: Kind
    public: bytes

    def __post_init__(self) -> None:
        try:
            check_name(self.name)
        except ValueError as error:
            raise NoteError(str(error)) from error
        if len(self.public) != PUBLIC_BYTES:
            raise NoteError(f"the key of {self.name} has {len(self.public)} bytes, not 32")

    @property
    def digest(self) -> bytes:
        """SHA-256 over name, kind and key, 32 bytes; ids are cut from its start."""
        material = self.name.encode() + b"\n" + bytes([self.kind]) + self.public
        return hashlib.sha256(material).digest()

    @property
    def key_id(self) -> bytes:
        """The 4 bytes that stand before each of its signatures."""
        return self.digest[:KEY_ID_BYTES]

    def __str__(self) -> str:
        """``name+id+base64``, a C2SP vkey."""
        material = bytes([self.kind]) + self.public
        return f"{self.name}+{self.key_id.hex()}+{to_base64(material)}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """The key that ``str`` wrote as ``text``.

        Raises:
            NoteError: ``text`` is anything else.
        """
        parts = text.split("+", 2)
        if len(parts) != len(_PARTS):
            raise NoteError(
                f"{text[:80]!r} is not a verifier key: it has not the form {'+'.join(_PARTS)}"
            )
        name, _, encoded = parts
        try:
            material = from_base64(encoded)
            key = cls(name, Kind(material[0]), material[1:])
        except (ValueError, IndexError) as error:
            raise NoteError(f"{text[:80]!r} is not a verifier key: {error}") from error
        if str(key) != text:
            raise NoteError(f"{text[:80]!r} does not bear the id of its own key; copy it again")
        return key

    def accepts(self, signature: bytes, message: bytes) -> bool:
        """Whether the 64 bytes of ``signature`` were made by this key over ``message``."""
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, message)
        except (InvalidSignature, ValueError):
            return False
        return True
