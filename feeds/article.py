"""``Article``: what a mirror says of one article now, with its history."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from feeds.errors import InvalidArticleError
from feeds.snapshot import Snapshot


class State(StrEnum):
    """How an article stands.

    ``LIVE`` is published; ``GONE`` was removed at the source and is kept here, marked;
    ``WITHDRAWN`` was withdrawn by the operator: its page says so and holds no text.
    """

    LIVE = "live"
    GONE = "gone"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True, kw_only=True)
class Earlier:
    """A version that was replaced (format 1.3).

    Attributes:
        path: Its page under ``p/``, or empty where it was erased.
        until: When the next version replaced it, UTC, whole seconds.
        change: Which parts the next version changed, in this order: ``title``, ``text``,
            ``picture``, ``authors``, ``dates``.
    """

    path: str
    until: datetime
    change: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """One article as readers get it.

    Attributes:
        id: 16 hex digits (format 1.1), for ever.
        snapshot: The current version. Of a withdrawn one, only title and dates are used.
        published: The date that readers see and feeds sort by, UTC, whole seconds.
        updated: When the current version was published on the mirrors; ``published`` or later.
        earlier: Replaced versions, oldest first.
        state: How it stands.

    Raises:
        InvalidArticleError: A field is outside these limits.
    """

    id: str
    snapshot: Snapshot
    published: datetime
    updated: datetime
    earlier: tuple[Earlier, ...] = ()
    state: State = State.LIVE

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[0-9a-f]{16}", self.id):
            raise InvalidArticleError(self.id, "id is not 16 hex digits")
        for moment in (self.published, self.updated):
            if moment.tzinfo is not UTC or moment.microsecond:
                raise InvalidArticleError(self.id, "a date is not UTC in whole seconds")
        if self.updated < self.published:
            raise InvalidArticleError(self.id, "updated is before published")

    @property
    def path(self) -> str:
        """Where its page is in the tree."""
        return article_path(self.id)


def article_path(article_id: str) -> str:
    """``a/hh/<id>.html`` of the article with that id."""
    return f"a/{article_id[:2]}/{article_id}.html"
