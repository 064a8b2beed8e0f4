"""A page cut down to what rules name gives the same article as the whole page."""

import time

import pytest

from mirror.extract.extract import extract
from mirror.extract.links import Links
from mirror.extract.narrow import narrowed, page_for
from mirror.extract.page import parse_page
from mirror.extract.placing import finished
from mirror.extract.rules import NoRules, Rules

URL = "https://news.example/2020/01/02/a-story"
TEXT = "".join(
    f"<p>Paragraph {n} says <a href='/2020/01/0{n}/more'>more</a>.</p>" for n in range(1, 9)
)
PAGE = f"""<!DOCTYPE html><html lang="ru"><head><title>A story — The News</title>
<base href="https://news.example/2020/"><meta property="og:site_name" content="The News">
<script>var x = "<p>no</p>";</script><style>p {{ color: red }}</style>
<script type="application/ld+json">{{"@type": "NewsArticle", "headline": "A story",
"datePublished": "2020-01-02T10:00:00Z"}}</script><link rel="canonical" href="/2020/01/02/a-story">
</head><body class="a"><nav><img src="/nav.jpg" width=400><a href="/x">Nav</a></nav>
<article id="one"><h1>A story</h1><div itemprop="author" itemscope><b itemprop="name">M. Lind</b>
</div>
<figure><img src="lead.jpg" width=600><figcaption>Said before</figcaption></figure>
<div class="body">{TEXT * 3}<figure><img data-src="in.jpg"><figcaption>Inside</figcaption></figure>
<div class="promo">Subscribe</div></div><aside class="more"><p>Elsewhere</p></aside>
<figure><img src="late.jpg"></figure></article><footer>Foot</footer></body></html>"""
RULES = NoRules(body="article .body", drop=(".promo",), title="h1")


def read(page: str, rules: Rules, *, whole: bool) -> tuple[object, ...]:
    tree = parse_page(page, URL) if whole else page_for(page, URL, rules)
    links = Links(tree.base, Links.of(URL, ("news.example",)).hosts)
    found = extract(tree, links, rules=rules)
    body, _ = finished(found.body, found.pictures, {})
    return found.metadata, body, found.picture, found.pictures, found.by_rules, found.missed


def test_a_narrowed_page_gives_the_same_article() -> None:
    small = narrowed(PAGE, RULES)

    assert small is not None
    assert read(PAGE, RULES, whole=False) == read(PAGE, RULES, whole=True)
    assert "Elsewhere" not in small
    assert "late.jpg" not in small
    assert "Foot" not in small
    assert "var x" not in small


@pytest.mark.parametrize(
    "rules",
    [
        NoRules(),
        NoRules(body=".not-there"),
        NoRules(body=".body", drop=("h1 + figure",)),
        NoRules(body="div:nth-of-type(2)"),
        NoRules(body=".body", keep=("h1 ~ p",)),
        NoRules(body="p:contains('x')"),
        NoRules(body=".body["),
    ],
)
def test_rules_that_need_the_whole_page_get_it(rules: Rules) -> None:
    assert narrowed(PAGE, rules) is None


def test_a_page_with_few_words_is_read_whole() -> None:
    page = "<div class=body>Short.</div><form id=challenge-form></form>"

    assert next(page_for(page, URL, NoRules(body=".body")).root.iter("form"), None) is not None


@pytest.mark.parametrize(
    "bomb",
    [
        "<div>" * 100_000,
        "<p " + " ".join(f"a{n}=1" for n in range(100_000)) + ">",
        "<p>" + "".join(f"<b id={n}>" for n in range(2_000)) + "<p>x" * 4_000,
        "<select>" + "<option>" * 50_000,
        "<table>" * 50_000,
        "x" * 3_000_000,
    ],
    ids=["boxes", "attributes", "formatting", "options", "tables", "length"],
)
def test_a_page_that_lexbor_is_slow_with_is_left_to_lxml(bomb: str) -> None:
    begun = time.process_time()

    assert narrowed(f"<div class=body>Text</div>{bomb}", NoRules(body=".body")) is None
    assert time.process_time() - begun < 5  # it would be minutes


@pytest.mark.parametrize(
    "page",
    [
        "",
        "<",
        "<script",
        "<script>x",
        "<style></style",
        "<!--",
        "\x00\ud800",
        "<p\x00 class=body>x",
    ],
)
def test_no_text_makes_it_fail(page: str) -> None:
    small = narrowed(page, NoRules(body=".body"))

    assert small is None or "body" in small
