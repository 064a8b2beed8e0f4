"""What an endpoint makes of a path: its check, its folders."""

import re
from collections.abc import Iterator
from typing import Final

from feeds.paths import SUMS_AHEAD
from mirror.errors import EndpointRefusedError

MAX_PATH_CHARS: Final = 250  # 200 of format 2.1, and room for ``.tlog-proof`` and a test file

_PATH: Final = re.compile(r"(?:[A-Za-z0-9_-][A-Za-z0-9._-]*/)*[A-Za-z0-9_-][A-Za-z0-9._-]*")


def check(mirror: str, path: str) -> str:
    """``path`` itself; no segment of it is empty, ``..`` or starts with a dot, but of one file.

    Paths are checked where they enter the tree. This is the second look, right before
    one becomes a place on a disk or a server.

    Raises:
        EndpointRefusedError: Anything else.
    """
    if len(path) > MAX_PATH_CHARS or not (_PATH.fullmatch(path) or path == SUMS_AHEAD):
        raise EndpointRefusedError(mirror, f"{path[:MAX_PATH_CHARS]!r} is no path of a tree")
    return path


def folders(path: str) -> Iterator[str]:
    """Every folder above ``path``, the outermost first: ``a/0d/x`` gives ``a``, ``a/0d``."""
    at = path.find("/")
    while at != -1:
        yield path[:at]
        at = path.find("/", at + 1)
