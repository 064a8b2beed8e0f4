"""The rules that are shipped as an example, on pages with the markup that they are for."""

from datetime import timedelta
from pathlib import Path

import pytest
from lxml import html

from feeds.snapshot import words
from mirror.config import Config, load_text, with_rules
from mirror.newsroom.furniture import furniture
from mirror.newsroom.pages import render_story
from mirror.newsroom.story import Story
from mirror.source.trial import SavedPage, Trial, try_page
from tests.newsroom.test_reading import AGENDA, CONFIG, NOW, letters, one_of_each, text_of

BASE = "https://courier.example"
RULES = "docs/rules/moscow-times.toml"


@pytest.fixture
def tried(project: Path, tmp_path: Path) -> Config:
    config = load_text(CONFIG.format(base=BASE), tmp_path / "config.toml")
    return with_rules(config, project / RULES)


def page_of(story: Story, language: str) -> str:
    others = AGENDA.stories(NOW, language)[:5]
    return render_story(story, furniture(language, others), base=BASE)


def trial_of(text: str, tried: Config) -> Trial:
    page = SavedPage(name="page.html", url=f"{BASE}/2026/11/24/a", body=text.encode())
    return try_page(page, tried, None, NOW + timedelta(hours=1))


@pytest.mark.parametrize("language", ["en", "ru"])
def test_the_example_rules_find_every_kind_of_article_word_for_word(
    tried: Config, language: str
) -> None:
    for story in one_of_each(language):
        trial = trial_of(page_of(story, language), tried)

        assert trial.wanting == (), story.path
        assert trial.read is not None
        said = trial.read.snapshot
        own = story.correction + "".join(map(text_of, story.blocks))
        assert letters(words(said.body_html)) == letters(own), story.path
        assert (said.title, said.authors) == (story.headline, (story.author,))
        assert said.published_at == story.published


def test_each_of_the_example_rules_matches_something_on_such_a_page(tried: Config) -> None:
    text = page_of(one_of_each("en")[0], "en")
    root, rules = html.fromstring(text), tried.extract

    for selector in (rules.title, rules.author, rules.date, rules.body, *rules.drop):
        assert root.cssselect(selector), selector


def test_a_rule_that_stops_matching_is_wanting(tried: Config) -> None:
    text = page_of(one_of_each("en")[0], "en").replace("byline__datetime", "byline__when")

    assert "the rule for date matches nothing" in trial_of(text, tried).wanting
