"""How far a push has come, so that the next one goes on there."""

from collections import deque

from mirror.tree import Resume


class Mark:
    """The index below which every new leaf was put; leaves begin by index, and end anyhow."""

    def __init__(self, since: int, *, given: int, path: str = "") -> None:
        """Nothing put yet but what lies below ``given``, of which ``path`` is the last."""
        self._since = since
        self._given = given
        self._path = path
        self._under_way: dict[int, int] = {}  # index of a leaf: its requests, oldest first
        self._begun: deque[tuple[int, str]] = deque()

    @property
    def given(self) -> int:
        """Every new leaf below this index was put, with its proof."""
        return self._given

    @property
    def resume(self) -> Resume | None:
        """Where to go on, or None where nothing was put yet."""
        if not self._path or self._given <= self._since:
            return None
        return Resume(self._since, self._given, self._path)

    def begin(self, index: int, path: str) -> None:
        """A request that carries ``path``, of the leaf at ``index``, is about to be made."""
        self._under_way[index] = self._under_way.get(index, 0) + 1
        self._begun.append((index, path))
        self._advance(next(iter(self._under_way)))

    def end(self, index: int) -> None:
        """A request of that leaf has succeeded."""
        self._under_way[index] -= 1
        if not self._under_way[index]:
            del self._under_way[index]

    def reached(self, size: int) -> None:
        """Every new leaf below ``size`` was put."""
        self._advance(max(size, self._given))

    def _advance(self, to: int) -> None:
        self._given = max(self._given, to)
        while self._begun and self._begun[0][0] < self._given:
            _, self._path = self._begun.popleft()
