"""``opendal+gcs:?bucket=x&secret=credential``: what stands in ``push`` for a store of OpenDAL's."""

import re
from dataclasses import dataclass
from typing import Final, Self
from urllib.parse import unquote, urlsplit

from mirror.config.values import HiddenError

PREFIX: Final = "opendal+"
SECRET: Final = "secret"  # noqa: S105 - the name of an option

_SERVICE: Final = re.compile(r"[a-z][a-z0-9_-]{1,30}")
_OPTION: Final = re.compile(r"[a-z][a-z0-9_]{0,50}")
_IS_SECRET: Final = re.compile(r"(?:.*_)?(?:key|secret|token|password|credential|signature|pass)")
_HOW: Final = 'write it like "opendal+gcs:?bucket=NAME&root=/x7k2&secret=credential"'


@dataclass(frozen=True, slots=True, kw_only=True)
class Store:
    """A store, as OpenDAL names it.

    Attributes:
        service: OpenDAL's name of the kind: ``gcs``, ``azblob``, ``b2`` …
        options: Of that service, by name; none of them is a secret.
        secrets: Names of the options that are, in the order of the lines of ``password``.
    """

    service: str
    options: dict[str, str]
    secrets: tuple[str, ...] = ()

    @classmethod
    def parse(cls, push: str) -> Self:
        """The store that ``push`` names.

        Raises:
            ValueError: It names none, or holds a secret; says how to write it.
        """
        scheme, _, rest = push.partition(":")
        service = scheme.removeprefix(PREFIX)
        parts = urlsplit(f"x:{rest}")
        if not scheme.startswith(PREFIX) or not _SERVICE.fullmatch(service):
            raise ValueError(f"names no service of OpenDAL; {_HOW}")
        if parts.netloc or parts.path or parts.fragment:
            raise HiddenError(f'has something else than options behind the ":"; {_HOW}')
        options: dict[str, str] = {}
        secrets: list[str] = []
        for pair in filter(None, parts.query.split("&")):
            name, _, value = pair.partition("=")
            if name == SECRET:
                secrets += filter(None, unquote(value).split(","))
            elif _IS_SECRET.fullmatch(name):
                raise HiddenError(
                    f'holds a secret in "{name[:50]}"; write secret={name[:50]} there, and'
                    ' password = { env = "NAME" }'
                )
            else:
                options[name] = unquote(value)
        if not all(map(_OPTION.fullmatch, (*options, *secrets))):
            raise HiddenError(f"has an option that is none; {_HOW}")
        return cls(service=service, options=options, secrets=tuple(secrets))
