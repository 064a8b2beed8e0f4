"""The kinds of source by their names in the configuration."""

from collections.abc import Mapping
from typing import Final

from mirror.config import SourceConfig
from mirror.source.feeds import parse_feed
from mirror.source.kind import Kind, Look, Told
from mirror.source.listing import ListingKind
from mirror.source.response import Limits, Response
from mirror.source.sitemap import SitemapKind
from mirror.source.wordpress import WordPressKind


class FeedKind:
    """RSS, Atom or JSON Feed: one answer holds all."""

    limits: Limits = Limits.FEED

    def address(self, source: SourceConfig) -> str:
        """The feed."""
        return source.url

    async def read(self, look: Look, response: Response) -> Told:  # noqa: ARG002 - the contract's
        """Its entries."""
        return Told(items=parse_feed(response.body, response.url, response.content_type))

    async def unchanged(self, look: Look) -> Told | None:  # noqa: ARG002 - the contract's
        """Nothing."""
        return None


KINDS: Final[Mapping[str, Kind]] = {
    "feed": FeedKind(),
    "sitemap": SitemapKind(),
    "listing": ListingKind(),
    "wordpress": WordPressKind(),
}
