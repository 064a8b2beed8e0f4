"""Subscriptions at the hubs of sources, at most one for each source."""

from collections.abc import Iterable

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from mirror.source.hub import Offer
from mirror.source.websub import Subscription
from mirror.store.database import upsert
from mirror.store.tables import SUBSCRIPTIONS
from mirror.store.times import moment_or_none, stored


async def every(connection: AsyncConnection) -> dict[str, Subscription]:
    """All, by the source's name."""
    return {
        row.source: Subscription(
            source=row.source,
            offer=Offer(hub=row.hub, topic=row.topic),
            path=row.path,
            secret=row.secret,
            asked=moment_or_none(row.asked),
            expires=moment_or_none(row.expires),
            problem=row.problem,
        )
        for row in await connection.execute(select(SUBSCRIPTIONS))
    }


async def put(connection: AsyncConnection, subscription: Subscription) -> None:
    """Insert, or replace that of the same source."""
    row = {
        "source": subscription.source,
        "hub": subscription.offer.hub,
        "topic": subscription.offer.topic,
        "path": subscription.path,
        "secret": subscription.secret,
        "asked": stored(subscription.asked),
        "expires": stored(subscription.expires),
        "problem": subscription.problem,
    }
    await upsert(connection, SUBSCRIPTIONS, [row])


async def drop(connection: AsyncConnection, names: Iterable[str]) -> None:
    """Forget those of these sources."""
    await connection.execute(delete(SUBSCRIPTIONS).where(SUBSCRIPTIONS.c.source.in_(list(names))))
