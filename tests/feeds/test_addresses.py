import json
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.addresses import (
    MAX_MIRRORS,
    MAX_MIRRORS_BYTES,
    Address,
    MirrorList,
    mirrors_json,
    parse_mirrors_json,
)
from feeds.errors import InvalidAddressError
from tests.feeds.feed_examples import ADDRESSES

UPDATED = datetime(2026, 2, 1, 8, 30, tzinfo=UTC)
ENCODED = mirrors_json("sample.example/mirror", UPDATED, ADDRESSES)

addresses = st.builds(
    Address,
    url=st.from_regex(
        r"https?://[a-z0-9]{3,9}\.example/([A-Za-z0-9_~-]{1,5}/){0,3}", fullmatch=True
    ),
    kind=st.sampled_from(["web", "onion", "i2p"]),
    since=st.dates(),
)


def test_the_file_holds_what_the_format_says() -> None:
    assert json.loads(ENCODED) == {
        "origin": "sample.example/mirror",
        "updated": "2026-02-01T08:30:00Z",
        "mirrors": [
            {"url": "https://one.example/x7k2/", "kind": "web", "since": "2026-01-01"},
            {"url": ADDRESSES[1].url, "kind": "onion", "since": "2026-02-01"},
        ],
    }


@given(
    st.text(st.characters(codec="utf-8"), min_size=1).filter(str.isprintable),
    st.datetimes(datetime(1, 1, 1), datetime(9999, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001  # the zone is given beside
    st.lists(addresses, max_size=6, unique_by=lambda address: address.url),
)
def test_parse_undoes_encode(origin: str, updated: datetime, mirrors: list[Address]) -> None:
    listed = MirrorList(
        origin=origin, updated=updated.replace(microsecond=0), mirrors=tuple(mirrors)
    )

    assert parse_mirrors_json(listed.encode()) == listed


@given(st.binary(max_size=200))
def test_parse_takes_nothing_else(data: bytes) -> None:
    with pytest.raises(InvalidAddressError):
        parse_mirrors_json(data)


@pytest.mark.parametrize(
    "data",
    [
        ENCODED + b"\n",
        ENCODED.replace(b"\n", b"\r\n"),
        ENCODED.replace(b'"kind"', b'"more": 1,\n      "kind"', 1),
        ENCODED.replace(b"2026-01-01", b"20260101"),
        ENCODED.replace(b"2026-02-01T08:30:00Z", b"2026-02-01T8:30:00Z"),
        ENCODED.replace(b"one.example", b"\\u006fne.example"),
        ENCODED.replace(b'"web"', b'"Web"'),
        ENCODED.replace(b"https://one", b"javascript://one"),
        b"[" * 100_000,
        b"null",
        b"[]",
        b'{"origin": 1, "updated": 2, "mirrors": 3}',
        b" " * (MAX_MIRRORS_BYTES + 1),
    ],
)
def test_anything_but_the_one_encoding_is_refused(data: bytes) -> None:
    with pytest.raises(InvalidAddressError):
        parse_mirrors_json(data)


def test_an_address_twice_is_refused() -> None:
    with pytest.raises(InvalidAddressError, match="twice"):
        mirrors_json("o.example/m", UPDATED, (ADDRESSES[0], ADDRESSES[0]))


def test_too_many_mirrors_are_refused_and_the_most_allowed_fit() -> None:
    many = tuple(
        Address(url=f"https://m{n}.example/{'p' * 40}/", kind="web", since=date(2026, 1, 1))
        for n in range(MAX_MIRRORS + 1)
    )

    assert len(mirrors_json("o.example/m", UPDATED, many[:-1])) < MAX_MIRRORS_BYTES
    with pytest.raises(InvalidAddressError, match="over 500"):
        mirrors_json("o.example/m", UPDATED, many)


@pytest.mark.parametrize(
    "updated",
    [datetime(2026, 2, 1), datetime(2026, 2, 1, microsecond=1, tzinfo=UTC)],  # noqa: DTZ001  # what is refused
)
def test_a_time_that_is_not_utc_in_whole_seconds_is_refused(updated: datetime) -> None:
    with pytest.raises(InvalidAddressError, match="UTC"):
        mirrors_json("o.example/m", updated, ())


def test_an_origin_of_two_lines_is_refused() -> None:
    with pytest.raises(InvalidAddressError, match="one line"):
        mirrors_json("a\nb", UPDATED, ())
