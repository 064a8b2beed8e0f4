"""``WitnessSettings``: the file that a partner's witness is run by."""

import tomllib
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import Annotated, Final, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    model_validator,
)

from keys.errors import FormatError
from keys.keyring import SignedKeyring, check_own
from keys.note import Kind, VerifierKey
from mirror.config import Passphrase, values
from mirror.errors import ConfigError
from mirror.witness.judge import Logs

MAX_BYTES: Final = 100_000


def _whole(path: Path | None, info: ValidationInfo) -> Path | None:
    return None if path is None else values.absolute(path, info)


class LogSettings(BaseModel):
    """[[log]]: one log that is followed, by its keyring or by its bare keys."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    keyring: Annotated[Path | None, AfterValidator(_whole)] = None
    keys: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        if (self.keyring is None) == (not self.keys):
            raise ValueError('needs either keyring = "FILE" or keys = ["name+…"]')
        return self


class WitnessSettings(BaseModel):
    """Everything that ``tamizdat witness`` must know."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    key: values.AbsolutePath = Path("witness.pem")
    passphrase: Passphrase
    listen: values.Listen = "127.0.0.1:8480"
    state: values.AbsolutePath = Path("state")
    logs: tuple[LogSettings, ...] = Field(alias="log", min_length=1)


def load(file: Path) -> WitnessSettings:
    """The settings in ``file``; paths are seen from its folder.

    Raises:
        ConfigError: It is not there, or mistaken; every mistake is named.
    """
    folder = file.absolute().parent
    try:
        data = tomllib.loads(_read(file))
        return WitnessSettings.model_validate(data, context={"folder": folder})
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(str(file), (f"is no TOML: {error}",)) from error
    except ValidationError as error:
        mistakes = tuple(
            f"{' '.join(str(part) for part in one['loc']) or 'the file'}: {one['msg']}"
            for one in error.errors(include_url=False, include_input=False)
        )
        raise ConfigError(str(file), mistakes) from None


def logs_of(settings: WitnessSettings, file: Path) -> Logs:
    """The logs that ``settings``, read from ``file``, name, with the keys that count now.

    Raises:
        ConfigError: A keyring or key can't be used, or a log is named twice.
    """
    found: dict[str, tuple[VerifierKey, ...]] = {}
    for number, one in enumerate(settings.logs, 1):
        try:
            keys = keys_in(read_keyring(one.keyring)) if one.keyring else parse_keys(one.keys)
            origin = origin_of(keys)
        except (FormatError, OSError, ValueError) as error:
            raise ConfigError(str(file), (f"[[log]] {number}: {error}",)) from error
        if origin in found:
            problem = f"is of {origin}, as another [[log]] is"
            raise ConfigError(str(file), (f"[[log]] {number}: {problem}",))
        found[origin] = keys
    return found


def read_keyring(file: Path) -> bytes:
    """What is in ``file``; of a file that is too large for a keyring, the start.

    Raises:
        OSError: It can't be read.
    """
    with file.open("rb") as stream:
        return stream.read(MAX_BYTES)


def keys_in(keyring: bytes) -> tuple[VerifierKey, ...]:
    """The log keys in a keyring.

    Raises:
        FormatError: It is none, or its own roots did not sign it.
    """
    signed = SignedKeyring.parse(keyring)
    check_own(signed)
    return signed.keyring.policy.logs


def parse_keys(texts: Iterable[str]) -> tuple[VerifierKey, ...]:
    """The keys that are written as ``texts``.

    Raises:
        FormatError: One is none.
    """
    return tuple(VerifierKey.parse(text) for text in texts)


def origin_of(keys: Collection[VerifierKey]) -> str:
    """The log that all of ``keys`` are of.

    Raises:
        ValueError: They are of several, or not of a log.
    """
    names = {key.name for key in keys}
    if len(names) != 1 or {key.kind for key in keys} != {Kind.ED25519}:
        raise ValueError("needs the log keys of one log")
    return names.pop()


def _read(file: Path) -> str:
    try:
        with file.open("rb") as stream:
            return stream.read(MAX_BYTES).decode()
    except FileNotFoundError:
        remedy = "is not there; make one with `tamizdat witness init DIR`, or name it by --config"
        raise ConfigError(str(file), (remedy,)) from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(str(file), (f"can't be read: {error}",)) from error
