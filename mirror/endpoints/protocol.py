"""What the publisher asks of a mirror, and nothing more."""

from typing import Protocol, runtime_checkable


class Mirror(Protocol):
    """One place that readers fetch the static tree from.

    A mirror is not trusted: readers verify every file, so the worst that a hostile
    mirror can do is to serve old files or none. Calls may overlap.
    Paths are those of format 1, checked before they come here.
    """

    @property
    def name(self) -> str:
        """Name in the configuration, logs and metrics; unique among mirrors."""
        ...

    async def get(self, path: str, *, max_bytes: int) -> bytes | None:
        """What stands at ``path``, or None where nothing does.

        Raises:
            EndpointUnreachableError: No usable answer, or more than ``max_bytes``.
            EndpointRefusedError: The mirror said no; trying again will not help.
        """
        ...

    async def put(self, path: str, data: bytes) -> None:
        """Make ``data`` the content that readers get at ``path``.

        A reader sees the old file or the new one, never part of either.
        Putting the same bytes again succeeds.

        Raises:
            EndpointUnreachableError: No usable answer; trying again may help.
            EndpointRefusedError: The mirror said no; trying again will not help.
        """
        ...

    async def delete(self, path: str) -> None:
        """Make nothing stand at ``path``; where nothing does, that succeeds.

        Raises:
            EndpointUnreachableError: No usable answer; trying again may help.
            EndpointRefusedError: The mirror said no; trying again will not help.
        """
        ...

    async def close(self) -> None:
        """Let go of connections; the mirror is not used afterwards."""
        ...


def far_width(mirror: Mirror) -> int:
    """How many times more is added to what is asked at once, where the way to ``mirror`` is long.

    One, unless its class says otherwise: a kind whose puts take several round trips, or need no
    connection each, gains by more.
    """
    return int(getattr(mirror, "far_width", 1))


@runtime_checkable
class Laying(Mirror, Protocol):
    """A mirror on which a file that is new there costs less to put where no reader looks yet."""

    async def lay(self, path: str, data: bytes) -> None:
        """As ``put``, but where nothing stands at ``path``, part of the file may stand for a while.

        That is while it is written, and after a failure; what stands there already is replaced
        in one step. For a mirror without a head (format 7), where nobody could verify a file yet.

        Raises:
            EndpointError: As ``Mirror.put``.
        """
        ...


class Batch(Protocol):
    """Changes that one mirror is to show together. Calls to ``put`` and ``delete`` may overlap."""

    async def put(self, path: str, data: bytes) -> None:
        """As ``Mirror.put``, but readers get it with ``flush``; ``data`` is not kept in memory.

        Raises:
            EndpointError: As ``Mirror.put``.
        """
        ...

    async def delete(self, path: str) -> None:
        """As ``Mirror.delete``, but it is gone with ``flush``.

        Raises:
            EndpointError: As ``Mirror.delete``.
        """
        ...

    async def flush(self) -> None:
        """Show all that was put and deleted so far, in one step, or nothing of it.

        Where it fails, all of it waits for the next call, which may find it shown already.
        With nothing waiting, nothing is asked of the mirror.

        Raises:
            EndpointUnreachableError: No usable answer; trying again may help.
            EndpointRefusedError: The mirror said no; trying again will not help.
        """
        ...

    async def close(self) -> None:
        """Forget what was not flushed; the batch is not used afterwards."""
        ...


@runtime_checkable
class Batching(Mirror, Protocol):
    """A mirror on which many changes cost as much as one: each step is a whole edition.

    A branch of a git repository is one: a step is a commit and a push. A push to such a mirror
    is one batch. As one step holds all of an edition, or new files that nothing shows yet, the
    order of format 7 holds for whoever reads between two steps. ``put`` and ``delete`` of the
    mirror itself are steps of their own, and ``get`` shows what readers get, so nothing that
    waits in a batch.
    """

    def batch(self) -> Batch:
        """A new, empty batch."""
        ...
