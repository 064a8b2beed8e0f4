import gzip
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mirror.errors import SourceChangedError, SourceError, SourceRefusedError
from mirror.source.sitemap_file import MAX_ENTRIES, is_coarse, newest, read_sitemap
from tests.source.hostile_server import bomb
from tests.source.sitemaps import index, news, urlset

URL = "https://news.example/sitemap.xml"


def test_a_news_sitemap_says_what_a_feed_would() -> None:
    url, date = "https://news.example/a?x=1&amp;y=2", "2026-11-27T10:00:00+03:00"
    text = news((url, date, "Q &amp;amp; A"), language="ru")

    file = read_sitemap(text.encode(), URL)

    (entry,) = file.entries
    item = entry.item()
    assert (item.url, item.title) == ("https://news.example/a?x=1&y=2", "Q & A")
    assert item.published == datetime(2026, 11, 27, 7, tzinfo=UTC)
    assert (item.language, entry.is_news, file.is_index) == ("ru", True, False)


def test_an_index_names_files_also_with_stray_ampersands_and_relative_addresses() -> None:
    text = index(("/posts-1.xml?a=1&b=2", "2026-11-27"), "https://news.example/posts-2.xml")

    file = read_sitemap(text.encode(), URL)

    assert file.is_index
    assert [entry.url for entry in file.entries] == [
        "https://news.example/posts-1.xml?a=1&b=2",
        "https://news.example/posts-2.xml",
    ]
    assert file.entries[0].lastmod == "2026-11-27"


def test_addresses_and_titles_in_cdata_are_as_they_stand_there() -> None:
    loc = "<![CDATA[https://news.example/?p=1&x=2]]>"
    text = news((loc, "2026-11-27", "<![CDATA[A & B > C]]>"))

    (entry,) = read_sitemap(text.encode(), URL).entries

    assert (entry.url, entry.title) == ("https://news.example/?p=1&x=2", "A & B > C")


def test_gzip_plain_lists_and_other_encodings_are_read() -> None:
    text = urlset("https://news.example/один", "https://news.example/two")
    lines = b"https://news.example/1\r\n\r\nhttps://news.example/2\n"
    utf16 = text.replace('"1.0"', '"1.0" encoding="utf-16"').encode("utf-16")

    for body in (text.encode(), gzip.compress(text.encode()), b"\xef\xbb\xbf\n" + text.encode()):
        assert len(read_sitemap(body, URL).entries) == 2
    assert len(read_sitemap(lines, URL).entries) == 2
    assert read_sitemap(utf16, URL).entries[0].url == "https://news.example/один"


@pytest.mark.parametrize("size", [1, 300])
def test_of_a_file_that_broke_off_no_half_address_is_taken(size: int) -> None:
    urls = [f"https://news.example/story/{number}" for number in range(size)]
    text = urlset(*urls)

    for cut in range(1, 60):
        found = [entry.url for entry in read_sitemap(text[:-cut].encode(), URL).entries]
        assert found in (urls, urls[:-1], urls[:-2])


def test_only_the_protocols_number_of_entries_counts() -> None:
    url = b"<url><loc>https://x.example/</loc></url>"
    body = b"<urlset>" + url * (MAX_ENTRIES + 10) + b"</urlset>"

    assert len(read_sitemap(body, URL).entries) == MAX_ENTRIES


@pytest.mark.parametrize(
    ("body", "error", "words"),
    [
        (b"<!DOCTYPE html><html><body>Blocked</body></html>", SourceChangedError, "a web page"),
        (b"<rss><channel/></rss>", SourceChangedError, 'a feed, not a sitemap; set kind = "feed"'),
        (b'{"items": []}', SourceChangedError, "neither XML nor a list"),
        (b"", SourceChangedError, "neither XML nor a list"),
        (b"<", SourceChangedError, "XML|<>"),
        (b'<!DOCTYPE r [<!ENTITY a "x">]><urlset/>', SourceRefusedError, "entities"),
        (b"<urlset>" + b"<a>" * 100, SourceRefusedError, "nested deeper"),
        (b"<urlset>" + b"<a/>" * 2_100_000, SourceRefusedError, "larger"),
        (bomb("gzip", 60_000_000), SourceRefusedError, "52428800 bytes, unpacked"),
        (gzip.compress(b"<urlset/>", mtime=0)[:-4], SourceChangedError, "broke off"),
        (b"\x1f\x8bgarbage" * 9, SourceChangedError, "gzip"),
    ],
)
def test_what_is_no_honest_sitemap_is_refused(
    body: bytes, error: type[SourceError], words: str
) -> None:
    with pytest.raises(error, match=words):
        read_sitemap(body, URL)


def test_the_newest_come_first_by_their_dates() -> None:
    text = urlset(
        ("https://x.example/old", "2020-01-01"),
        "https://x.example/undated",
        ("https://x.example/new", "2026-11-27T10:00:00Z"),
        ("https://x.example/mid", "2026-11-26T10:00:00+03:00"),
    )

    chosen = newest(read_sitemap(text.encode(), URL).entries, 3)

    assert [entry.url.rpartition("/")[2] for entry in chosen] == ["new", "mid", "old"]


def test_dates_that_only_say_when_the_file_was_made_say_nothing() -> None:
    made = [(f"https://x.example/{number}", "2026-11-27T10:00:00Z") for number in range(100)]

    chosen = newest(read_sitemap(urlset(*made).encode(), URL).entries, 10)

    assert {entry.changed for entry in chosen} == {None}
    numbers = [int(entry.url.rpartition("/")[2]) for entry in chosen]
    assert numbers == [0, 1, 2, 3, 4, 95, 96, 97, 98, 99]


@pytest.mark.parametrize(
    ("lastmod", "coarse"),
    [
        ("", True),
        ("2026-11-27", True),
        ("2026-11", True),
        ("2026-11-27T00:00:00+00:00", True),
        ("2026-11-27T00:00:01+00:00", False),
        ("2026-11-27 10:00 +03:00", False),
    ],
)
def test_a_day_is_told_from_a_moment(lastmod: str, *, coarse: bool) -> None:
    assert is_coarse(lastmod) is coarse


@given(st.binary(max_size=300) | st.text(max_size=200).map(lambda text: f"<urlset>{text}".encode()))
def test_whatever_comes_gives_entries_or_a_source_error(body: bytes) -> None:
    try:
        file = read_sitemap(body, URL)
    except SourceError:
        return
    assert all(entry.url.startswith(("http://", "https://")) for entry in file.entries)
