"""How a recovery tells how far it is."""

from collections.abc import Callable

Tell = Callable[[str, int, int], None]
"""Called with what is done now (``log``, ``files``, ``articles``), how much is, and of how much."""


def silent(_what: str, _done: int, _total: int) -> None:
    """Tell nobody."""
