"""Whatever the text is, each format gives it back as it was, and no byte breaks format 1.5."""

import json
import re
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime

import feedparser
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from feeds.article import Article
from feeds.documents import documents
from feeds.localise import CANONICAL_BASE, NAMESPACES, canonicalise, localise, seal
from tests.feeds.feed_examples import BODIES, CHANNEL, LINES, LISTED, TITLES, article, picture
from tests.feeds.feed_rules import ATOM, CONTENT, check_atom, check_json, check_rss

BASES = st.from_regex(
    r"https?://[a-z0-9]([a-z0-9-]{0,8}[a-z0-9])?\.(org|example)(:[1-9][0-9]{0,3})?/([A-Za-z0-9_~-]{1,6}/){0,2}",
    fullmatch=True,
)


@st.composite
def articles(draw: st.DrawFn) -> Article:
    shown = replace(picture(0), alt=draw(LINES), caption=draw(LINES), credit=draw(LINES))
    return article(
        draw(st.integers(0, 99)),
        title=draw(TITLES),
        body_html=draw(BODIES),
        lead=draw(LINES),
        authors=tuple(draw(st.lists(LINES, max_size=2))),
        tags=tuple(draw(st.lists(LINES, max_size=2))),
        section=draw(LINES),
        picture=draw(st.sampled_from([None, shown])),
    )


@given(articles())
@settings(suppress_health_check=[HealthCheck.too_slow])
@example(
    article(
        title="]]> & <b>",
        body_html="<p>]]&gt; &amp;#104;ttps://x \\u0068ttps://mirror.invalid/</p>",
    )
)
def test_every_format_gives_back_title_and_text(taken: Article) -> None:
    files = documents(CHANNEL, [taken])

    item = check_rss(files["feeds/all.rss"]).find("item")
    entry = check_atom(files["feeds/all.atom"]).find(f"{ATOM}entry")
    (thing,) = check_json(files["feeds/all.json"])["items"]
    html = thing["content_html"]
    assert item.findtext("title") == entry.findtext(f"{ATOM}title") == thing["title"]
    assert thing["title"] == taken.snapshot.title
    assert item.findtext(CONTENT) == entry.findtext(f"{ATOM}content") == html
    assert taken.snapshot.body_html in html or 'href="#' in taken.snapshot.body_html
    names = [name.text for name in entry.iter(f"{ATOM}name")]
    assert names == [author["name"] for author in thing.get("authors", ())]
    assert [found.text for found in item.iter("category")] == thing.get("tags", [])


@given(articles(), BASES)
@settings(suppress_health_check=[HealthCheck.too_slow])
def test_any_base_is_put_in_and_taken_out_without_a_trace(taken: Article, base: str) -> None:
    for path, data in documents(LISTED, [taken]).items():
        plain = data.decode()
        for name in sorted(NAMESPACES, key=len, reverse=True):
            plain = plain.replace(f'="{name}"', "", 1)
        assert not re.search(r"https?://", plain.replace(CANONICAL_BASE, ""))
        assert seal(data, path) == data
        assert canonicalise(localise(data, base), base) == data


@given(articles())
@settings(max_examples=30, suppress_health_check=[HealthCheck.too_slow])
def test_a_feed_reader_sees_the_title_and_the_id(taken: Article) -> None:
    files = documents(CHANNEL, [taken])

    for path in ("feeds/all.rss", "feeds/all.atom"):
        seen = feedparser.parse(localise(files[path], "https://one.example/"))
        assert not seen.bozo, seen.get("bozo_exception")
        (entry,) = seen.entries
        assert entry.id == f"tag:sample.example,2026:{taken.id}"
        assert entry.link == f"https://one.example/{taken.path}"


def test_an_article_of_200_kilobytes_comes_through_whole() -> None:
    body = "<p>" + "Длинное чтение о погоде 🌧 & хлебе. ".replace("&", "&amp;") * 4_000 + "</p>"
    assert len(body.encode()) > 200_000

    files = documents(CHANNEL, [article(body_html=body)])

    assert body in check_rss(files["feeds/all.rss"]).find("item").findtext(CONTENT)
    assert body in check_json(files["feeds/all.json"])["items"][0]["content_html"]
    assert body in check_atom(files["feeds/all.atom"]).find(f"{ATOM}entry").findtext(
        f"{ATOM}content"
    )


def test_another_process_clock_zone_and_locale_give_the_same_bytes() -> None:
    script = (
        "import hashlib, locale, sys, time; sys.path.insert(0, '.'); time.time = lambda: 9e8;"
        "locale.setlocale(locale.LC_ALL, 'C.UTF-8');"
        "from feeds.documents import documents; from tests.feeds.feed_examples import *;"
        "print([(p, hashlib.sha256(d).hexdigest()) for p, d in documents(LISTED, FOUR).items()])"
    )
    runs = [
        subprocess.run(
            [sys.executable, "-c", script],
            env={"TZ": zone, "LANG": language, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for zone, language, seed in (
            ("Pacific/Kiritimati", "C", "1"),
            ("America/Anchorage", "ru_RU.UTF-8", "2"),
        )
    ]

    assert runs[0] == runs[1]
    assert "feeds/all-lite.json" in runs[0]


def test_a_year_before_1000_comes_through() -> None:
    old = datetime(999, 1, 2, tzinfo=UTC)
    taken = Article(id="0" * 16, snapshot=article().snapshot, published=old, updated=old)

    files = documents(CHANNEL, [taken])

    assert (
        json.loads(files["feeds/all.json"])["items"][0]["date_published"] == "0999-01-02T00:00:00Z"
    )
    check_rss(files["feeds/all.rss"])
