"""``SourceState``: what is remembered of a source between two polls, and how that changes."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Self

from mirror.source.item import Item


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceState:
    """What is remembered; the default is a source that was never polled.

    Attributes:
        url: The address that the rest is about; a source whose address changed starts anew.
        etag: Of the last answer, verbatim.
        last_modified: Of the last answer, verbatim.
        digest: Hex SHA-256 of the last answer's body.
        seen: For each entry of the last answer, the fingerprint that ``fresh`` compares.
        not_before: No request before this moment, because the source asked; UTC, or None.
        failures: Polls that failed in a row.
    """

    url: str = ""
    etag: str = ""
    last_modified: str = ""
    digest: str = ""
    seen: tuple[str, ...] = ()
    not_before: datetime | None = None
    failures: int = 0

    def encode(self) -> str:
        """JSON, sorted names."""
        fields = asdict(self)
        fields["not_before"] = None if self.not_before is None else self.not_before.isoformat()
        return json.dumps(fields, sort_keys=True, separators=(",", ":"))

    @classmethod
    def decode(cls, text: str) -> Self:
        """What ``encode`` wrote; anything else is a state that remembers nothing."""
        try:
            fields = json.loads(text)
            moment = fields.pop("not_before")
            fields["seen"] = tuple(map(str, fields["seen"]))
            fields["not_before"] = moment and datetime.fromisoformat(moment).astimezone(UTC)
            state = cls(**fields)
        except (ValueError, TypeError, KeyError, AttributeError):
            return cls()
        return state if state.encode() == text else cls()

    def must_wait(self, now: datetime) -> bool:
        """Whether the source asked for no request yet."""
        return self.not_before is not None and now < self.not_before

    def failed(self, retry_after_s: int | None, now: datetime) -> Self:
        """The state after a poll that brought nothing."""
        wait = None if retry_after_s is None else now + timedelta(seconds=retry_after_s)
        return replace(self, failures=self.failures + 1, not_before=wait)

    def answered(self) -> Self:
        """The state after an answer that holds nothing new."""
        if not self.failures and self.not_before is None:
            return self
        return replace(self, failures=0, not_before=None)


def fingerprint(item: Item) -> str:
    """16 hex digits that change with the entry's address, title or dates."""
    told = (item.url, item.id, item.title, item.published, item.updated)
    return hashlib.sha256(repr(told).encode("utf-8", "replace")).hexdigest()[:16]


def fresh(items: Iterable[Item], state: SourceState) -> tuple[Item, ...]:
    """Those of ``items`` that the last answer did not have, or had otherwise."""
    seen = frozenset(state.seen)
    return tuple(item for item in items if fingerprint(item) not in seen)
