"""What pages know of the newsroom: its menu stays in order, its mark tells when it changes."""

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from feeds.pages import Section
from mirror.config import Config, load_text
from mirror.publish.newsroom import MAX_SECTIONS, sections_of

_TEXT = """
[site]
title = "The News"
url = "https://news.example/"

[[source]]
name = "news"
url = "https://news.example/rss"
section = "News"

[[source]]
name = "opinion"
url = "https://news.example/rss/opinion"
section = "Opinion"

[trust]
origin = "news.example/mirror"
tag_year = 2026
"""
CONFIG: Config = load_text(_TEXT, Path("/nowhere/config.toml"))
_names = st.lists(
    st.text(alphabet="abcдежNOz! -", min_size=1, max_size=30).filter(str.strip), max_size=60
)


@given(st.lists(_names, max_size=5))
def test_the_menu_only_grows_at_its_end(editions: list[list[str]]) -> None:
    known: tuple[Section, ...] = ()
    for names in editions:
        menu = sections_of(CONFIG, known, names)
        assert menu[: len(known)] == known
        assert [section.name for section in menu[:2]] == ["News", "Opinion"]
        assert len({section.slug for section in menu}) == len(menu) <= MAX_SECTIONS
        assert sections_of(CONFIG, menu, names) == menu
        known = menu


@given(_names)
def test_section_paths_can_stand_in_a_tree(names: list[str]) -> None:
    for section in sections_of(CONFIG, (), names):
        assert section.path.startswith("s/")
        assert section.path.removeprefix("s/").removesuffix(".html").strip("/") == section.slug
        assert section.slug
        assert section.slug.isascii()
