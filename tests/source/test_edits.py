"""A change of the text makes a new version; whatever changes around it does not."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feeds.snapshot import Snapshot
from mirror.config import Config, load_text
from mirror.publish.articles import changes
from mirror.source.read import read_saved
from mirror.source.response import Response

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
URL = "https://news.example/2026/01/02/the-bridge"
_CONFIG = """
[site]
title = "The News"
url = "https://news.example/"
[[source]]
name = "news"
url = "https://news.example/rss"
[trust]
origin = "news.example/mirror"
tag_year = 2026
"""
PLAIN: Final = load_text(_CONFIG, Path("/nowhere/config.toml"))
RULED: Final = load_text(f'{_CONFIG}[extract]\nbody = "div.text"\n', Path("/nowhere/config.toml"))
TEXT: Final = """\
The harbour council opened the bridge on Friday, after eleven years of building and two of repairs.

Several hundred people walked over it before noon, most of them twice, while a brass band played.

“We have waited for this longer than my daughter is alive,” said a baker from the other side.

The ferry that it replaces goes on until summer ends, and will then be sold to a northern town.

The bridge cost a third more than was planned. An inquiry is to begin in spring, open to all."""
PARAGRAPHS: Final = tuple(TEXT.split("\n\n"))
WORDS: Final = (
    "also",
    "read",
    "more",
    "news",
    "sport",
    "weather",
    "today",
    "live",
    "video",
    "shop",
)

_words = st.lists(st.sampled_from(WORDS), min_size=1, max_size=12).map(" ".join)
_number = st.integers(0, 99_999).map(str)


def _block(form: str) -> st.SearchStrategy[str]:
    return st.tuples(_words, _number).map(lambda filling: form.format(*filling))


AROUND = st.lists(
    st.one_of(
        _block('<div class="ad ad-{1}"><a href="/out/{1}">{0}</a></div>'),
        _block('<aside class="related"><h3>Read more</h3><a href="/2026/{1}">{0}</a></aside>'),
        _block(
            '<section class="newsletter"><h4>{0}</h4><form><input name="m{1}"></form></section>'
        ),
        _block('<div class="share-count">{1} shares</div>'),
        _block('<nav><ul><li><a href="/{1}">{0}</a></li></ul></nav>'),
        _block("<script>var seen = {1}; // {0}</script>"),
        _block('<div class="cookie-banner" id="b{1}">{0}. We use cookies.</div>'),
        _block("<!-- {0} {1} -->"),
        _block('<img src="https://count.example/{1}.gif" width="1" height="1" alt="">'),
    ),
    max_size=6,
).map("".join)
PLACES: Final = 5  # before, after and in the article's box, and at head and foot of the page


def page(around: tuple[str, ...], paragraphs: tuple[str, ...] = PARAGRAPHS) -> str:
    head, before, between, after, foot = around
    first, *rest = (f"<p>{paragraph}</p>" for paragraph in paragraphs)
    return f"""<!DOCTYPE html><html lang="en"><head><title>The bridge is open | The News</title>
<meta property="og:type" content="article">
<meta property="article:published_time" content="2026-01-02T09:00:00Z"></head>
<body><header>The News {head}</header><main><article><h1>The bridge is open</h1>{before}
<div class="text">{first}{between}{"".join(rest)}</div>{after}</article></main>
<footer>{foot} © The News</footer></body></html>"""


def read(text: str, config: Config) -> Snapshot:
    response = Response(
        status=200,
        url=URL,
        hops=(),
        headers={"Content-Type": "text/html; charset=utf-8"},
        body=text.encode(),
        date=None,
        fetched_at=NOW,
    )
    return read_saved(response, config, NOW).snapshot


QUIET = ("",) * PLACES


@pytest.mark.parametrize("config", [PLAIN, RULED], ids=["without rules", "with rules"])
@given(st.tuples(*[AROUND] * PLACES))
@settings(max_examples=60)
def test_what_changes_around_the_article_makes_no_version(
    config: Config, around: tuple[str, ...]
) -> None:
    assert not changes(read(page(QUIET), config), read(page(around), config))


@pytest.mark.parametrize("config", [PLAIN, RULED], ids=["without rules", "with rules"])
@given(st.tuples(*[AROUND] * PLACES), st.integers(0, 4), st.integers(0, 99))
@settings(max_examples=40)
def test_a_word_that_changed_makes_a_version(
    config: Config, around: tuple[str, ...], which: int, word: int
) -> None:
    words = PARAGRAPHS[which].split()
    words[word % len(words)] = "otherwise"
    edited = (*PARAGRAPHS[:which], " ".join(words), *PARAGRAPHS[which + 1 :])

    assert changes(read(page(QUIET), config), read(page(around, edited), config))


def test_the_moment_of_reading_is_no_change() -> None:
    snapshot = read(page(QUIET), PLAIN)

    assert not changes(snapshot, replace(snapshot, fetched_at=NOW + timedelta(days=1)))
