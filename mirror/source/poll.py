"""Polling one source: at most one conditional request, and what it means."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from mirror.config import SourceConfig
from mirror.errors import SourceError
from mirror.source.feeds import parse_feed
from mirror.source.fetch import Fetcher, Limits, Response
from mirror.source.item import Item
from mirror.source.state import SourceState, fingerprint, fresh

_MAX_VALIDATOR_CHARS: Final = 1_000  # no longer ETag or Last-Modified is sent back


@dataclass(frozen=True, slots=True, kw_only=True)
class Polled:
    """What one poll brought.

    Attributes:
        items: Every entry that names an address, in the source's order, each address once;
            empty where nothing changed.
        fresh: Those of ``items`` that are new or told otherwise since the last answer.
        state: What to remember, also after a failure.
        changed: Whether the source differs from the last answer.
        note: What happened, in words.
        problem: Why there was no usable answer, or None.
    """

    items: tuple[Item, ...]
    fresh: tuple[Item, ...]
    state: SourceState
    changed: bool
    note: str
    problem: SourceError | None = None


async def poll(source: SourceConfig, state: SourceState, fetcher: Fetcher, now: datetime) -> Polled:
    """Ask ``source`` once, unless it asked us to wait; ``now`` is UTC.

    A source that can't be read is no error here: it stands in ``problem``.
    """
    state = state if state.url == source.url else SourceState(url=source.url)
    if state.must_wait(now):
        return _unchanged(state, f"asked us to wait until {state.not_before:%H:%M:%S} UTC")
    try:
        response = await fetcher.get(
            source.url, kind=Limits.FEED, etag=state.etag, last_modified=state.last_modified
        )
        return judge_answer(source, state, response)
    except SourceError as error:
        failed = state.failed(error.retry_after_s, now)
        return replace(_unchanged(failed, error.problem), problem=error)


def judge_answer(source: SourceConfig, state: SourceState, response: Response) -> Polled:
    """What an answer means, seen from what was remembered.

    Raises:
        SourceError: It can't be read as this kind of source.
    """
    if response.status == 304:  # noqa: PLR2004 - Not Modified
        return _unchanged(state.answered(), "nothing new")
    digest = hashlib.sha256(response.body).hexdigest()
    headers = response.headers
    remembered = replace(
        state.answered(),
        etag=headers.get("ETag", "")[:_MAX_VALIDATOR_CHARS],
        last_modified=headers.get("Last-Modified", "")[:_MAX_VALIDATOR_CHARS],
        digest=digest,
    )
    if digest == state.digest:
        return _unchanged(remembered, "nothing new")
    entries = parse_feed(response.body, response.url, response.content_type)
    items = _usable(entries, source)
    new = fresh(items, state)
    return Polled(
        items=items,
        fresh=new,
        state=replace(remembered, seen=tuple(map(fingerprint, items))),
        changed=True,
        note=f"{len(items)} entries, {len(new)} new or changed",
    )


def _unchanged(state: SourceState, note: str) -> Polled:
    return Polled(items=(), fresh=(), state=state, changed=False, note=note)


def _usable(entries: Iterable[Item], source: SourceConfig) -> tuple[Item, ...]:
    """Each address once, with the section and language that the operator set."""
    first: dict[str, Item] = {}
    for entry in entries:
        if entry.url:
            first.setdefault(entry.url, entry)
    return tuple(
        replace(
            item,
            section=source.section or item.section,
            language=source.language or item.language,
        )
        for item in first.values()
    )
