"""``SourceState``: what is remembered of a source between two polls, and how that changes."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Self

from mirror.source.habit import Habit
from mirror.source.item import Item

_MOMENTS: Final = ("not_before", "moved_since")
MAX_SEEN: Final = 5_000


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceState:
    """What is remembered; the default is a source that was never polled.

    Attributes:
        url: The address that the rest is about; a source whose address changed starts anew.
        etag: Of the last answer, verbatim.
        last_modified: Of the last answer, verbatim.
        digest: Hex SHA-256 of the last answer's body.
        seen: For each entry of the last answer (of the last answers, where one does not hold
            all), the fingerprint that ``fresh`` compares; ``MAX_SEEN`` at most.
        not_before: No request before this moment, because the source asked; UTC, or None.
        failures: Polls that failed in a row.
        gone: It said that it is gone for good (410): it is asked no more.
        at: Where it moved for good, on its own host; empty where it did not.
        moved_to: Where it says that it moved for good, which is not believed yet.
        moved_since: When it said so first, or None.
        hub: The WebSub hub that its last whole answer named, or empty.
        topic: What that hub calls it, or empty.
        habit: How often it brings something new.
        memory: What the source's kind remembers beside that, in its own form.
        settings: With which settings the last answer was read; empty for those of a plain feed.
    """

    url: str = ""
    etag: str = ""
    last_modified: str = ""
    digest: str = ""
    seen: tuple[str, ...] = ()
    not_before: datetime | None = None
    failures: int = 0
    gone: bool = False
    at: str = ""
    moved_to: str = ""
    moved_since: datetime | None = None
    hub: str = ""
    topic: str = ""
    habit: Habit = field(default_factory=Habit)
    memory: str = ""
    settings: str = ""

    def encode(self) -> str:
        """JSON, sorted names."""
        return json.dumps(
            asdict(self), default=datetime.isoformat, sort_keys=True, separators=(",", ":")
        )

    @classmethod
    def decode(cls, text: str) -> Self:
        """What ``encode`` wrote, by this version or an older one, which knew fewer fields.

        Anything else is a state that remembers nothing.
        """
        try:
            told = json.loads(text)
            fields = _with_moments(told, _MOMENTS)
            fields["seen"] = tuple(map(str, told["seen"]))
            fields["habit"] = Habit(**_with_moments(told.get("habit", {}), ("first", "last")))
            state = cls(**fields)
            again = json.loads(state.encode())
            same = all(again[name] == value for name, value in told.items())
        except (ValueError, TypeError, KeyError, AttributeError):
            return cls()
        return state if same else cls()

    def set_to(self, url: str, settings: str) -> Self:
        """The state for a source with that address and these settings.

        With another address it starts anew. With other settings it knows its entries, and the
        next answer is read whatever it is.
        """
        if url != self.url:
            return type(self)(url=url, settings=settings)
        if settings == self.settings:
            return self
        return replace(self, settings=settings, etag="", last_modified="", digest="", memory="")

    def must_wait(self, now: datetime) -> bool:
        """Whether the source asked for no request yet."""
        return self.not_before is not None and now < self.not_before

    def failed(self, retry_after_s: int | None, now: datetime) -> Self:
        """The state after a poll that brought nothing."""
        wait = None if retry_after_s is None else now + timedelta(seconds=retry_after_s)
        return replace(self, failures=self.failures + 1, not_before=wait)

    def ended(self) -> Self:
        """The state after the source said that it is gone for good."""
        return replace(self, failures=self.failures + 1, gone=True)

    def lost(self) -> Self:
        """The state when the address that it moved to is gone: the configured one counts again."""
        return replace(self, at="", etag="", last_modified="", digest="")

    def answered(self) -> Self:
        """The state after an answer that holds nothing new."""
        if not self.failures and self.not_before is None:
            return self
        return replace(self, failures=0, not_before=None)


def _with_moments(fields: dict[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    moments = {
        name: datetime.fromisoformat(fields[name]).astimezone(UTC)
        for name in names
        if fields.get(name) is not None
    }
    return {**fields, **moments}


def remembered(
    state: SourceState, items: Iterable[Item], *, are_all: bool = True
) -> tuple[str, ...]:
    """What ``seen`` is after an answer with ``items``, the newest kept."""
    prints = map(fingerprint, items)
    return tuple(dict.fromkeys((*prints, *(() if are_all else state.seen))))[:MAX_SEEN]


def fingerprint(item: Item) -> str:
    """16 hex digits that change with the entry's address, title or dates."""
    told = (item.url, item.id, item.title, item.published, item.updated)
    return hashlib.sha256(repr(told).encode("utf-8", "replace")).hexdigest()[:16]


def fresh(items: Iterable[Item], state: SourceState) -> tuple[Item, ...]:
    """Those of ``items`` that the last answer did not have, or had otherwise."""
    seen = frozenset(state.seen)
    return tuple(item for item in items if fingerprint(item) not in seen)
