"""``Draft``: what the next edition is to change, before it is logged."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from sqlalchemy.ext.asyncio import AsyncConnection

Record = Callable[[AsyncConnection], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """The files of an edition that are new or changed.

    Attributes:
        leaves: By path, in the order in which they are logged; no bytes erases a file.
        mutable: By path; None: it is no more.
        closed: Paths under ``leaves`` that were mutable files until now.
        articles: How many articles are published, corrected or withdrawn.
        record: Writes down in the database what is published then, in the same transaction
            that moves the log on.
    """

    leaves: Mapping[str, bytes] = field(default_factory=dict)
    mutable: Mapping[str, bytes | None] = field(default_factory=dict)
    closed: tuple[str, ...] = ()
    articles: int = 0
    record: Record
