"""``Snapshot``: one article as it was read from the source, and its one encoding.

Addresses inside ``body_html`` are either absolute ``http(s)`` or start with ``../../``,
which is right for every page two folders deep (``a/hh/…``, ``p/hh/…``). Feeds put the
mirror's base in its place.
"""

import hashlib
import json
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from html import unescape
from typing import Any, Final, Self

from feeds.errors import InvalidSnapshotError

MAX_TITLE_CHARS: Final = 1_000
MAX_LEAD_CHARS: Final = 5_000
MAX_BODY_BYTES: Final = 2_000_000  # two long reads; keeps a reader's memory bounded
MAX_NAMES: Final = 50  # authors, or tags

_MEDIA_PATH: Final = re.compile(r"m/[0-9a-f]{2}/[0-9a-f]{64}\.[a-z0-9]{2,5}")
_BASIC: Final = (  # forbidden by XML 1.0, and its discouraged controls and non-characters
    "\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\x7f-\\x9f\\ud800-\\udfff\\ufdd0-\\ufdef\\ufffe\\uffff"
)
_BASIC_FORBIDDEN: Final = re.compile(f"[{_BASIC}]")
_FORBIDDEN: Final = re.compile(
    f"[{_BASIC}"
    + "".join(chr(plane << 16 | 0xFFFE) + chr(plane << 16 | 0xFFFF) for plane in range(1, 17))
    + "]"
)
_TAG: Final = re.compile(r"<[^>]*>")
_FIGURE: Final = re.compile(r"<figure\b.*?</figure>", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Media:
    """One file under ``m/`` (format 1).

    Attributes:
        path: ``m/hh/<sha256>.<ext>``, relative to the tree.
        media_type: The one media type for that ending, ``image/webp`` for ``webp``.
        size: Bytes.
        width: CSS pixels, 1 or more.
        height: CSS pixels, 1 or more.

    Raises:
        InvalidSnapshotError: A field is outside these limits.
    """

    path: str
    media_type: str
    size: int
    width: int
    height: int

    def __post_init__(self) -> None:
        if not _MEDIA_PATH.fullmatch(self.path) or self.path[2:4] != self.path[5:7]:
            raise InvalidSnapshotError("media.path", "is not m/hh/<sha256>.<ext>")
        sizes = (self.size, self.width, self.height)
        if not all(type(number) is int and number > 0 for number in sizes):
            raise InvalidSnapshotError("media", "has no size, width or height")
        if not re.fullmatch(r"[a-z]+/[a-z0-9.+-]+", self.media_type):
            raise InvalidSnapshotError("media.media_type", "is not a media type")


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A picture with what is said about it.

    Attributes:
        small: What the page shows, at most 3 kB for the lead picture.
        large: What a tap on it opens, or None where ``small`` is all there is.
        alt: Text for those who do not see it; may be empty.
        caption: Plain text; may be empty.
        credit: Who made it, plain text; may be empty.

    Raises:
        InvalidSnapshotError: A text holds characters that XML does not allow.
    """

    small: Media
    large: Media | None = None
    alt: str = ""
    caption: str = ""
    credit: str = ""

    def __post_init__(self) -> None:
        _check_characters("picture", (self.alt, self.caption, self.credit))


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """One article as it was read from the source at one moment.

    Attributes:
        source_url: Absolute http(s) address that it was read from, no fragment.
        fetched_at: When the last byte arrived, UTC, whole seconds.
        title: Plain text, one line, not empty, at most ``MAX_TITLE_CHARS``.
        body_html: Sanitised HTML fragment, at most ``MAX_BODY_BYTES`` in UTF-8.
        lead: Plain text summary, one line, at most ``MAX_LEAD_CHARS``; may be empty.
        authors: Names, at most ``MAX_NAMES``, without characters that XML does not allow.
        section: The section's name as readers see it, or empty.
        tags: The same of these.
        language: BCP 47 tag, such as ``en`` or ``ru``.
        published_at: The source's own date, UTC, whole seconds, or None.
        modified_at: The source's own date of the last change, UTC, or None.
        picture: The featured picture, which is not repeated in ``body_html``.
        media: Every other file under ``m/`` that ``body_html`` names.

    Raises:
        InvalidSnapshotError: A field is outside these limits.
    """

    source_url: str
    fetched_at: datetime
    title: str
    body_html: str
    lead: str = ""
    authors: tuple[str, ...] = ()
    section: str = ""
    tags: tuple[str, ...] = ()
    language: str = "en"
    published_at: datetime | None = None
    modified_at: datetime | None = None
    picture: Picture | None = None
    media: tuple[Media, ...] = ()

    def __post_init__(self) -> None:
        if not re.fullmatch(r"https?://[^\s#]+", self.source_url):
            raise InvalidSnapshotError("source_url", "is not absolute http(s) without a fragment")
        if not re.fullmatch(r"[a-zA-Z]{2,3}(-[a-zA-Z0-9]{1,8})*", self.language):
            raise InvalidSnapshotError("language", "is not a BCP 47 tag")
        self._check_text()
        for name in ("fetched_at", "published_at", "modified_at"):
            _check_time(name, getattr(self, name))

    def _check_text(self) -> None:
        lines = {"title": self.title, "lead": self.lead, "section": self.section}
        for name, text in lines.items():
            if text != one_line(text):
                raise InvalidSnapshotError(name, "is not one clean line of text")
        if not 1 <= len(self.title) <= MAX_TITLE_CHARS:
            raise InvalidSnapshotError("title", f"is empty or over {MAX_TITLE_CHARS} characters")
        if len(self.lead) > MAX_LEAD_CHARS:
            raise InvalidSnapshotError("lead", f"is over {MAX_LEAD_CHARS} characters")
        if max(len(self.authors), len(self.tags)) > MAX_NAMES:
            raise InvalidSnapshotError("authors or tags", f"are more than {MAX_NAMES}")
        _check_characters("authors or tags", (*self.authors, *self.tags))
        if len(self.body_html.encode("utf-8", "surrogatepass")) > MAX_BODY_BYTES:
            raise InvalidSnapshotError("body_html", f"is over {MAX_BODY_BYTES} bytes")
        if self.body_html != clean_text(self.body_html):
            raise InvalidSnapshotError("body_html", "holds characters that XML does not allow")

    @property
    def all_media(self) -> tuple[Media, ...]:
        """Every file under ``m/`` that this version needs, each once."""
        lead = () if self.picture is None else (self.picture.small, self.picture.large)
        files = (*(item for item in lead if item is not None), *self.media)
        return tuple({item.path: item for item in files}.values())

    @property
    def text_digest(self) -> str:
        """Hex SHA-256 over the words of title and body: equal where only furniture differs."""
        return hashlib.sha256("\n".join((self.title, words(self.body_html))).encode()).hexdigest()

    def encode(self) -> bytes:
        """The canonical bytes: JSON, sorted names, no spaces, UTF-8."""
        return json.dumps(
            _plain(self), ensure_ascii=False, sort_keys=True, separators=(",", ":")
        ).encode()

    @classmethod
    def decode(cls, data: bytes) -> Self:
        """The snapshot that ``encode`` wrote.

        Raises:
            InvalidSnapshotError: ``data`` is anything else.
        """
        try:
            fields = json.loads(data)
            snapshot = cls(**_typed(fields))
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise InvalidSnapshotError("encoding", str(error)) from error
        if snapshot.encode() != data:
            raise InvalidSnapshotError("encoding", "is not canonical")
        return snapshot


def clean_text(text: str) -> str:
    """``text`` in NFC, without the characters that XML 1.0 forbids (lone surrogates too)."""
    if not _is_plainly_clean(text):
        text = _FORBIDDEN.sub("", text)
    return unicodedata.normalize("NFC", text)


def _is_plainly_clean(text: str) -> bool:
    """Whether a quick look shows that: most lines are printable, and no forbidden character is.

    Of the other texts, most have no character past U+FFFF.
    """
    return text.isprintable() or (
        not _BASIC_FORBIDDEN.search(text)
        and (text.isascii() or 2 * len(text) == len(text.encode("utf-16-le")))
    )


def one_line(text: str) -> str:
    """``text`` as one clean line: white space folded, forbidden characters gone."""
    return " ".join(clean_text(text).split())


@lru_cache(maxsize=4)  # a text is judged, measured and compared, one after another
def words(html: str) -> str:
    """The words of an HTML fragment in order, figures left out, one space between."""
    return " ".join(unescape(_TAG.sub(" ", _FIGURE.sub(" ", html))).split())


def timestamp(moment: datetime) -> str:
    """A UTC moment in whole seconds as ``2026-03-05T10:00:00Z``, with four digits of any year."""
    return f"{moment.replace(tzinfo=None).isoformat()}Z"


def _check_characters(name: str, texts: Iterable[object]) -> None:
    if not all(
        isinstance(text, str) and (_is_plainly_clean(text) or not _FORBIDDEN.search(text))
        for text in texts
    ):
        raise InvalidSnapshotError(name, "hold characters that XML does not allow, or no text")


def _check_time(name: str, value: datetime | None) -> None:
    if value is None:
        return
    if value.tzinfo is not UTC or value.microsecond:
        raise InvalidSnapshotError(name, "is not UTC in whole seconds")


def _plain(value: Any) -> Any:  # noqa: ANN401  # a value of any field
    if isinstance(value, datetime):
        return timestamp(value)
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if isinstance(value, Snapshot | Picture | Media):
        return {name: _plain(getattr(value, name)) for name in value.__slots__}
    return value


def _typed(fields: dict[str, Any]) -> dict[str, Any]:
    typed = dict(fields)
    for name in ("fetched_at", "published_at", "modified_at"):
        if typed[name] is not None:
            typed[name] = datetime.strptime(typed[name], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    for name in ("authors", "tags"):
        typed[name] = tuple(typed[name])
    typed["media"] = _media(typed["media"])
    if typed["picture"] is not None:
        picture = dict(typed["picture"])
        picture["small"] = Media(**picture["small"])
        picture["large"] = None if picture["large"] is None else Media(**picture["large"])
        typed["picture"] = Picture(**picture)
    return typed


def _media(items: Iterable[dict[str, Any]]) -> tuple[Media, ...]:
    return tuple(Media(**item) for item in items)
