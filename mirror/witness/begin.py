"""``begin``: a new witness in a folder, all of it or nothing."""

import json
import os
import secrets
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from keys.errors import FormatError
from keys.files import write_key
from keys.note import Kind, SigningKey, VerifierKey
from mirror.errors import ConfigError
from mirror.store import durable
from mirror.witness import CONFIG
from mirror.witness.config import keys_in, origin_of, parse_keys, read_keyring
from mirror.witness.state import MARK, State

_KEY: Final = "witness.pem"
_OPENS: Final = "passphrase"
_KEYRING: Final = "keyring"
_STATE: Final = "state"
_TEXT: Final = """\
# Written by `tamizdat witness init`. Paths are seen from the folder of this file.
key = "witness.pem"
passphrase = { file = "passphrase" }   # better: { credential = "passphrase" }, from systemd
listen = "127.0.0.1:8480"              # put a web server with https before it
state = "state"                        # what was signed: never delete it, never restore an old one

[[log]]                                # repeat the block for each publisher
"""
_COPIED: Final = f'keyring = "{_KEYRING}"'
_THERE: Final = (
    "has {files} already, and nothing is written over. If this is a witness, restore what is"
    " missing of it. If a `witness init` was cut short here, and nobody has that key, move those"
    " away"
)


def begin(
    folder: Path, name: str, *, keyring: Path | None = None, logs: Sequence[str] = ()
) -> VerifierKey:
    """Make a witness in ``folder``; its public key.

    It follows the log of ``keyring``, or else that of the keys ``logs``. The settings are
    written last, so that a folder with settings is whole.

    Raises:
        ConfigError: Something is mistaken, or stands there already; nothing was made.
        KeyFileError, StoreError: It can't be written; what was made is taken away.
        NoteError: ``name`` can't be a key's.
    """
    key = SigningKey.generate(name, Kind.COSIGNATURE)
    copied, origin = _log(keyring, logs)
    files = {} if copied is None else {_KEYRING: copied}
    names = (CONFIG, _KEY, _OPENS, *files, f"{_STATE}/{MARK}")
    there = [one.partition("/")[0] for one in names if os.path.lexists(folder / one)]
    if there:
        raise ConfigError(str(folder), (_THERE.format(files=", ".join(there)),))
    line = f"keys = {json.dumps(list(logs), ensure_ascii=False)}" if copied is None else _COPIED
    with durable.told(folder), _undone(folder, names):
        State.begin(folder / _STATE).follow(origin)
        secret = secrets.token_urlsafe(24)
        write_key(folder / _KEY, key, secret.encode())
        files |= {_OPENS: f"{secret}\n".encode(), CONFIG: f"{_TEXT}{line}\n".encode()}
        for path, data in files.items():
            _write(folder / path, data)
        durable.sync_folder(folder)
        durable.sync_folder(folder.parent)
    return key.verifier


def _log(keyring: Path | None, logs: Sequence[str]) -> tuple[bytes | None, str]:
    """The bytes of the keyring, if there is one, and the log that is to be followed."""
    try:
        data = None if keyring is None else read_keyring(keyring)
        return data, origin_of(parse_keys(logs) if data is None else keys_in(data))
    except OSError as error:
        raise ConfigError(str(keyring), (f"can't be read: {error.strerror}",)) from error
    except (FormatError, ValueError) as error:
        raise ConfigError(str(keyring or "--log"), (str(error),)) from error


@contextmanager
def _undone(folder: Path, names: Sequence[str]) -> Iterator[None]:
    """Make ``folder``; where the block fails, take away what it made, which was not there."""
    new, state = not folder.exists(), folder / _STATE
    new_state = not state.exists()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        yield
    except BaseException:
        for name in names:
            (folder / name).unlink(missing_ok=True)
        if new_state:
            shutil.rmtree(state, ignore_errors=True)
        if new:
            folder.rmdir()
        raise


def _write(path: Path, data: bytes) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
