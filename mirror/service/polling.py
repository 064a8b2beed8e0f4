"""Poll the sources: what they newly name waits in the store to be read."""

import asyncio
import traceback
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from feeds.article import State
from feeds.errors import InvalidAddressError
from feeds.ids import article_id
from feeds.snapshot import Snapshot
from mirror.config import SourceConfig
from mirror.errors import SourceChangedError
from mirror.service.parts import Parts
from mirror.service.publishing import check_clock
from mirror.source.item import Item
from mirror.source.poll import Polled, poll
from mirror.source.state import SourceState
from mirror.store import sources, versions
from mirror.store.addresses import article_at
from mirror.store.sources import SourceRecord, Waiting

CLOCKS_APART: Final = timedelta(minutes=10)  # the site's and ours

_log = structlog.get_logger(__name__)


async def poll_sources(
    parts: Parts, chosen: Sequence[SourceConfig], known: dict[str, SourceRecord], now: datetime
) -> dict[str, Polled]:
    """Poll ``chosen`` at once; what they bring waits in the store. ``known`` is kept current.

    Where nothing changed, nothing is written.

    Raises:
        ClockError: Our clock is wrong; nothing is written, for it would be written with a
            wrong time, and the next poll brings it again.
        StoreError: It can't be written; the next poll brings it again.
    """
    answers = await asyncio.gather(
        *(_ask(parts, source, _record(known, source).state, now) for source in chosen)
    )
    check_clock(now, parts.routes.clock_gaps)
    changed: dict[str, SourceRecord] = {}
    waiting: dict[str, Waiting] = {}
    for source, answer in zip(chosen, answers, strict=True):
        new = _waiting(answer.fresh, source.name, now)
        for one in new:
            if one.id not in waiting or not waiting[one.id].item.section:
                waiting[one.id] = one
        before = _record(known, source)
        if answer.state is before.state and not answer.problem and not before.last_error:
            continue  # as most times: nothing new
        after = replace(
            before,
            state=answer.state,
            last_error=answer.problem.problem if answer.problem else "",
            found=before.found + len(new),
        )
        if after != before:
            changed[source.name] = after
    if changed or waiting:
        async with parts.database.begin() as connection:
            await sources.put_records(
                connection,
                (
                    replace(one, last_ok=now if not one.last_error else one.last_ok)
                    for one in changed.values()
                ),
            )
            await sources.put_waiting(connection, await _welcome(connection, waiting.values()))
    for source, answer in zip(chosen, answers, strict=True):
        record = changed.get(source.name) or _record(known, source)
        known[source.name] = record if answer.problem else replace(record, last_ok=now)
    return {source.name: answer for source, answer in zip(chosen, answers, strict=True)}


async def _ask(parts: Parts, source: SourceConfig, state: SourceState, now: datetime) -> Polled:
    try:
        return await poll(source, state, parts.routes.of(source.name), now)
    except Exception as error:  # noqa: BLE001  # one source never keeps the others
        _log.critical("source.broke", source=source.name, trace=traceback.format_exc())
        problem = f"a mistake in this program: {error!r}; please report it"
        return Polled(
            items=(),
            fresh=(),
            state=state.failed(None, now),
            changed=False,
            note=problem,
            problem=SourceChangedError(source.url, problem),
        )


def _record(known: dict[str, SourceRecord], source: SourceConfig) -> SourceRecord:
    return known.get(source.name) or SourceRecord(name=source.name)


def _waiting(items: Iterable[Item], source: str, now: datetime) -> list[Waiting]:
    found = []
    for item in items:
        try:
            address = article_id(item.url)
        except InvalidAddressError as error:
            _log.warning("source.address_refused", source=source, problem=str(error))
            continue
        found.append(Waiting(id=address, item=item, source=source, found=now, due=now))
    return found


async def _welcome(connection: AsyncConnection, waiting: Iterable[Waiting]) -> list[Waiting]:
    """Those that are to be read: not what was withdrawn, nor what another source told before."""
    welcome = []
    for one in waiting:
        article = await article_at(connection, one.id) or ""
        state = await versions.state_of(connection, article)
        known = await versions.newest_snapshot(connection, article)
        told = state is State.LIVE and known is not None and tells_nothing_new(one.item, known)
        if state is not State.WITHDRAWN and not told:
            welcome.append(one)
    return welcome


def tells_nothing_new(item: Item, known: Snapshot) -> bool:
    """Whether ``known`` was read after all that ``item`` says happened; in doubt it was not."""
    said = item.updated or item.published
    same_date = said == (known.modified_at or known.published_at)
    return item.title in {"", known.title} and (
        said is None or same_date or said + CLOCKS_APART <= known.fetched_at
    )
