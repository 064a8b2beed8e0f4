"""What pages and feeds must know of the newsroom, from config and store: ``Site``, ``Channel``."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Final

from feeds.addresses import Address
from feeds.catalogue import language_name
from feeds.channel import Channel
from feeds.moving import closing_notice
from feeds.pages import FeedLink, Section, Site, verify_version
from feeds.snapshot import Snapshot
from keys import minisign
from keys.keyring import SignedKeyring
from mirror.config import Config, MirrorConfig
from mirror.keystore import KeyStore
from mirror.publish.appeals import appeals_of
from mirror.publish.chosen import Chosen, chosen_feeds, feeds_of
from mirror.store.articles import EVERYTHING, Kind
from mirror.store.times import stored

ALL: Final = "all"  # the list, and the feed, of everything
MAX_SECTIONS: Final = 40  # with a page, a list and feeds; keeps SHA256SUMS within 64 kB
_SECTION: Final = "s-"
_LANGUAGE: Final = "lang-"
RENDERING: Final = "5"  # raised when a new version of this program makes mutable pages anew


@dataclass(frozen=True, kw_only=True)
class Newsroom:
    """One newsroom as it stands at one publication. What follows from it is made once.

    Attributes:
        config: The operator's.
        keys: For the fingerprint and the keyrings.
        sections: Those with a page, in the order of the menu.
        languages: Of published articles, primary subtags, sorted.
        addresses: The listed mirrors that stay, those of the highest priority first.
        retiring: The listed mirrors that are about to go; named in no list of addresses, but in
            a notice that stands in every feed.
        retiring_since: When the last of these was announced.
        addresses_updated: When their list last changed.
        begun: When the mirror was begun.
    """

    config: Config
    keys: KeyStore
    sections: tuple[Section, ...]
    languages: tuple[str, ...]
    addresses: tuple[Address, ...]
    addresses_updated: datetime
    begun: datetime
    retiring: tuple[Address, ...] = ()
    retiring_since: datetime | None = None

    @cached_property
    def mark(self) -> str:
        """Changes with everything here that pages and feeds show."""
        facts = (
            RENDERING,
            self.config.site.model_dump_json(),
            self.config.feeds.model_dump_json(),
            self.config.trust.origin,
            self.config.trust.tag_year,
            self.config.trust.max_age.total_seconds(),
            [section.name for section in self.sections],
            self.languages,
            [(one.url, one.kind) for one in self.addresses],
            *([[one.url for one in self.retiring]] if self.retiring else ()),
            [keyring.fingerprint for keyring in self.keys.keyrings],
            self.config.publish.verify_page and verify_version(),
            *([repr(appeals)] if (appeals := appeals_of(self.config)) else ()),
            *([design.mark] if (design := self.config.pages.templates).own else ()),
        )
        return hashlib.sha256(json.dumps(facts).encode()).hexdigest()

    @cached_property
    def site(self) -> Site:
        """For pages."""
        config = self.config
        return Site(
            title=config.site.title,
            language=config.site.language,
            origin_host=config.site.own_hosts[0],
            more_hosts=config.site.own_hosts[1:],
            tag_year=config.trust.tag_year,
            home_url=config.site.url,
            sections=self.sections,
            feeds=tuple(
                FeedLink(channel.title, channel.stem, _slug(channel)) for channel in self.channels
            ),
            fingerprint=first_keyring(self.keys).fingerprint,
            minisign_key=minisign.public_line(self.keys.log.verifier),
            timezone=config.site.zone,
            find=True,
            verify=config.publish.verify_page,
            design=config.pages.templates,
            appeals=appeals_of(config),
            max_age=config.trust.max_age,
        )

    @cached_property
    def channels(self) -> tuple[Channel, ...]:
        """The feeds: of all, then of each section, then of each language where there are two."""
        names = [ALL]
        if self.config.feeds.sections:
            names += (f"{_SECTION}{section.slug}" for section in self.sections)
        if len(self.languages) > 1:
            names += (f"{_LANGUAGE}{language}" for language in self.languages)
        names += (one.feed for one in self.chosen)
        return tuple(map(self.channel, names))

    @cached_property
    def chosen(self) -> tuple[Chosen, ...]:
        """The feeds by author or tag."""
        return chosen_feeds(self.config.feeds)

    def channel(self, name: str) -> Channel:
        """The feed ``all``, ``s-<section>``, ``lang-<language>``, ``by-…`` or ``tag-…``."""
        config = self.config
        section = next((one for one in self.sections if name == f"{_SECTION}{one.slug}"), None)
        language = name.removeprefix(_LANGUAGE) if name.startswith(_LANGUAGE) else ""
        by = next((one.name for one in self.chosen if name == one.feed), "")
        part = section.name if section else language_name(language) if language else by
        leaving = ", ".join(one.url for one in self.retiring)
        speaks = language or config.site.language
        title = f"{config.site.title}: {part}" if part else config.site.title
        return Channel(
            title=title[:200].strip(),
            description=config.site.description or title[:200].strip(),
            language=speaks,
            stem=f"feeds/{name}",
            home=section.path if section else "index.html",
            origin=config.trust.origin,
            tag_year=config.trust.tag_year,
            begun=self.begun,
            hub=config.feeds.hub or "",
            addresses=self.addresses,
            addresses_updated=self.addresses_updated if self.addresses else None,
            notice=closing_notice(speaks, leaving) if leaving else "",
            notice_since=self.retiring_since,
            max_entries=config.feeds.entries,
            max_bytes=config.feeds.max_bytes,
        )

    def is_archived(self, channel: Channel) -> bool:
        """Whether archive documents hold everything that was ever in a feed."""
        archives = self.config.feeds.archives
        return archives == "every" or (archives == "all" and feed_name(channel) == ALL)

    def feeds_with(self, section: str, language: str, snapshot: Snapshot | None) -> frozenset[str]:
        """The names of the feeds that hold an article of that section and primary language.

        Without ``snapshot``, those by author or tag are left out.
        """
        own = {ALL, f"{_SECTION}{section}", f"{_LANGUAGE}{language}"}
        return frozenset(own) if snapshot is None else feeds_of(self.chosen, snapshot) | own

    def slug_with_page(self, slug: str) -> str:
        """``slug`` where that section has a page, else empty."""
        return slug if self.section(slug) else ""

    def section(self, slug: str) -> Section | None:
        """The section with that slug, if it has a page."""
        return next((one for one in self.sections if one.slug == slug), None)


def feed_name(channel: Channel) -> str:
    """``all`` of ``feeds/all``."""
    return channel.stem.removeprefix("feeds/")


def kind_of(feed: str) -> Kind:
    """Which articles the feed of that name is of."""
    if feed.startswith(_SECTION):
        return Kind(section=feed.removeprefix(_SECTION))
    if feed.startswith(_LANGUAGE):
        return Kind(language=feed.removeprefix(_LANGUAGE))
    return EVERYTHING if feed == ALL else Kind(label=feed)


def first_keyring(keys: KeyStore) -> SignedKeyring:
    """The keyring whose fingerprint readers pin."""
    return keys.keyrings[0]


def sections_of(
    config: Config, known: Sequence[Section], names: Sequence[str]
) -> tuple[Section, ...]:
    """The menu: sections of the sources, those known, new ones; ``MAX_SECTIONS`` in all."""
    from_sources = [source.section for source in config.sources if source.section]
    every = [Section(name) for name in dict.fromkeys((*from_sources, *names))]
    ordered: dict[str, Section] = {}
    for section in (*every[: len(set(from_sources))], *known, *every):
        ordered.setdefault(section.slug, section)
    return tuple(ordered.values())[:MAX_SECTIONS]


def addresses_of(
    mirrors: Iterable[MirrorConfig], since: Mapping[str, datetime]
) -> tuple[Address, ...]:
    """Those of ``mirrors`` that are listed (format 1.9), the highest priority first."""
    return tuple(
        Address(url=mirror.url, kind=mirror.kind, since=since[mirror.name].date())
        for mirror in sorted(mirrors, key=lambda mirror: -mirror.priority)
        if mirror.listed
    )


def encode_addresses(addresses: Sequence[Address], updated: datetime) -> str:
    """What is remembered of the list, to know when it changes."""
    return json.dumps([stored(updated), [[one.url, one.kind] for one in addresses]])


def _slug(channel: Channel) -> str:
    return kind_of(feed_name(channel)).section or ""
