"""``Channel``: all that a feed needs to know besides its articles; and the ids of entries."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import accumulate
from typing import Final, Self

from feeds.addresses import Address
from feeds.errors import InvalidChannelError
from feeds.localise import CANONICAL_BASE
from feeds.snapshot import one_line
from feeds.words import words_for

MAX_NAME_CHARS: Final = 200
MAX_DESCRIPTION_CHARS: Final = 1_000
MAX_NOTICE_CHARS: Final = 2_000
MAX_HUB_CHARS: Final = 500
MIN_BYTES: Final = 20_000  # the lines around the entries, and one short entry
MAX_DOCUMENTS: Final = 99_999_999  # of an archive: far above one a minute for a century
LITE_NOTICE_CHARS: Final = 400
LITE_ADDRESSES: Final = 10  # that a lite feed names, the first that are short enough
LITE_ADDRESSES_CHARS: Final = 400  # of them together; the others are on its mirrors page

_HOST: Final = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?")
_STEM: Final = re.compile(r"feeds/[A-Za-z0-9._-]{1,100}")
_HOME: Final = re.compile(r"([A-Za-z0-9._-]+/)*[A-Za-z0-9._-]+\.html")
_LANGUAGE: Final = re.compile(r"[a-zA-Z]{2,3}(-[a-zA-Z0-9]{1,8})*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """One feed, in its three formats and in its lite form.

    Attributes:
        title: One line, at most ``MAX_NAME_CHARS``.
        description: One line, at most ``MAX_DESCRIPTION_CHARS``.
        language: BCP 47 tag; also the language of the lines that we add to entries.
        stem: Path without ending, such as ``feeds/all``.
        home: Path of the page that the feed belongs to, such as ``index.html``.
        origin: The log's origin; what stands before its first ``/`` is the host in ids.
        tag_year: The year in ids, fixed when the mirror is begun (format 1.4).
        begun: When the mirror was begun, UTC, whole seconds: the date of an empty feed.
        author: Who answers for entries without an author; empty: the title.
        hub: Absolute address of the WebSub hub, or empty.
        addresses: The listed mirrors, in the order of ``mirrors.json``.
        addresses_updated: When their list last changed; None: no entry about them.
        notice: What subscribers must know about the addresses ("the first one closes in
            May"), as one line shown as an entry of its own; or empty.
        notice_since: When the notice was first given; needed with a notice.
        closed: How many archive documents were closed before this one (RFC 5005, 4).
        part: Which of them this is; 0: the feed itself, to which people subscribe.
        complete: Whether the feed holds everything that was ever in it (RFC 5005, 2).
        brief: Whether the feed says in few words what it says itself, as a lite one does.
        max_entries: How many articles the feed holds.
        max_bytes: How large its largest format may get on a base of ``LONGEST_BASE``; at least
            ``MIN_BYTES``.

    Raises:
        InvalidChannelError: A field is outside these limits.
    """

    title: str
    description: str
    language: str
    stem: str
    home: str
    origin: str
    tag_year: int
    begun: datetime
    author: str = ""
    hub: str = ""
    addresses: tuple[Address, ...] = ()
    addresses_updated: datetime | None = None
    notice: str = ""
    notice_since: datetime | None = None
    closed: int = 0
    part: int = 0
    complete: bool = False
    brief: bool = False
    max_entries: int = 50
    max_bytes: int = 1_000_000

    def __post_init__(self) -> None:
        self._check_texts()
        self._check_names()
        for name in ("begun", "addresses_updated", "notice_since"):
            moment = getattr(self, name)
            if moment is not None and (moment.tzinfo is not UTC or moment.microsecond):
                raise InvalidChannelError(self.stem, name, "is not UTC in whole seconds")
        if self.notice and self.notice_since is None:
            raise InvalidChannelError(self.stem, "notice_since", "is missing beside a notice")
        if not 0 <= self.closed <= MAX_DOCUMENTS or (self.complete and self.closed):
            raise InvalidChannelError(self.stem, "closed", "is no number of documents before it")
        if self.part not in (0, self.closed + 1):
            raise InvalidChannelError(self.stem, "part", "does not follow the documents before it")
        if self.max_entries < 1:
            raise InvalidChannelError(self.stem, "max_entries", "is under 1")
        if self.max_bytes < MIN_BYTES:
            raise InvalidChannelError(self.stem, "max_bytes", f"is under {MIN_BYTES}")

    def _check_texts(self) -> None:
        limits = {
            "title": MAX_NAME_CHARS,
            "author": MAX_NAME_CHARS,
            "description": MAX_DESCRIPTION_CHARS,
            "notice": MAX_NOTICE_CHARS,
        }
        for name, limit in limits.items():
            text = getattr(self, name)
            if text != one_line(text) or len(text) > limit:
                raise InvalidChannelError(
                    self.stem, name, f"is not one clean line of at most {limit} characters"
                )
        for name in ("title", "description"):
            if not getattr(self, name):
                raise InvalidChannelError(self.stem, name, "is empty")

    def _check_names(self) -> None:
        if not _STEM.fullmatch(self.stem):
            raise InvalidChannelError(self.stem, "stem", "is not feeds/<name>")
        if not _HOME.fullmatch(self.home):
            raise InvalidChannelError(self.stem, "home", "is not the path of a page")
        if not _LANGUAGE.fullmatch(self.language):
            raise InvalidChannelError(self.stem, "language", "is not a BCP 47 tag")
        if self.hub and not re.fullmatch(rf"https?://[!-~]{{1,{MAX_HUB_CHARS}}}", self.hub):
            raise InvalidChannelError(self.stem, "hub", "is not an absolute http(s) address")
        entry_id(self.origin, self.tag_year, self.stem)

    @property
    def id(self) -> str:
        """The feed's own id, the same on every mirror."""
        return self.entry_id(self.stem)

    @property
    def home_url(self) -> str:
        """The page that the feed belongs to, on the canonical base."""
        return CANONICAL_BASE + self.home

    def entry_id(self, name: str) -> str:
        """The id of the entry ``name`` in any feed of this mirror."""
        return entry_id(self.origin, self.tag_year, name)

    def url(self, ending: str, base: str = CANONICAL_BASE) -> str:
        """Where the feed is in the format ``ending`` (``rss``, ``atom``, ``json``)."""
        return f"{base}{self.stem}.{ending}"

    def archive_url(self, number: int) -> str:
        """Where the archive document ``number`` is, counted from 1, the oldest."""
        return CANONICAL_BASE + archive_path(self.stem, number)

    def archive(self, number: int) -> Self:
        """Archive document ``number``: what can change without its entries is left out."""
        return replace(
            self,
            closed=number - 1,
            part=number,
            complete=False,
            hub="",
            addresses=(),
            addresses_updated=None,
            notice="",
            notice_since=None,
        )

    @property
    def lite(self) -> Self:
        """The same feed's lite form: its own path and id, less of everything."""
        words = words_for(self.language)
        return replace(
            self,
            stem=f"{self.stem}-lite",
            title=f"{self.title[:100].strip()} ({words.plain('feed lite')})",
            author=self.author[:100].strip(),
            description=self.description[:200].strip(),
            notice=self.notice[:LITE_NOTICE_CHARS].strip(),
            addresses=_short_enough(self.addresses[:LITE_ADDRESSES]),
            closed=0,
            complete=False,
            brief=True,
        )


def _short_enough(addresses: Sequence[Address]) -> tuple[Address, ...]:
    """The first of ``addresses``, as many as have ``LITE_ADDRESSES_CHARS`` together."""
    lengths = accumulate(len(one.url) for one in addresses)
    return tuple(
        one
        for one, length in zip(addresses, lengths, strict=True)
        if length <= LITE_ADDRESSES_CHARS
    )


def archive_path(stem: str, number: int) -> str:
    """``feeds/archive/<name>/<number>.atom``, for the feed ``feeds/<name>``."""
    return f"feeds/archive/{stem.removeprefix('feeds/')}/{number}.atom"


def origin_host(origin: str) -> str:
    """The part of a log's origin before its first ``/``.

    Raises:
        InvalidChannelError: It is no host name in lower case.
    """
    host = origin.split("/", 1)[0]
    if not _HOST.fullmatch(host):
        raise InvalidChannelError(
            origin[:200], "origin", "does not begin with a host name in lower case"
        )
    return host


def entry_id(origin: str, tag_year: int, name: str) -> str:
    """``tag:<origin host>,<tag year>:<name>`` (format 1.4).

    ``name`` is an article's id, or another name that is unique in the mirror. The result
    is for ever: it depends on nothing that may change.

    Raises:
        InvalidChannelError: The origin or the year can't stand in a tag URI (RFC 4151).
    """
    host = origin_host(origin)
    if not re.fullmatch("[0-9]{4}", str(tag_year)):
        raise InvalidChannelError(name, "tag_year", "is not a year of four digits")
    return f"tag:{host},{tag_year}:{name}"
