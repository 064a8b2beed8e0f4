"""Make everything that was written to one file system durable, with one call."""

import ctypes
import os
from collections.abc import Callable
from typing import Final


def _find() -> Callable[[int], int] | None:
    try:
        found = ctypes.CDLL(None, use_errno=True).syncfs
    except (OSError, AttributeError):
        return None
    found.argtypes, found.restype = (ctypes.c_int,), ctypes.c_int
    call: Callable[[int], int] = found
    return call


_SYNCFS: Final = _find()  # Linux; elsewhere every file system is synced


def sync_all(descriptor: int) -> None:
    """Wait until the file system that ``descriptor`` is on holds all that was written to it.

    Raises:
        OSError: Something could not be written.
    """
    if _SYNCFS is None:
        os.sync()
    elif _SYNCFS(descriptor) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
