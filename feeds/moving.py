"""The entries about a mirror's addresses: where else to go, and what is about to change.

They stand in every feed, after the articles. The one about the addresses has an id that
stays, and changes only when the list does; a notice is an entry of its own, with an id made
of its words, so that a feed reader shows it as new.
"""

import hashlib
from datetime import datetime
from typing import Final

from feeds.channel import MAX_NOTICE_CHARS, Channel
from feeds.entries import Entry
from feeds.localise import CANONICAL_BASE
from feeds.markup import html_text, shorten
from feeds.words import Words, words_for

_PAGE: Final = f"{CANONICAL_BASE}mirrors.html"


def entries_about_addresses(channel: Channel) -> tuple[Entry, ...]:
    """The notice, if there is one, and the entry with all listed addresses, if there are.

    Brief feeds say the same in fewer words.
    """
    notice = () if channel.notice_since is None else _notice(channel, channel.notice_since)
    if channel.addresses_updated is None or not channel.addresses:
        return notice
    return (*notice, _addresses(channel, channel.addresses_updated))


def closing_notice(language: str, addresses: str) -> str:
    """The words of a notice that ``addresses`` are about to close; as many as there is room for."""
    text = words_for(language).plain("closes")
    return text.format(addresses=shorten(addresses, MAX_NOTICE_CHARS - len(text)))


def _notice(channel: Channel, since: datetime) -> tuple[Entry, ...]:
    if not channel.notice:
        return ()
    words = words_for(channel.language)
    digest = hashlib.sha256(channel.notice.encode()).hexdigest()[:16]
    link = f'<p><a href="{_PAGE}">{html_text(words.plain("feed others"))}</a></p>'
    entry = Entry(
        id=channel.entry_id(f"notice-{digest}"),
        title=words.plain("notice"),
        link=_PAGE,
        published=since,
        updated=since,
        html=f"<p>{html_text(channel.notice)}</p>{link}",
        summary="" if channel.brief else channel.notice,
        language=channel.language,
        speaks=words.language,
    )
    return (entry,)


def _addresses(channel: Channel, updated: datetime) -> Entry:
    words = words_for(channel.language)
    return Entry(
        id=channel.entry_id("addresses"),
        title=words.plain("moving"),
        link=_PAGE,
        published=min(channel.begun, updated),
        updated=updated,
        html=_few_words(channel, words) if channel.brief else _all_words(channel, words),
        summary="" if channel.brief else words.plain("moving why"),
        language=channel.language,
        speaks=words.language,
    )


def _all_words(channel: Channel, words: Words) -> str:
    why, how = html_text(words.plain("moving why")), html_text(words.plain("moving how"))
    rows = "".join(_row(channel, other.url, words.plain("feed at")) for other in channel.addresses)
    opml = f'<p><a href="{CANONICAL_BASE}feeds.opml">{html_text(words.plain("all feeds"))}</a></p>'
    return f"<p>{why}</p><ul>{rows}</ul><p>{how}</p>{opml}"


def _few_words(channel: Channel, words: Words) -> str:
    urls = (html_text(other.url) for other in channel.addresses)
    rows = "".join(f'<li><a href="{url}">{url.partition("://")[2]}</a></li>' for url in urls)
    page = f'<p><a href="{_PAGE}">{html_text(words.plain("all addresses"))}</a></p>'
    return f"<p>{html_text(words.plain('moving brief'))}</p><ul>{rows}</ul>{page}"


def _row(channel: Channel, url: str, feed: str) -> str:
    feed_url = channel.url("rss", url)
    return (
        f'<li><a href="{html_text(url)}">{html_text(url)}</a>'
        f' (<a href="{html_text(feed_url)}">{html_text(feed)}</a>)</li>'
    )
