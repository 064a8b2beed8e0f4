import gzip
import zlib

import brotli  # type: ignore[import-untyped]  # has no types
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mirror.source.encoding import PIECE, EncodingError, decoder
from tests.source.hostile_server import bomb


def raw_deflate(data: bytes) -> bytes:
    deflate = zlib.compressobj(wbits=-15)
    return deflate.compress(data) + deflate.flush()


ENCODERS = {
    "gzip": gzip.compress,
    "x-gzip": lambda data: gzip.compress(data[:3]) + gzip.compress(data[3:]),
    "GZIP ": gzip.compress,
    "deflate": zlib.compress,
    "Deflate": raw_deflate,
    "br": brotli.compress,
    "identity": bytes,
    "": bytes,
}


@given(st.sampled_from(sorted(ENCODERS)), st.binary(max_size=2_000), st.integers(1, 300))
def test_decoding_undoes_encoding_however_it_is_cut(name: str, data: bytes, step: int) -> None:
    encoded = ENCODERS[name](data)
    undo = decoder(name)

    pieces = [
        piece for at in range(0, len(encoded), step) for piece in undo.feed(encoded[at : at + step])
    ]

    undo.finish() if encoded else None
    assert b"".join(pieces) == data


@pytest.mark.parametrize("name", ["gzip", "deflate", "br"])
def test_a_bomb_is_unpacked_piece_by_piece(name: str) -> None:
    sizes = [
        len(piece) for piece, _ in zip(decoder(name).feed(bomb(name)), range(20), strict=False)
    ]

    assert max(sizes) <= 2 * PIECE


@pytest.mark.parametrize("name", ["gzip", "deflate", "br"])
def test_a_body_that_breaks_off_is_noticed(name: str) -> None:
    whole = ENCODERS[name](b"news " * 5_000)
    undo = decoder(name)

    list(undo.feed(whole[:-5]))

    with pytest.raises(EncodingError, match="broke off"):
        undo.finish()


@pytest.mark.parametrize("name", ["gzip", "br"])
def test_what_is_not_encoded_so_is_refused(name: str) -> None:
    with pytest.raises(EncodingError, match="claims"):
        list(decoder(name).feed(b"<html>plain</html>" * 10))


@pytest.mark.parametrize("name", ["zstd", "gzip, gzip", "compress", "gzip;q=1"])
def test_what_was_not_asked_for_is_refused(name: str) -> None:
    with pytest.raises(EncodingError, match="not asked for"):
        decoder(name)
