"""Whose page it is that was read: an article has one id, and may have many addresses (1.1)."""

from sqlalchemy.ext.asyncio import AsyncConnection

from feeds.article import State
from feeds.ids import article_id, normal_form
from feeds.snapshot import Snapshot, words
from mirror.publish.articles import changes
from mirror.source.read import ReadArticle
from mirror.store import versions
from mirror.store.sources import Waiting


def addresses_of(one: Waiting, read: ReadArticle) -> dict[str, str]:
    """Every address that the page has or claims: id and normal form."""
    urls = (one.item.url, read.snapshot.source_url, *read.addresses)
    return {article_id(url): normal_form(url) for url in urls}


async def owner_of(
    connection: AsyncConnection,
    one: Waiting,
    article: str,
    read: ReadArticle,
    owners: dict[str, tuple[str, str]],
) -> tuple[str, bool]:
    """Whose page it is, and whether it is a twin: that article, read at another address.

    Twins are a site's pages for telephones (AMP) and for print. An unknown page is the twin of
    the one article whose address it claims and whose words it has; one of a withdrawn and erased
    article, whose words nobody has any more, is taken at its word. A known one stays a twin
    though its words differ: only the page that was published brings corrections.
    """
    here = article_id(read.snapshot.source_url)
    mine = article or owners.get(here, ("", ""))[0]
    if mine:
        published = await versions.published_snapshot(connection, mine)
        source = article_id(published.source_url) if published is not None else here
        return mine, source not in {here, one.id} and source in addresses_of(one, read)
    claimed = {owner for owner, _ in owners.values()}
    if len(claimed) != 1:
        return one.id, False
    owner = claimed.pop()
    known = await versions.newest_snapshot(connection, owner)
    if known is None:
        erased = await versions.state_of(connection, owner) is State.WITHDRAWN
        return (owner, True) if erased else (one.id, False)
    return (owner, True) if _has_words_of(known, read.snapshot) else (one.id, False)


def _has_words_of(known: Snapshot, snapshot: Snapshot) -> bool:
    """Whether the bodies say the same; titles may differ, pictures too."""
    found = words(snapshot.body_html)
    return bool(found) and found == words(known.body_html)


async def is_known(connection: AsyncConnection, article: str, snapshot: Snapshot) -> bool:
    """Whether readers have this version already, or it is the one that was read last.

    That one may be held, or dropped by the operator: it is not held again.
    """
    known = (
        await versions.published_snapshot(connection, article),
        await versions.last_snapshot(connection, article),
    )
    return any(one is not None and not changes(one, snapshot) for one in known)


def conflicts(
    article: str, addresses: dict[str, str], owners: dict[str, tuple[str, str]]
) -> tuple[str, ...]:
    """Why these can't all be addresses of that article (format 1.1)."""
    doubts = []
    for address, (owner, form) in owners.items():
        if form and form != addresses[address]:
            doubts.append(f"{addresses[address]} and {form} have the same id {address}")
        elif owner != article:
            doubts.append(
                f"it claims {addresses[address]}, which is the address of another article"
            )
    return tuple(doubts)
