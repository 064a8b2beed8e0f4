"""``Debts``: what must still go from one mirror, while a push to it runs (format 7)."""

from mirror.errors import EndpointError, EndpointUnreachableError
from mirror.publish.published import Published


class Debts:
    """Deletions that earlier pushes could not do, and those that this one can't.

    Attributes:
        stuck: Path, and why it could not be deleted.
        late: A deletion that failed and that the next push may well do, or None. Until then no
            head goes out: a verifier would find a file that the head says is gone.
    """

    def __init__(self, mirror: str, ours: Published) -> None:
        """Nothing is owed, as far as is known."""
        self.stuck: dict[str, str] = {}
        self.late: EndpointError | None = None
        self._mirror = mirror
        self._ours = ours
        self._owed: frozenset[str] = frozenset()  # by earlier pushes
        self._paid: set[str] = set()

    async def read(self) -> None:
        """Ask what earlier pushes left."""
        self._owed = frozenset(await self._ours.owed(self._mirror))

    @property
    def left(self) -> list[str]:
        """What earlier pushes left, and this one did not yet do; sorted."""
        return sorted(self._owed - self._paid)

    def put(self, path: str) -> None:
        """It was published again."""
        self.stuck.pop(path, None)
        if path in self._owed:
            self._paid.add(path)

    def deleted(self, path: str) -> None:
        """The mirror took the deletion."""
        self.stuck.pop(path, None)

    def failed(self, path: str, error: EndpointError) -> None:
        """The mirror did not take the deletion."""
        self.stuck[path] = error.problem
        if isinstance(error, EndpointUnreachableError) and path not in self._owed:
            self.late = error

    def gone(self, path: str) -> None:
        """A deletion was shown; unless it failed, it is owed no more."""
        if path in self._owed and path not in self.stuck:
            self._paid.add(path)

    async def settle(self) -> None:
        """Write down which deletions are owed now; before a head goes out."""
        new = set(self.stuck) - self._owed
        if new:
            await self._ours.owe(self._mirror, sorted(new))
            self._owed |= new
        if self._paid:
            await self._ours.paid(self._mirror, sorted(self._paid))
            self._owed -= self._paid
            self._paid.clear()
