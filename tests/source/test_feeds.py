import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mirror.errors import SourceChangedError, SourceError, SourceRefusedError
from mirror.source.feeds import parse_feed
from mirror.source.texts import MAX_ITEMS, summary

URL = "https://news.example/rss"

# What differs from the other parser's reading, and why; everything else is equal.
DIFFERENT = {
    "atom_xml_base.xml": "no link at all; we take the id, which is a web address, for one",
    "rss_2.0_rps.xml": "the link leads through a feed proxy; we take feedburner:origLink",
}
# These three the other parser can't read either.
REFUSED = {
    "rss_2.0_invalid_1.xml": "broke off or is damaged",
    "xml_iso8859.xml": "is <rdf>, not a feed",
    "xml_sample_2.xml": "is <catalog>, not a feed",
}
_MADE_UP = re.compile(r"[0-9a-f]{32}|[0-9a-f]{8}-[0-9a-f-]{27}")  # ids that it makes itself

Row = tuple[str, str, str, str]


def theirs(expected: Path, source: str) -> list[Row]:
    """Id, link, title and date; its made-up ids, and its lower-case hosts, left out."""
    rows = []
    for entry in json.loads(expected.read_text("utf-8"))["entries"]:
        link = next((link["href"] for link in entry["links"]), "")
        own = entry["id"]
        made_up = _MADE_UP.fullmatch(own) and own not in source
        title = (entry["title"] or {}).get("content", "")
        moment = (entry["published"] or entry["updated"] or "")[:19]
        rows.append(("" if made_up else own, link.lower(), title, moment))
    return rows


def ours(feed: Path, wanted: list[Row]) -> list[Row]:
    """The same of our reading; no id where theirs was made up."""
    items = parse_feed(feed.read_bytes(), URL)
    assert len(items) == len(wanted)
    rows = []
    for item, row in zip(items, wanted, strict=True):
        moment = item.published or item.updated
        text = moment.strftime("%Y-%m-%dT%H:%M:%S") if moment else ""
        rows.append((item.id if row[0] else "", item.url.lower(), item.title, text))
    return rows


def test_real_feeds_are_read_as_the_other_parser_reads_them(corpus: Path) -> None:
    feeds = [file for file in (corpus / "feeds").iterdir() if ".serde." not in file.name]
    different = set()
    for feed in feeds:
        expected = feed.with_name(feed.name.rpartition(".")[0] + ".serde.json")
        if not expected.exists():
            with pytest.raises(SourceChangedError, match=REFUSED[feed.name]):
                parse_feed(feed.read_bytes(), URL)
            continue
        wanted = theirs(expected, feed.read_text("utf-8", "replace"))
        if ours(feed, wanted) != wanted:
            different.add(feed.name)

    assert different == set(DIFFERENT)
    assert len(feeds) == 34


RSS = b"""<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:media="http://search.yahoo.com/mrss/"><channel><title>The News</title>
<language>ru</language><item><title>Putin &amp;amp; Tillerson</title><link> /2017/a57677?x=1&amp;y=2
</link><guid isPermaLink="false">57677</guid><pubDate>Mon, 10 Apr 2017 14:02:00 +0300</pubDate>
<category>News</category><media:title>not this</media:title>
<description>&lt;p&gt;No &lt;b&gt;plans&lt;/b&gt;.&lt;/p&gt;</description></item>
<item><guid>https://news.example/second</guid><dc:date>2017-04-10T11:00:00Z</dc:date></item>
<item><guid isPermaLink="false">https://news.example/no-link</guid></item></channel></rss>"""


def test_an_rss_item_says_all_it_has() -> None:
    first, second, third = parse_feed(RSS, URL)

    assert first.url == "https://news.example/2017/a57677?x=1&y=2"
    assert (first.id, first.title, first.section) == ("57677", "Putin & Tillerson", "News")
    assert first.published == datetime(2017, 4, 10, 11, 2, tzinfo=UTC)
    assert (first.summary, first.language) == ("No plans .", "ru")
    assert (second.url, second.id) == ("https://news.example/second",) * 2
    assert second.published == datetime(2017, 4, 10, 11, tzinfo=UTC)
    assert (third.url, third.id) == ("", "https://news.example/no-link")


def test_atom_keeps_published_and_updated_apart() -> None:
    body = b"""<feed xmlns="http://www.w3.org/2005/Atom" xml:base="https://news.example/en/"
 xml:lang="en-GB"><entry><id>tag:x,1:2</id><title type="html">A &lt;i&gt;b&lt;/i&gt;</title>
<link rel="edit" href="/edit"/><link href="story"/><category term="world" label="World"/>
<published>2020-01-02T03:04:05+01:00</published><updated>2020-01-03T00:00:00Z</updated>
</entry></feed>"""

    (entry,) = parse_feed(body, URL)

    assert entry.url == "https://news.example/en/story"
    assert (entry.section, entry.language) == ("World", "en-GB")
    assert entry.published == datetime(2020, 1, 2, 2, 4, 5, tzinfo=UTC)
    assert entry.updated == datetime(2020, 1, 3, tzinfo=UTC)


def test_a_json_feed_may_have_numbers_for_ids() -> None:
    body = b'\xef\xbb\xbf{"items": [{"id": 7, "url": "/a", "title": "T", "tags": ["News", 1]}, 3]}'

    (item,) = parse_feed(body, URL)

    assert (item.id, item.url, item.section) == ("7", "https://news.example/a", "News")


@pytest.mark.parametrize(
    ("body", "error", "words"),
    [
        (b"<!DOCTYPE html><html><body>Blocked</body></html>", SourceChangedError, "a web page"),
        (b"", SourceChangedError, "no XML"),
        (b"not a feed", SourceChangedError, "no XML"),
        (b'{"items": 1}', SourceChangedError, "no JSON feed"),
        (b"{" * 100_000, SourceChangedError, "JSON"),
        (b'{"items":' + b"[" * 100_000, SourceChangedError, "JSON"),
        (b'<!DOCTYPE r [<!ENTITY a "x">]><rss><channel/></rss>', SourceRefusedError, "entities"),
        (b'<!DOCTYPE r [<!entity a "x">]><rss><channel/></rss>', SourceRefusedError, "entities"),
        (b"<rss>" + b"<a>" * 300, SourceRefusedError, "nested too deeply"),
        (b"<rss><item><title>" + b"x" * 10_100_000, SourceRefusedError, "too long"),
    ],
)
def test_what_is_no_honest_feed_is_refused(
    body: bytes, error: type[SourceError], words: str
) -> None:
    with pytest.raises(error, match=words):
        parse_feed(body, URL)


def test_no_file_or_network_is_reached_by_a_doctype(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("secret")
    body = f'<!DOCTYPE rss SYSTEM "file://{secret}"><rss><item><title>&x;a</title></item></rss>'

    (item,) = parse_feed(body.encode(), URL)

    assert item.title == "&x;a"


def test_only_the_first_entries_count() -> None:
    body = b"<rss><channel>" + b"<item><link>https://x.example/</link></item>" * 600

    assert len(parse_feed(body, URL)) == MAX_ITEMS


def test_stray_ampersands_and_html_names_do_not_hide_a_feed() -> None:
    body = (
        b"<rss><channel><item><title>Q&A &nbsp;x</title><link>/a?b&c</link></item></channel></rss>"
    )

    (item,) = parse_feed(body, URL)

    assert item.url.startswith("https://news.example/a?b")


@given(st.binary(max_size=400) | st.text(max_size=200).map(lambda text: f"<rss>{text}".encode()))
def test_whatever_comes_gives_items_or_a_source_error(body: bytes) -> None:
    try:
        items = parse_feed(body, URL)
    except SourceError:
        return
    assert all(item.url == "" or item.url.startswith(("http://", "https://")) for item in items)


@pytest.mark.parametrize(
    ("markup", "words"),
    [
        ("Plain &amp; short", "Plain & short"),
        ("<p>One</p><p>two <b>three</b>.</p>", "One two three ."),
        ("5 < 6 and <i>7 > 6</i>", "5 < 6 and 7 > 6"),
        ("a<!-- <b>no</b> -->b<script>alert(1)</script>c<style>p{}</style>d", "a b c d"),
        ("cut <a href='https://news.example/x", "cut"),
        ("cut <script>alert(", "cut"),
        ("&lt;b&gt; stays text", "<b> stays text"),
    ],
)
def test_a_summary_is_the_words_of_its_markup(markup: str, words: str) -> None:
    assert summary(markup) == words


@given(st.text(st.sampled_from("<>!-/ab script&;'\"="), max_size=60))
def test_no_summary_makes_it_slow_or_fail(markup: str) -> None:
    assert summary(markup) == summary(markup).strip()
