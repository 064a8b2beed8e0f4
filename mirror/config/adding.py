"""A ``[[mirror]]`` block for a configuration file: its text, and the file with it at the end."""

import json
import os
import secrets
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from mirror.config.load import load_text
from mirror.config.models import Config, MirrorConfig
from mirror.errors import ConfigError

Setting = str | bool | int | Mapping[str, str]

_FOLDER_OPTION: Final = {"git": "folder", "opendal": "root"}

SEGMENT_BYTES: Final = 5  # of a random word in an address: a million million of them


def segment() -> str:
    """A random word for an address, so that nobody finds a mirror by asking hosts (format 1.7)."""
    return secrets.token_hex(SEGMENT_BYTES)


def beneath(address: str, word: str) -> str:
    """``address`` with ``word`` as one more folder of its path.

    Kinds whose path is something else (a repository) have an option for the folder.
    """
    path, question, query = address.partition("?")
    kind = path.partition(":")[0].partition("+")[0]
    if option := _FOLDER_OPTION.get(kind):
        return f"{path}?{_with_folder(query, option, word)}"
    end = "" if path.startswith("file:") else "/"
    return f"{path.rstrip('/')}/{word}{end}{question}{query}"


def block(settings: Mapping[str, Setting], extra: str = "") -> str:
    """The text of a ``[[mirror]]`` with ``settings``; ``extra`` are more lines of TOML."""
    lines = [f"{key} = {_value(value)}" for key, value in settings.items()]
    return "\n".join(("[[mirror]]", *lines, *((extra.strip(),) if extra.strip() else ()))) + "\n"


def with_block(text: str, file: Path, addition: str) -> tuple[str, MirrorConfig]:
    """The whole ``text`` of ``file`` with ``addition`` at its end, and the mirror it describes.

    Raises:
        ConfigError: The whole is no configuration; every mistake is named.
    """
    whole = f"{text.rstrip()}\n\n{addition}"
    config: Config = load_text(whole, file)
    return whole, config.mirrors[-1]


def write(file: Path, before: str, whole: str) -> None:
    """Make ``whole`` the content of ``file``, which holds ``before``; owner and mode stay.

    Raises:
        ConfigError: It was changed meanwhile, or can't be written; it is as it was.
    """
    file = file.resolve()
    new = file.with_name(f".{file.name}.{secrets.token_hex(4)}")
    try:
        if file.read_text(encoding="utf-8") != before:
            raise ConfigError(str(file), ("was changed meanwhile; do it again",))
        had = file.stat()
        descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            stream.write(whole)
            stream.flush()
            os.fchmod(descriptor, stat.S_IMODE(had.st_mode))
            if (had.st_uid, had.st_gid) != (os.geteuid(), os.getegid()):
                os.fchown(descriptor, had.st_uid, had.st_gid)
            os.fsync(descriptor)
        new.replace(file)
    except OSError as error:
        new.unlink(missing_ok=True)
        problem = f"can't be written: {error.strerror}; add the block by hand"
        raise ConfigError(str(file), (problem,)) from error


def _with_folder(query: str, option: str, word: str) -> str:
    pairs = [pair for pair in query.split("&") if pair]
    before = next((pair for pair in pairs if pair.startswith(f"{option}=")), f"{option}=")
    start = "/" if option == "root" and before == f"{option}=" else ""
    joint = "" if before.endswith(("=", "/")) else "/"
    others = [pair for pair in pairs if pair != before]
    return "&".join((*others, f"{before}{start}{joint}{word}"))


def _value(value: Setting) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int):
        return str(value)
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    inside = ", ".join(f"{key} = {_value(one)}" for key, one in value.items())
    return f"{{ {inside} }}"
