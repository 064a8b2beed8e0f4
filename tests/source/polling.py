"""Polling one source for a test."""

from datetime import UTC, datetime, timedelta

from mirror.config import FetchConfig, SourceConfig
from mirror.source.fetch import Fetcher
from mirror.source.poll import Polled, poll
from mirror.source.state import SourceState

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)
POLL = timedelta(minutes=10)
NEVER = SourceState()


async def ask(
    kind: str, url: str, state: SourceState = NEVER, now: datetime = NOW, **source: object
) -> Polled:
    """One poll of a source of that kind, by a fetcher that waits two seconds for an answer."""
    config = FetchConfig.model_validate(
        {"private_addresses": True, "robots": False, "timeout": "2s"}
    )
    async with Fetcher(config) as fetcher:
        wanted = {"name": "news", "kind": kind, "url": url, **source}
        return await poll(SourceConfig.model_validate(wanted), state, fetcher, now)


def numbers(polled: Polled) -> list[int]:
    """What each new entry's address ends in."""
    return [int(item.url.rpartition("-")[2]) for item in polled.fresh]
