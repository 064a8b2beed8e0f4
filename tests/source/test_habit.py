from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from mirror.config import SourceConfig
from mirror.source.habit import Habit
from mirror.source.rhythm import LONGEST_BACKOFF, wait
from mirror.source.state import SourceState

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def source(**given: str) -> SourceConfig:
    return SourceConfig.model_validate({"name": "news", "url": "https://news.example/rss", **given})


def every(gap: timedelta, times: int, until: datetime = NOW) -> Habit:
    """The habit of a source that brought something ``times``, the last time at ``until``."""
    habit = Habit()
    for number in reversed(range(times)):
        moment = until - number * gap
        habit = habit.after([moment], moment)
    return habit


def weekdays(weeks: int) -> Habit:
    """Each hour from 9 to 18 on working days; the last moment is a Friday evening."""
    habit = Habit()
    friday = datetime(2026, 1, 2, 18, tzinfo=UTC)
    for day in reversed(range(7 * weeks)):
        for hour in reversed(range(10)):
            moment = friday - day * DAY - hour * HOUR
            if moment.weekday() < 5:
                habit = habit.after([moment], moment)
    return habit


def test_a_source_that_publishes_often_is_asked_more_often_within_its_bounds() -> None:
    assert wait(source(), SourceState(), NOW) == 10 * MINUTE
    assert wait(source(), SourceState(habit=every(20 * MINUTE, 30)), NOW) == 5 * MINUTE
    assert wait(source(), SourceState(habit=every(MINUTE, 30)), NOW) == 2 * MINUTE
    assert wait(source(), SourceState(habit=every(DAY, 30)), NOW) == 10 * MINUTE


def test_at_night_it_is_asked_as_rarely_as_the_operator_set() -> None:
    state = SourceState(habit=every(MINUTE, 100))

    assert wait(source(), state, NOW + 20 * MINUTE) == 5 * MINUTE
    assert wait(source(), state, NOW + 5 * HOUR) == 10 * MINUTE


def test_the_operator_can_switch_it_off() -> None:
    state = SourceState(habit=every(MINUTE, 100))

    assert wait(source(min_interval="10m"), state, NOW) == 10 * MINUTE
    assert wait(source(interval="1s"), state, NOW) == timedelta(seconds=1)


def test_where_a_hub_tells_of_news_nothing_is_asked_more_often() -> None:
    state = SourceState(habit=every(MINUTE, 100))

    assert wait(source(), state, NOW, is_told=True) == 10 * MINUTE


def test_an_answer_that_holds_for_a_while_is_not_asked_for_before_but_in_each_interval() -> None:
    state = SourceState(habit=every(MINUTE, 100))

    assert wait(source(), state, NOW, fresh_for=5 * MINUTE) == 5 * MINUTE
    assert wait(source(), state, NOW, fresh_for=DAY) == 10 * MINUTE


def test_failures_make_it_wait_twice_as_long_each_time_up_to_an_hour() -> None:
    waits = [wait(source(), SourceState(failures=number), NOW) for number in (1, 2, 3, 4, 90)]

    assert waits == [10 * MINUTE, 20 * MINUTE, 40 * MINUTE, LONGEST_BACKOFF, LONGEST_BACKOFF]
    assert wait(source(interval="2h"), SourceState(failures=9), NOW) == 2 * HOUR


def test_what_the_source_asked_for_counts_more() -> None:
    state = SourceState(failures=1, not_before=NOW + 3 * HOUR)

    assert wait(source(), state, NOW) == 3 * HOUR


def test_one_that_is_gone_is_never_asked_again() -> None:
    assert wait(source(), SourceState().ended(), NOW) is None


@given(
    st.lists(st.none() | st.datetimes(timezones=st.just(UTC)), max_size=20),
    st.datetimes(timezones=st.just(UTC)),
    st.timedeltas(timedelta(0), 10 * DAY),
    st.integers(0, 99),
)
def test_whatever_it_told_it_is_asked_within_the_bounds(
    told: list[datetime | None], now: datetime, fresh_for: timedelta, failures: int
) -> None:
    state = SourceState(habit=Habit().after(told, now), failures=failures)

    pause = wait(source(), state, now, fresh_for=fresh_for)

    assert pause is not None
    assert 2 * MINUTE <= pause <= (LONGEST_BACKOFF if failures else 10 * MINUTE)


def test_a_first_feed_tells_the_habit_by_its_dates() -> None:
    habit = Habit().after([NOW - number * HOUR for number in range(50)], NOW)

    assert (habit.times, habit.gap_s, habit.last) == (50, 3_600, NOW)


def test_a_silence_against_the_habit_is_known_after_a_week() -> None:
    assert every(HOUR, 20).silent_for(NOW + 5 * DAY) is None  # it is known for less than a day
    assert every(HOUR, 200).silent_for(NOW + 23 * HOUR) is None
    assert every(HOUR, 200).silent_for(NOW + 25 * HOUR) == 25 * HOUR
    assert every(DAY, 30).silent_for(NOW + 2 * DAY) is None
    assert every(DAY, 30).silent_for(NOW + 4 * DAY) == 4 * DAY


def test_nights_and_weekends_are_part_of_a_habit() -> None:
    habit = weekdays(weeks=3)
    friday = datetime(2026, 1, 2, 18, tzinfo=UTC)

    assert habit.last == friday
    assert habit.silent_for(friday + 3 * DAY) is None
    assert habit.silent_for(friday + 9 * DAY) == 9 * DAY


def test_a_long_silence_of_long_ago_is_forgotten() -> None:
    holidays = every(HOUR, 200, NOW - 70 * DAY)
    later = holidays
    for number in reversed(range(24 * 60)):
        moment = NOW - number * HOUR
        later = later.after([moment], moment)

    assert later.longest_s < DAY.total_seconds()
    assert later.silent_for(NOW + 2 * DAY) == 2 * DAY


def test_an_old_article_told_anew_is_a_sign_of_life() -> None:
    habit = every(HOUR, 10).after([NOW - 30 * DAY], NOW + HOUR)

    assert habit.last == NOW + HOUR
