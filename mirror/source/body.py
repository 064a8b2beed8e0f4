"""Reading one answer's body, bounded in bytes and in time."""

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import aiohttp

from mirror.errors import SourceRefusedError, SourceUnreachableError
from mirror.source import encoding


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How slow an answer may be: after ``grace`` it must have brought ``bytes_per_s``.

    ``idle`` is the longest silence between two pieces.
    """

    grace: timedelta = timedelta(seconds=10)
    bytes_per_s: int = 500
    idle: timedelta = timedelta(seconds=20)

    def too_slow(self, arrived: int, seconds: float) -> bool:
        """Whether ``arrived`` bytes in so many seconds are too few."""
        return seconds > self.grace.total_seconds() and arrived < seconds * self.bytes_per_s


DEFAULT_PACE: Final = Pace()


class Clock:
    """Seconds since it was made."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._start = self._loop.time()

    @property
    def spent(self) -> float:
        """Seconds, by a clock that nobody sets."""
        return self._loop.time() - self._start


async def read(response: aiohttp.ClientResponse, limit: int, pace: Pace) -> bytes:
    """The body, decoded; at most ``limit`` bytes, as sent and as unpacked.

    Raises:
        SourceRefusedError: It is larger.
        SourceUnreachableError: It comes too slowly.
        EncodingError: It is not encoded as its headers say.
    """
    address = str(response.url)
    if (response.content_length or 0) > limit:
        raise _too_large(address, limit)
    clock, arrived, body = Clock(), 0, bytearray()
    decoder = encoding.decoder(response.headers.get("Content-Encoding", ""))
    async for piece in response.content.iter_any():
        arrived += len(piece)
        for decoded in decoder.feed(piece):
            body += decoded
            if max(len(body), arrived) > limit:
                raise _too_large(address, limit)
        if pace.too_slow(arrived, clock.spent):
            raise SourceUnreachableError(address, f"comes too slowly ({arrived} bytes so far)")
    if arrived:
        decoder.finish()
    return bytes(body)


def _too_large(address: str, limit: int) -> SourceRefusedError:
    return SourceRefusedError(address, f"is larger than {limit} bytes; see [fetch]")
