"""``opendal+SERVICE:?…``: a mirror in any store that OpenDAL knows. Experimental.

GCS, Azure, B2, Swift, Dropbox, IPFS's MFS and more. The contract was shown with OpenDAL's own
``memory`` and ``fs``, not against the real stores. OpenDAL is loaded when such a mirror is
configured. Its threads may end the process with SIGABRT while the interpreter shuts down, when
all is done: whoever has loaded it must end by ``os._exit`` (``mirror.cli.main`` does), and must
not go on in a forked child.
"""

import contextlib
import re
from typing import Any, Final

from mirror.config import MirrorConfig
from mirror.config.opendal import Store
from mirror.endpoints import paths
from mirror.endpoints.serving import serving
from mirror.errors import (
    ConfigError,
    EndpointError,
    EndpointRefusedError,
    EndpointUnreachableError,
)

_KIND: Final = re.compile(r"(\w+) \(\w+\) at (?:.*?=> (.*))?")
_MISSING: Final = "NotFound"
_REFUSED: Final = {
    "PermissionDenied": "denied; see to the options in `push`, and the `password`",
    "ConfigInvalid": "see to the options in `push`",
    "NotFound": "no such bucket or container; make it",
    "Unsupported": "this store can't do that",
    "IsADirectory": "a folder stands where the tree has a file; remove it",
    "NotADirectory": "a file stands where the tree has a folder; remove it",
    "AlreadyExists": "a file stands where the tree has a folder; remove it",
}
_MAX_WORDS: Final = 120


class OpendalMirror:
    """A store. Files are written in one request where the store takes that, else in several."""

    def __init__(self, name: str, store: Store, secrets: tuple[str, ...]) -> None:
        """A mirror in ``store``, with the values of its secret options.

        Raises:
            EndpointRefusedError: There is no OpenDAL here, or it can't make such a store.
        """
        self._name = name
        self._secrets = secrets
        try:
            from opendal import AsyncOperator  # noqa: PLC0415 - 40 MB, for those who use it
        except ModuleNotFoundError:
            problem = "needs opendal: pip install '.[service,clouds]' in the project's folder"
            raise EndpointRefusedError(name, problem) from None
        named = dict(zip(store.secrets, secrets, strict=True))
        try:
            self._operator = AsyncOperator(store.service, **store.options, **named)
        except Exception as error:  # noqa: BLE001 - it has no common base
            raise self._in_words("opening", error) from None
        able = self._operator.capability()
        self._takes_type = bool(able.write_with_content_type)
        self._takes_cache = bool(able.write_with_cache_control)

    @classmethod
    def build(cls, config: MirrorConfig) -> "OpendalMirror":
        """The mirror that ``config`` describes.

        Raises:
            ConfigError: Its secrets can't be read, or are not as many as ``push`` names.
            EndpointRefusedError: There is no OpenDAL here, or it can't make such a store.
        """
        store = Store.parse(config.push)
        text = config.password.read() if config.password else ""
        secrets = tuple(filter(None, map(str.strip, text.splitlines())))
        if len(secrets) != len(store.secrets):
            place = f'[[mirror]] "{config.name}" password'
            named = ", ".join(store.secrets) or "no secret"
            problem = f"has {len(secrets)} lines, but `push` names {named} in secret="
            raise ConfigError(place, (problem,))
        return cls(config.name, store, secrets)

    @property
    def name(self) -> str:
        """Name in the configuration."""
        return self._name

    async def get(self, path: str, *, max_bytes: int) -> bytes | None:
        """See ``Mirror.get``."""
        paths.check(self._name, path)
        data = bytearray()
        try:
            file = await self._operator.open(path, "rb")
            async with contextlib.AsyncExitStack() as stack:
                stack.push_async_callback(file.close)
                while len(data) <= max_bytes and (
                    piece := await file.read(max_bytes + 1 - len(data))
                ):
                    data += piece
        except Exception as error:  # noqa: BLE001 - it has no common base
            if _kind(error) == _MISSING:
                return None
            raise self._in_words(f"GET {path}", error) from None
        if len(data) > max_bytes:
            raise EndpointUnreachableError(self._name, f"GET {path}: over {max_bytes} bytes")
        return bytes(data)

    async def put(self, path: str, data: bytes) -> None:
        """See ``Mirror.put``."""
        paths.check(self._name, path)
        how = serving(path)
        told: dict[str, Any] = {}
        if self._takes_type:
            told["content_type"] = how.content_type
        if self._takes_cache:
            told["cache_control"] = how.cache_control
        try:
            await self._operator.write(path, data, **told)
        except Exception as error:  # noqa: BLE001 - it has no common base
            raise self._in_words(f"PUT {path}", error) from None

    async def delete(self, path: str) -> None:
        """See ``Mirror.delete``."""
        paths.check(self._name, path)
        try:
            await self._operator.delete(path)
        except Exception as error:  # noqa: BLE001 - it has no common base
            if _kind(error) != _MISSING:
                raise self._in_words(f"DELETE {path}", error) from None

    async def close(self) -> None:
        """Nothing is held open here; the process must end by ``os._exit``, see above."""

    def _in_words(self, what: str, error: Exception) -> EndpointError:
        """The error that a caller gets for one of OpenDAL's, without addresses and secrets."""
        kind = _kind(error)
        if kind in _REFUSED:
            return EndpointRefusedError(self._name, f"{what}: {_REFUSED[kind]}")
        if kind == "RateLimited":
            return EndpointUnreachableError(self._name, f"{what}: it wants fewer requests")
        return EndpointUnreachableError(self._name, f"{what}: {self._words(error)}")

    def _words(self, error: Exception) -> str:
        """OpenDAL's own first words, which name what it did; addresses come after these."""
        found = _KIND.match(str(error))
        said = (found[2] or found[1]) if found else type(error).__name__
        for secret in self._secrets:
            said = said.replace(secret, "…")
        return re.sub(r"\S+://\S+", "…", said)[:_MAX_WORDS]


def _kind(error: Exception) -> str:
    """OpenDAL's name for what went wrong; an opened file tells it in its text alone."""
    found = _KIND.match(str(error))
    return found[1] if found else ""
