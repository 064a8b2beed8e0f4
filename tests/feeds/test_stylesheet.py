"""What a feed looks like in a browser: a style sheet that needs nothing but itself."""

import re

import pytest

from feeds.stylesheet import style_path, stylesheet


@pytest.mark.parametrize(
    ("language", "path", "words"),
    [
        ("en", "x/feed-en.css", "This is a feed"),
        ("en-GB", "x/feed-en.css", "To subscribe, copy the address"),
        ("ru", "x/feed-ru.css", "Чтобы подписаться"),
        ("he", "x/feed-en.css", "This is a feed"),
    ],
)
def test_the_sheet_says_what_a_feed_is_in_the_language_of_the_feed(
    language: str, path: str, words: str
) -> None:
    assert style_path(language) == path
    assert words in stylesheet(language).decode()


@pytest.mark.parametrize("language", ["en", "ru"])
def test_the_sheet_loads_nothing_and_runs_nothing(language: str) -> None:
    sheet = stylesheet(language).decode()

    assert not re.search(r"url\(|@import|http|expression|javascript|WHAT", sheet)
    assert sheet.count("{") == sheet.count("}")
