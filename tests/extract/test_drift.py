import pytest
from hypothesis import given
from hypothesis import strategies as st

from mirror.extract.drift import Drift, PageLook, after_all


def read(*looks: PageLook) -> Drift:
    return after_all({}, looks)["news.example"]


def look(*missed: str, chars: int | None = 3_000) -> PageLook:
    return PageLook(host="news.example", missed=missed, chars=chars)


def test_a_rule_that_misses_on_some_pages_is_no_drift() -> None:
    drift = read(look("author"), look("author"), look(), look("author"), look("author"))

    assert dict(drift.failing) == {}


def test_a_rule_that_misses_three_times_in_a_row_stopped_matching() -> None:
    drift = read(look(), *(look("author", "body") for _ in range(3)), look("body"))

    assert dict(drift.failing) == {"body": 4}


@pytest.mark.parametrize("chars", [800, 9_000])
def test_a_sudden_change_of_length_is_seen_after_some_articles(chars: int) -> None:
    usual = [look(chars=2_000 + 100 * number) for number in range(20)]

    assert read(*usual).length_change is None
    assert read(*usual, *(look(chars=chars) for _ in range(2))).length_change is None
    assert read(*usual, *(look(chars=chars) for _ in range(5))).length_change == (2_950, chars)


def test_a_change_that_stays_becomes_usual() -> None:
    drift = read(*(look(chars=3_000) for _ in range(20)), *(look(chars=900) for _ in range(40)))

    assert drift.length_change is None


def test_corrections_tell_nothing_of_length() -> None:
    drift = read(*(look() for _ in range(20)), *(look(chars=None) for _ in range(9)))

    assert len(drift.lengths) == 20


@given(
    st.builds(
        Drift,
        misses=st.dictionaries(st.text(), st.integers(1, 9)).map(
            lambda d: tuple(sorted(d.items()))
        ),
        lengths=st.lists(st.integers(0, 99)).map(tuple),
    )
)
def test_decode_undoes_encode(drift: Drift) -> None:
    assert Drift.decode(drift.encode()) == drift


@given(st.text() | st.sampled_from(["[]", '{"misses":[],"lengths":1}', '{"misses":{"a":"b"}}']))
def test_what_is_damaged_remembers_nothing(text: str) -> None:
    assert Drift.decode(text) == Drift()
