"""Feeds that the operator chose beside those of sections: one author's, or one tag's. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass

from feeds.slugs import section_slug
from feeds.snapshot import Snapshot, one_line
from mirror.config import FeedsConfig


@dataclass(frozen=True, slots=True)
class Chosen:
    """One such feed.

    Attributes:
        feed: Its name: ``by-<author>`` or ``tag-<tag>``, as a slug.
        name: The author or the tag, as readers see it.
        by_author: Whether it is an author's.
    """

    feed: str
    name: str
    by_author: bool

    def holds(self, snapshot: Snapshot) -> bool:
        """Whether an article is in it; letters great and small count as the same."""
        names = snapshot.authors if self.by_author else snapshot.tags
        return self.name.casefold() in {one_line(name).casefold() for name in names}


def chosen_feeds(config: FeedsConfig) -> tuple[Chosen, ...]:
    """The feeds of ``authors``, then those of ``tags``."""
    authors = (Chosen(f"by-{section_slug(name)}", name, by_author=True) for name in config.authors)
    tags = (Chosen(f"tag-{section_slug(name)}", name, by_author=False) for name in config.tags)
    return (*authors, *tags)


def feeds_of(chosen: Iterable[Chosen], snapshot: Snapshot) -> frozenset[str]:
    """The names of those of ``chosen`` that hold an article."""
    return frozenset(one.feed for one in chosen if one.holds(snapshot))
