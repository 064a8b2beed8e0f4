"""What the published pages say: articles with their files, list places, sections. Pure."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from lxml import etree

from feeds.article import Article, Earlier
from feeds.errors import FeedsError, MissingFileError
from feeds.pages import LIST_ARTICLES, SHELF_NAMES, Section
from feeds.recall import alias_target, recall
from feeds.snapshot import Snapshot
from mirror.store.names import Name

ReadFile = Callable[[str], bytes]

_LISTED: Final = re.compile(r'href="(?:\.\./)+a/[0-9a-f]{2}/([0-9a-f]{16})\.html"')
_LIST: Final = re.compile(r"l/([a-z0-9/-]{1,60})/([1-9][0-9]{0,8})\.html")
_ARTICLE: Final = re.compile(r"a/[0-9a-f]{2}/([0-9a-f]{16})\.html")
_DOCUMENT: Final = re.compile(r"feeds/archive/([a-z0-9-]{1,60})/([1-9][0-9]{0,7})\.atom")
_HELD: Final = re.compile(
    rb'(?:<entry[^>]*><id>|<[a-z]+:deleted-entry ref=")tag:[^<>"]*:([0-9a-f]{16})[<"]'
)
_SHELF: Final = re.compile(r"l/((?:authors|topics)-[0-9a-z]{1,4})/([1-9][0-9]{0,8})\.html")
_NAMED: Final = re.compile(
    r"\.\./\.\./l/((?:by|tag)/[0-9a-f]{2}/[0-9a-f]{12})/([1-9][0-9]{0,8})\.html"
)
_SECTION: Final = re.compile(r"s/([a-z0-9-]{1,40})\.html")


@dataclass(frozen=True, slots=True, kw_only=True)
class Recalled:
    """One page under ``a/``, read back.

    Attributes:
        id: Of the page.
        target: Id of the article that it leads to, where it is an alias page; else empty.
        article: The article, where it is one's page.
        texts: Of each of its earlier versions, in order; None where that was erased.
        files: What it and its earlier versions need under ``m/`` and ``p/``.
        problem: Why it could not be read back; empty where it was.
    """

    id: str
    target: str = ""
    article: Article | None = None
    texts: tuple[Snapshot | None, ...] = ()
    files: frozenset[str] = frozenset()
    problem: str = ""


def recalled(path: str, read: ReadFile) -> Recalled:
    """The article or alias page at ``path``; ``read`` gives verified files of the tree."""
    match = _ARTICLE.fullmatch(path)
    name = match[1] if match else ""
    page = read(path)
    if target := alias_target(page):
        return Recalled(id=name, target=target)
    needed = _Needed(read)
    try:
        article = recall(page, needed)
        if article.id != name:
            return Recalled(id=name, problem=f"its page says that it is {article.id}")
        texts = tuple(needed.earlier(one) for one in article.earlier)
    except FeedsError as error:
        return Recalled(id=name, problem=str(error))
    return Recalled(id=name, article=article, texts=texts, files=frozenset(needed.paths))


class _Needed:
    """``read``, and what was read through it. A picture that was erased has one byte."""

    def __init__(self, read: ReadFile) -> None:
        self._read = read
        self.paths: set[str] = set()

    def __call__(self, path: str) -> bytes:
        try:
            data = self._read(path)
        except MissingFileError:
            if path.startswith("m/"):
                return b"\0"
            raise
        self.paths.add(path)
        return data or b"\0"

    def earlier(self, version: Earlier) -> Snapshot | None:
        """The text of an earlier version."""
        if not version.path:
            return None
        try:
            return recall(self(version.path), self).snapshot
        except FeedsError:
            return None


def is_article_page(path: str) -> bool:
    """Whether an article or an alias stands at ``path``."""
    return _ARTICLE.fullmatch(path) is not None


def list_places(path: str, page: bytes) -> Iterator[tuple[str, int, str]]:
    """List, place and article for each article on a list page; none for any other path."""
    match = _LIST.fullmatch(path)
    if match is None:
        return
    newest_first = dict.fromkeys(_LISTED.findall(page.decode("utf-8", "replace")))
    first = (int(match[2]) - 1) * LIST_ARTICLES
    for place, article in enumerate(reversed(newest_first), first):
        yield match[1], place, article


def shelf_names(path: str, page: bytes) -> tuple[Name, ...]:
    """The authors or tags on a page of a shelf, each with a place; none for any other path."""
    match = _SHELF.fullmatch(path)
    if match is None:
        return ()
    first = (int(match[2]) - 1) * SHELF_NAMES
    found: dict[str, Name] = {}
    document = etree.fromstring(page, etree.HTMLParser(encoding="utf-8"))
    for link in document.iter("a"):
        to = _NAMED.fullmatch(link.get("href", ""))
        if to and to[1] not in found:
            place = first + len(found)
            name = " ".join("".join(str(text) for text in link.itertext()).split())
            found[to[1]] = Name(
                list=to[1], name=name, shelf=match[1], place=place, pages=int(to[2])
            )
    return tuple(found.values())


def document_at(path: str) -> tuple[str, int]:
    """The feed and the number of the archive document at ``path``; no name for other paths."""
    match = _DOCUMENT.fullmatch(path)
    return (match[1], int(match[2])) if match else ("", 0)


def document_articles(document: bytes) -> tuple[str, ...]:
    """The ids of the articles that an archive document holds, or says are withdrawn."""
    return tuple(match.decode() for match in dict.fromkeys(_HELD.findall(document)))


def menu_of(front: bytes) -> tuple[Section, ...]:
    """The sections that the front page names, in the order of its menu."""
    document = etree.fromstring(front, etree.HTMLParser(encoding="utf-8"))
    found = []
    for link in document.iter("a"):
        match = _SECTION.fullmatch(link.get("href", ""))
        name = " ".join("".join(str(text) for text in link.itertext()).split())
        if match and name:
            found.append(Section(name, match[1]))
    return tuple({section.slug: section for section in found}.values())


def begun_of(feed: bytes) -> datetime | None:
    """When the mirror was begun: the main feed's entry about addresses has that date."""
    try:
        for item in json.loads(feed)["items"]:
            if item["id"].endswith(":addresses"):
                told: str = item["date_published"]
                return datetime.fromisoformat(told).astimezone(UTC)
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
    return None
