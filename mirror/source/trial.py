"""``try_page``: what rules make of one page, beside what those do that are live. Pure."""

from dataclasses import dataclass
from datetime import datetime

from feeds.snapshot import words
from mirror.config import Config
from mirror.errors import SourceError
from mirror.source.read import ReadArticle, read_saved
from mirror.source.response import Response


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedPage:
    """One page to try rules on.

    Attributes:
        name: What the operator calls it: a file, or its address.
        url: Where it is on the site.
        body: Its bytes.
        content_type: The header as it came, or empty.
    """

    name: str
    url: str
    body: bytes
    content_type: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What came of one page.

    Attributes:
        name, url: Of the page.
        read: The article, or None.
        live: The same by the rules that are live; None where none other are tried, or it fails.
        wanting: What is wrong with ``read``, in words; empty where it could be published.
        live_problem: Why there is no ``live``, where others are tried; or empty.
    """

    name: str
    url: str
    read: ReadArticle | None
    wanting: tuple[str, ...]
    live: ReadArticle | None = None
    live_problem: str = ""

    @property
    def text(self) -> str:
        """The words of the body, or empty."""
        return words(self.read.snapshot.body_html) if self.read else ""


def try_page(page: SavedPage, tried: Config, live: Config | None, now: datetime) -> Trial:
    """Read ``page`` by the rules of ``tried`` and, where given, by those of ``live``."""
    read, problem = _read(page, tried, now)
    before, live_problem = _read(page, live, now) if live else (None, "")
    return Trial(
        name=page.name,
        url=page.url,
        read=read,
        wanting=(problem,) if read is None else _wanting(read),
        live=before,
        live_problem=live_problem,
    )


def not_had(name: str, error: SourceError) -> Trial:
    """What comes of a page that can't be fetched."""
    return Trial(name=name, url=name, read=None, wanting=(error.problem,))


def _read(page: SavedPage, config: Config, now: datetime) -> tuple[ReadArticle | None, str]:
    response = Response(
        status=200,
        url=page.url,
        hops=(),
        headers={"Content-Type": page.content_type} if page.content_type else {},
        body=page.body,
        date=None,
        fetched_at=now.replace(microsecond=0),
    )
    try:
        return read_saved(response, config, now), ""
    except SourceError as error:
        return None, error.problem


def _wanting(read: ReadArticle) -> tuple[str, ...]:
    undated = read.snapshot.published_at is None
    return (*read.verdict.reasons, *(("it has no date",) if undated else ()))
