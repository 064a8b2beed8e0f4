"""Which articles go into archive documents, and when."""

from hypothesis import given
from hypothesis import strategies as st

from feeds.article import Article
from mirror.publish.history import MOST_WAITING, PER_DOCUMENT, bound, due
from tests.feeds.feed_examples import article

_numbers = st.integers(0, 2_000)


@given(st.lists(_numbers, unique=True).map(sorted), st.sets(_numbers))
def test_what_a_feed_has_no_room_for_is_due_and_others_only_fill_documents_up(
    waiting: list[int], shown: set[int]
) -> None:
    names, held = [str(one) for one in waiting], {str(one) for one in shown}

    chosen = due(names, held)

    lost = [one for one in names if one not in held]
    assert list(chosen) == [one for one in names if one in chosen]
    assert set(lost[:MOST_WAITING]) <= set(chosen)
    assert bool(chosen) == bool(lost)
    assert len(chosen) <= MOST_WAITING
    if set(chosen) != set(names) and len(lost) <= MOST_WAITING:
        assert len(chosen) % PER_DOCUMENT == 0


@given(st.lists(st.integers(1, 60), max_size=130), st.integers(1, 100))
def test_documents_hold_all_in_order_and_no_more_than_their_bounds(
    sizes: list[int], max_bytes: int
) -> None:
    articles = [article(number) for number in range(len(sizes))]
    weights = {one.id: size for one, size in zip(articles, sizes, strict=True)}

    def weigh(one: Article) -> int:
        return weights[one.id]

    documents = list(bound(articles, weigh, max_bytes))

    assert [one for document in documents for one in document] == articles
    for document in documents:
        assert 1 <= len(document) <= PER_DOCUMENT
        assert len(document) == 1 or sum(map(weigh, document)) <= max_bytes
