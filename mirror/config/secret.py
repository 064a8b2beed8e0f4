"""``Secret``: where a secret is kept. The configuration never holds one."""

import os
from pathlib import Path
from typing import Annotated, Final, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, ValidationInfo, model_validator

from keys.mode import looseness
from mirror.config.values import HiddenError, absolute
from mirror.errors import ConfigError

MAX_SECRET_BYTES: Final = 65_536
HOW: Final = '{ env = "NAME" }, { file = "path" } or { credential = "name" }'


def _whole(path: Path | None, info: ValidationInfo) -> Path | None:
    return None if path is None else absolute(path, info)


class Secret(BaseModel):
    """Where to read a secret: exactly one of the three.

    Attributes:
        env: Name of an environment variable. Other processes of the same user can read it.
        file: A file that holds nothing else; a last line end is left out.
        credential: Name of a systemd credential (``LoadCredentialEncrypted=``).
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    env: str | None = None
    file: Annotated[Path | None, AfterValidator(_whole)] = None
    credential: str | None = None

    @model_validator(mode="before")
    @classmethod
    def _is_a_table(cls, value: object) -> object:
        if not isinstance(value, (dict, Secret)):
            raise HiddenError(f"must not stand here itself; say where it is kept: {HOW}")
        return value

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        if len([place for place in (self.env, self.file, self.credential) if place]) != 1:
            raise ValueError(f"must name one place: {HOW}")
        if self.credential and "/" in self.credential:
            raise ValueError("credential is a name, not a path")
        return self

    def read(self) -> str:
        """The secret itself, without a line end.

        Raises:
            ConfigError: It is not there, can't be read, or is empty.
        """
        secret = self._from_env(self.env) if self.env else self._from_file()
        if not secret:
            raise ConfigError(str(self), ("is empty",))
        return secret

    def __str__(self) -> str:
        place = {"env": self.env, "file": self.file, "credential": self.credential}
        kind, value = next((k, v) for k, v in place.items() if v)
        return f'secret {{ {kind} = "{value}" }}'

    def _from_env(self, name: str) -> str:
        try:
            return os.environ[name]
        except KeyError:
            remedy = f"the variable is not set; export {name}, or name a file in the config"
            raise ConfigError(str(self), (remedy,)) from None

    def _from_file(self) -> str:
        path = self.file or self._credential_path()
        try:
            with path.open("rb") as file:
                self._admit(path, file.fileno())
                data = file.read(MAX_SECRET_BYTES + 1)
            if len(data) > MAX_SECRET_BYTES:
                raise ConfigError(
                    str(self), (f"{path} is larger than 64 kB; is it the right one?",)
                )
            return data.decode("utf-8").removesuffix("\n").removesuffix("\r")
        except OSError as error:
            problem = f"{path}: {error.strerror}; put the secret there, readable by this user"
            raise ConfigError(str(self), (problem,)) from error
        except UnicodeDecodeError as error:
            raise ConfigError(str(self), (f"{path} is no text",)) from error

    def _admit(self, path: Path, handle: int) -> None:
        """Refuse the open file at ``path`` for who else can read it; here none is."""

    def _credential_path(self) -> Path:
        folder = os.environ.get("CREDENTIALS_DIRECTORY")
        if not folder or not self.credential:
            remedy = (
                "systemd gave no credentials; add LoadCredentialEncrypted="
                f"{self.credential} to the unit, or name a file in the config"
            )
            raise ConfigError(str(self), (remedy,))
        return Path(folder) / self.credential


class Passphrase(Secret):
    """What key files open with: a ``file`` that others can read is refused, as key files are.

    systemd guards its credentials by their folder, whatever their mode is.
    """

    def _admit(self, path: Path, handle: int) -> None:
        loose = looseness(handle, path)
        if loose and not self._is_credential(path):
            raise ConfigError(str(self), (loose,))

    def _is_credential(self, path: Path) -> bool:
        folder = os.environ.get("CREDENTIALS_DIRECTORY")
        return bool(folder) and path.resolve().is_relative_to(Path(folder or "").resolve())
