import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from lxml import html as lxml_html

from feeds.article import Earlier
from feeds.channel import Channel
from feeds.documents import (
    archive_document,
    atom,
    documents,
    entry_id,
    full_feed,
    json_feed,
    lite_documents,
    rss,
    weight,
)
from feeds.errors import InvalidChannelError
from feeds.localise import CANONICAL_BASE, LONGEST_BASE, canonicalise, localise, seal
from feeds.snapshot import Picture, one_line
from tests.feeds.feed_examples import (
    CHANNEL,
    CORRECTED,
    FOUR,
    GONE,
    LISTED,
    RUSSIAN,
    WITHDRAWN,
    article,
    media,
)
from tests.feeds.feed_rules import (
    ATOM,
    CONTENT,
    DATA,
    DC,
    MEDIA,
    TOMBSTONE,
    check_atom,
    check_json,
    check_rss,
    xml,
)

FULL = replace(
    LISTED,
    hub="https://hub.example/",
    notice="The first address closes in May.",
    notice_since=datetime(2026, 4, 1, tzinfo=UTC),
)
PATHS = {
    f"feeds/all{form}.{ending}" for form in ("", "-lite") for ending in ("rss", "atom", "json")
}

HOSTILE_PATHS = tuple(f"feeds/hostile.{ending}" for ending in ("rss", "atom", "json"))


def contents(channel: Channel, *articles: object) -> list[str]:
    """The HTML of each entry, as all three formats agree on it."""
    kept = list(articles)
    from_rss = [item.findtext(CONTENT) for item in check_rss(rss(channel, kept)).iter("item")]  # type: ignore[arg-type]  # articles
    from_json = [item["content_html"] for item in check_json(json_feed(channel, kept))["items"]]  # type: ignore[arg-type]  # articles
    assert from_rss == from_json
    return from_json


def test_a_feed_is_six_files_that_meet_the_rules() -> None:
    files = documents(FULL, FOUR)

    assert set(files) == PATHS
    for path, data in files.items():
        if path.endswith("json"):
            check_json(data)
        elif path.endswith("atom"):
            check_atom(data)
        elif "lite" not in path:
            check_rss(data)


def test_the_grammar_of_the_tests_refuses_what_rfc_4287_does() -> None:
    good = atom(CHANNEL, FOUR)

    for old, new in (
        (b"<id>tag:sample.example,2026:feeds/all</id>", b""),
        (b"<published>", b"<pubDate>"),
        (b' rel="via"', b""),
    ):
        bad = good.replace(old, new).replace(
            b"</published>" if b"pub" in old else b"\0", b"</pubDate>"
        )
        with pytest.raises(AssertionError):
            check_atom(bad)


@pytest.mark.parametrize("make", [rss, atom, json_feed])
def test_each_format_alone_is_what_documents_gives(
    make: Callable[[Channel, tuple[object, ...]], bytes],
) -> None:
    assert make(LISTED, FOUR) in documents(LISTED, FOUR).values()
    assert set(lite_documents(LISTED, FOUR).items()) <= set(documents(LISTED, FOUR).items())


def test_an_entry_has_the_same_id_in_every_format_and_form() -> None:
    ids = {entry_id("sample.example/mirror", 2026, item.id) for item in FOUR}
    files = documents(CHANNEL, FOUR)

    for form in ("", "-lite"):
        from_rss = [guid.text for guid in xml(files[f"feeds/all{form}.rss"]).iter("guid")]
        feed = check_atom(files[f"feeds/all{form}.atom"])
        from_atom = [found.text for found in feed.iter(f"{ATOM}id")][1:]
        from_atom += [found.get("ref") for found in feed.iter(TOMBSTONE)]
        from_json = [item["id"] for item in check_json(files[f"feeds/all{form}.json"])["items"]]
        assert set(from_rss) == set(from_atom) == set(from_json) == ids


def test_the_id_is_a_tag_of_the_origins_host_and_nothing_else() -> None:
    assert entry_id("news.example/mirror/en", 2026, "0d31c5e2a90f77b1") == (
        "tag:news.example,2026:0d31c5e2a90f77b1"
    )


def test_entries_come_newest_first_and_no_more_than_the_limit() -> None:
    articles = [article(number) for number in range(9)]

    feed = check_json(json_feed(replace(CHANNEL, max_entries=3), articles))

    assert [item["title"][:7] for item in feed["items"]] == ["Story 8", "Story 7", "Story 6"]


def test_a_feed_is_as_old_as_its_newest_entry_and_an_empty_one_as_its_mirror() -> None:
    assert check_atom(atom(CHANNEL, FOUR)).findtext(f"{ATOM}updated") == "2026-04-05T09:30:00+00:00"
    assert check_atom(atom(CHANNEL, ())).findtext(f"{ATOM}updated") == "2026-01-01T00:00:00+00:00"
    channel = check_rss(rss(CHANNEL, ()))
    assert channel.findtext("lastBuildDate") == "Thu, 01 Jan 2026 00:00:00 +0000"
    assert check_json(json_feed(CHANNEL, ()))["items"] == []


def test_rss_has_full_text_authors_categories_picture_and_both_addresses() -> None:
    item = check_rss(rss(CHANNEL, [article()])).find("item")

    assert item.findtext("title") == "Story 0: bread & circuses"
    assert item.findtext("link") == f"{CANONICAL_BASE}a/00/0000000000000001.html"
    assert item.findtext("description") == "What came of the rain."
    assert "<p>It rained;" in item.findtext(CONTENT)
    assert [creator.text for creator in item.iter(f"{DC}creator")] == ["Ann Writer", "Бо Редактор"]
    assert [found.text for found in item.iter("category")] == ["News", "Weather", "Bread & butter"]
    content = item.find(f"{MEDIA}content")
    assert dict(content.attrib) == {
        "url": f"{CANONICAL_BASE}m/00/{1_000_000:064x}.webp",
        "fileSize": "90000",
        "type": "image/webp",
        "medium": "image",
        "width": "1200",
        "height": "800",
    }
    assert content.find(f"{MEDIA}thumbnail").get("width") == "320"
    assert item.find(f"{ATOM}link").attrib == {
        "rel": "via",
        "href": "https://www.sample.example/2026/03/05/story-0",
    }
    assert item.findtext("pubDate") == "Thu, 05 Mar 2026 10:00:00 +0000"


def test_what_a_browser_shows_of_an_rss_item_has_no_markup_in_it() -> None:
    """The style sheet shows descriptions, and can show no HTML."""
    files = documents(LISTED, [article(lead='Ann\'s "rain" & hail.'), WITHDRAWN])

    full, lite = (check_rss(files[f"feeds/all{form}.rss"]) for form in ("", "-lite"))

    assert full.findall("item/description")[1].text == 'Ann\'s "rain" &amp; hail.'
    assert {item.findtext("description") for item in lite.findall("item")} == {""}
    assert all("<p>" in item.findtext(CONTENT) for item in lite.findall("item"))


def test_no_summary_in_atom_is_empty() -> None:
    for data in documents(FULL, FOUR).items():
        if data[0].endswith("atom"):
            assert all(one.text for one in check_atom(data[1]).iter(f"{ATOM}summary"))


def test_atom_has_the_same() -> None:
    entry = check_atom(atom(CHANNEL, [article()])).find(f"{ATOM}entry")

    assert entry.findtext(f"{ATOM}title") == "Story 0: bread & circuses"
    assert entry.findtext(f"{ATOM}summary") == "What came of the rain."
    assert entry.find(f"{ATOM}content").get("type") == "html"
    links = {link.get("rel"): link.get("href") for link in entry.iter(f"{ATOM}link")}
    assert links == {
        None: f"{CANONICAL_BASE}a/00/0000000000000001.html",
        "via": "https://www.sample.example/2026/03/05/story-0",
    }
    names = [author.text for author in entry.iter(f"{ATOM}name")]
    assert names == ["Ann Writer", "Бо Редактор"]
    assert [found.get("term") for found in entry.iter(f"{ATOM}category")] == [
        "News",
        "Weather",
        "Bread & butter",
    ]
    assert entry.findtext(f"{ATOM}published") == "2026-03-05T10:00:00+00:00"


def test_json_has_the_same() -> None:
    (item,) = check_json(json_feed(CHANNEL, [article(language="ru")]))["items"]

    assert item["url"] == f"{CANONICAL_BASE}a/00/0000000000000001.html"
    assert item["external_url"] == "https://www.sample.example/2026/03/05/story-0"
    assert item["summary"] == "What came of the rain."
    assert item["authors"] == [{"name": "Ann Writer"}, {"name": "Бо Редактор"}]
    assert item["tags"] == ["News", "Weather", "Bread & butter"]
    assert item["image"] == f"{CANONICAL_BASE}m/00/{1_000_000:064x}.webp"
    assert item["language"] == "ru"
    assert item["date_published"] == "2026-03-05T10:00:00Z"


def test_content_begins_with_the_picture_and_ends_with_the_way_to_the_other_addresses() -> None:
    (content,) = contents(CHANNEL, article())

    assert content.startswith(
        f'<figure><a href="{CANONICAL_BASE}m/00/{1_000_000:064x}.webp">'
        f'<img src="{CANONICAL_BASE}m/00/{0:064x}.webp"'
        ' alt="A bridge, &quot;the old one&quot;" width="320" height="213"></a>'
        "<figcaption>The bridge &lt; the flood &gt; &amp; after. A. Photographer</figcaption>"
    )
    assert content.endswith(
        f'<p><small><a href="{CANONICAL_BASE}mirrors.html">'
        "If this address stops working: the other addresses</a></small></p>"
    )


def test_every_address_in_the_content_is_absolute() -> None:
    body = (
        '<p id="top">In code: a="../../b" <a href="../../a/00/x.html" title="a > b">one</a></p>'
        '<p><img alt=">" src="../../m/00/y.webp"> <a href="#note">2</a> href="#no"</p>'
    )

    (content,) = contents(CHANNEL, article(body_html=body, picture=None))

    assert 'title="a > b">one' in content
    root = lxml_html.fromstring(content)
    assert [link for _, _, link, _ in root.iterlinks()] == [
        f"{CANONICAL_BASE}a/00/x.html",
        f"{CANONICAL_BASE}m/00/y.webp",
        f"{CANONICAL_BASE}a/00/0000000000000001.html#note",
        f"{CANONICAL_BASE}mirrors.html",
    ]
    assert 'In code: a="../../b"' in content
    assert 'href="#no"</p>' in content


def test_the_lead_is_shown_once() -> None:
    (apart,) = contents(CHANNEL, article(lead="Apart.", body_html="<p>Text.</p>"))
    (repeated,) = contents(
        CHANNEL, article(lead="Text that…", body_html="<p>Text <b>that</b> is</p>")
    )

    assert "<p><strong>Apart.</strong></p><p>Text.</p>" in apart
    assert "strong" not in repeated


def test_without_a_lead_the_summary_is_the_beginning_of_the_text() -> None:
    long = "<figure>no</figure><p>" + "word " * 200 + "</p>"

    (item,) = check_json(json_feed(CHANNEL, [article(lead="", body_html=long)]))["items"]

    assert item["summary"].startswith("word word")
    assert item["summary"].endswith("word…")
    assert len(item["summary"]) <= 300


def test_a_correction_says_what_changed_and_when_in_the_articles_language() -> None:
    (english,) = contents(CHANNEL, CORRECTED)
    russian_article = article(
        3, updated=CORRECTED.updated, earlier=CORRECTED.earlier, language="ru"
    )
    (russian,) = contents(CHANNEL, russian_article)

    assert "5 April 2026: title, text changed" in english
    assert f'<a href="{CANONICAL_BASE}p/0a/0a{"0" * 62}.html">Earlier version</a>' in english
    assert "5 апреля 2026" in russian
    assert "заголовок, текст" in russian


def test_a_correction_whose_parts_and_earlier_version_are_not_known_is_still_said() -> None:
    until = CORRECTED.updated
    (content,) = contents(CHANNEL, article(earlier=(Earlier(path="", until=until),), updated=until))

    assert "<p><em>Corrected 5 April 2026.</em></p>" in content


def test_a_picture_without_a_large_form_or_a_caption_is_shown_as_it_is() -> None:
    taken = article(picture=Picture(small=media(7)))

    (content,) = contents(CHANNEL, taken)
    shown = check_rss(rss(CHANNEL, [taken])).find(f"item/{MEDIA}content")

    image = f'<img src="{CANONICAL_BASE}{media(7).path}" alt="" width="320" height="213">'
    assert content.startswith(f"<figure>{image}</figure>")
    assert shown.get("url") == CANONICAL_BASE + media(7).path
    assert len(shown) == 0


def test_a_notice_that_was_taken_back_is_no_entry() -> None:
    assert check_json(json_feed(replace(FULL, notice="", addresses=()), []))["items"] == []


def test_a_correction_keeps_the_id_and_moves_updated_but_not_published() -> None:
    before = check_json(json_feed(CHANNEL, [article(3)]))["items"][0]
    after = check_json(json_feed(CHANNEL, [CORRECTED]))["items"][0]

    assert before["id"] == after["id"]
    assert before["date_published"] == after["date_published"]
    assert before["date_modified"] < after["date_modified"] == "2026-04-05T09:30:00Z"


def test_rss_says_when_an_item_was_changed_and_only_then() -> None:
    new, corrected = (check_rss(rss(CHANNEL, [one])).find("item") for one in (article(), CORRECTED))

    assert new.find(f"{ATOM}updated") is None
    assert corrected.findtext(f"{ATOM}updated") == "2026-04-05T09:30:00+00:00"
    assert corrected.findtext("pubDate") == "Thu, 05 Mar 2026 13:00:00 +0000"


@pytest.mark.parametrize("query", ["?a[]=1", "?{x}|^`", "[1]"])
def test_the_original_address_is_a_uri_in_every_format(query: str) -> None:
    uri = re.compile(r"https://www\.sample\.example/([a-z0-9/?=]|%[0-9A-F]{2})+")
    taken = article(source_url=f"https://www.sample.example/a{query}")

    via = check_rss(rss(CHANNEL, [taken])).find(f"item/{ATOM}link").get("href")
    external = check_json(json_feed(CHANNEL, [taken]))["items"][0]["external_url"]

    assert via == external
    assert uri.fullmatch(via)


def test_an_article_gone_at_the_source_says_so_and_stays() -> None:
    (content,) = contents(CHANNEL, GONE)

    assert "No longer on the original site" in content
    assert "It rained" in content


def test_a_withdrawn_article_is_a_tombstone_in_atom_and_a_notice_elsewhere() -> None:
    feed = check_atom(atom(CHANNEL, FOUR))
    (content,) = contents(CHANNEL, WITHDRAWN)

    (stone,) = feed.findall(TOMBSTONE)
    assert stone.get("ref") == entry_id("sample.example/mirror", 2026, WITHDRAWN.id)
    assert stone.get("when") == "2026-03-20T00:00:00+00:00"
    assert len(feed.findall(f"{ATOM}entry")) == 3
    assert "withdrawn on 20 March 2026" in content
    for data in documents(CHANNEL, [WITHDRAWN]).values():
        assert b"It rained" not in data
        assert b"Ann Writer" not in data
        assert b"story-2" not in data


def test_the_other_mirrors_are_named_where_software_finds_them() -> None:
    hrefs = [f"{other.url}feeds/all" for other in LISTED.addresses]

    channel = check_rss(rss(LISTED, FOUR))
    feed = check_atom(atom(LISTED, FOUR))
    mirrors = check_json(json_feed(LISTED, FOUR))["_mirrors"]

    for element, ending in ((channel, "rss"), (feed, "atom")):
        related = [
            link.get("href")
            for link in element.findall(f"{ATOM}link")
            if link.get("rel") == "related"
        ]
        assert related == [f"{href}.{ending}" for href in hrefs]
    assert mirrors == {"feeds": [f"{href}.json" for href in hrefs]}


def test_one_entry_names_all_addresses_and_changes_only_with_their_list() -> None:
    few, many = json_feed(LISTED, []), json_feed(LISTED, FOUR)

    entries = [check_json(data)["items"][-1] for data in (few, many)]

    assert entries[0] == entries[1]
    assert entries[0]["id"] == "tag:sample.example,2026:addresses"
    assert entries[0]["title"] == "If this address stops working"
    assert entries[0]["date_modified"] == "2026-02-01T00:00:00Z"
    for other in LISTED.addresses:
        assert f'href="{other.url}"' in entries[0]["content_html"]
        assert f'href="{other.url}feeds/all.rss"' in entries[0]["content_html"]


def test_a_notice_is_an_entry_of_its_own_that_is_new_when_its_words_are() -> None:
    one = check_json(json_feed(FULL, []))["items"][0]
    two = check_json(json_feed(replace(FULL, notice="It closes in June."), []))["items"][0]

    assert one["content_html"].startswith("<p>The first address closes in May.</p>")
    assert one["id"] != two["id"]
    assert one["date_published"] == "2026-04-01T00:00:00Z"


def test_the_hub_is_named_where_there_is_one() -> None:
    plain, hub = documents(LISTED, FOUR), documents(FULL, FOUR)

    assert not any(b"hub" in data for data in plain.values())
    assert check_json(hub["feeds/all.json"])["hubs"] == [
        {"type": "WebSub", "url": "https://hub.example/"}
    ]
    for ending, check in (("rss", check_rss), ("atom", check_atom)):
        links = check(hub[f"feeds/all.{ending}"]).findall(f"{ATOM}link")
        assert [link.get("href") for link in links if link.get("rel") == "hub"] == [
            "https://hub.example/"
        ]


def test_nothing_names_the_software_that_made_it() -> None:
    for data in documents(FULL, FOUR).values():
        assert not re.search(rb"tamizdat|feedgen|python|generator|lkiesow", data, re.IGNORECASE)


@pytest.mark.parametrize(
    "base", ["http://a/", "https://one.example/x7k2/", "http://w.example:8080/~u/"]
)
def test_any_base_can_be_put_in_and_taken_out_again(base: str) -> None:
    for path, data in documents(FULL, FOUR).items():
        served = localise(data, base)
        assert canonicalise(served, base) == data
        assert seal(data, path) == data
        assert b"<![CDATA[" not in data


def test_the_same_articles_in_any_order_give_the_same_bytes() -> None:
    assert documents(FULL, FOUR) == documents(FULL, FOUR[::-1])


def test_a_russian_feed_speaks_russian() -> None:
    listed = replace(RUSSIAN, addresses=LISTED.addresses, addresses_updated=LISTED.begun)

    files = documents(listed, [article(language="ru")])

    items = check_json(files["feeds/ru.json"])["items"]
    assert "Если этот адрес перестанет открываться" in items[0]["content_html"]
    assert items[1]["title"] == "Если этот адрес перестанет открываться"
    assert (
        check_atom(files["feeds/ru.atom"]).get("{http://www.w3.org/XML/1998/namespace}lang") == "ru"
    )
    assert check_rss(files["feeds/ru.rss"]).findtext("language") == "ru"


def test_the_way_to_the_other_addresses_is_in_the_language_of_the_article() -> None:
    (russian,) = contents(CHANNEL, article(language="ru"))
    (hebrew,) = contents(RUSSIAN, article(language="he"))

    assert russian.endswith("другие адреса</a></small></p>")
    assert "другие адреса" in hebrew, "of the feed, where we have no words in the article's"


def test_text_that_runs_from_right_to_left_says_so() -> None:
    (content,) = contents(CHANNEL, article(language="ar", body_html="<p>نص</p>"))

    assert content.startswith('<div dir="rtl">')
    assert content.endswith("</div>")


def test_the_largest_format_stays_under_the_bound_and_the_newest_are_kept() -> None:
    channel = replace(LISTED, max_bytes=60_000)
    articles = [article(number, body_html="<p>" + "слово " * 900 + "</p>") for number in range(20)]

    files = documents(channel, articles)

    base = f"https://{'a' * (LONGEST_BASE - 9)}/"
    served = [localise(files[f"feeds/all.{ending}"], base) for ending in ("rss", "atom", "json")]
    sizes = list(map(len, served))
    assert 40_000 < max(sizes) <= 60_000
    titles = [item["title"] for item in check_json(files["feeds/all.json"])["items"]]
    assert titles[0].startswith("Story 19")
    assert titles[-1] == "If this address stops working"
    assert len(check_rss(files["feeds/all.rss"]).findall("item")) == len(titles)


def test_what_an_entry_is_said_to_weigh_is_no_less_than_it_adds() -> None:
    base = f"https://{'a' * (LONGEST_BASE - 9)}/"
    articles = [article(number) for number in range(3)]

    one, two, three = (
        len(localise(archive_document(CHANNEL, 1, articles[:count])[1], base))
        for count in (1, 2, 3)
    )

    assert two - one == three - two <= weight(CHANNEL, articles[2])


def test_an_article_larger_than_the_bound_is_there_in_short() -> None:
    channel = replace(CHANNEL, max_bytes=20_000)

    files = documents(channel, [article(body_html="<p>" + "word " * 10_000 + "</p>")])

    (item,) = check_json(files["feeds/all.json"])["items"]
    assert len(files["feeds/all.rss"]) < 20_000
    assert item["content_html"] == (
        "<p>What came of the rain.</p>"
        f'<p><a href="{CANONICAL_BASE}a/00/0000000000000001.html">Read on</a></p>'
        f'<p><small><a href="{CANONICAL_BASE}mirrors.html">'
        "If this address stops working: the other addresses</a></small></p>"
    )


@pytest.mark.parametrize("path", sorted(PATHS))
def test_the_bytes_are_those_of_the_golden_file(path: str) -> None:
    """A change here changes every feed on every mirror: mean it, and write the file anew."""
    golden = DATA / path.removeprefix("feeds/")

    assert documents(FULL, FOUR)[path] == golden.read_bytes()


@pytest.mark.parametrize("path", HOSTILE_PATHS)
def test_the_bytes_of_hostile_text_are_those_of_the_golden_file(path: str) -> None:
    """Controls, a lone surrogate, the end of CDATA, bidi controls, emoji, and right-to-left."""
    channel = replace(CHANNEL, stem="feeds/hostile")
    text = one_line(
        "a\x00\x08\x7fb \ud800 ]]> \u202eevil\u202c \u2066iso\u2069 👩‍👩‍👧‍👦🏳️‍🌈 \\u0068 &#104;"
    )
    escaped = text.replace("&", "&amp;").replace(">", "&gt;")
    body = f'<p>{escaped} <a href="https://other.example/?a=1&amp;b=2">http://x</a></p>'
    taken = (
        article(title=text, body_html=body, lead=text, authors=(text,), tags=(text,)),
        article(1, title="نص عربي", body_html="<p>نص 👍</p>", lead="", language="ar"),
    )

    assert documents(channel, taken)[path] == (DATA / path.removeprefix("feeds/")).read_bytes()


def test_an_archive_document_is_that_of_its_golden_file_and_names_nothing_that_changes() -> None:
    path, data = archive_document(replace(FULL, max_entries=1), 7, FOUR)

    assert path == "feeds/archive/all/7.atom"
    assert data == (DATA / "archive-7.atom").read_bytes()
    feed = check_atom(data)
    assert feed.findtext(f"{ATOM}id") == "tag:sample.example,2026:feeds/all"
    assert [link.get("rel") for link in feed.findall(f"{ATOM}link")] == [
        "self",
        "current",
        "prev-archive",
        "alternate",
    ]
    assert data == archive_document(CHANNEL, 7, FOUR[::-1])[1]


def test_the_oldest_archive_document_has_none_before_it() -> None:
    _, data = archive_document(CHANNEL, 1, FOUR)

    assert b"prev-archive" not in data
    check_atom(data)


def test_a_feed_names_the_newest_archive_document_in_both_xml_formats() -> None:
    files = full_feed(replace(CHANNEL, closed=12), FOUR).files

    for root in (check_atom(files["feeds/all.atom"]), check_rss(files["feeds/all.rss"])):
        (link,) = [one for one in root.findall(f"{ATOM}link") if one.get("rel") == "prev-archive"]
        assert link.get("href") == f"{CANONICAL_BASE}feeds/archive/all/12.atom"
        assert link.get("type") == "application/atom+xml"


def test_a_feed_in_a_browser_has_a_style_sheet_of_its_own_language_on_its_own_mirror() -> None:
    base = "https://one.example/x7k2/"
    for channel, language in (
        (CHANNEL, "en"),
        (RUSSIAN, "ru"),
        (replace(CHANNEL, language="he"), "en"),
    ):
        for path, data in documents(channel, FOUR).items():
            if not path.endswith("json"):
                line = localise(data, base).splitlines()[1].decode()
                href = f'href="{base}x/feed-{language}.css"'
                assert line.startswith(f'<?xml-stylesheet type="text/css" {href}?>')


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", ""),
        ("title", "two\nlines"),
        ("title", "x" * 201),
        ("description", ""),
        ("author", "\x07"),
        ("language", "english!"),
        ("stem", "all"),
        ("stem", "feeds/../all"),
        ("home", "/index.html"),
        ("home", "https://sample.example/index.html"),
        ("origin", "Sample.example/mirror"),
        ("origin", "localhost:80/mirror"),
        ("origin", ""),
        ("tag_year", 26),
        ("hub", "//hub.example/"),
        ("hub", "https://hub.example/ x"),
        ("begun", datetime(2026, 1, 1)),  # noqa: DTZ001  # what is refused
        ("notice", "said, but since when?"),
        ("closed", -1),
        ("part", 3),
        ("max_entries", 0),
        ("max_bytes", 10),
    ],
)
def test_a_channel_outside_its_limits_cannot_be_built(field: str, value: object) -> None:
    with pytest.raises(InvalidChannelError):
        replace(CHANNEL, **{field: value})  # type: ignore[arg-type]  # by name
