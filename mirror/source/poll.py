"""Polling one source: at most one conditional request, and what it means."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from mirror.config import SourceConfig
from mirror.errors import SourceError, SourceRefusedError
from mirror.source.feeds import parse_feed
from mirror.source.fetch import Fetcher, Limits, Response
from mirror.source.headers import fresh_for, in_words
from mirror.source.item import Item
from mirror.source.moving import moved
from mirror.source.state import SourceState, fingerprint, fresh

GONE: Final = 410
_NOT_THERE: Final = frozenset({404, GONE})
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
        fresh_for: How long the source says that its answer holds.
    """

    items: tuple[Item, ...]
    fresh: tuple[Item, ...]
    state: SourceState
    changed: bool
    note: str
    problem: SourceError | None = None
    fresh_for: timedelta = timedelta(0)


async def poll(source: SourceConfig, state: SourceState, fetcher: Fetcher, now: datetime) -> Polled:
    """Ask ``source`` once, unless it asked us to wait or is gone for good; ``now`` is UTC.

    A source that can't be read is no error here: it stands in ``problem``.
    """
    state = state if state.url == source.url else SourceState(url=source.url)
    if state.gone:
        gone = SourceRefusedError(
            source.url, f"{in_words(GONE)}, so it is asked no more", status=GONE
        )
        return replace(_unchanged(state, gone.problem), problem=gone)
    if state.must_wait(now):
        return _unchanged(state, f"asked us to wait until {state.not_before:%H:%M:%S} UTC")
    try:
        response = await fetcher.get(
            state.at or source.url,
            kind=Limits.FEED,
            etag=state.etag,
            last_modified=state.last_modified,
        )
        return judge_answer(source, state, response, now)
    except SourceError as error:
        failed = _failed(state, error, now)
        return replace(_unchanged(failed, error.problem), problem=error)


def _failed(state: SourceState, error: SourceError, now: datetime) -> SourceState:
    """What a failure means: 410 is the end, but only where it comes from the source itself."""
    if state.at and error.status in _NOT_THERE:
        return state.lost().failed(error.retry_after_s, now)
    if error.status == GONE and error.url == state.url:
        return state.ended()
    return state.failed(error.retry_after_s, now)


def judge_answer(
    source: SourceConfig, state: SourceState, response: Response, now: datetime
) -> Polled:
    """What an answer means, seen from what was remembered.

    Raises:
        SourceError: It can't be read as this kind of source.
    """
    headers = response.headers
    answered = moved(state.answered(), response, now)
    lasting = timedelta(seconds=fresh_for(headers))
    if response.status == 304:  # noqa: PLR2004 - Not Modified
        return _unchanged(answered, "nothing new", lasting)
    digest = hashlib.sha256(response.body).hexdigest()
    remembered = replace(
        answered,
        etag=headers.get("ETag", "")[:_MAX_VALIDATOR_CHARS],
        last_modified=headers.get("Last-Modified", "")[:_MAX_VALIDATOR_CHARS],
        digest=digest,
    )
    if digest == state.digest:
        return _unchanged(remembered, "nothing new", lasting)
    entries = parse_feed(response.body, response.url, response.content_type)
    items = _usable(entries, source)
    new = fresh(items, state)
    habit = state.habit.after((item.published for item in new), now) if new else state.habit
    return Polled(
        items=items,
        fresh=new,
        state=replace(remembered, seen=tuple(map(fingerprint, items)), habit=habit),
        changed=True,
        note=f"{len(items)} entries, {len(new)} new or changed",
        fresh_for=lasting,
    )


def _unchanged(state: SourceState, note: str, fresh_for: timedelta = timedelta(0)) -> Polled:
    return Polled(items=(), fresh=(), state=state, changed=False, note=note, fresh_for=fresh_for)


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
