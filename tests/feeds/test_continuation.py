import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from feeds.continuation import Part, join, split
from feeds.outline import TAG, Outline
from feeds.snapshot import words
from feeds.weight import gzip_size
from tests.feeds.pages_examples import paragraphs
from tests.feeds.test_recall import BODY


def by_length(limit: int) -> "Limit":
    return Limit(limit, packed=False)


class Limit:
    def __init__(self, limit: int, *, packed: bool) -> None:
        self.limit = limit
        self.packed = packed
        self.asked = 0

    def __call__(self, number: int, html: str) -> int:
        del number
        self.asked += 1
        data = html.encode()
        return (gzip_size(data) if self.packed else len(data)) - self.limit


def balanced(html: str) -> bool:
    stack = []
    for match in TAG.finditer(html):
        name = re.sub(r"[</>]|\s.*", "", match[0], flags=re.DOTALL)
        if name in {"img", "br", "hr"}:
            continue
        if match[0][1] != "/":
            stack.append(name)
        elif not stack or stack.pop() != name:
            return False
    return not stack


@given(BODY, st.integers(300, 6_000))
def test_parts_join_to_the_text_that_was_cut(html: str, limit: int) -> None:
    parts = split(html, by_length(limit))

    assert join(parts) == html
    assert all(balanced(part.html) for part in parts)
    assert words(join(parts)) == words(html)


@given(BODY, st.integers(3_000, 9_000))
def test_parts_stay_within_the_limit(html: str, limit: int) -> None:
    parts = split(html, by_length(limit))

    assert all(len(part.html.encode()) <= limit for part in parts)


def test_text_is_cut_between_blocks_where_there_are_any() -> None:
    parts = split(paragraphs(100), Limit(4_000, packed=True))

    assert len(parts) > 2
    assert all(part.depth == 0 for part in parts)
    assert all(part.html.startswith("<p>") and part.html.endswith("</p>") for part in parts)


def test_a_heading_goes_with_what_follows_it() -> None:
    section = "<p>" + "x" * 300 + "</p>"
    html = "".join(f"<h2>Part {number}</h2>{section}" for number in range(20))

    parts = split(html, by_length(660))

    assert not [part for part in parts if part.html.endswith("</h2>")]


def test_one_huge_paragraph_is_cut_after_a_sentence() -> None:
    html = f"<p>{'She said so. They went home again. ' * 300}</p>"

    parts = split(html, by_length(3_000))

    assert all(part.html.endswith(". </p>") for part in parts)
    assert all(part.depth == 1 for part in parts[1:])


def test_text_without_spaces_is_cut_between_signs() -> None:
    html = "<p>" + "e\u0301&amp;" * 900 + "</p>"

    parts = split(html, by_length(1_000))

    assert join(parts) == html
    assert all(part.html.startswith(("<p>e", "<p>&amp;")) for part in parts)
    assert all(part.html.endswith(("\u0301</p>", "&amp;</p>")) for part in parts)


def test_a_numbered_list_goes_on_numbering() -> None:
    html = f'<ol id="x" start="4">{"<li>One thing.</li>" * 40}</ol>'

    parts = split(html, by_length(300))

    first = parts[0].html.count("<li>")
    assert parts[1].html.startswith(f'<ol start="{4 + first}"><li>')
    assert join(parts) == html


def test_a_figure_is_not_torn() -> None:
    figure = (
        f'<figure><img src="x" alt="a > b"><figcaption>{"Much said. " * 30}</figcaption></figure>'
    )
    html = f"<p>{'Text. ' * 60}</p>{figure}" * 6

    parts = split(html, by_length(1_000))

    assert all(part.html.count("<figure>") == part.html.count("<figcaption>") for part in parts)
    assert sum(part.html.count("<figure>") for part in parts) == 6


def test_the_last_part_is_not_left_with_a_line() -> None:
    html = f"<p>{'Some characters of text that stand for a paragraph. ' * 2}</p>" * 34

    parts = split(html, by_length(3_000))

    assert len(parts) == 2
    assert len(parts[1].html) > 0.6 * len(parts[0].html)


def test_few_compressions_are_made_for_each_page() -> None:
    limit = Limit(9_000, packed=True)

    parts = split(paragraphs(400), limit)

    assert len(parts) >= 4
    assert limit.asked <= 10 * len(parts)


@pytest.mark.parametrize("html", ["", "text", "</p></div>", "<a href='x", "< > <3", "a</b>"])
def test_odd_html_is_carried_as_it_is(html: str) -> None:
    assert split(html, by_length(1_000)) == (Part(html),)


def test_a_tag_over_the_limit_gets_a_page_of_its_own() -> None:
    html = f'<p>Before.</p><a href="https://x.example/{"y" * 500}">z</a><p>After.</p>'

    assert join(split(html, by_length(100))) == html


def test_cut_text_parses_to_the_same_words() -> None:
    html = paragraphs(30).replace("</p><p>", "</p><blockquote><p>x</p></blockquote><p>")
    outline = Outline(html)
    for place in range(0, len(html), 97):
        cut = outline.cut(0, max(place, 1))
        text = outline.between(0, cut)
        tree = etree.fromstring(f"<div>{text}</div>", etree.XMLParser())
        assert words(text) == " ".join(" ".join(map(str, tree.itertext())).split())
