"""``Holders``: mirrors as places to read from. None is trusted: whoever asks checks the bytes."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Final

from feeds.localise import canonicalise, is_localised
from feeds.paths import CHECKPOINT
from mirror.config import MirrorConfig
from mirror.endpoints.protocol import Mirror
from mirror.errors import EndpointError, RecoverError
from mirror.publish.carrier import Carrier, Pace
from mirror.publish.heads import MAX_HEAD_BYTES

MAX_FILE_BYTES: Final = 256 * 2**20  # as verifiers have it
TIMEOUT: Final = timedelta(minutes=5)  # for one file, however large


class Holders:
    """The mirror that is recovered from, and the others, which may have what it lacks."""

    def __init__(self, mirrors: Sequence[tuple[MirrorConfig, Mirror]]) -> None:
        """The first of ``mirrors`` is the one that was named."""
        self._mirrors = [
            (config, Carrier(mirror, Pace(concurrency=config.concurrency, timeout=TIMEOUT)))
            for config, mirror in mirrors
        ]

    @property
    def name(self) -> str:
        """Of the first."""
        return self._mirrors[0][0].name

    @property
    def width(self) -> int:
        """How many requests at once are right."""
        return self._mirrors[0][1].width

    async def head(self) -> bytes:
        """The ``log/checkpoint`` of the first.

        Raises:
            EndpointError: It gives none.
            RecoverError: It has none.
        """
        head = await self._mirrors[0][1].get(CHECKPOINT, max_bytes=MAX_HEAD_BYTES)
        if head is None:
            raise RecoverError(f"mirror {self.name} has no {CHECKPOINT}: nothing was pushed there")
        return head

    async def find(
        self, path: str, right: Callable[[bytes], bool], *, max_bytes: int = MAX_FILE_BYTES
    ) -> tuple[bytes | None, str]:
        """The canonical bytes at ``path`` that are ``right``, from the first that has them.

        None, and why not, where nobody has.
        """
        why = []
        for config, carrier in self._mirrors:
            try:
                data = await carrier.get(path, max_bytes=max_bytes)
            except EndpointError as error:
                why.append(str(error))
                continue
            if data is None:
                why.append(f"mirror {config.name} has no such file")
                continue
            data = canonicalise(data, config.url) if is_localised(path) else data
            if right(data):
                return data, ""
            why.append(f"mirror {config.name} has other bytes there")
        return None, "; ".join(why)
