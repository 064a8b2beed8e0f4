"""Archive lists: numbered from the oldest, every place for ever."""

from hypothesis import given
from hypothesis import strategies as st

from feeds.pages import LIST_ARTICLES, list_path
from mirror.publish.lists import Arrivals, arrivals, list_at

_names = st.sampled_from(["all", "m-2026-11", "s-news"])
_editions = st.lists(st.integers(min_value=0, max_value=120), max_size=12)


@given(_editions)
def test_pages_put_together_are_the_list_and_closed_ones_never_change(editions: list[int]) -> None:
    stored: list[str] = []
    shown: dict[int, tuple[str, ...]] = {}
    closed: dict[int, tuple[str, ...]] = {}
    for number, count in enumerate(editions):
        ids = tuple(f"{number}/{at}" for at in range(count))
        comes = Arrivals(lengths={"all": len(stored)}, new={"all": ids} if ids else {})
        for page in comes.changed("all"):
            first = (page - 1) * LIST_ARTICLES
            there = tuple(stored[first : first + LIST_ARTICLES])
            shown[page] = comes.ids_on("all", page, there)
            if page < comes.newest_page("all"):
                assert page not in closed
                assert len(shown[page]) == LIST_ARTICLES
                closed[page] = shown[page]
        rows = comes.rows()
        assert [row["place"] for row in rows] == list(range(len(stored), len(stored) + count))
        stored += ids

    assert [one for page in sorted(shown) for one in shown[page]] == stored
    assert all(shown[page] == closed[page] for page in closed)
    if stored:
        assert max(shown) == (len(stored) - 1) // LIST_ARTICLES + 1
        assert set(closed) == set(range(1, max(shown)))


@given(st.lists(st.tuples(st.text(max_size=4), st.lists(_names, unique=True).map(tuple))))
def test_arrivals_keep_their_order_on_every_list(coming: list[tuple[str, tuple[str, ...]]]) -> None:
    new = arrivals(coming)

    for name, ids in new.items():
        assert list(ids) == [one for one, names in coming if name in names]
    assert set(new) == {name for _, names in coming for name in names}


@given(st.from_regex(r"[a-z0-9-]{1,60}", fullmatch=True), st.integers(1, 10**6))
def test_a_list_page_is_known_by_its_path(name: str, page: int) -> None:
    assert list_at(list_path(name, page)) == (name, page)


@given(st.one_of(st.text(), st.sampled_from(["l/all/0.html", "l/all/01.html", "s/all.html", "l/"])))
def test_other_paths_are_no_list_pages(path: str) -> None:
    name, page = list_at(path)
    assert (name, page) == ("", 0) or list_path(name, page) == path
