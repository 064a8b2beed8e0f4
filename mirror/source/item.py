"""``Item``: what a source says of one article before it is fetched."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One entry of a feed.

    Attributes:
        url: Where the article is, absolute http(s); empty where the entry names no address.
        id: The entry's own id, else its address, else empty; only told apart within its feed.
        title: Plain text, one line; may be empty.
        published: UTC, whole seconds, or None.
        updated: UTC, whole seconds, or None.
        section: The first category, plain text; may be empty.
        language: The feed's or the entry's BCP 47 tag; may be empty.
        summary: Plain text, one line, at most ``MAX_SUMMARY_CHARS`` of the feed reader.
    """

    url: str
    id: str
    title: str = ""
    published: datetime | None = None
    updated: datetime | None = None
    section: str = ""
    language: str = ""
    summary: str = ""
