"""What the operator is shown of one newsroom now."""

from collections.abc import Mapping
from datetime import UTC, datetime

from mirror.service.parts import Parts
from mirror.status import HeadStatus, HeldStatus, MirrorStatus, SourceStatus, Status
from mirror.store import ledger, mirrors, versions
from mirror.store.mirrors import MirrorRecord
from mirror.store.sources import SourceRecord


async def status_of(
    parts: Parts,
    known: Mapping[str, SourceRecord],
    seen: Mapping[str, datetime],
    next_polls: Mapping[str, datetime],
    now: datetime,
) -> Status:
    """The status of the newsroom of ``parts``; ``seen`` is when each mirror was last current."""
    async with parts.database.begin() as connection:
        held = await versions.held(connection)
        records = await mirrors.all_records(connection)
        sizes = {record.size for record in records.values() if record.size is not None}
        missing_since = await ledger.first_editions_after(connection, sizes)
    at = parts.log.ledger
    head = None
    if at.signed:
        head = HeadStatus(
            size=at.signed,
            root=at.root.hex(),
            time=datetime.fromtimestamp(at.time, UTC),
            keyring_expires=parts.keys.newest.keyring.expires,
        )
    return Status(
        newsroom=parts.config.site.title,
        now=now,
        head=head,
        sources=tuple(
            SourceStatus(
                name=source.name,
                url=source.url,
                last_ok=known[source.name].last_ok if source.name in known else None,
                last_error=known[source.name].last_error if source.name in known else "",
                next_poll=next_polls.get(source.name),
                found=known[source.name].found if source.name in known else 0,
            )
            for source in parts.config.sources
        ),
        held=tuple(
            HeldStatus(
                url=one.snapshot.source_url,
                title=one.snapshot.title,
                reasons=one.reasons,
                since=one.since,
            )
            for one in held
        ),
        mirrors=tuple(
            mirror_status(
                records.get(mirror.name) or MirrorRecord(name=mirror.name),
                url=mirror.url,
                listed=mirror.listed,
                ours=at.signed,
                missing_since=missing_since,
                seen=seen.get(mirror.name),
                now=now,
            )
            for mirror in parts.config.mirrors
        ),
        problems=await parts.alerts.problems(),
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
    )
