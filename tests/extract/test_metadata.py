import json
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mirror.errors import SourceChangedError
from mirror.extract.jsonld import Stated, read_jsonld
from mirror.extract.metadata import Metadata, read_metadata
from mirror.extract.page import MAX_ELEMENTS, parse_page
from mirror.extract.rules import NoRules

URL = "https://news.example/2020/01/02/a-story"


def read(head: str, body: str = "", rules: NoRules = NoRules()) -> Metadata:  # noqa: B008 - frozen
    page = parse_page(f"<html lang=ru><head>{head}</head><body>{body}</body></html>", URL)
    return read_metadata(page, rules, ZoneInfo("Europe/Moscow"))


def ld(**fields: object) -> str:
    data = {"@context": "https://schema.org", "@type": "NewsArticle", **fields}
    return f'<script type="application/ld+json">{json.dumps(data)}</script>'


def test_json_ld_is_read_with_graphs_lists_and_references() -> None:
    author = [{"@type": "Person", "name": "M. Lind &amp; Co"}, "Second", {"name": ["Third"]}]
    article = {
        "@type": ["Thing", "ReportageNewsArticle"],
        "headline": "A &#8220;story&#8221;",
        "author": author,
        "datePublished": "2020-01-02T10:00:00Z",
        "keywords": "one, two",
        "image": {"url": "/a.jpg"},
        "isAccessibleForFree": "False",
    }

    stated = read_jsonld(
        parse_page(ld(**{"@type": "WebPage", "@graph": [article]}), URL).root.iter("script")
    )

    assert stated.headline == "A “story”"
    assert stated.authors == ("M. Lind & Co", "Second", "Third")
    assert (stated.tags, stated.image, stated.is_free) == (("one", "two"), "/a.jpg", False)


NAMES = st.sampled_from(["@type", "@graph", "author", "name", "headline", "NewsArticle"])
LEAVES = st.none() | st.booleans() | st.integers() | st.text()


@given(st.recursive(LEAVES, lambda inner: st.lists(inner) | st.dictionaries(NAMES, inner)))
def test_no_json_makes_it_fail(data: object) -> None:
    text = json.dumps({"@type": "NewsArticle", "author": data, "headline": data, "@graph": data})
    page = parse_page(f"<script type='application/ld+json'>{text.replace('<', '')}</script>", URL)

    assert isinstance(read_jsonld(page.root.iter("script")), Stated)


SITE = '<meta property="og:site_name" content="The News">'


@pytest.mark.parametrize(
    ("head", "body", "title"),
    [
        (ld(headline="From JSON-LD"), "<h1>Visible</h1>", "From JSON-LD"),
        (ld(headline="A headline that was cut…"), "<h1>A headline that was cut by someone</h1>",
         "A headline that was cut by someone"),
        (SITE + '<meta property="og:title" content="Story - The News">', "", "Story"),
        (SITE + '<meta property="og:title" content="No Talks - Peskov">', "", "No Talks - Peskov"),
        ('<meta property="og:title" content="A Story | The News">', "<h1>A Story</h1>", "A Story"),
        ("<title>Only a title — The News</title>", "<h1>One</h1><h1>Two</h1>", "Only a title"),
        ("<title>x</title>", "<h1> The <b>vis</b>ible\n one</h1>", "The visible one"),
        ("", "", ""),
    ],
)  # fmt: skip
def test_the_title_comes_from_the_most_trusted_place(head: str, body: str, title: str) -> None:
    assert read(head, body).title == title


def test_rules_are_trusted_most() -> None:
    rules = NoRules(title=".t", author=".a", date=".d")
    body = "<p class=t>Title</p><i class=a>One</i><i class=a>By Two</i>"
    body += "<i class=d>10 Apr 2017 14:02</i>"

    said = read(ld(headline="Other", datePublished="2020-01-01"), body, rules)

    assert (said.title, said.authors) == ("Title", ("One", "Two"))
    assert said.published == datetime(2017, 4, 10, 11, 2, tzinfo=UTC)


def test_dates_have_zones_and_a_change_is_never_before_the_start() -> None:
    head = ld(datePublished="2020-01-02T10:00", dateModified="2020-01-01")
    newer = '<meta property="article:modified_time" content="2020-01-02T12:00:00+03:00">'

    assert read(head).published == datetime(2020, 1, 2, 7, tzinfo=UTC)
    assert read(head).modified is None
    assert read(newer).modified == datetime(2020, 1, 2, 9, tzinfo=UTC)


def test_a_visible_date_counts_where_nothing_else_is_said() -> None:
    body = '<aside><time datetime="2001-01-01"></time></aside><time datetime="2020-01-02">x</time>'

    assert read("", body).published == datetime(2020, 1, 1, 21, tzinfo=UTC)


def test_other_addresses_are_those_that_the_page_names() -> None:
    head = '<link rel="canonical" href="/a"><link rel="amphtml" href="//amp.news.example/a">'

    assert read(head).addresses[:2] == ("https://news.example/a", "https://amp.news.example/a")
    assert read(head).language == "ru"
    assert read(head).image == ""


def test_a_page_of_too_many_elements_is_refused() -> None:
    with pytest.raises(SourceChangedError, match="elements"):
        parse_page("<p>" * (MAX_ELEMENTS + 1), URL)


@pytest.mark.parametrize("text", ["", " \n", "<!-- -->"])
def test_an_empty_page_is_refused(text: str) -> None:
    with pytest.raises(SourceChangedError):
        parse_page(text, URL)


ARTICLE = '<div itemscope itemtype="https://schema.org/NewsArticle">{}</div>'
OTHERS = """<div itemprop="comment" itemscope itemtype="https://schema.org/Comment">
<i itemprop="author">A commenter</i><time itemprop="datePublished" datetime="2001-01-01"></time>
</div><div itemprop="publisher" itemscope itemtype="https://schema.org/Organization">
<i itemprop="name">The News</i></div>"""
MICRODATA = ARTICLE.format(f"""<h2 itemprop="headline">A <b>story</b></h2>
<span itemprop="author" itemscope itemtype="https://schema.org/Person">By
<b itemprop="name">M. Lind</b></span><span itemprop="author">Second</span><p>Posted in
<span itemprop="articleSection">in
<a href="/s">World</a></span></p><meta itemprop="keywords" content="one, two">
<meta itemprop="inLanguage" content="en-GB"><p itemprop="description">What it says.</p>
<time itemprop="datePublished" datetime="2020-01-02T10:00+03:00">Today</time>
<meta itemprop="dateModified" content="2020-01-02T12:00:00Z">
<figure itemprop="image" itemscope itemtype="https://schema.org/ImageObject">
<img itemprop="url" src="/a.jpg"></figure>
<meta itemprop="isAccessibleForFree" content="False">{OTHERS}""")


def test_microdata_are_read_and_those_of_others_are_not() -> None:
    said = read("", MICRODATA)

    assert said == Metadata(
        title="A story",
        authors=("M. Lind", "Second"),
        section="World",
        tags=("one", "two"),
        language="en-GB",
        lead="What it says.",
        published=datetime(2020, 1, 2, 7, tzinfo=UTC),
        modified=datetime(2020, 1, 2, 12, tzinfo=UTC),
        image="https://news.example/a.jpg",
        addresses=("",),
        is_free=False,
    )


OPEN_GRAPH = """<meta property="og:title" content="From OpenGraph">
<meta name="author" content="Meta">
<meta property="article:section" content="Meta"><meta property="article:tag" content="meta">
<meta property="og:locale" content="fr_FR"><meta name="description" content="Meta">
<meta property="article:published_time" content="2022-01-01T00:00:00Z">
<meta property="article:modified_time" content="2022-02-01T00:00:00Z">"""
STATED = ld(
    headline="From JSON-LD",
    author={"name": "Stated"},
    articleSection="Stated",
    keywords=["stated"],
    inLanguage="de",
    description="Stated",
    datePublished="2023-01-01T00:00:00Z",
    dateModified="2023-02-01T00:00:00Z",
)
VISIBLE = (
    '<h1>Visible</h1><a rel="author" href="/a">Visible</a><time datetime="2021-01-01">x</time>'
)


def brief(said: Metadata) -> tuple[object, ...]:
    year = said.published.year if said.published else 0
    changed = said.modified.year if said.modified else 0
    return said.title, said.authors[:1], said.section, said.lead, said.language, year, changed


def test_of_all_that_is_said_the_most_trusted_place_counts() -> None:
    assert brief(read(STATED + OPEN_GRAPH, MICRODATA + VISIBLE)) == (
        "From JSON-LD", ("Stated",), "Stated", "Stated", "de", 2023, 2023,
    )  # fmt: skip
    assert brief(read(OPEN_GRAPH, MICRODATA + VISIBLE)) == (
        "A story", ("M. Lind",), "World", "What it says.", "en-GB", 2020, 2020,
    )  # fmt: skip
    assert brief(read(OPEN_GRAPH, VISIBLE)) == (
        "From OpenGraph", ("Meta",), "Meta", "Meta", "ru", 2022, 2022,
    )  # fmt: skip
    assert brief(read("", VISIBLE)) == ("Visible", ("Visible",), "", "", "ru", 2020, 0)


def test_a_byline_in_capitals_gives_way_to_the_same_name_without() -> None:
    said = '<meta name="author" content="Jeffrey Writer">'
    shown = ARTICLE.format("<i itemprop=author>JEFFREY WRITER</i>")

    assert read(said, shown).authors == ("Jeffrey Writer",)
