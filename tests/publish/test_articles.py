"""From a version that is ready to what readers get."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.article import State
from feeds.pages import Site
from feeds.snapshot import Snapshot
from feeds.weight import LIMIT, on_wire
from mirror.publish.articles import changes, first_date, outgoing, primary
from mirror.store.versions import Ready
from tests.feeds.pages_examples import paragraphs

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
SITE = Site(
    title="The News",
    language="en",
    origin_host="news.example",
    tag_year=2026,
    home_url="https://news.example/",
    sections=(),
    feeds=(),
    fingerprint="0" * 64,
)
FIRST = Snapshot(
    source_url="https://news.example/2026/one",
    fetched_at=NOW,
    title="A bridge opens",
    body_html="<p>It is open.</p>",
    authors=("A. Writer",),
    section="News",
    published_at=NOW - timedelta(hours=1),
)
SHA = "ab" * 32


def ready(snapshot: Snapshot, number: int = 1, **facts: object) -> Ready:
    values = {"state": State.LIVE, "published": 0, "before": None} | facts
    return Ready(article="0" * 16, number=number, snapshot=snapshot, **values)  # type: ignore[arg-type]  # facts of a Ready


def test_of_a_long_article_every_page_goes_out_and_its_own_comes_last() -> None:
    out = outgoing(ready(replace(FIRST, body_html=paragraphs(300))), (), SITE, NOW)

    paths = list(out.files)
    assert paths[-1] == out.article.path
    assert out.page == sha256(out.files[paths[-1]]).hexdigest()
    assert all(path.startswith("p/") for path in paths[:-1])
    assert max(on_wire(data) for data in out.files.values()) > LIMIT  # the one with all of it


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({}, ()),
        ({"title": "A bridge closes"}, ("title",)),
        ({"body_html": "<p>It is closed.</p>"}, ("text",)),
        ({"authors": ()}, ("authors",)),
        ({"title": "No", "body_html": "<p>No.</p>"}, ("title", "text")),
        ({"fetched_at": NOW + timedelta(days=1)}, ()),
        ({"source_url": "https://news.example/2026/two"}, ()),
    ],
)
def test_only_what_readers_see_is_a_change(
    facts: dict[str, object], expected: tuple[str, ...]
) -> None:
    assert changes(FIRST, replace(FIRST, **facts)) == expected  # type: ignore[arg-type]  # as above


def test_a_first_version_is_dated_as_the_source_says() -> None:
    out = outgoing(ready(FIRST), (), SITE, NOW)

    assert out.is_first
    assert (out.article.published, out.article.updated) == (FIRST.published_at,) * 2
    assert (out.replaced, out.keeps, out.change) == (0, "", ())
    assert list(out.files)[-1] == out.article.path


def test_a_correction_is_dated_now_and_keeps_the_page_before() -> None:
    second = replace(FIRST, body_html="<p>It is closed.</p>")
    published = int((NOW - timedelta(hours=1)).timestamp())
    later = NOW + timedelta(hours=3)

    out = outgoing(ready(second, 2, published=published, before=(1, FIRST, SHA)), (), SITE, later)

    assert (out.article.published, out.article.updated) == (FIRST.published_at, later)
    assert (out.replaced, out.keeps) == (1, f"p/ab/{SHA}.html")
    assert [(one.path, one.until, one.change) for one in out.article.earlier] == [
        (out.keeps, later, ("text",))
    ]


def test_a_page_that_is_made_again_for_its_state_replaces_no_version() -> None:
    published = int(NOW.timestamp())
    again = ready(FIRST, 1, published=published, before=(1, FIRST, SHA), state=State.GONE)

    out = outgoing(again, (), SITE, NOW + timedelta(hours=1))

    assert (out.replaced, out.keeps, out.article.earlier) == (0, "", ())
    assert not out.is_first


def test_what_is_withdrawn_needs_no_files() -> None:
    published = int(NOW.timestamp())
    gone = ready(FIRST, 1, published=published, before=(1, FIRST, SHA), state=State.WITHDRAWN)

    out = outgoing(gone, (), SITE, NOW)

    assert out.media == ()
    assert b"It is open" not in b"".join(out.files.values())


_moments = st.datetimes(
    min_value=datetime(1970, 1, 2),  # noqa: DTZ001 - hypothesis wants them so
    max_value=datetime(2100, 1, 1),  # noqa: DTZ001
    timezones=st.just(UTC),
).map(lambda moment: moment.replace(microsecond=0))


@given(_moments, _moments, st.none() | _moments)
def test_no_article_is_dated_ahead(now: datetime, fetched: datetime, said: datetime | None) -> None:
    snapshot = replace(FIRST, fetched_at=fetched, published_at=said)

    date = first_date(snapshot, now)

    assert date <= now
    assert date <= fetched
    assert said is None or date <= said


@given(st.sampled_from(["en", "en-GB", "EN-us", "sr-Latn-RS", "ru"]))
def test_the_primary_language_is_the_first_part(tag: str) -> None:
    assert primary(tag) == tag.split("-", maxsplit=1)[0].lower()
