"""``Kind``: how one kind of source is asked, and what its answers say. The contract, no I/O.

A kind is one file here and one line in ``kinds``. It says what is asked first at each poll;
``poll`` asks that, conditionally, as one polite request. A kind that needs more than one answer
(a sitemap's files, a list's further pages) asks for the rest itself, within the source's
``pages``, and only for what the first answer gives it reason to.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from mirror.config import SourceConfig
from mirror.errors import SourceError
from mirror.source.item import Item
from mirror.source.response import Limits, Response
from mirror.source.state import SourceState, fresh
from mirror.source.usable import usable


class Get(Protocol):
    """``Fetcher.get``: one bounded request, polite to its host."""

    async def __call__(
        self, url: str, *, kind: Limits = ..., etag: str = ..., last_modified: str = ...
    ) -> Response:
        """What ``url`` gives; the errors of ``Fetcher.get``."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One look at a source.

    Attributes:
        source: As the operator set it.
        state: As the last look left it; ``state.memory`` is the kind's own.
        get: For what the kind asks beside the first answer.
        now: UTC.
    """

    source: SourceConfig
    state: SourceState
    get: Get
    now: datetime

    def fresh(self, items: Iterable[Item]) -> tuple[Item, ...]:
        """Those of ``items`` that are usable, and new or told otherwise since the last look."""
        return fresh(usable(items, self.source), self.state)

    def is_new_to_the_end(self, items: Iterable[Item]) -> bool:
        """Whether the last usable one of ``items`` is: then what follows it may be new too."""
        return bool(fresh(usable(items, self.source)[-1:], self.state))


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a source says.

    Attributes:
        items: Its entries, in its order; addresses may be empty or stand there twice.
        known: More of them that are only to be remembered, so that they are not new later.
        is_all: Whether these are all that it shows now. Otherwise what it showed before
            stays remembered beside them.
        memory: What the kind wants to remember, for ``SourceState.memory``.
        note: More to say than the number of entries, or empty.
        problem: Why a part of it could not be read, or None; the rest counts all the same.
    """

    items: tuple[Item, ...]
    known: tuple[Item, ...] = ()
    is_all: bool = True
    memory: str = ""
    note: str = ""
    problem: SourceError | None = None


class Kind(Protocol):
    """One kind of source. Holds nothing; calls may overlap."""

    limits: Limits

    def address(self, source: SourceConfig) -> str:
        """What is asked first at each poll; the same as long as the source's settings are."""
        ...

    async def read(self, look: Look, response: Response) -> Told:
        """What the source says, where its first answer differs from the last one.

        Raises:
            SourceError: It can't be read as this kind of source.
        """
        ...

    async def unchanged(self, look: Look) -> Told | None:
        """What it says beside its first answer, where that is as before; None for nothing.

        Raises:
            SourceError: It can't be read as this kind of source.
        """
        ...
