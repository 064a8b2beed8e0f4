"""How far a reading has come, for whoever watches."""

from typing import Protocol


class Meter(Protocol):
    """Is told of every file; must be quick."""

    def expect(self, files: int) -> None:
        """So many more will be asked for."""
        ...

    def arrived(self, total_bytes: int) -> None:
        """One of them was answered; ``total_bytes`` came for all of them so far."""
        ...


class NoMeter:
    """Nobody watches."""

    def expect(self, files: int) -> None:
        """Nothing is done."""

    def arrived(self, total_bytes: int) -> None:
        """Nothing is done."""
