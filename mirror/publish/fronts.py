"""Pages that show the newest articles, and those that show none."""

from feeds.addresses import MIRRORS_PATH, mirrors_json
from feeds.article import Article, State
from feeds.opml import OPML_PATH, feeds_opml, mirrors_opml
from feeds.pages import (
    FRONT_ARTICLES,
    VERIFY_PATH,
    find_page,
    front_page,
    list_path,
    mirrors_page,
    not_found_page,
    section_page,
    verify_page,
)
from feeds.paths import keyring_path
from feeds.stylesheet import style_path, stylesheet
from mirror.publish.lists import Arrivals, section_list
from mirror.publish.material import Material
from mirror.publish.newsroom import ALL
from mirror.store.articles import Kind


async def front_pages(made: Material, comes: Arrivals) -> dict[str, bytes]:
    """The front page, and the front of each section that this edition touches."""
    archive = list_path(ALL, comes.newest_page(ALL))
    chosen = _shown(await made.newest(FRONT_ARTICLES))
    listed = made.newsroom.addresses
    front = front_page(made.site, chosen, made.now, archive=archive, mirrors=listed)
    pages = {"index.html": front}
    for section in made.newsroom.sections:
        if made.renewed or section.slug in made.sections:
            chosen = _shown(await made.newest(FRONT_ARTICLES, Kind(section=section.slug)))
            name = section_list(section.slug)
            older = list_path(name, comes.newest_page(name))
            pages[section.path] = section_page(made.site, section, chosen, archive=older)
    return pages


def fixed_pages(made: Material, comes: Arrivals) -> dict[str, bytes | None]:
    """Pages without articles: look-up, addresses, the verifier, lists of feeds, the keyring."""
    archive = list_path(ALL, comes.newest_page(ALL))
    pages: dict[str, bytes | None] = {
        "find.html": find_page(made.site, archive=archive),
        "404.html": not_found_page(made.site, archive=archive),
    }
    if not made.renewed:
        return pages
    room = made.newsroom
    origin = room.config.trust.origin
    pages["mirrors.html"] = mirrors_page(made.site, room.addresses)
    rings = [signed.encode() for signed in room.keys.keyrings]
    pages[VERIFY_PATH] = verify_page(made.site, rings) if made.site.verify else None
    pages[MIRRORS_PATH] = mirrors_json(origin, room.addresses_updated, room.addresses)
    pages[OPML_PATH] = feeds_opml(made.site.title, room.channels)
    for channel in room.channels:
        pages |= mirrors_opml(channel)
        pages[style_path(channel.language)] = stylesheet(channel.language)
    for signed in room.keys.keyrings:
        is_newest = signed is room.keys.newest
        pages[keyring_path(signed.keyring.version)] = signed.encode() if is_newest else None
    return pages


def _shown(articles: tuple[Article, ...]) -> tuple[Article, ...]:
    """Fronts leave out what was withdrawn; feeds tell of it."""
    return tuple(article for article in articles if article.state is not State.WITHDRAWN)
