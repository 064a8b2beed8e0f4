"""The contents of the lists of authors and tags."""

import random
from dataclasses import replace
from hashlib import sha256

import pytest

from feeds.pages import (
    AUTHORS,
    SHELF_NAMES,
    TOPICS,
    ListLink,
    Shelf,
    shelf_of,
    shelf_page,
    shelves_page,
)
from feeds.pages.names import shelf_title
from feeds.weight import LIMIT, on_wire
from tests.feeds.pages_examples import SITE


@pytest.mark.parametrize(
    ("name", "shelf", "letter"),
    [
        ("Ann", "authors-a", "A"),
        ("élan", "authors-e", "E"),
        ("«Ёлка»", "authors-0435", "Е"),
        ("Ωmega", "authors-03c9", "Ω"),
        ("مريم", "authors-0645", "م"),
        ("ნინო", "authors-10dc", "ნ"),
        ("ßtraße", "authors-s", "S"),
        ("2nd", "authors-0", "…"),
        ("李", "authors-0", "…"),
        ("", "authors-0", "…"),
        ("💥", "authors-0", "…"),
    ],
)
def test_a_name_stands_on_the_shelf_of_its_first_letter(name: str, shelf: str, letter: str) -> None:
    assert shelf_of(AUTHORS, name) == shelf
    assert shelf_title(shelf) == letter


def test_a_shelf_is_sorted_and_leads_on() -> None:
    links = [ListLink(name, f"l/by-{name}/2.html") for name in ("b <i>", "A", "C")]

    page = shelf_page(replace(SITE, language="ru"), Shelf("authors-a", 2, is_newest=False), links)

    text = page.decode()
    assert "<h1>Авторы: A · " in text
    assert text.index("l/by-A/2.html") < text.index("b &lt;i&gt;") < text.index("l/by-C/")
    assert 'rel="prev" href="../../l/authors-a/3.html"' in text
    assert 'rel="next" href="../../l/authors-a/1.html"' in text
    assert 'href="../../l/authors.html"' in text


def test_a_full_shelf_of_long_names_keeps_the_limit() -> None:
    chance = random.Random(7)  # noqa: S311  # texts, not secrets
    signs = "".join(map(chr, range(0x4E00, 0x9FFF)))
    paths = (f"by/{one[:2]}/{one[:12]}" for one in map(_digest, range(SHELF_NAMES)))
    links = [ListLink("".join(chance.sample(signs, 100)), f"l/{path}/12.html") for path in paths]

    page = shelf_page(SITE, Shelf("authors-0", 1, is_newest=True), links)

    assert on_wire(page) <= LIMIT
    assert all(one.path.encode() in page for one in links)


def test_every_letter_that_there_may_be_keeps_the_limit() -> None:
    shelves = {shelf_of(TOPICS, chr(sign)) for sign in range(0x20000)}
    links = [ListLink(shelf, f"l/{shelf}/{n + 100}.html") for n, shelf in enumerate(shelves)]

    page = shelves_page(SITE, TOPICS, links)

    assert 300 < len(shelves) < 600
    assert on_wire(page) <= LIMIT
    text = page.decode()
    assert text.index("/topics-a/") < text.index("/topics-0430/") < text.index("/topics-0/")


def _digest(number: int) -> str:
    return sha256(b"%d" % number).hexdigest()
