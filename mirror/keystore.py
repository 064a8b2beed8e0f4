"""Which keys this machine has: the folder that [trust] keys names.

- ``root.pem``, ``log.pem``, ``clock.pem``: secret keys, encrypted (format 5.1 to 5.3).
  ``root.pem`` belongs on an offline machine; the service never opens it.
- ``log-next.pem``, ``log-old.pem``, ``clock-next.pem``: there while a key is replaced. Which
  of them counts, the newest keyring says, not the name of the file.
- ``keyring-1``, ``keyring-2`` and so on: the signed keyrings (format 5.4), which are public.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

from keys.errors import KeysFormatError
from keys.files import read_key, read_public
from keys.keyring import Keyring, SignedKeyring, check_own, check_update
from keys.note import Note, SigningKey, VerifierKey
from keys.policy import Group, Policy, Witness
from mirror.config import TrustConfig
from mirror.errors import KeysError

ROOT: Final = "root"
LOG: Final = "log"
CLOCK: Final = "clock"
NEXT: Final = "-next"
OLD: Final = "-old"
MAX_KEYRING_BYTES: Final = 65_536

_QUORUM: Final = "fresh"
_LOGS: Final = (LOG, f"{LOG}{NEXT}", f"{LOG}{OLD}")
_CLOCKS: Final = (CLOCK, f"{CLOCK}{NEXT}")


@dataclass(frozen=True, slots=True)
class KeyStore:
    """What the service signs with, and the keyrings that readers check it by.

    Attributes:
        log: Signs heads.
        clock: Cosigns them with the time; None where the newest keyring names no such key.
        keyrings: The signed keyrings as they are published, version 1 first, never empty.
        also: Sign heads after ``log`` while the log key is replaced (format 2.4).
    """

    log: SigningKey
    clock: SigningKey | None
    keyrings: tuple[SignedKeyring, ...]
    also: tuple[SigningKey, ...] = ()

    @property
    def newest(self) -> SignedKeyring:
        """The keyring that counts now."""
        return self.keyrings[-1]


def key_path(folder: Path, role: str) -> Path:
    """Where the key for ``role`` lies."""
    return folder / f"{role}.pem"


def keyring_path(folder: Path, version: int) -> Path:
    """Where keyring ``version`` lies."""
    return folder / f"keyring-{version}"


def open_keys(trust: TrustConfig) -> KeyStore:
    """The keys that [trust] names, opened with its passphrase. Takes a quarter of a second.

    Raises:
        ConfigError: The passphrase can't be read.
        KeysError: A key is missing, damaged, does not open, or is not in the newest keyring.
    """
    keyrings = read_keyrings(trust.keys)
    newest = keyrings[-1].keyring
    passphrase = trust.passphrase.read().encode()
    revoked = {former.key for former in newest.revoked}
    with ThreadPoolExecutor(1) as beside:  # scrypt is slow on purpose
        clocks = beside.submit(_open_clocks, trust.keys, passphrase, revoked)
        logs = _open_all(trust.keys, _LOGS, passphrase, without=revoked)
    log = next((key for key in logs if key.verifier in newest.policy.logs), logs[0])
    if newest.origin != trust.origin or log.verifier not in newest.policy.logs:
        raise KeysError(
            f"{key_path(trust.keys, LOG)} is the key of {log.name}, and the newest keyring is of"
            f" {newest.origin}, but [trust] origin is {trust.origin}, or the keyring names another"
            " key of it; put the right key files into [trust] keys"
        )
    cosigners = {witness.key for witness in newest.policy.witnesses}
    clock = next((key for key in clocks.result() if key.verifier in cosigners), None)
    also = tuple(key for key in logs if key is not log and key.name == log.name)
    return KeyStore(log, clock, keyrings, also)


def _open_clocks(folder: Path, passphrase: bytes, revoked: set[VerifierKey]) -> list[SigningKey]:
    """The clock's keys; none where there is no such file."""
    if not any(key_path(folder, role).exists() for role in _CLOCKS):
        return []
    return _open_all(folder, _CLOCKS, passphrase, without=revoked)


def _open_all(
    folder: Path, roles: tuple[str, ...], passphrase: bytes, *, without: set[VerifierKey]
) -> list[SigningKey]:
    """The keys of ``roles`` that are there and not ``without``; else that of the first role."""
    paths = [key_path(folder, role) for role in roles]
    try:
        there = [path for path in paths if path.exists() and read_public(path) not in without]
    except KeysFormatError as error:
        raise KeysError(str(error)) from error
    return [open_key(folder, path.stem, passphrase) for path in there or paths[:1]]


def open_key(folder: Path, role: str, passphrase: bytes) -> SigningKey:
    """The secret key for ``role``.

    Raises:
        KeysError: It is missing or damaged, or the passphrase doesn't open it.
    """
    try:
        return read_key(key_path(folder, role), passphrase)
    except KeysFormatError as error:
        raise KeysError(str(error)) from error


def read_keyrings(folder: Path) -> tuple[SignedKeyring, ...]:
    """The signed keyrings in ``folder``, version 1 first, each the lawful heir of the last.

    Raises:
        KeysError: There is none, or one can't be read or does not follow.
    """
    keyrings: list[SignedKeyring] = []
    while (path := keyring_path(folder, len(keyrings) + 1)).exists():
        try:
            with path.open("rb") as file:
                signed = SignedKeyring.parse(file.read(MAX_KEYRING_BYTES + 1))
            check_own(signed)
            if keyrings:
                check_update(keyrings[-1], signed)
        except OSError as error:
            raise KeysError(f"{path} can't be read: {error.strerror}") from error
        except KeysFormatError as error:
            raise KeysError(f"{path}: {error}; restore it from a backup") from error
        keyrings.append(signed)
    if not keyrings:
        raise KeysError(
            f"{keyring_path(folder, 1)} is not there; make keys with `tamizdat init DIR`,"
            " or put the folder in [trust] keys right"
        )
    return tuple(keyrings)


def first_keyring(
    trust: TrustConfig, *, root: SigningKey, log: VerifierKey, clock: VerifierKey, expires: date
) -> SignedKeyring:
    """Keyring version 1: one root, one log key, and the clock alone as the quorum."""
    policy = Policy(
        logs=(log,),
        witnesses=(Witness(CLOCK, clock),),
        groups=(Group(_QUORUM, "all", (CLOCK,)),),
        quorum=_QUORUM,
    )
    keyring = Keyring(
        origin=trust.origin,
        version=1,
        expires=expires,
        max_age=round(trust.max_age.total_seconds()),
        threshold=1,
        roots=(root.verifier,),
        policy=policy,
    )
    text = keyring.encode()
    return SignedKeyring(Note(text, (root.sign(text),)), keyring)


def in_groups(fingerprint: str) -> str:
    """64 hex digits in groups of four, for reading out."""
    return " ".join(fingerprint[at : at + 4] for at in range(0, len(fingerprint), 4))
