"""``Story`` and ``Furniture``: what a newsroom prints, and what it prints around it."""

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Photo:
    """A picture of the newsroom's own: a path on its site, and what is said about it."""

    path: str
    alt: str = ""
    caption: str = ""
    credit: str = ""


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One paragraph, plain text."""

    text: str


@dataclass(frozen=True, slots=True)
class Linked:
    """One paragraph with a link in it: ``before``, the link, ``after``."""

    before: str
    href: str
    label: str
    after: str


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading between paragraphs."""

    text: str


@dataclass(frozen=True, slots=True)
class Quote:
    """A quotation set apart, and who said it."""

    text: str
    who: str


@dataclass(frozen=True, slots=True)
class Bullets:
    """A list of points."""

    items: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A small table: a head and rows of the same width."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Embed:
    """A frame of somebody else's site, with words for those who don't see it."""

    url: str
    title: str


@dataclass(frozen=True, slots=True)
class Inline:
    """A picture between paragraphs, loaded lazily as newsrooms do."""

    photo: Photo


Block = Paragraph | Linked | Heading | Quote | Bullets | Table | Embed | Inline


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """One story as it stands on the site.

    Attributes:
        path: Its address on the site, from ``/``, not escaped.
        language: ``en`` or ``ru``.
        section: The section's name as readers see it.
        deck: A line under the headline; may be empty.
        author: May be empty.
        published: UTC, whole seconds.
        modified: The last change, or None.
        correction: What was put right, as the newsroom says it; empty where nothing was.
    """

    path: str
    language: str
    section: str
    headline: str
    blocks: tuple[Block, ...]
    deck: str = ""
    author: str = ""
    published: datetime | None = None
    modified: datetime | None = None
    photo: Photo | None = None
    tags: tuple[str, ...] = ()
    correction: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Furniture:
    """What stands around every story and is none of it. An empty tuple leaves a box out.

    Attributes:
        newsroom: The paper's name.
        support: The appeal at the top: a heading, then lines; the last is the button.
        banner: One more line of appeal, above the headline.
        related: The "read more" aside between paragraphs: headings and their paths.
        newsletter: Heading, lines, and the small print last.
        donation: Heading, salutation and paragraphs.
        donation_choices: Words on the donation box's buttons.
        donation_after: Lines under them.
        cookies: The cookie banner: a line, then the button.
        more: Heading over the list of other stories at the end.
    """

    newsroom: str
    support: tuple[str, ...] = ()
    banner: str = ""
    related_title: str = ""
    related: tuple[tuple[str, str], ...] = ()
    newsletter: tuple[str, ...] = ()
    donation: tuple[str, ...] = ()
    donation_choices: tuple[str, ...] = ()
    donation_after: tuple[str, ...] = ()
    cookies: tuple[str, ...] = ()
    share: tuple[str, ...] = ()
    more: str = ""
    sections: tuple[tuple[str, str], ...] = field(default=())
