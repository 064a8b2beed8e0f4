"""Next keys that ``keys revoke`` set aside: who stole the present key may have them too."""

import shlex
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Final

from keys.files import read_public
from keys.note import VerifierKey
from mirror.keystore import CLOCK, LOG, NEXT, OLD, key_path

ROLES: Final = (LOG, CLOCK)

_ASIDE: Final = f"{NEXT}-aside-"


def set_aside(folder: Path, role: str) -> None:
    """Give the next key of ``role``, if there is one, a name that nothing looks for.

    Raises:
        KeyFileError: It is damaged, or open to others.
    """
    path = key_path(folder, f"{role}{NEXT}")
    if path.exists():
        path.rename(_place(folder, role, read_public(path)))


def aside(folder: Path, role: str) -> tuple[Path, ...]:
    """The key files that were set aside, by name."""
    return tuple(sorted(folder.glob(f"{role}{_ASIDE}*.pem")))


def lying_aside(folder: Path, wanted: Collection[VerifierKey]) -> dict[str, Path]:
    """By role: the file that was set aside, where it alone is one of the ``wanted`` keys.

    Raises:
        KeyFileError: A key file is damaged, or open to others.
    """
    found: dict[str, Path] = {}
    for role in ROLES:
        if any(public(key_path(folder, f"{role}{end}")) in wanted for end in ("", NEXT, OLD)):
            continue
        for path in aside(folder, role):
            if read_public(path) in wanted:
                found[role] = path
    return found


def how_to_put_back(folder: Path, found: dict[str, Path]) -> Iterator[str]:
    """Commands that exchange the next key of each role for the one that was set aside.

    Raises:
        KeyFileError: A key file is damaged, or open to others.
    """
    for role, path in found.items():
        following = key_path(folder, f"{role}{NEXT}")
        if following.exists():
            yield _move(following, _place(folder, role, read_public(following)))
        yield _move(path, following)


def public(path: Path) -> VerifierKey | None:
    """The public half of the key file at ``path``; None where there is none.

    Raises:
        KeyFileError: It is damaged, or open to others.
    """
    return read_public(path) if path.exists() else None


def _place(folder: Path, role: str, key: VerifierKey) -> Path:
    return key_path(folder, f"{role}{_ASIDE}{key.key_id.hex()}")


def _move(path: Path, target: Path) -> str:
    return shlex.join(("mv", "-n", str(path), str(target)))
