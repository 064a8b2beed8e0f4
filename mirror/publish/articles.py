"""Articles on their way out: from a version that is ready to the files of its edition. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import sha256

from feeds.article import Article, Earlier, State
from feeds.pages import Site, article_files, section_slug
from feeds.snapshot import Media, Snapshot, one_line
from mirror.store.articles import page_path
from mirror.store.times import moment, stored
from mirror.store.versions import Ready


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """One article of the next edition.

    Attributes:
        article: As readers get it from then on.
        number: Of the version.
        files: Its pages by path, its own page last.
        page: Hex SHA-256 of its own page.
        replaced: Number of the version that this one replaces; 0 for none.
        was: Section and primary language that it had before; empty for a new one.
        change: What is different from the replaced version, as ``Earlier`` names it.
        keeps: Path under ``p/`` where the replaced page stays; empty for none.
    """

    article: Article
    number: int
    files: dict[str, bytes]
    page: str
    replaced: int
    was: tuple[str, str]
    change: tuple[str, ...]
    keeps: str

    @property
    def is_first(self) -> bool:
        """Whether readers see this article for the first time."""
        return not self.was[1]

    @property
    def media(self) -> tuple[Media, ...]:
        """The files under ``m/`` that it needs."""
        withdrawn = self.article.state is State.WITHDRAWN
        return () if withdrawn else self.article.snapshot.all_media

    @property
    def section(self) -> str:
        """Slug of its section."""
        return slug_of(self.article.snapshot)

    @property
    def language(self) -> str:
        """Primary subtag of its language."""
        return primary(self.article.snapshot.language)


def outgoing(ready: Ready, earlier: Sequence[Earlier], site: Site, now: datetime) -> Outgoing:
    """What ``ready`` becomes; ``earlier`` are the versions that pages name already."""
    now = now.astimezone(UTC).replace(microsecond=0)
    snapshot = ready.snapshot
    published = moment(ready.published) if ready.published else first_date(snapshot, now)
    number, before, page = ready.before or (0, None, "")
    replaces = before is not None and number != ready.number
    change = changes(before, snapshot) if before is not None and replaces else ()
    updated = max(now, published) if before is not None else published
    if replaces:
        path = page_path(page) if page else ""
        earlier = (*earlier, Earlier(path=path, until=updated, change=change))
    article = Article(
        id=ready.article,
        snapshot=snapshot,
        published=published,
        updated=updated,
        earlier=tuple(earlier),
        state=ready.state,
    )
    rendered = article_files(article, site)
    files = {**rendered.files}
    files[rendered.path] = files.pop(rendered.path)  # last: it names the others
    return Outgoing(
        article=article,
        number=ready.number,
        files=files,
        page=sha256(rendered.page).hexdigest(),
        replaced=number if replaces else 0,
        was=(slug_of(before), primary(before.language)) if before is not None else ("", ""),
        change=change,
        keeps=page_path(page) if replaces and page else "",
    )


def changes(before: Snapshot, now: Snapshot) -> tuple[str, ...]:
    """Which parts differ, as ``Earlier.change`` names them; empty: nothing that readers see."""
    without_title = replace(before, title=now.title)
    found = []
    if before.title != now.title:
        found.append("title")
    if without_title.text_digest != now.text_digest:
        found.append("text")
    if _shown(before) != _shown(now):
        found.append("picture")
    if _lines(before.authors) != _lines(now.authors):
        found.append("authors")
    return tuple(found)


def first_date(snapshot: Snapshot, now: datetime) -> datetime:
    """The date that readers see for ever: the source's, unless it lies ahead."""
    return min(snapshot.published_at or snapshot.fetched_at, snapshot.fetched_at, now)


def slug_of(snapshot: Snapshot) -> str:
    """Slug of an article's section; empty for none."""
    return section_slug(snapshot.section) if snapshot.section else ""


def primary(language: str) -> str:
    """``en`` of ``en-GB``."""
    return language.partition("-")[0].lower()


def row_of(out: Outgoing) -> dict[str, object]:
    """The ``article`` row once it is published."""
    article = out.article
    return {
        "id": article.id,
        "state": article.state.value,
        "pending": 0,
        "version": out.number,
        "published": stored(article.published),
        "updated": stored(article.updated),
        "section": out.section,
        "language": out.language,
    }


def _shown(snapshot: Snapshot) -> tuple[str, str, str]:
    picture = snapshot.picture
    if picture is None:
        return "", "", ""
    return picture.small.path, one_line(picture.caption), one_line(picture.credit)


def _lines(texts: Iterable[str]) -> tuple[str, ...]:
    """As pages show them, and as they come back from pages."""
    return tuple(map(one_line, texts))
