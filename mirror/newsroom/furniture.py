"""What the sample newsroom puts around its stories, in both languages."""

from collections.abc import Sequence
from typing import Any, Final

from mirror.newsroom.story import Furniture, Story
from mirror.newsroom.write import parts

RELATED: Final = 4


def furniture(language: str, others: Sequence[Story] = ()) -> Furniture:
    """The furniture of a page; ``others`` are the stories that it points to."""
    words: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in parts(language)["furniture"].items()
    }
    if not others:
        words["more"] = ""
    return Furniture(
        newsroom=parts(language)["newsroom"],
        related=tuple((story.headline, story.path) for story in others[:RELATED]),
        sections=sections(language),
        **words,
    )


def sections(language: str) -> tuple[tuple[str, str], ...]:
    """Name and path of each section front."""
    prefix = "" if language == "en" else f"/{language}"
    return tuple((name, f"{prefix}/{slug}") for name, slug in parts(language)["sections"].items())
