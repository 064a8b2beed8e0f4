"""Polling one source: one conditional request, more where its kind needs them; what it means."""

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from mirror.config import SourceConfig
from mirror.errors import SourceError, SourceRefusedError
from mirror.source.fetch import Fetcher
from mirror.source.headers import fresh_for, in_words
from mirror.source.hub import offered
from mirror.source.item import Item
from mirror.source.kind import Kind, Look, Told
from mirror.source.kinds import KINDS
from mirror.source.moving import moved
from mirror.source.response import Response
from mirror.source.state import SourceState, fresh, remembered
from mirror.source.usable import usable

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
    state = state.set_to(source.url, _settings(source))
    if state.gone:
        gone = SourceRefusedError(
            source.url, f"{in_words(GONE)}, so it is asked no more", status=GONE
        )
        return replace(_unchanged(state, gone.problem), problem=gone)
    if state.must_wait(now):
        return _unchanged(state, f"asked us to wait until {state.not_before:%H:%M:%S} UTC")
    kind = KINDS[source.kind]
    look = Look(source=source, state=state, get=fetcher.get, now=now)
    try:
        response = await fetcher.get(
            state.at or kind.address(source),
            kind=kind.limits,
            etag=state.etag,
            last_modified=state.last_modified,
        )
        return await judge_answer(kind, look, response)
    except SourceError as error:
        failed = _failed(state, error, kind.address(source), now)
        return replace(_unchanged(failed, error.problem), problem=error)


def _settings(source: SourceConfig) -> str:
    """What decides how an answer is read; empty for a plain feed."""
    said = (source.match, source.selector, source.next)
    return "" if source.kind == "feed" and not any(said) else repr((source.kind, *said))


def _failed(state: SourceState, error: SourceError, asked: str, now: datetime) -> SourceState:
    """What a failure means: 410 is the end, but only where it comes from the source itself."""
    if state.at and error.status in _NOT_THERE:
        return state.lost().failed(error.retry_after_s, now)
    if error.status == GONE and error.url == asked:
        return state.ended()
    return state.failed(error.retry_after_s, now)


async def judge_answer(kind: Kind, look: Look, response: Response) -> Polled:
    """What the first answer means, seen from what was remembered.

    Raises:
        SourceError: It can't be read as this kind of source.
    """
    lasting = timedelta(seconds=fresh_for(response.headers))
    state = moved(look.state.answered(), response, look.now)
    if response.status != 304:  # noqa: PLR2004 - Not Modified
        digest = hashlib.sha256(response.body).hexdigest()
        is_same = digest == state.digest
        state = replace(
            state,
            etag=response.headers.get("ETag", "")[:_MAX_VALIDATOR_CHARS],
            last_modified=response.headers.get("Last-Modified", "")[:_MAX_VALIDATOR_CHARS],
            digest=digest,
        )
        if not is_same:
            state = _with_hub(state, response)
            return _told(look, state, await kind.read(look, response), lasting)
    more = await kind.unchanged(look)
    if more is None:
        return _unchanged(state, "nothing new", lasting)
    return _told(look, state, more, lasting)


def _with_hub(state: SourceState, response: Response) -> SourceState:
    offer = offered(response)
    hub, topic = (offer.hub, offer.topic) if offer else ("", "")
    return replace(state, hub=hub, topic=topic)


def _told(look: Look, state: SourceState, told: Told, lasting: timedelta) -> Polled:
    items = usable(told.items, look.source)
    known = usable(told.known, look.source)
    new = fresh(items, state)
    state = replace(
        state,
        seen=remembered(state, (*items, *known), are_all=told.is_all),
        habit=state.habit.after((item.published for item in new), look.now) if new else state.habit,
        memory=told.memory,
    )
    if told.problem:  # of a part; the source itself answered, and is asked as often as before
        state = replace(state.failed(told.problem.retry_after_s, look.now), failures=0)
    note = f"{len(items)} entries, {len(new)} new or changed"
    if told.problem:
        note = f"{told.problem}; {note}"
    return Polled(
        items=items,
        fresh=new,
        state=state,
        changed=True,
        note=f"{note}, {told.note}" if told.note else note,
        problem=told.problem,
        fresh_for=lasting,
    )


def _unchanged(state: SourceState, note: str, fresh_for: timedelta = timedelta(0)) -> Polled:
    return Polled(items=(), fresh=(), state=state, changed=False, note=note, fresh_for=fresh_for)
