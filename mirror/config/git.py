"""``git:https://user@host/x.git?branch=pages``: what stands in ``push`` of a git mirror."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Self
from urllib.parse import SplitResult, unquote, urlsplit, urlunsplit

from mirror.config.options import options_of
from mirror.config.values import HiddenError

BRANCH: Final = "pages"
OPTIONS: Final = ("branch", "folder", "history", "host-key")

_SCHEMES: Final = ("https", "http", "ssh", "file")
_HOW: Final = (
    'write it like "git:https://user@host/name.git" or'
    ' "git:ssh://git@host/name.git?host-key=SHA256:…"'
)
_BRANCH: Final = re.compile(
    r"(?![.\-])(?!.*(\.\.|\.lock(/|$)|/\.|//|/$|\.$))[A-Za-z0-9._/-]{1,100}"
)
_FOLDER: Final = re.compile(r"([A-Za-z0-9_-][A-Za-z0-9._-]*/)*[A-Za-z0-9_-][A-Za-z0-9._-]*")
_FINGERPRINT: Final = re.compile(r"SHA256:[A-Za-z0-9+/]{43}")


@dataclass(frozen=True, slots=True, kw_only=True)
class GitPlace:
    """A branch that a mirror is.

    Attributes:
        url: Of the repository, as git takes it; with the user for ssh only, never a password.
        user: Whose password goes with https; empty where none is needed.
        branch: Its name, without ``refs/heads/``.
        folder: Where in the branch the tree lies; empty for its top.
        history: Whether earlier commits stay. Without, the branch is one commit always.
        pins: Fingerprints of the host's key, for ssh.
    """

    url: str
    user: str = ""
    branch: str = BRANCH
    folder: str = ""
    history: bool = False
    pins: tuple[str, ...] = ()

    @property
    def scheme(self) -> str:
        """How the repository is reached: ``https``, ``http``, ``ssh`` or ``file``."""
        return self.url.partition(":")[0]

    @classmethod
    def parse(cls, push: str) -> Self:
        """The place that ``push`` names.

        Raises:
            ValueError: It names none; says how to write it.
        """
        parts = urlsplit(push.partition(":")[2])
        if parts.scheme not in _SCHEMES or not parts.path.strip("/"):
            raise ValueError(f"names no repository; {_HOW}")
        if parts.password is not None:
            raise HiddenError(
                'holds a password; leave the user there, and write password = { env = "NAME" }'
            )
        if parts.scheme != "file" and not parts.hostname:
            raise ValueError(f"names no host; {_HOW}")
        if parts.scheme == "file" and (parts.netloc or not parts.path.startswith("/")):
            raise ValueError('must name a whole path, like "git:file:///srv/pages.git"')
        found = options_of(push.partition(":")[2])
        pins = found.get("host-key", ())
        _check(parts.scheme, parts.username, found, pins)
        return cls(
            url=_url(parts),
            user="" if parts.scheme == "ssh" else unquote(parts.username or ""),
            branch=found.get("branch", (BRANCH,))[-1],
            folder=found.get("folder", ("",))[-1].strip("/"),
            history=found.get("history", ("squashed",))[-1] == "kept",
            pins=pins,
        )


def _url(parts: SplitResult) -> str:
    netloc = parts.netloc if parts.scheme == "ssh" else parts.netloc.rpartition("@")[2]
    return urlunsplit((parts.scheme, netloc, parts.path, "", ""))


def _check(
    scheme: str, user: str | None, found: Mapping[str, tuple[str, ...]], pins: tuple[str, ...]
) -> None:
    for name in found:
        if name not in OPTIONS:
            raise HiddenError(f'knows no "{name[:30]}" behind the "?"; use {" or ".join(OPTIONS)}')
    if not all(map(_BRANCH.fullmatch, found.get("branch", ()))):
        raise ValueError('names no branch that git takes; write it like "?branch=pages"')
    if not all(_FOLDER.fullmatch(one.strip("/")) for one in found.get("folder", ())):
        raise ValueError('names no folder; write it like "?folder=x7k2"')
    if not set(found.get("history", ())) <= {"squashed", "kept"}:
        raise ValueError('has a history that is neither "squashed" nor "kept"')
    if scheme == "ssh" and not user:
        raise ValueError(f"names no user; {_HOW}")
    if scheme == "ssh" and not (pins and all(map(_FINGERPRINT.fullmatch, pins))):
        raise ValueError(
            "pins no host key, so anybody could take the host's place; look for the fingerprint"
            f" that the host publishes, and {_HOW}"
        )
