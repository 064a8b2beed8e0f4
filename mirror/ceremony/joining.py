"""Signatures of the roots to the published keyring: joined, checked, put where it counts."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from keys.ceremony import Lacking, finish, join, lacking
from keys.files import read_public
from keys.keyring import Keyring, SignedKeyring
from keys.note import VerifierKey
from mirror.config import Config
from mirror.errors import KeysError
from mirror.keystore import CLOCK, LOG, NEXT, OLD, key_path, keyring_path, read_keyrings
from mirror.store import durable


@dataclass(frozen=True, slots=True)
class Joined:
    """What came of it.

    Attributes:
        signed: The keyring, once it is complete and in its place; else None.
        lacking: What is missing, where something is.
        signers: The names of the roots that have signed.
    """

    signed: SignedKeyring | None
    lacking: tuple[Lacking, ...]
    signers: tuple[str, ...]


def join_files(
    config: Config, text: str, files: Iterable[bytes], *, published: bool, today: date
) -> Joined:
    """Put the keyring ``text`` into [trust] keys, once enough roots have signed it.

    Args:
        config: The newsroom's.
        text: What was given to the roots.
        files: Their signatures.
        published: Whether anything was ever published under the first keyring.
        today: Its end must lie ahead of that, UTC.

    Raises:
        KeysError: It does not belong here, can't follow, or has expired.
        FormatError: It breaks format 5.5, or a file is no signature of it.
        StoreError: It can't be written.
    """
    own = Keyring.parse(text)
    if own.expired(today):
        raise KeysError(
            f"it expired on {own.expires}, so nothing could be signed under it: make it anew with"
            " `tamizdat keys keyring`"
        )
    old = _before(config, own, published=published)
    roots = (*(old.keyring.roots if old else ()), *own.roots)
    note = join(text, files, roots=roots)
    signers = tuple(line.name for line in note.signatures)
    missing = tuple(one for one in lacking(note, old.keyring if old else None) if one.count)
    if missing:
        return Joined(None, missing, signers)
    signed = finish(note, old)
    _check_keys(config, own)
    durable.write(keyring_path(config.trust.keys, own.version), signed.encode())
    _rename(config.trust.keys, own)
    return Joined(signed, (), signers)


def _before(config: Config, own: Keyring, *, published: bool) -> SignedKeyring | None:
    """The keyring that ``own`` follows; None where it is a first one.

    Raises:
        KeysError: It follows none of ours, or there is one of its version.
    """
    keyrings = read_keyrings(config.trust.keys)
    newest = keyrings[-1]
    if own.origin != config.trust.origin:
        raise KeysError(f"it is a keyring of {own.origin}, not of {config.trust.origin}")
    if own.version == 1 and newest.keyring.version == 1:
        if published:
            raise KeysError(
                "something was published under the first keyring: readers may have pinned it."
                " Make a second one instead, without --first"
            )
        return None
    if own.version != newest.keyring.version + 1:
        raise KeysError(
            f"it is version {own.version}, and the newest here is {newest.keyring.version}:"
            " make it anew with `tamizdat keys keyring`"
        )
    return newest


def _check_keys(config: Config, own: Keyring) -> None:
    """See that this machine can sign under ``own``.

    Raises:
        KeysError: It has no log key of it.
        KeyFileError: A key file is damaged.
    """
    folder = config.trust.keys
    there = [_public(key_path(folder, role)) for role in (LOG, f"{LOG}{NEXT}", f"{LOG}{OLD}")]
    if not set(own.policy.logs) & set(there):
        raise KeysError(
            f"no key file in {folder} is a log key of that keyring: nothing could be signed under"
            " it. Put the right log.pem or log-next.pem there, then join again"
        )


def _rename(folder: Path, own: Keyring) -> None:
    """Give key files the names of their new offices; which of them counts, the keyring says."""
    for role in (LOG, CLOCK):
        now, following, former = (key_path(folder, f"{role}{end}") for end in ("", NEXT, OLD))
        if _public(following) not in own.policy.keys:
            continue
        with durable.told(folder):
            if now.exists():
                now.rename(former)
            following.rename(now)
            durable.sync_folder(folder)


def _public(path: Path) -> VerifierKey | None:
    return read_public(path) if path.exists() else None
