"""A secret key as encrypted PKCS#8: PBES2 with scrypt and AES-256-CBC (format 5.2).

Written by hand because the ``cryptography`` package would derive the key by PBKDF2 with few
rounds. RFC 5208, RFC 8018 section 6.2, RFC 7914 section 7; ``openssl pkey`` reads it.
"""

import base64
import os
import re
from typing import Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES256
from cryptography.hazmat.primitives.ciphers.modes import CBC
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt
from cryptography.hazmat.primitives.padding import PKCS7
from cryptography.hazmat.primitives.serialization import load_der_private_key

from keys.note import VerifierKey

SCRYPT_N: Final = 2**14  # with r = 8 this is 16 MiB; openssl refuses 32
SCRYPT_R: Final = 8
SCRYPT_P: Final = 5  # makes up for it in time: 0.15 s for each guess

_SALT_BYTES: Final = 16
_BLOCK_BYTES: Final = 16
_KEY_BYTES: Final = 32
_INTEGER, _OCTETS, _OBJECT, _SEQUENCE, _BITS = 0x02, 0x04, 0x06, 0x30, 0x03
_PBES2: Final = bytes.fromhex("2a864886f70d01050d")  # 1.2.840.113549.1.5.13
_SCRYPT: Final = bytes.fromhex("2b06010401da47040b")  # 1.3.6.1.4.1.11591.4.11
_AES_256_CBC: Final = bytes.fromhex("60864801650304012a")  # 2.16.840.1.101.3.4.1.42
_ED25519: Final = bytes.fromhex("2b6570")  # 1.3.101.112
_SECRET_PEM: Final = re.compile(
    "-----BEGIN ENCRYPTED PRIVATE KEY-----\n([A-Za-z0-9+/=\n]+)"
    "-----END ENCRYPTED PRIVATE KEY-----\n"
)
_LINE: Final = 64
_SHORT: Final = 0x80  # lengths below it are one byte


def seal(seed: bytes, passphrase: bytes) -> str:
    """The PEM of the secret key ``seed``, different each time."""
    salt, start = os.urandom(_SALT_BYTES), os.urandom(_BLOCK_BYTES)
    scrypt = Scrypt(salt=salt, length=_KEY_BYTES, n=SCRYPT_N, r=SCRYPT_R, p=SCRYPT_P)
    padder = PKCS7(8 * _BLOCK_BYTES).padder()
    plain = padder.update(_private_key_info(seed)) + padder.finalize()
    encryptor = Cipher(AES256(scrypt.derive(passphrase)), CBC(start)).encryptor()
    numbers = b"".join(_integer(number) for number in (SCRYPT_N, SCRYPT_R, SCRYPT_P))
    derivation = _sequence(_value(_OBJECT, _SCRYPT), _sequence(_value(_OCTETS, salt), numbers))
    cipher = _sequence(_value(_OBJECT, _AES_256_CBC), _value(_OCTETS, start))
    der = _sequence(
        _sequence(_value(_OBJECT, _PBES2), _sequence(derivation, cipher)),
        _value(_OCTETS, encryptor.update(plain) + encryptor.finalize()),
    )
    return _pem("ENCRYPTED PRIVATE KEY", der)


def unseal(pem: str, passphrase: bytes) -> bytes:
    """The secret key, 32 bytes, that ``seal`` or openssl wrote.

    Raises:
        ValueError: ``pem`` is cut short or no encrypted Ed25519 key, or the passphrase is
            another; the message says which.
    """
    match = _SECRET_PEM.fullmatch(pem)
    if match is None:
        raise ValueError("it is cut short, or no encrypted PKCS#8 key")
    try:
        key = load_der_private_key(base64.b64decode(match[1]), passphrase)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise ValueError("the passphrase is another, or the file is damaged") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise ValueError("it holds a key of another kind than Ed25519")  # noqa: TRY004  # documented
    return key.private_bytes_raw()


def public_pem(key: VerifierKey) -> str:
    """The public key as ``openssl pkeyutl -verify -rawin -pubin -inkey`` takes it."""
    bits = _value(_BITS, b"\x00" + key.public)
    return _pem("PUBLIC KEY", _sequence(_sequence(_value(_OBJECT, _ED25519)), bits))


def _private_key_info(seed: bytes) -> bytes:
    algorithm = _sequence(_value(_OBJECT, _ED25519))
    return _sequence(_integer(0), algorithm, _value(_OCTETS, _value(_OCTETS, seed)))


def _value(tag: int, content: bytes) -> bytes:
    length = len(content)
    if length < _SHORT:
        return bytes([tag, length]) + content
    digits = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return bytes([tag, _SHORT | len(digits)]) + digits + content


def _integer(number: int) -> bytes:
    return _value(_INTEGER, number.to_bytes(number.bit_length() // 8 + 1, "big"))


def _sequence(*parts: bytes) -> bytes:
    return _value(_SEQUENCE, b"".join(parts))


def _pem(label: str, der: bytes) -> str:
    text = base64.b64encode(der).decode("ascii")
    lines = [text[at : at + _LINE] for at in range(0, len(text), _LINE)]
    return "\n".join((f"-----BEGIN {label}-----", *lines, f"-----END {label}-----", ""))
