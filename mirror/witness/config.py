"""``WitnessSettings``: the file that a partner's witness is run by."""

import tomllib
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
from mirror.config import Secret, values
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
    passphrase: Secret
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
            keys = _keys_of(one)
        except (FormatError, OSError) as error:
            raise ConfigError(str(file), (f"[[log]] {number}: {error}",)) from error
        names = {key.name for key in keys}
        if len(names) != 1 or names & found.keys() or {key.kind for key in keys} != {Kind.ED25519}:
            problem = "needs the log keys of one log, which no other [[log]] names"
            raise ConfigError(str(file), (f"[[log]] {number}: {problem}",))
        found[names.pop()] = keys
    return found


def _keys_of(one: LogSettings) -> tuple[VerifierKey, ...]:
    if one.keyring is None:
        return tuple(VerifierKey.parse(text) for text in one.keys)
    with one.keyring.open("rb") as file:
        signed = SignedKeyring.parse(file.read(MAX_BYTES))
    check_own(signed)
    return signed.keyring.policy.logs


def _read(file: Path) -> str:
    try:
        with file.open("rb") as stream:
            return stream.read(MAX_BYTES).decode()
    except FileNotFoundError:
        remedy = "is not there; make one with `tamizdat witness init DIR`, or name it by --config"
        raise ConfigError(str(file), (remedy,)) from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(str(file), (f"can't be read: {error}",)) from error
