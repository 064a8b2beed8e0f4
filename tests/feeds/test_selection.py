from hypothesis import given
from hypothesis import strategies as st

from feeds import selection
from tests.feeds.feed_examples import article


def test_the_newest_come_first_and_no_more_than_asked_for() -> None:
    articles = [article(number) for number in (2, 0, 3, 1)]

    chosen = selection.newest(articles, 3)

    assert [item.id[-1] for item in chosen] == ["4", "3", "2"]


def test_between_equal_dates_the_id_decides_whatever_the_order_given() -> None:
    one, two = article(0), article(1)
    twin = type(two)(id=two.id, snapshot=two.snapshot, published=one.published, updated=two.updated)

    assert selection.newest([one, twin], 2) == selection.newest([twin, one], 2) == (twin, one)


def test_no_articles_or_no_room_give_none() -> None:
    assert selection.newest([], 5) == ()
    assert selection.newest([article()], 0) == ()


def test_an_empty_list_has_one_page_that_is_open() -> None:
    assert selection.page_count(0) == 1
    assert not selection.is_closed(1, 0)


def test_a_page_is_closed_when_it_is_full_and_not_before() -> None:
    assert not selection.is_closed(1, 39)
    assert selection.is_closed(1, 40)
    assert selection.page_count(40) == 1
    assert selection.page_count(41) == 2


@given(st.integers(1, 300), st.integers(1, 50))
def test_every_item_stands_on_its_page_and_on_no_other(items: int, per_page: int) -> None:
    places = range(items)

    pages = [
        selection.page_slice(places, number, per_page)
        for number in range(1, selection.page_count(items, per_page) + 1)
    ]

    assert [place for page in pages for place in page] == list(places)
    for number, page in enumerate(pages, 1):
        assert all(selection.page_of(place, per_page) == number for place in page)
        assert selection.is_closed(number, items, per_page) == (len(page) == per_page)
