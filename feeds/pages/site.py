"""``Site``: what pages must know of the newsroom, and the values that they are made of."""

from dataclasses import dataclass, field
from datetime import UTC, date, timedelta, tzinfo
from typing import Protocol

from feeds.appeal import Appeal
from feeds.design import OURS, Design
from feeds.ids import SPARE_HOST
from feeds.slugs import section_slug


@dataclass(frozen=True, slots=True)
class Section:
    """A section that has a page.

    Attributes:
        name: As articles and readers have it.
        slug: Its page is ``s/<slug>.html``; made of the name where it is left out.
    """

    name: str
    slug: str = ""

    def __post_init__(self) -> None:
        if not self.slug:
            object.__setattr__(self, "slug", section_slug(self.name))

    @property
    def path(self) -> str:
        """Where its page is in the tree."""
        return f"s/{self.slug}.html"


@dataclass(frozen=True, slots=True)
class FeedLink:
    """A feed that mutable pages name.

    Attributes:
        title: As a feed reader shows it.
        stem: ``feeds/all``: the path without its ending.
        section: Slug of the section that it is of, or empty for the whole site's.
    """

    title: str
    stem: str
    section: str = ""


class Listed(Protocol):
    """A listed mirror, as ``feeds.addresses`` has it (format 1.9)."""

    @property
    def url(self) -> str:
        """What readers open."""
        ...

    @property
    def kind(self) -> str:
        """``web``, ``onion``, …."""
        ...

    @property
    def since(self) -> date:
        """The day since when it is listed."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """The newsroom, as its pages name it.

    Article pages use only ``title``, ``language``, ``sections``, ``timezone``,
    ``design`` and the words of ``appeals``.

    Attributes:
        title: The newsroom's name.
        language: BCP 47 tag of the interface where an article's own has no catalogue.
        origin_host: Host of the original site, such as ``www.news.example``.
        more_hosts: Its other hosts, on which a path of the original site may be too.
        tag_year: Year in every entry's id (format 1.4).
        home_url: Absolute address of the original site.
        sections: Those that have a page, in the order of the menu.
        feeds: The main feed first.
        fingerprint: Hex SHA-256 of the keyring to pin, or empty.
        minisign_key: ``RW…`` of the log key for stock tools, or empty.
        timezone: Whose clock the pages show.
        find: Whether there is a ``find.html`` to link to.
        verify: Whether there is a ``verify.html`` to link to.
        design: The templates and styles that its pages are made with.
        appeals: What the operator asks of readers.
        max_age: How old a mirror's head may be before its front page tells readers to go elsewhere.
    """

    title: str
    language: str
    origin_host: str
    tag_year: int
    home_url: str
    sections: tuple[Section, ...] = ()
    feeds: tuple[FeedLink, ...] = ()
    fingerprint: str = ""
    minisign_key: str = ""
    timezone: tzinfo = UTC
    find: bool = False
    verify: bool = False
    max_age: timedelta = timedelta(hours=48)
    more_hosts: tuple[str, ...] = ()
    design: Design = OURS
    appeals: tuple[Appeal, ...] = ()

    @property
    def hosts(self) -> tuple[str, ...]:
        """The hosts of the original site that give different ids (format 1.1), the main first."""
        every = (self.origin_host, *self.more_hosts)
        return tuple(dict.fromkeys(SPARE_HOST.sub("", host) for host in every))

    def section(self, name: str) -> Section | None:
        """The section of that name, if it has a page."""
        return next((item for item in self.sections if item.name == name), None)


@dataclass(frozen=True, slots=True)
class Rendered:
    """The files of one article version.

    Attributes:
        files: Bytes by path: the article's own page, its continuation pages, the whole.
        whole: Path of the page that holds a long article at one go, or empty.
    """

    files: dict[str, bytes] = field(default_factory=dict)
    whole: str = ""

    @property
    def path(self) -> str:
        """Path of the article's own page."""
        return next(iter(self.files))

    @property
    def page(self) -> bytes:
        """The article's own page."""
        return self.files[self.path]

    @property
    def parts(self) -> dict[str, bytes]:
        """The pages that stay within the limit, in reading order."""
        return {path: data for path, data in self.files.items() if path != self.whole}

    @property
    def continued(self) -> tuple[str, ...]:
        """Paths of the continuation pages, in reading order."""
        return tuple(self.parts)[1:]
