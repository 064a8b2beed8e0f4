"""Stories to the newsroom's pages, feeds and sitemap. No network, no clock."""

from collections.abc import Sequence
from datetime import UTC, datetime
from email.utils import format_datetime
from functools import cache
from typing import Final
from urllib.parse import quote

from jinja2 import Environment, PackageLoader, StrictUndefined

from mirror.newsroom.furniture import furniture, sections
from mirror.newsroom.story import Block, Furniture, Paragraph, Story

BASE: Final = "https://courier.example"

_WORDS: Final = {
    "en": {"by": "By", "tags": "Read more about:", "older": "Older stories"},
    "ru": {"by": "Автор:", "tags": "Темы:", "older": "Раньше"},
}
_MONTHS_RU: Final = (
    "января", "февраля", "марта", "апреля", "мая", "июня",
    "июля", "августа", "сентября", "октября", "ноября", "декабря",
)  # fmt: skip


def render_story(story: Story, around: Furniture, *, base: str = BASE) -> str:
    """The page of ``story`` with everything that the newsroom puts around it.

    Args:
        story: The article itself.
        around: What is none of it.
        base: The site's own address, without a slash at the end.
    """
    return _render(
        "story.html", story=story, furniture=around, base=base, language=story.language,
        section_path=dict(around.sections).get(story.section, "/"), ld=_linked_data(story, base),
    )  # fmt: skip


def front_page(
    language: str, stories: Sequence[Story], *, heading: str = "", older: int = 0
) -> str:
    """A front page: all stories, or those of the section that ``heading`` names.

    ``older`` is the number of the page with those before them, or 0.
    """
    around = furniture(language)
    return _render(
        "front.html", stories=stories, heading=heading or around.newsroom, furniture=around,
        language=language, older=older,
    )  # fmt: skip


def rss(language: str, stories: Sequence[Story], *, base: str, own: str, section: str = "") -> str:
    """RSS 2.0 of ``stories``; ``own`` is the feed's path, ``section`` the section's name."""
    name = furniture(language).newsroom
    changes = [moment for story in stories for moment in (story.published, story.modified)]
    return _render(
        "rss.xml", stories=stories, base=base, own=own, language=language,
        title=f"{name}: {section}" if section else name,
        changed=max((moment for moment in changes if moment), default=None),
    )  # fmt: skip


def sitemap(stories: Sequence[Story], *, base: str, newsroom: str) -> str:
    """A news sitemap of ``stories``."""
    return _render("sitemap.xml", stories=stories, base=base, newsroom=newsroom, language="en")


def section_name(language: str, slug: str) -> str:
    """The name of the section with that slug, or empty."""
    ends = {path.rpartition("/")[2]: name for name, path in sections(language)}
    return ends.get(slug, "")


def first_words(story: Story) -> str:
    """The first paragraph: what a feed says of a story without a deck."""
    return next((block.text for block in story.blocks if isinstance(block, Paragraph)), "")


def _render(template: str, *, language: str, **values: object) -> str:
    prefix = "" if language == "en" else f"/{language}"
    return (
        _environment()
        .get_template(template)
        .render(language=language, prefix=prefix, words=_WORDS[language], **values)
    )


def _linked_data(story: Story, base: str) -> dict[str, object]:
    said: dict[str, object] = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": story.headline,
        "inLanguage": story.language,
        "mainEntityOfPage": base + quote(story.path),
    }
    if story.author:
        said["author"] = {"@type": "Person", "name": story.author}
    if story.published:
        said["datePublished"] = _iso(story.published)
    if story.modified:
        said["dateModified"] = _iso(story.modified)
    if story.photo:
        said["image"] = [base + story.photo.path]
    return said


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("mirror.newsroom"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "path": quote, "iso": _iso, "rfc822": _rfc822, "day": _day, "kind": _kind,
        "first_words": first_words,
    }  # fmt: skip
    return environment


def _kind(block: Block) -> str:
    return type(block).__name__


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S+00:00")


def _rfc822(moment: datetime) -> str:
    return format_datetime(moment.astimezone(UTC))


def _day(moment: datetime, language: str) -> str:
    if language == "ru":
        return f"{moment.day} {_MONTHS_RU[moment.month - 1]} {moment.year}"
    return f"{moment:%B} {moment.day}, {moment.year}"
