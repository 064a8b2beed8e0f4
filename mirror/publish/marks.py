"""What the store must remember of a publication, and what it remembers of the ones before."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

from sqlalchemy import bindparam, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from feeds.article import State
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

_SECTIONS: Final = select(SECTIONS).order_by(SECTIONS.c.place)
_ONE: Final = (VERSIONS.c.article == bindparam("of"), VERSIONS.c.number == bindparam("which"))
_SHOWN: Final = update(VERSIONS).where(*_ONE).values(status="published", page=bindparam("shows"))
_REPLACED: Final = (
    update(VERSIONS).where(*_ONE).values(until=bindparam("ended"), change=bindparam("changed"))
)


async def newsroom_now(
    connection: AsyncConnection,
    config: Config,
    keys: KeyStore,
    coming: Sequence[Snapshot],
    now: datetime,
) -> tuple[Newsroom, bool]:
    """The newsroom with the articles that are ``coming``; whether every page must follow."""
    now = now.astimezone(UTC).replace(microsecond=0)
    rows = (await connection.execute(_SECTIONS)).all()
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
    states = await versions.states_of(connection, [out.article.id for out in outs])
    await upsert(connection, ARTICLES, [row_of(out) | _overtaken(out, states) for out in outs])
    await _record_versions(connection, outs)
    needed = ((path, out.article.id) for out in outs for path in sorted(_needed(out)))
    await put_files(connection, needed)
    await record_labels(connection, newsroom, outs)
    await upsert(connection, LISTINGS, comes.rows())
    if logged := [alias for alias, _ in aliases]:
        shown = update(ADDRESSES).where(ADDRESSES.c.id.in_(logged)).values(logged=1)
        await connection.execute(shown)


def _overtaken(out: Outgoing, states: Mapping[str, State]) -> dict[str, object]:
    """What the operator said of the article while the edition was made: the next one has it."""
    state = states.get(out.article.id, out.article.state)
    return {} if state is out.article.state else {"state": state.value, "pending": 1}


async def _record_versions(connection: AsyncConnection, outs: Sequence[Outgoing]) -> None:
    shown = [{"of": out.article.id, "which": out.number, "shows": out.page} for out in outs]
    if shown:
        await connection.execute(_SHOWN, shown)
    replaced = [
        {
            "of": out.article.id,
            "which": out.replaced,
            "ended": stored(out.article.updated),
            "changed": " ".join(out.change),
        }
        for out in outs
        if out.replaced
    ]
    if replaced:
        await connection.execute(_REPLACED, replaced)


def _needed(out: Outgoing) -> set[str]:
    """The files under ``p/`` and ``m/`` that the article needs."""
    pages = {path for path in out.files if path.startswith("p/")}
    return pages | {item.path for item in out.media} | {out.keeps} - {""}


async def record_newsroom(connection: AsyncConnection, newsroom: Newsroom) -> None:
    """Remember that pages and feeds show the newsroom so; part of the same transaction."""
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
