"""Pages made to keep a machine busy: work must grow with their size, and no faster."""

import time

import pytest

from mirror.errors import SourceChangedError
from mirror.extract.extract import extract
from mirror.extract.links import Links
from mirror.extract.narrow import page_for
from mirror.extract.page import parse_page
from mirror.extract.placing import finished
from mirror.extract.rules import NoRules

URL = "https://news.example/2020/01/02/a-story"
MANY = 8_000
PAGES = {
    "paragraphs": "".join(f"<p>Words of paragraph {at}, a few of them.</p>" for at in range(MANY)),
    "pictures": "".join(f'<img src="/{at}.jpg">' for at in range(MANY)),
    "line breaks": "x<br>" * MANY,
    "headings": "".join(f"<h2>Read more {at}</h2>" for at in range(MANY)),
    "credits": "<figure><img src=/a.jpg>" + "<i class=credit>x</i>" * MANY + "</figure>",
    "offers": f"<img srcset='{','.join(f'/{at} {at}w' for at in range(MANY))}'>",
    "boxes": "<div class=share>" * MANY,
    "lists": "<ul><li>x" * MANY,
    "tables": "<table><tr><td>" * MANY,
    "links": "".join(f'<a href="/2020/1/1/x-{at}">word {at}</a>' for at in range(MANY)),
    "class names": f'<p class="{"related-x " * 50_000}">x</p>',
    "json": f'<script type="application/ld+json">{"[" * 50_000}</script>',
    "one long text": "<p>" + "word " * 300_000,
}
TEXT = "".join(f"<p>Paragraph {at} is long enough to be read as text.</p>" for at in range(9))


@pytest.mark.parametrize("body", ["", "#b"], ids=["without rules", "with rules"])
@pytest.mark.parametrize("name", PAGES)
def test_no_page_keeps_the_machine_busy(name: str, body: str) -> None:
    html = f"<article><h1>The Title</h1><div id=b>{TEXT}{PAGES[name]}{TEXT}</div></article>"
    start = time.process_time()

    rules = NoRules(body=body)
    found = extract(page_for(html, URL, rules), Links.of(URL, ()), rules=rules)
    finished(found.body, found.pictures, {})

    assert time.process_time() - start < 6


@pytest.mark.parametrize(
    "sign",
    ["\x01", "&#1;", "&#x1f;", "\x0b", "&#11;", "\x0c", "\ufffe", "&#xffff;", "&#4294967297;"],
)
def test_signs_that_xml_has_no_place_for_keep_no_article_away(sign: str) -> None:
    text = f'<p title="a{sign}b">Before{sign}<b>in{sign}side</b>{sign}after.</p>'
    html = f"<article><h1>The{sign} Title</h1><img alt='a{sign}b' src=/a.jpg>{TEXT}{text}</article>"

    found = extract(parse_page(html, URL), Links.of(URL, ()), rules=NoRules())
    body, _ = finished(found.body, found.pictures, {})

    assert "Before" in body
    assert "after." in body
    assert not set(body + found.metadata.title) & set("\x01\x1f\x0b\x0c\ufffe\uffff")


def test_a_tag_of_very_many_attributes_is_refused() -> None:
    tag = "<p " + " ".join(f"a{number}=1" for number in range(100_000)) + ">"

    with pytest.raises(SourceChangedError, match="attributes"):
        parse_page(f"<article>{TEXT}{tag}{TEXT}</article>", URL)


def test_a_long_text_or_a_picture_in_an_address_is_no_tag_of_many_attributes() -> None:
    picture = f"<img src='data:image/png;base64,{'QUJD' * 50_000}'>"

    page = parse_page(f"<p>{'word ' * 100_000}</p>{picture}<p>{'word ' * 100_000}", URL)

    assert len(list(page.root.iter("p"))) == 2
