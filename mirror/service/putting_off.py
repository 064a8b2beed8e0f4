"""When an address is read again: for corrections, or because it could not be read now."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from feeds.article import State
from feeds.errors import InvalidAddressError
from feeds.ids import article_id
from mirror.errors import SourceError
from mirror.service.taken import Taken, withdrawn
from mirror.store import sources, versions
from mirror.store.sources import Waiting

FIRST_RETRY: Final = timedelta(minutes=5)
LONGEST_RETRY: Final = timedelta(days=1)
LAST_ATTEMPT: Final = 8  # then the address is given up until the source tells of it anew
LOOK_AGAIN: Final = tuple(timedelta(hours=hours) for hours in (1, 6, 24, 72, 168))
_GONE: Final = frozenset({404, 410})


PutOff = Callable[[AsyncConnection, Waiting], Awaitable[None]]


async def in_found(connection: AsyncConnection, later: Waiting) -> None:
    """Let ``later`` wait among the addresses that sources told of."""
    await sources.put_waiting(connection, [later])


async def look_again(connection: AsyncConnection, one: Waiting, now: datetime) -> None:
    """Let the address wait for the next look at corrections, if there is one."""
    for wait in LOOK_AGAIN:
        due = one.found + wait
        if due > now:
            await sources.put_waiting(connection, [replace(one, due=due, attempts=0, problem="")])
            return
    await sources.drop_waiting(connection, [one.id])


def _address_of(error: SourceError) -> str:
    """Id of the address that was asked last: behind redirects, where there were any."""
    try:
        return article_id(error.url)
    except InvalidAddressError:
        return ""


async def put_off_or_give_up(
    connection: AsyncConnection,
    one: Waiting,
    article: str,
    error: SourceError,
    *,
    now: datetime,
    put_off: PutOff,
) -> Taken:
    """What becomes of an address that could not be read: it waits, is gone, or is given up."""
    if article and await versions.state_of(connection, article) is State.WITHDRAWN:
        await sources.drop_waiting(connection, [one.id])
        return withdrawn(one)
    attempts = one.attempts + 1
    if error.status in _GONE:
        published = await versions.published_snapshot(connection, article)
        if published and article_id(published.source_url) in {one.id, _address_of(error)}:
            await look_again(connection, one, now)  # it may come back
            marked = await versions.set_state(connection, article, State.GONE)
            outcome = "gone" if marked else "same"
            return Taken(url=one.item.url, outcome=outcome, why=error.problem)
        await sources.drop_waiting(connection, [one.id])
        if published:
            return Taken(url=one.item.url, outcome="same", why="it has another address now")
        return Taken(url=one.item.url, outcome="given up", why=error.problem)
    if attempts >= LAST_ATTEMPT:
        await sources.drop_waiting(connection, [one.id])
        return Taken(url=one.item.url, outcome="given up", why=error.problem)
    asked = timedelta(seconds=error.retry_after_s or 0)
    wait = max(min(FIRST_RETRY * 2 ** (attempts - 1), LONGEST_RETRY), asked)
    later = replace(one, due=now + wait, attempts=attempts, problem=error.problem)
    await put_off(connection, later)
    return Taken(url=one.item.url, outcome="put off", why=error.problem)
