"""Where ``tamizdat verify`` looks for keyrings that a mirror lacks (format 5.5).

First in what earlier verifications kept, then at the mirrors that the user names, then, for an
address, at those seen before and at those that the mirror itself lists.
"""

import random
from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from feeds.errors import TreeError
from feeds.verify_compare import MAX_MIRRORS_BYTES, MIRRORS, bases_in
from feeds.verify_elsewhere import Elsewhere, Fits
from feeds.verify_reader import Reader, read_one

if TYPE_CHECKING:  # loaded for an address alone, and where --state is given
    from mirror.cli.verify_state import State
    from mirror.reading.others import OtherMirrors


class Kept:
    """The keyrings of earlier verifications. An ``Elsewhere``."""

    def __init__(self, state: "State") -> None:
        self._state = state

    def keyring(self, origin: str, version: int, fits: Fits) -> tuple[str, bytes] | None:
        """What was kept, if it ``fits``."""
        data = self._state.keyring(origin, version)
        return ("--state", data) if data and fits(data) else None


class Asked:
    """Other mirrors. An ``Elsewhere`` that finds out whom to ask when it is first needed.

    Args:
        known: The addresses of a log's mirrors, the most trusted first.
        patience: As for ``OtherMirrors``.
    """

    def __init__(self, known: Callable[[str], Iterable[str]], patience: timedelta) -> None:
        self._known = known
        self._patience = patience
        self._mirrors: OtherMirrors | None = None
        self._without: set[int] = set()

    def keyring(self, origin: str, version: int, fits: Fits) -> tuple[str, bytes] | None:
        """What one of them has; what none had is not asked for again."""
        from mirror.reading.others import OtherMirrors

        if version in self._without:
            return None
        if self._mirrors is None:
            self._mirrors = OtherMirrors(self._known(origin), patience=self._patience)
        found = self._mirrors.keyring(origin, version, fits)
        if found is None:
            self._without.add(version)
        return found


class InTurn:
    """The first of several that has it. An ``Elsewhere``."""

    def __init__(self, *places: Elsewhere) -> None:
        self._places = places

    def keyring(self, origin: str, version: int, fits: Fits) -> tuple[str, bytes] | None:
        """What the first of them has."""
        found = (place.keyring(origin, version, fits) for place in self._places)
        return next((answer for answer in found if answer), None)


def for_folder(named: Sequence[str], state: "State | None", patience: timedelta) -> Elsewhere:
    """For what stands on a disk: nobody is asked whom the user did not name."""
    places: list[Elsewhere] = [Kept(state)] if state else []
    if named:
        places.append(Asked(lambda _: named, patience))
    return InTurn(*places)


def for_address(
    reader: Reader,
    target: str,
    named: Sequence[str],
    state: "State | None",
    patience: timedelta,
) -> Elsewhere:
    """For the mirror at ``target``, which ``reader`` reads."""

    def known(origin: str) -> list[str]:
        from mirror.reading.others import may_be_asked

        seen = list(state.mirrors(origin)) if state else []
        listed = list(_listed(reader))
        for bases in (seen, listed):
            random.SystemRandom().shuffle(bases)
        return [*named, *(base for base in (*seen, *listed) if may_be_asked(base, target))]

    return InTurn(*([Kept(state)] if state else []), Asked(known, patience))


def _listed(reader: Reader) -> tuple[str, ...]:
    """The mirror's own list, which nobody has verified yet."""
    try:
        return bases_in(read_one(reader, MIRRORS, max_bytes=MAX_MIRRORS_BYTES))
    except TreeError:
        return ()
