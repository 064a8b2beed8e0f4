"""Whether the publisher has anything to do: one question, for it is asked at every round."""

from typing import Final

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from feeds.article import State
from mirror.store.erasures import MARKS
from mirror.store.tables import ADDRESSES, ARTICLES, VERSIONS

_READY: Final = (
    select(VERSIONS.c.article)
    .join(ARTICLES, ARTICLES.c.id == VERSIONS.c.article)
    .where(VERSIONS.c.status == "ready", ARTICLES.c.state != State.WITHDRAWN.value)
)
_PENDING: Final = select(ARTICLES.c.id).where(ARTICLES.c.pending == 1)
_ALIAS: Final = (
    select(ADDRESSES.c.id)
    .join(ARTICLES, ARTICLES.c.id == ADDRESSES.c.article)
    .where(ADDRESSES.c.logged == 0, ARTICLES.c.version > 0)
)
_ANY: Final = select(or_(*(query.exists() for query in (_READY, _PENDING, _ALIAS, MARKS))))


async def waits(connection: AsyncConnection) -> bool:
    """Whether something may be published, or what was erased is to be cleaned up.

    True where ``versions.ready``, ``addresses.unlogged`` or ``erasures.marked`` has anything.
    """
    return bool((await connection.execute(_ANY)).scalar())
