from datetime import UTC, datetime, timedelta

import pytest

from feeds.article import Article, article_path
from feeds.errors import InvalidArticleError
from tests.feeds.feed_examples import FIRST, article, snapshot


def test_a_page_stands_under_the_first_two_digits_of_its_id() -> None:
    assert article_path("0d31c5e2a90f77b1") == "a/0d/0d31c5e2a90f77b1.html"
    assert article(9).path == article_path(article(9).id)


@pytest.mark.parametrize(
    "name", ["", "0D31C5E2A90F77B1", "0d31c5e2a90f77b", "../../../../etc", "0" * 17]
)
def test_an_id_is_16_hex_digits(name: str) -> None:
    with pytest.raises(InvalidArticleError, match="16 hex"):
        Article(id=name, snapshot=snapshot(), published=FIRST, updated=FIRST)


@pytest.mark.parametrize(
    "moment",
    [datetime(2026, 3, 5), datetime(2026, 3, 5, microsecond=1, tzinfo=UTC)],  # noqa: DTZ001  # what is refused
)
def test_dates_are_utc_in_whole_seconds(moment: datetime) -> None:
    with pytest.raises(InvalidArticleError, match="UTC"):
        Article(id="0" * 16, snapshot=snapshot(), published=moment, updated=moment)


def test_nothing_is_updated_before_it_is_published() -> None:
    with pytest.raises(InvalidArticleError, match="before"):
        article(updated=FIRST - timedelta(seconds=1))
