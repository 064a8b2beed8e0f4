"""What the operator is shown of one newsroom now."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime

from mirror.service.parts import Parts
from mirror.service.report import counted
from mirror.service.subscribing import Subscriber
from mirror.source.moving import is_elsewhere
from mirror.source.state import SourceState
from mirror.status import HeadStatus, HeldStatus, MirrorStatus, SourceStatus, Status
from mirror.store import ledger, mirrors, versions
from mirror.store.mirrors import MirrorRecord
from mirror.store.sources import SourceRecord
from mirror.store.versions import Held


async def status_of(
    parts: Parts,
    known: Mapping[str, SourceRecord],
    *,
    seen: Mapping[str, datetime],
    next_polls: Mapping[str, datetime],
    subscriber: Subscriber,
    now: datetime,
) -> Status:
    """The status of the newsroom of ``parts``; ``seen`` is when each mirror was last current."""
    async with parts.database.begin() as connection:
        held = await versions.held(connection)
        records = await mirrors.all_records(connection)
        sizes = {record.size for record in records.values() if record.size is not None}
        missing_since = await ledger.first_editions_after(connection, sizes)
    return Status(
        newsroom=parts.config.site.title,
        now=now,
        head=_head(parts),
        sources=tuple(
            source_status(
                source.url,
                record,
                now,
                next_poll=next_polls.get(source.name),
                more=_of_hub(record, subscriber, now),
            )
            for source in parts.config.sources
            for record in (known.get(source.name) or SourceRecord(name=source.name),)
        ),
        held=tuple(map(_held, held)),
        mirrors=tuple(
            mirror_status(
                records.get(mirror.name) or MirrorRecord(name=mirror.name),
                url=mirror.url,
                listed=mirror.listed,
                ours=parts.log.ledger.signed,
                missing_since=missing_since,
                seen=seen.get(mirror.name),
                now=now,
            )
            for mirror in parts.config.mirrors
        ),
        problems=await parts.alerts.problems(),
    )


def _head(parts: Parts) -> HeadStatus | None:
    at = parts.log.ledger
    if not at.signed:
        return None
    return HeadStatus(
        size=at.signed,
        root=at.root.hex(),
        time=datetime.fromtimestamp(at.time, UTC),
        keyring_expires=parts.keys.newest.keyring.expires,
    )


def source_status(
    url: str,
    record: SourceRecord,
    now: datetime,
    *,
    next_poll: datetime | None = None,
    more: Iterable[str] = (),
) -> SourceStatus:
    """How a source stands; ``more`` is what else is to be known of it."""
    return SourceStatus(
        name=record.name,
        url=url,
        last_ok=record.last_ok,
        last_error=record.last_error,
        next_poll=next_poll,
        found=record.found,
        note="; ".join((*_notes(record.state, now), *more)),
    )


def _notes(state: SourceState, now: datetime) -> Iterator[str]:
    if is_elsewhere(state):
        yield f"moved to {state.moved_to}, another host; if that is yours, set [[source]] url"
    elif state.moved_to:
        yield f"moved to {state.moved_to}, which is asked directly once it lasted some days"
    if state.at:
        yield f"moved for good; {state.at} is asked"
    if silence := state.habit.silent_for(now):
        yield f"nothing new for {counted(silence.days, 'day')}, longer than ever lately"


def _of_hub(record: SourceRecord, subscriber: Subscriber, now: datetime) -> Iterator[str]:
    if until := subscriber.told_until(record.name, now):
        yield f"{record.state.hub} tells us of news until {until:%Y-%m-%d %H:%M} UTC"
    elif problem := subscriber.problem(record.name):
        yield f"no hub tells us of news: {problem}"


def _held(held: Held) -> HeldStatus:
    return HeldStatus(
        url=held.snapshot.source_url,
        title=held.snapshot.title,
        reasons=held.reasons,
        since=held.since,
    )


def mirror_status(
    record: MirrorRecord,
    *,
    url: str,
    listed: bool,
    ours: int,
    missing_since: Mapping[int, int],
    seen: datetime | None,
    now: datetime,
) -> MirrorStatus:
    """How a mirror stands; ``missing_since``: when each size's next edition was made."""
    since = missing_since.get(record.size) if record.size is not None else None
    return MirrorStatus(
        name=record.name,
        url=url,
        listed=listed,
        size=record.size,
        ours=ours,
        lag_s=max(now.timestamp() - since, 0.0) if since is not None else 0.0,
        last_push=seen or record.last_push,
        last_error=record.last_error,
        paused=record.paused,
        retiring=record.retiring,
        audited=record.audited,
    )
