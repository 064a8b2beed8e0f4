"""What the store must remember of a publication, and what it remembers of the ones before."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from feeds.pages import Section
from feeds.snapshot import Snapshot
from mirror.config import Config
from mirror.keystore import KeyStore
from mirror.publish.articles import Outgoing, primary, row_of
from mirror.publish.feed_marks import record_labels
from mirror.publish.lists import Arrivals
from mirror.publish.newsroom import Newsroom, addresses_of, encode_addresses, sections_of
from mirror.store import kept, mirrors, versions
from mirror.store.database import upsert
from mirror.store.files import put_files
from mirror.store.tables import ADDRESSES, ARTICLES, LISTINGS, SECTIONS, VERSIONS
from mirror.store.times import moment, stored


async def newsroom_now(
    connection: AsyncConnection,
    config: Config,
    keys: KeyStore,
    coming: Sequence[Snapshot],
    now: datetime,
) -> tuple[Newsroom, bool]:
    """The newsroom with the articles that are ``coming``; whether every page must follow."""
    now = now.astimezone(UTC).replace(microsecond=0)
    rows = (await connection.execute(select(SECTIONS).order_by(SECTIONS.c.place))).all()
    known = [Section(row.name, row.slug) for row in rows]
    names = [snapshot.section for snapshot in coming if snapshot.section]
    known_of = await kept.get_many(connection, ("languages", "begun", "addresses", "mark"))
    languages = set(json.loads(known_of.get("languages") or "[]"))
    languages |= {primary(snapshot.language) for snapshot in coming}
    begun = known_of.get("begun")
    records = await mirrors.all_records(connection)
    since = {mirror.name: now for mirror in config.mirrors}
    since |= {name: record.listed_since or now for name, record in records.items()}
    going = {name: record.retiring for name, record in records.items() if record.retiring}
    leaving = [one for one in config.mirrors if one.name in going]
    addresses = addresses_of((one for one in config.mirrors if one.name not in going), since)
    remembered = known_of.get("addresses")
    updated, before = json.loads(remembered) if remembered else (0, None)
    same = before == [[one.url, one.kind] for one in addresses]
    newsroom = Newsroom(
        config=config,
        keys=keys,
        sections=sections_of(config, known, names),
        languages=tuple(sorted(languages)),
        addresses=addresses,
        addresses_updated=moment(updated) if same else now,
        begun=moment(int(begun)) if begun else now,
        retiring=addresses_of(leaving, since),
        retiring_since=max((going[one.name] for one in leaving if one.listed), default=None),
    )
    return newsroom, newsroom.mark != known_of.get("mark")


async def record(
    connection: AsyncConnection,
    newsroom: Newsroom,
    outs: Sequence[Outgoing],
    comes: Arrivals,
    aliases: Sequence[tuple[str, str]],
) -> None:
    """Remember that this is published; part of the transaction that moves the log on."""
    rows = [row_of(out) | await _overtaken(connection, out) for out in outs]
    await upsert(connection, ARTICLES, rows)
    for out in outs:
        await _record_versions(connection, out)
        paths = {path for path in out.files if path.startswith("p/")}
        paths |= {item.path for item in out.media} | {out.keeps} - {""}
        await put_files(connection, out.article.id, sorted(paths))
    await record_labels(connection, newsroom, outs)
    await upsert(connection, LISTINGS, comes.rows())
    if logged := [alias for alias, _ in aliases]:
        shown = update(ADDRESSES).where(ADDRESSES.c.id.in_(logged)).values(logged=1)
        await connection.execute(shown)
    await _record_newsroom(connection, newsroom)


async def _overtaken(connection: AsyncConnection, out: Outgoing) -> dict[str, object]:
    """What the operator said of the article while the edition was made: the next one has it."""
    state = await versions.state_of(connection, out.article.id)
    if state in (None, out.article.state):
        return {}
    return {"state": str(state), "pending": 1}


async def _record_versions(connection: AsyncConnection, out: Outgoing) -> None:
    mine = VERSIONS.c.article == out.article.id
    await connection.execute(
        update(VERSIONS)
        .where(mine, VERSIONS.c.number == out.number)
        .values(status="published", page=out.page)
    )
    if out.replaced:
        await connection.execute(
            update(VERSIONS)
            .where(mine, VERSIONS.c.number == out.replaced)
            .values(until=stored(out.article.updated), change=" ".join(out.change))
        )


async def _record_newsroom(connection: AsyncConnection, newsroom: Newsroom) -> None:
    if newsroom.mark == await kept.get(connection, "mark"):
        return
    rows = (
        {"slug": one.slug, "name": one.name, "place": place}
        for place, one in enumerate(newsroom.sections)
    )
    await upsert(connection, SECTIONS, rows)
    listed = [mirror.name for mirror in newsroom.config.mirrors if mirror.listed]
    await mirrors.list_since(connection, listed, newsroom.addresses_updated)
    addresses = encode_addresses(newsroom.addresses, newsroom.addresses_updated)
    await kept.put(connection, "languages", json.dumps(newsroom.languages))
    await kept.put(connection, "begun", str(stored(newsroom.begun)))
    await kept.put(connection, "addresses", addresses)
    await kept.put(connection, "mark", newsroom.mark)
