from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from feeds.words import direction, reading_minutes, words_for

MOMENT = datetime(2026, 7, 3, 22, 5, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (1, "1 минута чтения"),
        (2, "2 минуты чтения"),
        (5, "5 минут чтения"),
        (11, "11 минут чтения"),
        (13, "13 минут чтения"),
        (21, "21 минута чтения"),
        (104, "104 минуты чтения"),
        (111, "111 минут чтения"),
    ],
)
def test_russian_plurals_are_right(number: int, text: str) -> None:
    assert words_for("ru").count("minutes", number) == text


def test_times_are_told_by_the_clock_of_the_zone() -> None:
    moscow = ZoneInfo("Europe/Moscow")

    assert words_for("en").time(MOMENT, UTC) == "3 July 2026, 22:05 UTC"
    assert words_for("en").time(MOMENT, moscow) == "4 July 2026, 01:05 MSK"
    assert words_for("ru").time(MOMENT, moscow) == "4 июля 2026, 01:05 MSK"
    assert words_for("en").time(MOMENT, timezone(timedelta(hours=3))).endswith("01:05 UTC+03:00")
    assert words_for("en").time(MOMENT, ZoneInfo("Asia/Tashkent")).endswith("03:05 UTC+05")


def test_a_heading_names_the_month_as_it_stands_alone() -> None:
    assert words_for("en").month(MOMENT) == "July 2026"
    assert words_for("ru").month(MOMENT) == "Июль 2026"


def test_the_first_known_language_is_used() -> None:
    assert words_for("ru-RU").language == "ru"
    assert words_for("ar", "ru").language == "ru"
    assert words_for("ar", "fa").language == "en"


def test_values_are_escaped_and_markup_is_not() -> None:
    words = words_for("en")

    assert "&lt;b&gt;" in words("here since", time="<b>")


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("en", "ltr"),
        ("ar", "rtl"),
        ("fa-IR", "rtl"),
        ("uz-Arab", "rtl"),
        ("he-Latn", "ltr"),
        ("ug", "rtl"),
    ],
)
def test_direction_follows_script_and_language(language: str, expected: str) -> None:
    assert direction(language) == expected


def test_reading_time_counts_words_and_signs() -> None:
    assert reading_minutes("word " * 10) == 1
    assert reading_minutes("word " * 1_000) == 5
    assert reading_minutes("字" * 2_250) == 5
