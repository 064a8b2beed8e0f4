from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mirror.extract.dates import parse_date

MOSCOW = ZoneInfo("Europe/Moscow")
NOON = datetime(2017, 4, 10, 11, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "2017-04-10T11:02:00Z",
        "2017-04-10T14:02:00+03:00",
        "2017-04-10T14:02:00.123+0300",
        "2017-04-10 14:02",
        "2017-04-10T14:02",
        "20170410T110200Z",
        "Mon, 10 Apr 2017 11:02:00 GMT",
        "Mon, 10 Apr 2017 14:02:00 +0300",
        "10 April 2017 14:02",
        "Monday, 10-Apr-17 11:02:00 UTC",
        "Mon, 10 Apr 2017 07:02:00 EDT",
        "1491822120",
        "1491822120000",
        " 2017-04-10T14:02:00 MSK",
    ],
)
def test_dates_are_read_as_the_web_writes_them(text: str) -> None:
    assert parse_date(text, MOSCOW) == NOON


@pytest.mark.parametrize(
    "text",
    [
        *("", "yesterday", "2017", "2017-13-40", "1970-01-01T00:00:00Z", "0001-01-01"),
        *("Mon, 10 Foo 2017", "9999-12-31T23:59:59-23:59", "2017-04-10T99:99", "12345"),
        "²²²²²²²²²²",
    ],
)
def test_what_is_no_date_is_none(text: str) -> None:
    assert parse_date(text) is None


@given(st.datetimes(min_value=datetime(1980, 1, 2), max_value=datetime(9998, 1, 1)))  # noqa: DTZ001 - made UTC below
def test_iso_dates_come_back(moment: datetime) -> None:
    moment = moment.replace(microsecond=0, tzinfo=UTC)

    assert parse_date(moment.isoformat()) == moment


@given(st.text(max_size=60))
def test_no_text_makes_it_fail(text: str) -> None:
    parse_date(text)
