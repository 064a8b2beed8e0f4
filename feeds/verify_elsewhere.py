"""What the verifier asks of others when a tree lacks the next keyring (format 5.5)."""

from collections.abc import Callable
from typing import Protocol

Fits = Callable[[bytes], bool]
"""Whether these bytes are the keyring that was looked for; they may come from anybody."""


class Elsewhere(Protocol):
    """Other places that may have a keyring: mirrors, or what earlier verifications kept.

    They are trusted as little as the tree itself: whatever they give must be signed by the
    roots of the keyring before.
    """

    def keyring(self, origin: str, version: int, fits: Fits) -> tuple[str, bytes] | None:
        """Where that keyring of the log ``origin`` is, in words, and its bytes.

        Only what ``fits`` accepts is given; None where nobody has it. Bounded in time and bytes,
        and never raises for what others do.
        """
        ...


class NoElsewhere:
    """Nobody else is known."""

    def keyring(self, origin: str, version: int, fits: Fits) -> tuple[str, bytes] | None:  # noqa: ARG002 - the protocol's
        """None."""
        return None
