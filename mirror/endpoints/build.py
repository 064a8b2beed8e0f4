"""The mirror that a ``[[mirror]]`` section describes; one line for each kind."""

import pkgutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final, cast

from mirror.config import MirrorConfig
from mirror.endpoints.protocol import Mirror
from mirror.errors import EndpointRefusedError

KINDS: Final[Mapping[str, str]] = {  # imported when one is configured: some load much
    "file": "mirror.endpoints.file:FileMirror.build",
    "dav": "mirror.endpoints.dav:DavMirror.build",
    "davs": "mirror.endpoints.dav:DavMirror.build",
    "ftp": "mirror.endpoints.ftp:FtpMirror.build",
    "ftps": "mirror.endpoints.ftp:FtpMirror.build",
    "git": "mirror.endpoints.git:GitMirror.build",
    "opendal": "mirror.endpoints.opendal:OpendalMirror.build",
    "s3": "mirror.endpoints.s3:S3Mirror.build",
    "sftp": "mirror.endpoints.sftp:SftpMirror.build",
}

# Kinds that keep something on this machine, in a folder that may be lost.
KEEPING: Final = frozenset({"git"})


def build(config: MirrorConfig, kept: Path | None = None) -> Mirror:
    """The endpoint for ``config``; it connects when it is first used.

    What it keeps here, if its kind does, lies in the folder ``kept``.

    Raises:
        ConfigError: Its password can't be read.
        EndpointRefusedError: No such kind.
    """
    kind = KINDS.get(config.scheme.partition("+")[0])
    if kind is None:
        raise EndpointRefusedError(config.name, f"no kind of mirror is called {config.scheme!r}")
    make = pkgutil.resolve_name(kind)
    if config.scheme in KEEPING:
        return cast("Callable[[MirrorConfig, Path | None], Mirror]", make)(config, kept)
    return cast("Callable[[MirrorConfig], Mirror]", make)(config)
