"""What ``tamizdat init`` writes: a configuration, keys, a first keyring, a data folder.

Nothing is ever written over. The configuration is written last, so that a run that was cut
short is simply done again: what it left behind, passphrase and keys, is taken over.
"""

import json
import os
import secrets
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import Final

from keys.files import write_key
from keys.keyring import SignedKeyring
from keys.note import Kind, SigningKey
from mirror.config import Config, Passphrase, load_text
from mirror.errors import ConfigError, KeysError
from mirror.keystore import (
    CLOCK,
    LOG,
    ROOT,
    first_keyring,
    key_path,
    keyring_path,
    open_key,
    read_keyrings,
)
from mirror.store import durable

BESIDE: Final = "passphrase"  # the file, where it is made here
CONFIG_FILE: Final = "config.toml"
LIFE: Final = timedelta(days=90)  # of a keyring where the clock is the only witness, format 5.4

_HALF_DONE: Final = ".new-"  # how the names of unfinished things start
_GIT_TIMEOUT_S: Final = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What the operator said, or the defaults.

    Attributes:
        title, url, language, timezone: [site].
        feed: Address of the newsroom's feed.
        origin: The log's name, for ever.
        tag_year: The year in every entry's id, for ever.
        passphrase: Where the passphrase is kept; None makes one in a file beside the config.
    """

    title: str
    url: str
    feed: str
    origin: str
    tag_year: int
    language: str = "en"
    timezone: str = "UTC"
    passphrase: Passphrase | None = None


@dataclass(frozen=True, slots=True)
class Begun:
    """What stands there now.

    Attributes:
        config: The configuration, as it was read back.
        fingerprint: SHA-256 of the first keyring, 64 hex digits: to be spread by print and voice.
    """

    config: Config
    fingerprint: str


def begin(folder: Path, wishes: Wishes, now: datetime) -> Begun:
    """Make ``folder`` a newsroom's home.

    Raises:
        ConfigError: A wish is not allowed, the folder has a configuration, or git tracks it.
        KeysError: Keys are there already, and the passphrase doesn't open them.
    """
    folder = folder.absolute()
    file = folder / CONFIG_FILE
    secret = wishes.passphrase or Passphrase(file=folder / BESIDE)
    try:
        if file.exists():
            raise ConfigError(
                str(file), ("is there already, and is never written over; choose another folder",)
            )
        text = config_text(wishes, secret, folder)
        return _write(load_text(text, file), text, secret, now)
    except OSError as error:
        problem = f"can't be written: {error.strerror}; choose another folder, or mend that"
        raise ConfigError(error.filename or str(folder), (problem,)) from error


def _write(config: Config, text: str, secret: Passphrase, now: datetime) -> Begun:
    folder = config.file.parent
    refuse_git(folder, (secret.file or config.trust.keys, key_path(config.trust.keys, LOG)))
    folder.mkdir(parents=True, exist_ok=True)
    if secret.file == folder / BESIDE and not secret.file.exists():
        _write_new(secret.file, secrets.token_urlsafe(24).encode() + b"\n")
    passphrase = secret.read().encode()
    config.store.data.mkdir(mode=0o700, exist_ok=True)
    if not config.trust.keys.exists():
        _make_keys(config, passphrase, now)
    keyring = _take_over(config, passphrase)
    _write_new(config.file, text.encode())
    _sweep(folder, config.trust.keys.parent)
    return Begun(config, keyring.fingerprint)


def config_text(wishes: Wishes, passphrase: Passphrase, folder: Path) -> str:
    """The configuration file for ``wishes``, with comments."""
    template = Template(files("mirror").joinpath("begin.toml").read_text(encoding="utf-8"))
    return template.substitute(
        title=_quoted(wishes.title),
        url=_quoted(wishes.url),
        language=_quoted(wishes.language),
        timezone=_quoted(wishes.timezone),
        feed=_quoted(wishes.feed),
        origin=_quoted(wishes.origin),
        tag_year=wishes.tag_year,
        passphrase=_place(passphrase, folder),
        random=secrets.token_hex(4),
    )


def write_secret(path: Path, secret: str) -> None:
    """Keep ``secret`` in a new file that this user alone can read.

    Raises:
        ConfigError: Something stands there already, or it can't be written.
    """
    try:
        _write_new(path, f"{secret}\n".encode())
    except OSError as error:
        problem = f"can't be written: {error.strerror}; remove it, or choose another name"
        raise ConfigError(str(path), (problem,)) from error


def refuse_git(folder: Path, paths: tuple[Path, ...]) -> None:
    """Make sure that git doesn't track ``paths`` in ``folder``: keys would travel with it.

    Raises:
        ConfigError: It does, or would, or can't be asked.
    """
    if not any((parent / ".git").exists() for parent in (folder, *folder.parents)):
        return
    git = shutil.which("git")
    there = next(parent for parent in (folder, *folder.parents) if parent.is_dir())
    for path in paths:
        if git is None or not _is_ignored(git, there, path):
            why = "git can't be asked" if git is None else f"git would track {path}"
            remedy = (
                f"is inside a git work tree, and {why}: secret keys would travel with it;"
                " choose a folder elsewhere, or name this one in .gitignore"
            )
            raise ConfigError(str(folder), (remedy,))


def _is_ignored(git: str, folder: Path, path: Path) -> bool:
    done = subprocess.run(  # noqa: S603 - git itself, with paths of ours
        [git, "-C", str(folder), "check-ignore", "--quiet", "--", str(path)],
        check=False,
        capture_output=True,
        timeout=_GIT_TIMEOUT_S,
    )
    return done.returncode == 0


def _make_keys(config: Config, passphrase: bytes, now: datetime) -> None:
    """All keys and the keyring in a new folder, which then gets its name at once."""
    origin, keys = config.trust.origin, config.trust.keys
    keys.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    new = Path(tempfile.mkdtemp(prefix=_HALF_DONE, dir=keys.parent))
    root = SigningKey.generate(f"{origin}/root/a", Kind.ED25519)
    log = SigningKey.generate(origin, Kind.ED25519)
    clock = SigningKey.generate(f"{origin}/clock", Kind.COSIGNATURE)
    for role, key in ((ROOT, root), (LOG, log), (CLOCK, clock)):
        write_key(key_path(new, role), key, passphrase)
    expires = (now + LIFE).date()
    keyring = first_keyring(
        config.trust, root=root, log=log.verifier, clock=clock.verifier, expires=expires
    )
    _write_new(keyring_path(new, 1), keyring.encode())
    durable.sync_folder(new)
    new.rename(keys)
    durable.sync_folder(keys.parent)


def _take_over(config: Config, passphrase: bytes) -> SignedKeyring:
    """The first keyring of the keys folder, once its log key has opened."""
    keys = config.trust.keys
    keyring = read_keyrings(keys)[0]
    log = open_key(keys, LOG, passphrase)
    if log.name != config.trust.origin:
        raise KeysError(
            f"{keys} holds the keys of {log.name}, not of {config.trust.origin};"
            f" choose another folder, or --origin {log.name}"
        )
    return keyring


def _sweep(*folders: Path) -> None:
    """Remove what runs that were cut short left half done."""
    for folder in folders:
        for left in folder.glob(f"{_HALF_DONE}*"):
            shutil.rmtree(left, ignore_errors=True)


def _write_new(path: Path, data: bytes) -> None:
    """Write a file that was not there, for this user alone, and see it to the disk."""
    new = Path(tempfile.mkdtemp(prefix=_HALF_DONE, dir=path.parent)) / path.name
    try:
        with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.link(new, path)  # fails where something stands; rename would write over it
    finally:
        shutil.rmtree(new.parent, ignore_errors=True)
    durable.sync_folder(path.parent)


def _quoted(text: str) -> str:
    """``text`` as a TOML string."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _place(secret: Passphrase, folder: Path) -> str:
    if secret.file:
        path = secret.file
        path = path.relative_to(folder) if path.is_relative_to(folder) else path
        return f"{{ file = {_quoted(str(path))} }}"
    kind = "env" if secret.env else "credential"
    return f"{{ {kind} = {_quoted(secret.env or secret.credential or '')} }}"
