"""How fast one mirror is written to, whatever push does it; the only import of ``aiolimiter``."""

from aiolimiter import AsyncLimiter

STEP_S = 0.25  # a limit is kept over such a span, so that a push flows and does not come in gusts


class Rate:
    """The limits of one mirror, shared by all requests to it. For one event loop.

    Args:
        bytes_a_second: On average; None for no limit.
        requests_a_second: On average; None for no limit.
    """

    def __init__(self, bytes_a_second: int | None, requests_a_second: int | None) -> None:
        self._bytes = _limiter(bytes_a_second)
        self._requests = _limiter(requests_a_second)

    async def wait(self, size: int) -> None:
        """Return when a request with ``size`` bytes of body may be made."""
        if self._requests:
            await self._requests.acquire()
        while self._bytes and size > 0:
            part = min(size, int(self._bytes.max_rate))
            await self._bytes.acquire(part)
            size -= part


def _limiter(a_second: int | None) -> AsyncLimiter | None:
    if a_second is None:
        return None
    span = max(STEP_S, 1 / a_second)  # the limiter lets at least one through at a time
    return AsyncLimiter(max(1, a_second * span), span)
