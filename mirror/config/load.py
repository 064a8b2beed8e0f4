"""From a file, or a folder of files, to checked configurations."""

import tomllib
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError

from mirror.config import mistakes
from mirror.config.models import Config, TriedRules
from mirror.config.values import duration_text
from mirror.config.windows import longest_closed
from mirror.errors import ConfigError

MAX_CONFIG_BYTES: Final = 1_000_000
_SECTIONS: Final = (
    "site",
    "extract",
    "fetch",
    "trust",
    "store",
    "feeds",
    "publish",
    "pages",
    "web",
    "websub",
    "alerts",
)


def load(path: Path) -> tuple[Config, ...]:
    """The newsrooms of ``path``: one for a file; of a folder, each ``*.toml``, by name.

    Raises:
        ConfigError: With every mistake in every file.
    """
    if not path.is_dir():
        return (load_file(path),)
    files = sorted(path.glob("*.toml"))
    if not files:
        raise ConfigError(str(path), ("holds no *.toml; make one with `tamizdat init`",))
    configs: list[Config] = []
    found: list[str] = []
    for file in files:
        try:
            configs.append(load_file(file))
        except ConfigError as error:
            found.extend(f"{file.name}: {mistake}" for mistake in error.mistakes)
    found.extend(_shared(configs))
    if found:
        raise ConfigError(str(path), tuple(found))
    return tuple(configs)


def load_file(path: Path) -> Config:
    """The one newsroom of the file ``path``.

    Raises:
        ConfigError: With every mistake in it.
    """
    return load_text(_read(path), path)


def load_text(text: str, path: Path) -> Config:
    """The one newsroom that ``text`` describes, as if it stood in the file ``path``.

    Raises:
        ConfigError: With every mistake in it.
    """
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(str(path), (f"is no TOML: {error}",)) from error
    file = path.absolute()
    found = list(mistakes.across(data))
    if "file" in data:
        found.append("[file]: no such key; take it out")
    whole = {**{section: {} for section in _SECTIONS}, **data, "file": file}
    try:
        config = Config.model_validate(whole, context={"folder": file.parent})
    except ValidationError as error:
        found = [*mistakes.from_validation(error, data), *found]
        raise ConfigError(str(path), tuple(found)) from None
    found.extend(_overlaps(config))
    found.extend(_closed_too_long(config))
    if found:
        raise ConfigError(str(path), tuple(found))
    return config


def with_rules(config: Config, path: Path) -> Config:
    """``config`` with the [extract] and [[rules]] of ``path``, to try them; that is all it reads.

    Where the file has one of the two, the other stays as it is.

    Raises:
        ConfigError: With every mistake in them.
    """
    try:
        whole = tomllib.loads(_read(path))
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(str(path), (f"is no TOML: {error}",)) from error
    data: dict[str, Any] = {key: whole[key] for key in ("extract", "rules") if key in whole}
    if not data:
        raise ConfigError(str(path), ("holds no [extract] and no [[rules]] to try",))
    try:
        tried = TriedRules.model_validate(data)
    except ValidationError as error:
        raise ConfigError(str(path), tuple(mistakes.from_validation(error, data))) from None
    return config.model_copy(update={key: getattr(tried, key) for key in data})


def _read(file: Path) -> str:
    try:
        with file.open("rb") as stream:
            raw = stream.read(MAX_CONFIG_BYTES + 1)
        if len(raw) > MAX_CONFIG_BYTES:
            raise ConfigError(str(file), ("is larger than 1 MB; is it the right file?",))
        return raw.decode("utf-8")
    except FileNotFoundError:
        remedy = "is not there; make one with `tamizdat init DIR`, or name it with --config"
        raise ConfigError(str(file), (remedy,)) from None
    except OSError as error:
        raise ConfigError(str(file), (f"can't be read: {error.strerror}",)) from error
    except UnicodeDecodeError as error:
        raise ConfigError(str(file), (f"is no UTF-8 text (byte {error.start})",)) from error


def _overlaps(config: Config) -> Iterator[str]:
    """Mirrors that would be written over our own data."""
    data = config.store.data
    for number, mirror in enumerate(config.mirrors, 1):
        folder = mirror.folder
        if folder and (folder.is_relative_to(data) or data.is_relative_to(folder)):
            yield (
                f'[[mirror]] {number} "{mirror.name}" push: {folder} and the data folder {data}'
                " lie in each other; choose another folder"
            )


def _closed_too_long(config: Config) -> Iterator[str]:
    """Mirrors that would look stale to readers before they may be written to again."""
    limit = config.trust.max_age - config.refresh
    for number, mirror in enumerate(config.mirrors, 1):
        closed = longest_closed(mirror.windows)
        if closed > limit:
            yield (
                f'[[mirror]] {number} "{mirror.name}" windows: closed for {duration_text(closed)}'
                f" on end, and readers may see a head as stale after {duration_text(limit)}"
                " ([trust] max_age less [publish] refresh); open it more often"
            )


def _shared(configs: list[Config]) -> Iterator[str]:
    """What two newsrooms of one folder must not share."""
    users: dict[tuple[str, str], list[str]] = defaultdict(list)
    for config in configs:
        name = config.file.name
        users["[store] data", str(config.store.data)].append(name)
        users["[trust] origin", config.trust.origin].append(name)
        users["[trust] keys", str(config.trust.keys)].append(name)
        for mirror in config.mirrors:
            users["[[mirror]] push", mirror.push].append(name)
    for (key, value), files in users.items():
        if len(files) > 1:
            yield f'{" and ".join(files)}: {key} is "{value}" in each; give each its own'
