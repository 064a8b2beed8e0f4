"""The mirror that a ``[[mirror]]`` section describes; one line for each kind."""

from collections.abc import Callable, Mapping
from typing import Final

from mirror.config import MirrorConfig
from mirror.endpoints.dav import DavMirror
from mirror.endpoints.file import FileMirror
from mirror.endpoints.protocol import Mirror
from mirror.errors import EndpointRefusedError

KINDS: Final[Mapping[str, Callable[[MirrorConfig], Mirror]]] = {
    "file": FileMirror.build,
    "dav": DavMirror.build,
    "davs": DavMirror.build,
}


def build(config: MirrorConfig) -> Mirror:
    """The endpoint for ``config``; it connects when it is first used.

    Raises:
        ConfigError: Its password can't be read.
        EndpointRefusedError: No such kind.
    """
    kind = KINDS.get(config.scheme)
    if kind is None:
        raise EndpointRefusedError(config.name, f"no kind of mirror is called {config.scheme!r}")
    return kind(config)
