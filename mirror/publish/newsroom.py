"""What pages and feeds must know of the newsroom, from config and store: ``Site``, ``Channel``."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from feeds.addresses import Address
from feeds.channel import Channel
from feeds.pages import FeedLink, Section, Site, verify_version
from keys import minisign
from keys.keyring import SignedKeyring
from mirror.config import Config, MirrorConfig
from mirror.keystore import KeyStore
from mirror.store.times import stored

ALL: Final = "all"  # the list, and the feed, of everything
MAX_SECTIONS: Final = 40  # with a page, a list and feeds; keeps SHA256SUMS within 64 kB
RENDERING: Final = "1"  # raised when a new version of this program makes mutable pages anew


@dataclass(frozen=True, slots=True, kw_only=True)
class Newsroom:
    """One newsroom as it stands at one publication.

    Attributes:
        config: The operator's.
        keys: For the fingerprint and the keyrings.
        sections: Those with a page, in the order of the menu.
        languages: Of published articles, primary subtags, sorted.
        addresses: The listed mirrors that stay, those of the highest priority first.
        retiring: The listed mirrors that are about to go; named in no list of addresses.
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

    @property
    def mark(self) -> str:
        """Changes with everything here that pages and feeds show."""
        facts = (
            RENDERING,
            self.config.site.model_dump_json(),
            self.config.feeds.model_dump_json(),
            self.config.trust.origin,
            self.config.trust.tag_year,
            [section.name for section in self.sections],
            self.languages,
            [(one.url, one.kind) for one in self.addresses],
            *([[one.url for one in self.retiring]] if self.retiring else ()),
            [keyring.fingerprint for keyring in self.keys.keyrings],
            self.config.publish.verify_page and verify_version(),
        )
        return hashlib.sha256(json.dumps(facts).encode()).hexdigest()

    @property
    def site(self) -> Site:
        """For pages."""
        config = self.config
        return Site(
            title=config.site.title,
            language=config.site.language,
            origin_host=config.site.own_hosts[0],
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
        )

    @property
    def channels(self) -> tuple[Channel, ...]:
        """The feeds: of all, then of each section, then of each language where there are two."""
        chosen = [self.channel(ALL)]
        if self.config.feeds.sections:
            chosen += (self.channel(f"s-{section.slug}") for section in self.sections)
        if len(self.languages) > 1:
            chosen += (self.channel(f"lang-{language}") for language in self.languages)
        return tuple(chosen)

    def channel(self, name: str) -> Channel:
        """The feed ``all``, ``s-<section>`` or ``lang-<language>``."""
        config = self.config
        section = next((one for one in self.sections if name == f"s-{one.slug}"), None)
        language = name.removeprefix("lang-") if name.startswith("lang-") else ""
        part = section.name if section else language
        title = f"{config.site.title}: {part}" if part else config.site.title
        return Channel(
            title=title[:200].strip(),
            description=config.site.description or title[:200].strip(),
            language=language or config.site.language,
            stem=f"feeds/{name}",
            home=section.path if section else "index.html",
            origin=config.trust.origin,
            tag_year=config.trust.tag_year,
            begun=self.begun,
            hub=config.feeds.hub or "",
            addresses=self.addresses,
            addresses_updated=self.addresses_updated if self.addresses else None,
            max_entries=config.feeds.entries,
        )

    def kind_of(self, channel: Channel) -> tuple[str | None, str | None]:
        """The section and the language that a feed is of; None: of all."""
        name = channel.stem.removeprefix("feeds/")
        section = name.removeprefix("s-") if name.startswith("s-") else None
        return section, name.removeprefix("lang-") if name.startswith("lang-") else None

    def slug_with_page(self, slug: str) -> str:
        """``slug`` where that section has a page, else empty."""
        return slug if self.section(slug) else ""

    def section(self, slug: str) -> Section | None:
        """The section with that slug, if it has a page."""
        return next((one for one in self.sections if one.slug == slug), None)


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
    return channel.stem.removeprefix("feeds/s-") if channel.stem.startswith("feeds/s-") else ""
