from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from feeds.addresses import Address
from feeds.channel import Channel
from feeds.documents import documents, lite_documents
from feeds.localise import CANONICAL_BASE, LONGEST_BASE, localise
from feeds.moving import closing_notice
from tests.feeds.feed_examples import (
    BEGUN,
    BODIES,
    CHANNEL,
    CORRECTED,
    FOUR,
    GONE,
    LISTED,
    RUSSIAN,
    TITLES,
    WITHDRAWN,
    article,
)
from tests.feeds.feed_rules import check_atom, check_json, xml

BASE = "https://" + "a" * (LONGEST_BASE - 9) + "/"
HEADERS = 500
MANY = replace(
    CHANNEL,
    title="T" * 200,
    description="D" * 1_000,
    author="A" * 200,
    hub="https://hub.example/" + "h" * 400,
    addresses=tuple(
        Address(url=f"https://m{n}.example/{'p' * 60}/", kind="web", since=date(2026, 1, 1))
        for n in range(20)
    ),
    addresses_updated=BEGUN,
)


def sizes(channel: Channel, *articles: object) -> list[int]:
    """Bytes on the wire of each format, uncompressed, on the longest base."""
    files = lite_documents(channel, list(articles))  # type: ignore[arg-type]  # articles
    return [len(localise(data, BASE)) + HEADERS for data in files.values()]


def items(channel: Channel, *articles: object) -> list[dict[str, str]]:
    files = lite_documents(channel, list(articles))  # type: ignore[arg-type]  # articles
    for path, data in files.items():
        if path.endswith("atom"):
            check_atom(data)
    return check_json(files[f"{channel.stem}-lite.json"])["items"]  # type: ignore[no-any-return]  # JSON


ENGLISH_STORY: dict[str, Any] = {
    "title": ("Rain, and what came of it " * 30).strip(),
    "body_html": "<p>" + "Rain fell. " * 900 + "</p>",
}
RUSSIAN_STORY: dict[str, Any] = {
    "title": ("Дождь и что из него вышло " * 30).strip(),
    "body_html": "<p>Шёл дождь, и было мокро.</p>" * 300,
    "language": "ru",
}


@pytest.mark.parametrize(
    ("channel", "story"),
    [
        (CHANNEL, ENGLISH_STORY),
        (RUSSIAN, RUSSIAN_STORY),
        (LISTED, RUSSIAN_STORY),
        (MANY, RUSSIAN_STORY),
    ],
)
def test_a_lite_feed_fits_in_12_000_bytes_and_uses_them(
    channel: Channel, story: dict[str, Any]
) -> None:
    articles = [article(number, **story) for number in range(30)]

    assert max(sizes(channel, *articles)) <= 12_000
    assert max(sizes(channel, *articles)) > 10_500


@given(st.lists(st.tuples(TITLES, BODIES, st.sampled_from(["en", "ru", "he"])), max_size=10))
@settings(max_examples=30, suppress_health_check=[HealthCheck.too_slow])
def test_a_lite_feed_fits_whatever_its_text(stories: list[tuple[str, str, str]]) -> None:
    articles = [
        article(number, title=title, body_html=body * 20, language=language, authors=(title,) * 9)
        for number, (title, body, language) in enumerate(stories)
    ]

    assert max(sizes(LISTED, *articles)) <= 12_000


def test_one_endless_article_fits_too() -> None:
    body = "<p>" + "&amp;&lt;я" * 100_000 + "</p>"

    assert (
        max(sizes(MANY, article(title="<&>" * 300, body_html=body, authors=("&" * 500,) * 50)))
        <= 12_000
    )


def test_the_newest_entries_are_there_under_the_ids_of_the_full_feed() -> None:
    articles = [article(number, **ENGLISH_STORY) for number in range(30)]
    full = check_json(documents(CHANNEL, articles)["feeds/all.json"])["items"]

    lite = items(CHANNEL, *articles)

    assert 3 <= len(lite) <= 8
    assert [item["id"] for item in lite] == [item["id"] for item in full[: len(lite)]]


def test_each_entry_has_a_piece_of_its_text_and_then_a_link_to_its_page() -> None:
    for number, item in enumerate(items(RUSSIAN, *(article(n, **RUSSIAN_STORY) for n in range(8)))):
        assert item["content_html"].count("Шёл дождь") >= 3
        page = f'<p><a href="{CANONICAL_BASE}a/00/{8 - number:016x}.html">Читать дальше</a>'
        assert page in item["content_html"]
        assert len(item["title"]) <= 160
        assert item["title"].endswith("…")


def test_a_short_article_leaves_its_room_to_the_others() -> None:
    short = article(9, body_html="<p>Short.</p>", lead="")
    long = [article(number, **ENGLISH_STORY) for number in range(4)]

    lengths = [len(item["content_html"]) for item in items(CHANNEL, short, *long)]

    assert lengths[0] < 200
    assert min(lengths[1:]) > 1_500


def test_a_cut_paragraph_ends_with_a_whole_word_and_an_ellipsis() -> None:
    (item, *_) = items(CHANNEL, *(article(number, **ENGLISH_STORY) for number in range(8)))

    text = item["content_html"].split("</p>")[1]
    assert text.endswith(("fell.…", "Rain…"))


def test_pictures_tags_and_the_original_address_are_left_out() -> None:
    for data in lite_documents(CHANNEL, FOUR).values():
        assert b"m/00/" not in data
        assert b"Weather" not in data
        assert b"www.sample.example" not in data


def test_a_withdrawn_article_says_so() -> None:
    (item,) = items(CHANNEL, WITHDRAWN)

    assert "withdrawn on 20 March 2026" in item["content_html"]
    assert "It rained" not in item["content_html"]


def test_a_corrected_article_has_its_new_date() -> None:
    (item,) = items(CHANNEL, CORRECTED)

    assert item["date_modified"] == "2026-04-05T09:30:00Z"


@pytest.mark.parametrize(
    ("channel", "words"), [(LISTED, "Other addresses"), (RUSSIAN, "Другие адреса")]
)
def test_each_entry_ends_with_a_quiet_way_to_the_other_addresses(
    channel: Channel, words: str
) -> None:
    taken = [article(number, language=channel.language) for number in (1, 3)]
    line = f'<small><a href="{CANONICAL_BASE}mirrors.html">{words}</a></small></p>'

    entries = items(channel, *taken)[: len(taken)]

    assert all(entry["content_html"].endswith(line) for entry in entries)


def test_one_entry_names_the_addresses_and_is_the_one_of_the_full_feed() -> None:
    files = documents(LISTED, FOUR)
    full, lite = (check_json(files[f"feeds/all{form}.json"])["items"][-1] for form in ("", "-lite"))

    for name in ("id", "title", "url", "date_published", "date_modified"):
        assert full[name] == lite[name]
    for other in LISTED.addresses:
        assert f'href="{other.url}"' in lite["content_html"]


def test_a_long_list_of_addresses_leaves_room_for_articles_and_ends_with_a_link_to_all() -> None:
    articles = [article(number, **RUSSIAN_STORY) for number in range(30)]

    *entries, last = items(MANY, *articles)

    assert len(entries) >= 3
    assert 4 <= last["content_html"].count("<li>") < len(MANY.addresses)
    assert f'<a href="{CANONICAL_BASE}mirrors.html">' in last["content_html"]


def test_a_correction_and_that_the_source_has_it_no_more_are_said() -> None:
    corrected, gone = items(CHANNEL, CORRECTED, GONE)

    assert "5 April 2026: title, text changed" in corrected["content_html"]
    assert "No longer on the original site" in gone["content_html"]


def test_a_lite_feed_has_its_own_address_and_id() -> None:
    files = lite_documents(CHANNEL, FOUR)

    assert set(files) == {"feeds/all-lite.rss", "feeds/all-lite.atom", "feeds/all-lite.json"}
    assert check_json(files["feeds/all-lite.json"])["feed_url"].endswith("feeds/all-lite.json")
    assert (
        check_atom(files["feeds/all-lite.atom"])[0].text == "tag:sample.example,2026:feeds/all-lite"
    )
    assert xml(files["feeds/all-lite.rss"]).find("channel/item/description") is not None


def test_an_empty_lite_feed_is_a_feed() -> None:
    assert items(CHANNEL) == []


def test_a_lite_feed_has_the_notice_that_an_address_closes_and_still_fits() -> None:
    since = datetime(2026, 4, 1, tzinfo=UTC)
    notice = closing_notice("ru", ", ".join(f"https://{'m' * 60}{n}.example/" for n in range(40)))
    channel = replace(MANY, language="ru", notice=notice, notice_since=since)
    articles = [article(number, **RUSSIAN_STORY) for number in range(30)]

    assert max(sizes(channel, *articles)) <= 12_000
    *_, told, addresses = items(channel, *articles)
    assert told["title"] == "Об адресах этого сайта"
    assert "Этот адрес скоро закроется: https://m" in told["content_html"]
    assert addresses["id"] == "tag:sample.example,2026:addresses"
