"""Times of day in which a mirror may be written to."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mirror.config.windows import DAY, Window, left, longest_closed, opens_in, parse_window

NIGHT, NOON = parse_window("22:00-06:30"), parse_window("12:00-13:00")

minutes = st.integers(1, 24 * 60 - 1).map(lambda count: timedelta(minutes=count))
windows = st.builds(Window, minutes, minutes)
moments = st.datetimes(min_value=datetime(2020, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


def at(hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, 24, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "stays"),
    [
        (at(22), timedelta(hours=8, minutes=30)),
        (at(0), timedelta(hours=6, minutes=30)),
        (at(6, 29), timedelta(minutes=1)),
        (at(6, 30), timedelta(0)),
        (at(12, 15), timedelta(minutes=45)),
        (at(21, 59), timedelta(0)),
    ],
)
def test_a_window_may_go_past_midnight(now: datetime, stays: timedelta) -> None:
    assert left((NIGHT, NOON), now) == stays


def test_without_windows_it_is_always_open() -> None:
    assert left((), at(3)) is None
    assert opens_in((), at(3)) == timedelta(0)
    assert longest_closed(()) == timedelta(0)


def test_the_next_one_opens_first() -> None:
    assert opens_in((NIGHT, NOON), at(7)) == timedelta(hours=5)
    assert opens_in((NIGHT, NOON), at(14)) == timedelta(hours=8)
    assert longest_closed((NIGHT, NOON)) == timedelta(hours=9)


@given(windows)
def test_parsing_takes_what_is_written(window: Window) -> None:
    assert parse_window(str(window)) == window


@given(st.lists(windows, min_size=1, max_size=4), moments)
def test_what_is_closed_opens_when_it_says_and_no_later_than_the_longest(
    some: list[Window], now: datetime
) -> None:
    wait = opens_in(some, now)

    assert wait <= longest_closed(some) < DAY
    assert left(some, now + wait)
    assert (wait > timedelta(0)) == (left(some, now) == timedelta(0))


@pytest.mark.parametrize("text", ["", "22-06", "24:00-01:00", "10:00-10:00", 7, "1:00-2:00"])
def test_what_is_no_window_is_told(text: object) -> None:
    with pytest.raises(ValueError, match=r"write it like|leave `windows` out"):
        parse_window(text)
