"""``Status``: what the operator is shown of one newsroom at one moment. Values, no I/O.

Whoever gathers them (the service) fills in facts; what they mean (up, behind, failing) is
decided here, so that the page, the JSON and the metrics never disagree.
Times are UTC. Texts are for a person: no secret, no reader's address.
"""

from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from enum import StrEnum

Plain = str | int | float | bool | None | list["Plain"] | dict[str, "Plain"]


class Health(StrEnum):
    """How a source or a mirror stands, in the word that the page shows."""

    UP = "up"
    BEHIND = "behind"
    FAILING = "failing"
    PAUSED = "paused"
    WAITING = "waiting"


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceStatus:
    """One source.

    Attributes:
        name: Its name in the configuration.
        url: What is polled.
        last_ok: When it last answered well (a 304 too); None before the first time.
        last_error: Why the newest poll failed, in words; empty where it did not.
        next_poll: When it is asked next, or None where nothing is planned.
        found: Articles that came from it so far.
        note: What else is to be known of it, in words; may be empty.
    """

    name: str
    url: str
    last_ok: datetime | None = None
    last_error: str = ""
    next_poll: datetime | None = None
    found: int = 0
    note: str = ""

    @property
    def health(self) -> Health:
        """``FAILING`` where the newest poll failed, ``WAITING`` before the first one."""
        if self.last_error:
            return Health.FAILING
        return Health.UP if self.last_ok else Health.WAITING


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldStatus:
    """One article that waits for a person: why, and since when."""

    url: str
    title: str
    reasons: tuple[str, ...]
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class MirrorStatus:
    """One mirror.

    Attributes:
        name: Its name in the configuration.
        url: The base that readers open.
        listed: False for one that is named nowhere.
        size: Size of the head that it was last seen with; None before that.
        ours: Size of our own head.
        lag_s: Seconds since the oldest edition that it lacks was signed; 0 where it lacks none.
        last_push: When it was last brought up to date, or found to be.
        last_error: Why the newest push failed, in words; empty where it did not.
        paused: The operator stopped pushes to it.
        retiring: Since when it is about to go: pushed to, and listed no more; or None.
        audited: When files of it were last compared over the public address, or None.
    """

    name: str
    url: str
    listed: bool = True
    size: int | None = None
    ours: int = 0
    lag_s: float = 0.0
    last_push: datetime | None = None
    last_error: str = ""
    paused: bool = False
    retiring: datetime | None = None
    audited: datetime | None = None

    @property
    def health(self) -> Health:
        """Paused before failing, failing before behind; ``WAITING`` before the first push."""
        if self.paused:
            return Health.PAUSED
        if self.last_error:
            return Health.FAILING
        if self.size is None:
            return Health.WAITING
        return Health.BEHIND if self.size < self.ours else Health.UP


@dataclass(frozen=True, slots=True, kw_only=True)
class HeadStatus:
    """Our newest head.

    Attributes:
        size: Entries in the log.
        root: The tree's root, hex.
        time: The newest cosignature's time.
        keyring_expires: The day on which readers stop trusting the keyring (format 5.4).
    """

    size: int
    root: str
    time: datetime
    keyring_expires: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Something that a person should know of.

    Attributes:
        key: The same for the same event, such as ``mirror/eu-1/push``; one alert for each.
        what: One line: what is the matter.
        since: When it began.
        why: What is known of the cause; may be empty.
        remedy: What to do about it, or that nothing need be done.
    """

    key: str
    what: str
    since: datetime
    why: str = ""
    remedy: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """One newsroom at ``now``."""

    newsroom: str
    now: datetime
    head: HeadStatus | None = None
    sources: tuple[SourceStatus, ...] = ()
    held: tuple[HeldStatus, ...] = ()
    mirrors: tuple[MirrorStatus, ...] = ()
    problems: tuple[Problem, ...] = ()

    @property
    def health(self) -> Health:
        """The worst of its sources and mirrors; paused ones don't count."""
        seen = {source.health for source in self.sources} | {m.health for m in self.mirrors}
        for worst in (Health.FAILING, Health.BEHIND, Health.WAITING):
            if worst in seen:
                return worst
        return Health.UP

    @property
    def head_age(self) -> timedelta | None:
        """How long ago the head was last cosigned."""
        return None if self.head is None else max(self.now - self.head.time, timedelta(0))


_Part = SourceStatus | HeldStatus | MirrorStatus | HeadStatus | Problem | Status


def plain(value: object) -> Plain:
    """``value`` as JSON can say it: times in RFC 3339, every part with its ``health``."""
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%SZ")
    if isinstance(value, date):
        return value.isoformat()
    if value is None or isinstance(value, (str, int, float, bool)):
        return value
    if isinstance(value, (list, tuple)):
        return [plain(inner) for inner in value]
    if isinstance(value, SourceStatus | MirrorStatus | Status):
        return {"health": value.health.value, **_fields(value)}
    if isinstance(value, HeldStatus | HeadStatus | Problem):
        return _fields(value)
    raise TypeError(f"no plain form of {type(value).__name__}")


def _fields(value: _Part) -> dict[str, Plain]:
    return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
