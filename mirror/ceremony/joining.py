"""Signatures of the roots to the published keyring: joined, checked, put where it counts."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from keys.ceremony import Lacking, finish, join, lacking
from keys.errors import FormatError
from keys.keyring import Keyring, SignedKeyring
from keys.note import Note, VerifierKey
from mirror.ceremony.aside import ROLES, how_to_put_back, lying_aside, public
from mirror.ceremony.heir import check_heir, weakened
from mirror.config import Config
from mirror.errors import KeysError
from mirror.keystore import LOG, NEXT, OLD, key_path, keyring_path, read_keyrings
from mirror.store import durable


@dataclass(frozen=True, slots=True)
class Joined:
    """What came of it.

    Attributes:
        signed: The keyring, once it is complete and in its place; else None.
        lacking: What is missing, where something is.
        signers: The names of the roots that have signed.
        weakened: Where it guards readers less than the one before, a line for each loss.
    """

    signed: SignedKeyring | None
    lacking: tuple[Lacking, ...]
    signers: tuple[str, ...]
    weakened: tuple[str, ...]


def join_files(
    config: Config,
    text: str,
    files: Mapping[str, bytes],
    *,
    published: bool,
    trees: Mapping[int, bytes],
    today: date,
) -> Joined:
    """Put the keyring ``text`` into [trust] keys, once enough roots have signed it.

    Args:
        config: The newsroom's.
        text: What was given to the roots.
        files: Their signatures, by the names to call them by.
        published: Whether anything was ever published under the first keyring.
        trees: The root of our log at each size that the keyring names, if it has that edition.
        today: Its end must lie ahead of that, UTC.

    Raises:
        KeysError: It does not belong here, can't follow, or has expired, or a file is no
            signature of it.
        FormatError: It breaks format 5.5.
        StoreError: It can't be written.
    """
    own = Keyring.parse(text)
    if own.expired(today):
        raise KeysError(
            f"it expired on {own.expires}, so nothing could be signed under it: make it anew with"
            " `tamizdat keys keyring`"
        )
    keyrings = read_keyrings(config.trust.keys)
    newest, before = keyrings[-1], keyrings[: own.version - 1]
    old = before[-1].keyring if before else None
    losses = weakened(old or newest.keyring, own)
    if before and text == newest.note.text:
        _rename(config.trust.keys, own)  # the join before may have been cut short
        return Joined(newest, (), _names(newest.note), losses)
    _check_place(config, newest.keyring, own, published=published)
    if before:
        check_heir([signed.keyring for signed in before], own, trees)
    _check_keys(config, own)
    note = _joined(text, files, (*(old.roots if old else ()), *own.roots))
    missing = tuple(one for one in lacking(note, old) if one.count)
    if missing:
        return Joined(None, missing, _names(note), losses)
    signed = finish(note, before[-1] if before else None)
    durable.write(keyring_path(config.trust.keys, own.version), signed.encode())
    _rename(config.trust.keys, own)
    return Joined(signed, (), _names(note), losses)


def _joined(text: str, files: Mapping[str, bytes], roots: tuple[VerifierKey, ...]) -> Note:
    """``text`` with the signatures in ``files``.

    Raises:
        KeysError: One is no signature of it by any of ``roots``; it is named.
    """
    for name, data in files.items():
        try:
            join(text, (data,), roots=roots)
        except FormatError as error:
            raise KeysError(f"{name}: {error}") from error
    return join(text, files.values(), roots=roots)


def _names(note: Note) -> tuple[str, ...]:
    return tuple(line.name for line in note.signatures)


def _check_place(config: Config, newest: Keyring, own: Keyring, *, published: bool) -> None:
    """See that ``own`` is of our log, and the next after ``newest``.

    Raises:
        KeysError: It is not, or there is one of its version.
    """
    if own.origin != config.trust.origin:
        raise KeysError(f"it is a keyring of {own.origin}, not of {config.trust.origin}")
    if own.version == 1 and newest.version == 1:
        if published:
            raise KeysError(
                "something was published under the first keyring: readers may have pinned it."
                " Make a second one instead, without --first"
            )
    elif own.version != newest.version + 1:
        raise KeysError(
            f"it is version {own.version}, and the newest here is {newest.version}: make it anew"
            " with `tamizdat keys keyring`, `rotate` or `revoke`"
        )


def _check_keys(config: Config, own: Keyring) -> None:
    """See that this machine can sign under ``own``.

    Raises:
        KeysError: It has no log key of it, or one that it needs was set aside.
        KeyFileError: A key file is damaged.
    """
    folder = config.trust.keys
    if found := lying_aside(folder, own.policy.keys):
        raise KeysError(_aside_words(folder, own, found))
    there = [public(key_path(folder, role)) for role in (LOG, f"{LOG}{NEXT}", f"{LOG}{OLD}")]
    if not set(own.policy.logs) & set(there):
        raise KeysError(
            f"no key file in {folder} is a log key of that keyring: nothing could be signed under"
            " it. Put the right log.pem or log-next.pem there, then join again"
        )


def _aside_words(folder: Path, own: Keyring, found: dict[str, Path]) -> str:
    names = " and ".join(path.name for path in found.values())
    lines = (
        f"keyring {own.version} was not joined: after its text was written, `keys revoke` was run",
        f"again, and set aside the keys that the text names: {names} in {folder}.",
        "If you mean the later text, have the roots sign that one, and join it.",
        "If you mean this one, and nobody else can have these keys, put them back and join again:",
        *(f"  {line}" for line in how_to_put_back(folder, found)),
    )
    return "\n".join(lines)


def _rename(folder: Path, own: Keyring) -> None:
    """Give key files the names of their new offices; which of them counts, the keyring says."""
    for role in ROLES:
        now, following, former = (key_path(folder, f"{role}{end}") for end in ("", NEXT, OLD))
        if public(following) not in own.policy.keys:
            continue
        with durable.told(folder):
            if now.exists():
                now.rename(former)
            following.rename(now)
            durable.sync_folder(folder)
