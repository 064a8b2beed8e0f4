"""``tamizdat verify`` without typer, for words that leave no doubt.

A third of what it takes to verify a small copy is to load the machinery of a command line.
So plain words are understood here; whatever is not plain (``--help``, a slip of the pen) is left
to typer, which knows more and says it better.
"""

import gc
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

TAKES: Final[dict[str, Callable[[str], Any]]] = {
    "keyring": Path,
    "fingerprint": str,
    "proof": Path,
    "base": str,
    "state": Path,
}
FLAGS: Final = ("proofs", "json")


def understand(words: Sequence[str]) -> dict[str, Any] | None:
    """The fields of a ``Wish``; None where typer must look at them."""
    found: dict[str, Any] = {}
    rest = iter(words)
    for word in rest:
        name = word.removeprefix("--")
        if word == name and "target" not in found and not word.startswith("-"):
            found["target"] = word
        elif word == name or name in found:
            return None
        elif name in FLAGS:
            found[name] = True
        else:
            value = next(rest, "")
            if name not in TAKES or not value or value.startswith("-"):
                return None
            found[name] = TAKES[name](value)
    return found if "target" in found else None


def attempt(words: Sequence[str]) -> int | None:
    """Run the command if its words are plain; its exit status, or None.

    A folder is read by a second process from the first moment on, while this one still loads.
    """
    found = understand(words)
    if found is None:
        return None
    ahead = None
    if os.path.isdir(found["target"]):  # noqa: PTH112 - nothing more is loaded yet
        from feeds.folder_ahead import begin

        ahead = begin(found["target"])
        gc.disable()  # a short life, of many small things and no circles
    from mirror.cli.verify_run import Wish, run_verify

    try:
        return run_verify(Wish(**found), ahead)
    finally:
        if ahead:
            ahead.end()
        gc.enable()
