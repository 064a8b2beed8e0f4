"""Secret keys on disk: encrypted, for their owner alone, never written over (format 5.2).

A key file is one line with the public key, ``key <vkey>``, and then encrypted PKCS#8 in PEM.
openssl passes over the first line.
"""

import os
from pathlib import Path
from typing import Final

from keys.errors import KeyFileError, NoteError
from keys.mode import looseness
from keys.note import SigningKey, VerifierKey
from keys.pkcs8 import seal, unseal

MAX_FILE_BYTES: Final = 4_096
MODE: Final = 0o600

_WORD: Final = "key "


def write_key(path: Path, key: SigningKey, passphrase: bytes) -> None:
    """Keep ``key`` in a new file at ``path``, safe on disk when this returns.

    Raises:
        KeyFileError: Something stands there already, the passphrase is empty, or the disk
            refuses; no file is left then.
    """
    if not passphrase:
        raise KeyFileError(str(path), "the passphrase is empty; a key is never kept in the clear")
    data = f"{_WORD}{key.verifier}\n{seal(key.seed, passphrase)}".encode()
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, MODE)
    except FileExistsError as error:
        raise KeyFileError(
            str(path), "is there already and is never written over; choose another name"
        ) from error
    except OSError as error:
        raise KeyFileError(str(path), f"can't be made: {error.strerror}") from error
    try:
        _fill(handle, data)
        _sync_folder(path.parent)
    except OSError as error:
        path.unlink(missing_ok=True)
        raise KeyFileError(str(path), f"can't be written: {error.strerror}") from error


def read_key(path: Path, passphrase: bytes) -> SigningKey:
    """The key in the file at ``path``.

    Raises:
        KeyFileError: It is not there, open to others, cut short or damaged, or it has another
            passphrase; the message says which, and what to do.
    """
    public, pem = _read(path)
    if not passphrase:
        raise KeyFileError(str(path), "no passphrase is given; every key file has one")
    try:
        seed = unseal(pem, passphrase)
    except ValueError as error:
        raise KeyFileError(str(path), f"does not open: {error}") from error
    key = SigningKey(public.name, public.kind, seed)
    if key.verifier != public:
        raise KeyFileError(str(path), "its first line names another key; restore it from a backup")
    return key


def read_public(path: Path) -> VerifierKey:
    """The public half of the key in the file at ``path``; needs no passphrase.

    Raises:
        KeyFileError: As for ``read_key``.
    """
    return _read(path)[0]


def _read(path: Path) -> tuple[VerifierKey, str]:
    try:
        with path.open("rb") as file:
            loose = looseness(file.fileno(), path)
            data = file.read(MAX_FILE_BYTES + 1)
    except FileNotFoundError as error:
        raise KeyFileError(str(path), "is not there") from error
    except OSError as error:
        raise KeyFileError(str(path), f"can't be read: {error.strerror}") from error
    if loose:
        raise KeyFileError(str(path), loose)
    line, _, pem = data.decode("utf-8", "replace").partition("\n")
    if len(data) > MAX_FILE_BYTES or not line.startswith(_WORD):
        raise KeyFileError(str(path), "is no key file of ours, or cut short")
    try:
        return VerifierKey.parse(line.removeprefix(_WORD)), pem
    except NoteError as error:
        raise KeyFileError(str(path), f"its first line is damaged: {error}") from error


def _fill(handle: int, data: bytes) -> None:
    with os.fdopen(handle, "wb") as file:
        os.fchmod(file.fileno(), MODE)  # whatever the umask took away
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
