"""What is asked for, and what was answered."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from mirror.config import FetchConfig


class Limits(Enum):
    """What is fetched: it sets what is asked for, and which bound of [fetch] holds."""

    FEED = "application/rss+xml, application/atom+xml, application/feed+json, */*;q=0.5"
    PAGE = "text/html, application/xhtml+xml, */*;q=0.5"
    ROBOTS = "text/plain, */*;q=0.5"
    PICTURE = "image/webp, image/png, image/jpeg, image/gif, image/avif;q=0.5, */*;q=0.1"

    def max_bytes(self, config: FetchConfig) -> int:
        """The most bytes that are read, as sent and as unpacked."""
        return config.max_picture_bytes if self is Limits.PICTURE else config.max_bytes

    @property
    def asks_robots(self) -> bool:
        """Whether robots.txt is asked first. Pictures are part of a page that it allows."""
        return self is not Limits.PICTURE and self is not Limits.ROBOTS


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """An answer: 200, or 304 with an empty body.

    Attributes:
        status: 200 or 304.
        url: Where the answer came from, after redirects, without a fragment.
        hops: The addresses before ``url``, the one asked for first; empty without redirects.
        is_permanent: Whether every redirect said that it is for good (301, 308); true without.
        headers: As sent.
        body: Decoded bytes.
        date: The server's own clock, or None.
        fetched_at: When the last byte arrived by our clock, UTC, whole seconds.
    """

    status: int
    url: str
    hops: tuple[str, ...]
    headers: Mapping[str, str]
    body: bytes
    date: datetime | None
    fetched_at: datetime
    is_permanent: bool = True

    @property
    def content_type(self) -> str:
        """The header as it came, or empty."""
        return self.headers.get("Content-Type", "")
