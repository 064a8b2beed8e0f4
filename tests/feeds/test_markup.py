import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from feeds.localise import CANONICAL_BASE, seal
from feeds.markup import (
    absolute,
    html_text,
    json_text,
    marked,
    opening,
    paragraphs,
    safe_url,
    seal_json,
    shorten,
    xml_text,
)
from feeds.snapshot import clean_text
from tests.feeds.feed_examples import BODIES, HOSTILE


@given(HOSTILE.map(clean_text))
def test_xml_gives_the_text_back(text: str) -> None:
    element = etree.fromstring(b"<a>" + xml_text(marked(text)) + b"</a>")

    assert (element.text or "") == text


@given(HOSTILE.map(clean_text))
def test_json_gives_the_text_back(text: str) -> None:
    assert json.loads(json_text(marked(text))) == text
    assert json.loads(seal_json(json.dumps([text], ensure_ascii=False))) == [text]


@given(HOSTILE.map(clean_text))
def test_both_are_sealed_as_a_whole_file_would_be(text: str) -> None:
    xml = b"<a>" + xml_text(marked(text)) + b"</a>"
    assert seal(xml, "xml") == xml
    assert seal(json_text(marked(text)), "json") == json_text(marked(text))
    assert seal_json(json.dumps(text, ensure_ascii=False)) == seal(
        json.dumps(text, ensure_ascii=False).encode(), "json"
    )


def test_the_canonical_base_stays_and_every_other_address_is_escaped() -> None:
    text = f"{CANONICAL_BASE}a http://mirror.invalid/ https://mirror.invalidate/"

    assert xml_text(marked(text)) == (
        b"https://mirror.invalid/a &#104;ttp://mirror.invalid/ &#104;ttps://mirror.invalidate/"
    )


@pytest.mark.parametrize(
    ("url", "safe"),
    [
        ("https://a.example/x?q=1&r=2", "https://a.example/x?q=1&r=2"),
        ("https://a.example/дождь", "https://a.example/%D0%B4%D0%BE%D0%B6%D0%B4%D1%8C"),
        ('https://a.example/"<>\\^`{|}', "https://a.example/%22%3C%3E%5C%5E%60%7B%7C%7D"),
        ("https://a.example/100%&%41%4", "https://a.example/100%25&%41%254"),
    ],
)
def test_an_address_is_made_a_uri(url: str, safe: str) -> None:
    assert safe_url(url) == safe


@given(BODIES)
def test_a_body_without_addresses_stays_as_it_is(body: str) -> None:
    if '="../../' not in body:
        assert absolute(body, CANONICAL_BASE, f"{CANONICAL_BASE}a/x.html") == body


def test_paragraphs_are_plain_text_without_figures_or_empty_ones() -> None:
    html = (
        "<h2>A &amp; b</h2><p> c <i>d</i>e </p><p></p><figure><p>no</p></figure><ul><li>f<br>g</ul>"
    )

    assert paragraphs(html) == ("A & b", "c de", "f", "g")
    assert paragraphs("<p>a</p><figure>never ended") == ("a",)


@given(BODIES, st.integers(0, 100))
def test_an_opening_holds_no_half_tag(body: str, limit: int) -> None:
    head = opening(body, limit)

    assert body.startswith(head)
    assert head.rfind("<") <= head.rfind(">")


@given(st.text(), st.integers(1, 50))
def test_shortened_text_keeps_to_its_limit(text: str, limit: int) -> None:
    short = shorten(text, limit)

    assert len(short) <= limit
    assert short == text or text.startswith(short[:-1])


def test_shortened_text_ends_with_a_whole_word_where_that_is_not_too_short() -> None:
    assert shorten("one two three", 10) == "one two…"
    assert shorten("incomprehensibilities", 10) == "incompreh…"


def test_html_text_is_right_in_attributes_too() -> None:
    assert html_text("<a & 'b' \"c\">") == "&lt;a &amp; &#x27;b&#x27; &quot;c&quot;&gt;"
