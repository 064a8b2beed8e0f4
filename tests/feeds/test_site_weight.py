"""A built site, weighed as ``benchmarks/weight.py`` does it: no page over the limit."""

import os
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.weight import Weight, weigh
from feeds.article import Article
from feeds.pages import (
    article_files,
    find_page,
    front_page,
    list_page,
    mirrors_page,
    not_found_page,
    section_page,
    verify_page,
)
from feeds.snapshot import Picture
from feeds.weight import HEADERS, LIMIT, MAX_SMALL_PICTURE, on_wire
from tests.feeds.pages_examples import NOW, SITE, article, media, paragraphs

CYRILLIC = str.maketrans("abdegiklmnoprstuvM", "абдегиклмнопрстувМ")
SMALL = media(MAX_SMALL_PICTURE, "small")
LATE = media(30_000, "late")
LANGUAGES = ("en", "ru")
PARAGRAPHS = (3, 30, 300)


def story(language: str, count: int) -> Article:
    text = paragraphs(count)
    inside = f'<figure><img src="../../{LATE.path}" alt="" width="9" height="9"></figure>'
    if language == "ru":
        text = text.translate(CYRILLIC).replace("<п>", "<p>").replace("</п>", "</p>")
    known = article(
        language=language,
        title=text[3:140],
        lead=text[3:400].replace("</p>", " ").replace("<p>", " "),
        authors=("A. One", "B. Two"),
        section="News",
        body_html=text + inside,
        picture=Picture(small=SMALL, alt=text[3:90], caption=text[3:140], credit="A. Person"),
        media=(LATE,),
    )
    return replace(known, id=f"{LANGUAGES.index(language):08x}{count:08x}")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    stories = [story(language, count) for language in LANGUAGES for count in PARAGRAPHS]
    files = {item.path: os.urandom(item.size) for item in (SMALL, LATE)}
    for one in stories:
        files |= article_files(one, SITE).files
    files |= {
        "index.html": front_page(SITE, stories * 10, NOW),
        SITE.sections[0].path: section_page(SITE, SITE.sections[0], stories * 10, NOW),
        "l/all/1.html": list_page(SITE, "All", "all", 1, stories * 8, closed=True),
        "mirrors.html": mirrors_page(SITE, []),
        "find.html": find_page(SITE),
        "404.html": not_found_page(SITE),
        "verify.html": verify_page(SITE, []),
    }
    for path, data in files.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
    return folder


def over(weights: list[Weight]) -> list[Weight]:
    return [weight for weight in weights if weight.over]


def test_no_page_of_a_built_site_is_over_the_limit(built: Path) -> None:
    weights = weigh(built)

    assert over(weights) == []
    assert len(weights) == sum(1 for _ in built.rglob("*.html"))
    assert max(weight.total for weight in weights if weight.limited) > LIMIT * 0.9


@pytest.mark.parametrize("count", PARAGRAPHS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_an_article_with_its_first_picture_is_weighed_whole(
    built: Path, language: str, count: int
) -> None:
    rendered = article_files(story(language, count), SITE)
    weights = {weight.path: weight for weight in weigh(built)}
    first = weights[rendered.path]

    assert first.page == on_wire(rendered.page)
    assert first.pictures == HEADERS + MAX_SMALL_PICTURE
    assert first.total <= LIMIT
    assert bool(rendered.continued) == bool(rendered.whole)
    assert len(rendered.continued) >= {3: 0, 30: 0, 300: 3}[count]
    for path in rendered.continued:
        assert weights[path].limited
    if rendered.whole:
        assert not weights[rendered.whole].limited


def test_a_heavy_page_and_a_heavy_picture_are_told(tmp_path: Path) -> None:
    (tmp_path / "m").mkdir()
    (tmp_path / "m/x.webp").write_bytes(os.urandom(LIMIT))
    (tmp_path / "text.html").write_text(f"<p>{os.urandom(LIMIT).hex()}</p>")
    (tmp_path / "picture.html").write_text('<p>Short</p><img src="m/x.webp" alt="">')
    (tmp_path / "late.html").write_text('<img src="m/x.webp" alt="" loading="lazy">')

    assert [weight.path for weight in over(weigh(tmp_path))] == ["text.html", "picture.html"]
