"""What the publisher asks of a mirror, and nothing more."""

from typing import Protocol


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
