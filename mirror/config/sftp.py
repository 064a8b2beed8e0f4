"""``sftp://user@host/path?host-key=SHA256:…``: what stands in ``push`` of an SFTP mirror."""

import re
from dataclasses import dataclass
from typing import Final, Self
from urllib.parse import unquote, urlsplit

from mirror.config.options import options_of
from mirror.config.values import HiddenError

OPTIONS: Final = ("host-key",)
SSH_PORT: Final = 22

_HOW: Final = 'write it like "sftp://user@host/path?host-key=SHA256:…"'
_FINGERPRINT: Final = re.compile(r"SHA256:[A-Za-z0-9+/]{43}")


@dataclass(frozen=True, slots=True, kw_only=True)
class SftpPlace:
    """The folder behind SSH that a mirror is.

    Attributes:
        host: Name or address.
        port: Of its SSH server.
        user: There.
        folder: A whole path; or, without a slash at its start, one seen from the login's home.
        pins: Fingerprints of host keys; the host must show one of them.
    """

    host: str
    port: int
    user: str
    folder: str
    pins: frozenset[str]

    @classmethod
    def parse(cls, push: str) -> Self:
        """The place that ``push`` names.

        Raises:
            ValueError: It names none; says how to write it.
        """
        parts = urlsplit(push)
        found = options_of(push)
        for name in found:
            if name not in OPTIONS:
                use = " or ".join(OPTIONS)
                raise HiddenError(f'knows no "{name[:30]}" behind the "?"; use {use}')
        if not parts.username:
            raise ValueError(f"names no user; {_HOW}")
        pins = found.get("host-key", ())
        if not pins or not all(map(_FINGERPRINT.fullmatch, pins)):
            raise ValueError(
                "pins no host key, so anybody could take the host's place; ask whoever runs it for"
                f" the fingerprint that `ssh-keygen -lf` shows, and {_HOW}"
            )
        return cls(
            host=parts.hostname or "",
            port=parts.port or SSH_PORT,
            user=unquote(parts.username),
            folder=unquote(parts.path).removeprefix("/~/"),
            pins=frozenset(pins),
        )
