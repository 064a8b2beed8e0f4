import re
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.addresses import Address
from feeds.article import Article, State
from feeds.localise import CANONICAL_BASE, canonicalise, localise
from feeds.pages import (
    LIST_ARTICLES,
    FeedLink,
    MonthLink,
    Section,
    archive_page,
    article_files,
    find_page,
    front_page,
    list_page,
    mirrors_page,
    not_found_page,
    section_page,
    section_slug,
)
from feeds.weight import LIMIT, fits, on_wire
from feeds.words import words_for
from tests.feeds.pages_examples import NOW, SITE, STEMS, article
from tests.feeds.test_recall import ARTICLE

HARD = "".join(chr(0x4E00 + number * 7_919 % 20_000) for number in range(900))


def listed(url: str, kind: str) -> Address:
    return Address(url=url, kind=kind, since=date(2026, 3, 1))


def many(count: int, title: str = "Story {}", lead: str = "A lead.") -> list[Article]:
    return [
        replace(article(title=title.format(number), lead=lead), id=f"{number:016x}")
        for number in range(count)
    ]


def test_the_front_page_has_the_newest_thirty_and_the_time_of_the_edition() -> None:
    page = front_page(SITE, many(40), NOW, archive="l/all/3.html").decode()

    assert re.findall(r">Story (\d+)<", page) == [str(number) for number in range(30)]
    assert "Edition of" in page
    assert "3 July 2026, 14:05 UTC" in page
    assert "If that is days ago, use another address." in page
    assert 'href="l/all/3.html"' in page
    assert 'href="a/00/0000000000000000.html"' in page
    assert 'type="application/rss+xml" title="All articles (RSS)" href="feeds/all.rss"' in page


def test_pages_name_feeds_where_browsers_and_readers_look_for_them() -> None:
    front = front_page(SITE, many(3), NOW).decode()
    section = section_page(SITE, SITE.sections[0], many(3), NOW).decode()
    newest = list_page(SITE, "All", "all", 1, many(3), closed=False).decode()
    fixed = (mirrors_page(SITE, ()), find_page(SITE), not_found_page(SITE))
    pages = (front, section, newest, *(page.decode() for page in fixed))

    named = [
        re.findall(r'<link rel="alternate" type="[^"]+" title="[^"]+" href="([^"]+)"', page)
        for page in pages
    ]

    for feed in SITE.feeds:
        assert f"{feed.stem}.rss" in named[0]
    assert {"feeds/all.rss", "feeds/all.atom", "feeds/all.json"} <= set(named[0])
    assert {f"../feeds/news.{ending}" for ending in ("rss", "atom", "json")} <= set(named[1])
    assert "../feeds/all.rss" in named[1]
    assert "../../feeds/all.rss" in named[2]
    assert named[3] == named[4] == ["feeds/all.rss"]
    assert named[5] == [f"{CANONICAL_BASE}feeds/all.rss"]


def test_a_section_page_names_its_own_feed_and_leads_up() -> None:
    page = section_page(SITE, SITE.sections[0], many(3), NOW).decode()

    assert 'href="../feeds/news.rss"' in page
    assert 'href="../a/00/0000000000000002.html"' in page
    assert 'aria-current="page"' in page


def test_a_closed_list_page_knows_the_newer_one_and_an_open_one_does_not() -> None:
    closed = list_page(SITE, "All", "all", 2, many(50), closed=True).decode()
    newest = list_page(SITE, "All", "all", 2, many(50), closed=False).decode()
    oldest = list_page(SITE, "All", "all", 1, many(50), closed=True).decode()

    assert 'href="../../l/all/3.html"' in closed
    assert 'href="../../l/all/1.html"' in closed
    assert "l/all/3.html" not in newest
    assert "l/all/0.html" not in oldest


def test_lists_say_how_an_article_stands() -> None:
    page = front_page(SITE, [article(state=State.WITHDRAWN, lead="Secret.")], NOW).decode()

    assert "· withdrawn" in page
    assert "Secret" not in page


def test_an_empty_front_page_says_so() -> None:
    assert "Nothing has been published here yet." in front_page(SITE, [], NOW).decode()


@given(st.lists(ARTICLE, max_size=LIST_ARTICLES))
def test_lists_stay_within_the_limit(articles: list[Article]) -> None:
    assert on_wire(front_page(SITE, articles, NOW)) <= LIMIT
    assert on_wire(list_page(SITE, "All", "all", 7, articles, closed=True)) <= LIMIT


def test_lists_of_the_longest_titles_stay_within_the_limit_and_leave_no_article_out() -> None:
    page = list_page(SITE, "All", "all", 7, many(50, title=HARD, lead=HARD), closed=True)

    assert on_wire(page) <= LIMIT
    assert page.count(b"<li ") == 50


def test_the_page_of_addresses_lists_them_and_shows_the_fingerprint() -> None:
    mirrors = [Address(url="https://b.example/x7/", kind="web", since=date(2026, 3, 1))]

    page = mirrors_page(SITE, mirrors).decode()

    assert 'href="https://b.example/x7/"' in page
    assert "since 1 March 2026" in page
    assert "9f9f 9f9f" in page
    assert page.count("<svg") == 2
    assert "minisign -Vm" in page


def test_a_page_of_very_many_addresses_stays_within_the_limit() -> None:
    mirrors = [
        Address(
            url=f"https://m{number * 7_919}.example/{'q' * 80}{number}/",
            kind="web",
            since=date(2026, 3, 1),
        )
        for number in range(400)
    ]

    assert on_wire(mirrors_page(SITE, mirrors)) <= LIMIT


def test_a_site_without_listed_mirrors_says_so() -> None:
    assert "No other address is listed." in mirrors_page(SITE, []).decode()


def test_not_found_has_addresses_that_hold_from_any_folder() -> None:
    page = not_found_page(SITE, archive="l/all/3.html")

    served = localise(page, "http://127.0.0.1:8080/x7k2/")

    assert set(re.findall(r'href="([a-z]+:[^"]*?)/(?:l/)?index.html"', served.decode())) == {
        "http://127.0.0.1:8080/x7k2"
    }
    assert b"mirror.invalid" not in served
    assert canonicalise(served, "http://127.0.0.1:8080/x7k2/") == page


def test_find_shows_how_an_id_is_made() -> None:
    page = find_page(SITE, archive="l/all/3.html").decode()

    assert "printf %s &#39;news.example/2026/story&#39; | sha256sum" in page.replace("'", "&#39;")
    assert on_wire(page.encode()) <= LIMIT


@pytest.mark.parametrize("language", ["en", "ru"])
def test_look_up_without_script_says_what_to_do(language: str) -> None:
    site = replace(SITE, language=language)

    for page in (find_page(site).decode(), not_found_page(site).decode()):
        assert '<form id="find" hidden' in page
        assert words_for(language)("find script") in page.partition('<p id="without">')[2]
        assert on_wire(page.encode()) <= LIMIT


def test_paths_are_looked_for_on_every_host_of_the_original_site() -> None:
    site = replace(SITE, more_hosts=("m.news.example", "ru.news.example"))

    assert 'data-hosts="news.example ru.news.example"' in find_page(site).decode()


def test_section_names_of_any_script_have_plain_slugs() -> None:
    assert section_slug("News & Views") == "news-views"
    assert section_slug("Новости") == "novosti"
    assert section_slug("Щука ёж") == "schuka-ezh"
    assert re.fullmatch("[0-9a-f]{8}", section_slug("新闻"))
    assert Section("Opinion", "op").path == "s/op.html"


def test_the_front_page_says_how_to_subscribe_with_addresses_to_copy_and_to_scan() -> None:
    mirrors = [
        listed(f"https://{name}.example/x7k2/", kind)
        for name, kind in (("hidden", "onion"), ("one", "web"), ("two", "web"), ("three", "web"))
    ]

    page = front_page(SITE, many(40), NOW, mirrors=mirrors).decode()

    for name in ("one", "two"):
        assert f">https://{name}.example/x7k2/feeds/all.rss</code>" in page
    assert "three.example" not in page
    assert "hidden.example" not in page
    assert page.count("<svg") == 2
    for path in ("feeds/all.rss", "feeds/all-lite.rss", "feeds.opml"):
        assert f'<a href="{path}">' in page
    assert on_wire(page.encode()) <= LIMIT
    assert "<svg" not in section_page(SITE, SITE.sections[0], many(3), NOW).decode()


def test_codes_go_before_articles_do_where_a_front_page_would_be_too_heavy() -> None:
    mirrors = [listed(f"https://{'m' * 60}{n}.example/{'p' * 40}/", "web") for n in range(2)]
    page = front_page(SITE, many(30, " ".join(STEMS * 4) + " {}"), NOW, mirrors=mirrors).decode()

    assert page.count('class="h-entry"') == 30
    assert on_wire(page.encode()) <= LIMIT


def test_the_front_page_names_every_feed_in_its_head_and_others_their_own() -> None:
    feeds = [FeedLink("All", "feeds/all"), FeedLink("News", "feeds/s-news", "news")]
    feeds += [FeedLink(f"Tag {n}", f"feeds/tag-{n}") for n in range(20)]
    site = replace(SITE, feeds=tuple(feeds))

    front = front_page(site, many(3), NOW).decode().partition("<body>")[0]
    section = section_page(site, site.sections[0], many(3), NOW).decode().partition("<body>")[0]

    for feed in feeds:
        assert f'href="{feed.stem}.rss"' in front
    for path in ("s-news.rss", "s-news.atom", "s-news.json", "all.rss"):
        assert f'href="../feeds/{path}"' in section
    assert "tag-3" not in section


def test_an_article_names_the_main_feed() -> None:
    page = article_files(article(), SITE).page.decode()

    assert 'title="The Example Times" href="../../feeds/all.rss"' in page


def test_the_page_of_all_lists_holds_fifty_years() -> None:
    months = [
        MonthLink(date(year, month, 1), f"l/m-{year}-{month:02}/3.html")
        for year in range(1980, 2030)
        for month in range(1, 13)
    ]
    page = archive_page(replace(SITE, language="ru"), months, newest="l/all/900.html")

    assert fits(page)
    text = page.decode()
    assert text.index("<h2>2029</h2>") < text.index("Декабрь 2029") < text.index("Январь 2029")
    assert text.count('href="../l/m-') == 600
