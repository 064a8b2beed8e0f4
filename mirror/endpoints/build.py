"""The mirror that a ``[[mirror]]`` section describes; one line for each kind."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from mirror.config import MirrorConfig
from mirror.endpoints.dav import DavMirror
from mirror.endpoints.file import FileMirror
from mirror.endpoints.git import GitMirror
from mirror.endpoints.protocol import Mirror
from mirror.errors import EndpointRefusedError

KINDS: Final[Mapping[str, Callable[[MirrorConfig], Mirror]]] = {
    "file": FileMirror.build,
    "dav": DavMirror.build,
    "davs": DavMirror.build,
}


# Kinds that keep something on this machine, in a folder that may be lost.
KEEPING: Final[Mapping[str, Callable[[MirrorConfig, Path | None], Mirror]]] = {
    "git": GitMirror.build,
}


def build(config: MirrorConfig, kept: Path | None = None) -> Mirror:
    """The endpoint for ``config``; it connects when it is first used.

    What it keeps here, if its kind does, lies in the folder ``kept``.

    Raises:
        ConfigError: Its password can't be read.
        EndpointRefusedError: No such kind.
    """
    keeping = KEEPING.get(config.scheme)
    if keeping is not None:
        return keeping(config, kept)
    kind = KINDS.get(config.scheme)
    if kind is None:
        raise EndpointRefusedError(config.name, f"no kind of mirror is called {config.scheme!r}")
    return kind(config)
