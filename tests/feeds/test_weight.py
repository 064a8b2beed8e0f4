import gzip

from hypothesis import given
from hypothesis import strategies as st

from feeds.weight import HEADERS, LIMIT, fits, gzip_size, on_wire, picture_on_wire

BODY = st.builds(
    lambda text, times: (text * times).encode(),
    st.text(st.characters(exclude_categories=["Cs"])),
    st.integers(1, 3_000),
)


@given(BODY)
def test_weight_is_that_of_gzip_6(body: bytes) -> None:
    assert gzip_size(body) == len(gzip.compress(body, 6))
    assert on_wire(body) == HEADERS + gzip_size(body)


@given(BODY, st.integers(0, 4_000))
def test_what_is_said_to_fit_fits(body: bytes, picture: int) -> None:
    weight = on_wire(body) + picture_on_wire(picture)

    assert fits(body, picture) == (weight <= LIMIT)


def test_text_that_packs_badly_is_not_waved_through() -> None:
    hard = "".join(chr(0x4E00 + number * 7_919 % 20_000) for number in range(5_000)).encode()

    for length in range(3_000, 15_000, 300):
        body = hard[:length]
        assert fits(body) == (on_wire(body) <= LIMIT)


def test_only_a_small_picture_counts() -> None:
    assert picture_on_wire(3_000) == HEADERS + 3_000
    assert picture_on_wire(90_000) == 0
    assert picture_on_wire(0) == 0
