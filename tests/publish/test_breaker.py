"""When a mirror that fails is asked again."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from mirror.publish.breaker import FIRST, LONGEST, OPENS, SPREAD, Breaker

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


def after(failures: int) -> Breaker:
    breaker = Breaker()
    for _ in range(failures):
        breaker = breaker.failed(NOW, 0.5)
    return breaker


def test_what_never_failed_is_asked_at_once() -> None:
    assert Breaker().wait(NOW) == timedelta(0)
    assert not Breaker().is_open


def test_each_failure_doubles_the_wait_up_to_the_longest() -> None:
    waits = [after(count).wait(NOW) for count in (1, 2, 3, 4, 10, 1_000)]

    assert waits == [FIRST, 2 * FIRST, 4 * FIRST, 8 * FIRST, LONGEST, LONGEST]


def test_it_opens_after_some_failures_in_a_row() -> None:
    assert not after(OPENS - 1).is_open
    assert after(OPENS).is_open


def test_the_wait_ends() -> None:
    assert after(1).wait(NOW + FIRST) == timedelta(0)


@given(st.integers(0, 40), st.floats(0, 1))
def test_chance_moves_the_wait_within_its_bounds(failures: int, chance: float) -> None:
    middle = after(failures + 1).wait(NOW)

    wait = after(failures).failed(NOW, chance).wait(NOW)

    assert (1 - SPREAD) * middle <= wait <= (1 + SPREAD) * middle + timedelta(microseconds=2)
