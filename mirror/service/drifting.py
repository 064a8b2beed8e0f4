"""What the pages of each host are like at large, remembered over the articles that were read."""

from collections.abc import Iterable

from mirror.extract.drift import Drift, after_all
from mirror.service.reading import Desk
from mirror.service.taken import Taken
from mirror.store import kept


async def note_drift(parts: Desk, taken: Iterable[Taken]) -> dict[str, Drift]:
    """Remember what the pages were like; how each of their hosts drifted.

    Raises:
        StoreError: It can't be remembered.
    """
    looks = [one.look for one in taken if one.look]
    if not looks:
        return {}
    names = {look.host: f"drift/{look.host}"[:100] for look in looks}
    async with parts.database.begin() as connection:
        had = await kept.get_many(connection, names.values())
        known = {host: Drift.decode(had.get(name, "")) for host, name in names.items()}
        drifts = after_all(known, looks)
        for host, drift in drifts.items():
            if drift != known[host]:
                await kept.put(connection, names[host], drift.encode())
    return drifts
