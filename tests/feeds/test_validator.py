"""The W3C feed validator's documented rules, on everything that we publish."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feeds.article import Article
from feeds.documents import archive_document, documents
from feeds.localise import LONGEST_BASE, localise
from tests.feeds.feed_examples import BODIES, FOUR, LISTED, RUSSIAN, TITLES, article
from tests.feeds.test_documents import FULL
from tests.feeds.validator import complaints

BASE = f"https://one.example/{'x' * (LONGEST_BASE - 21)}/"


def said(files: dict[str, bytes]) -> list[str]:
    return [
        f"{path}: {complaint}"
        for path, data in files.items()
        if not path.endswith("json")
        for complaint in complaints(localise(data, BASE), BASE + path)
    ]


@pytest.mark.parametrize(
    "channel",
    [FULL, RUSSIAN, replace(LISTED, closed=3), replace(LISTED, complete=True)],
)
def test_nothing_is_wrong_with_any_feed(channel: object) -> None:
    assert not said(documents(channel, FOUR))  # type: ignore[arg-type]  # a channel
    assert not said(documents(channel, ()))  # type: ignore[arg-type]


def test_nothing_is_wrong_with_an_archive_document() -> None:
    assert not said(dict([archive_document(FULL, 7, FOUR)]))


@given(st.lists(st.tuples(TITLES, BODIES), max_size=3))
@settings(max_examples=40)
def test_nothing_is_wrong_whatever_articles_say(stories: list[tuple[str, str]]) -> None:
    articles: list[Article] = [
        article(number, title=title, body_html=body, authors=(title,), tags=(title[:100],))
        for number, (title, body) in enumerate(stories)
    ]

    found = [one for one in said(documents(LISTED, articles)) if "BadCharacters" not in one]

    assert not found


@pytest.mark.parametrize(
    ("spoil", "complaint"),
    [
        (lambda data: data.replace(b'rel="via"', b'rel="source"'), "UnregisteredAtomLinkRel"),
        (lambda data: data.replace(b"&lt;p&gt;It", b'&lt;p style="x"&gt;It'), "SecurityRiskAttr"),
        (lambda data: data.replace(b"&lt;p&gt;It", b"&lt;script&gt;&lt;/script&gt;It"), "Security"),
        (
            lambda data: data.replace(BASE.encode(), b"/"),
            "Invalid",
        ),
        (lambda data: data.replace(b"<pubDate>Thu,", b"<pubDate>Fri,"), "ProblematicalRFC822Date"),
        (lambda data: data.replace(b"fileSize=", b"size="), "AssertionError"),
        (lambda data: data.replace(b"tag:sample", b"tag:Sample"), "InvalidTAG"),
        (lambda data: data.replace(b"<language>en", b"<language>English!"), "InvalidLanguage"),
        (lambda data: data.replace(b"<category>Weather<", b"<category><"), "NotBlank"),
        (lambda data: data.replace(b'rel="via"', b'rel="via" title="x"'), "UnexpectedAttribute"),
        (lambda data: data.replace(b"<rss", b" " * 512 + b"<rss"), "NonSpecificMediaType"),
        (lambda data: data.replace(b'rel="self" type="', b'rel="self" type="x'), "SelfNotAtom"),
    ],
)
def test_the_rules_find_what_is_wrong(spoil: Callable[[bytes], bytes], complaint: str) -> None:
    path = "feeds/all.rss"
    bad = spoil(localise(documents(LISTED, FOUR)[path], BASE))
    try:
        found = complaints(bad, BASE + path)
    except AssertionError:
        found = ["AssertionError"]

    assert any(one.startswith(complaint) for one in found), found
