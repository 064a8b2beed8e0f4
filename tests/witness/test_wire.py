"""The bytes that travel to a witness and back."""

from contextlib import suppress

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from keys.note import Note, Signature
from mirror.witness.errors import MalformedError
from mirror.witness.wire import (
    Request,
    encode_answer,
    encode_size,
    parse_answer,
    parse_size,
)
from tests.witness.world import KEY, LOG, Tree

GOOD = Tree(9).request(5, 9)
HASHES = st.lists(st.binary(min_size=32, max_size=32), max_size=63)


@given(old=st.integers(0, 2**63 - 1), proof=HASHES)
def test_parse_undoes_encode(old: int, proof: list[bytes]) -> None:
    request = Request(old, tuple(proof), GOOD.note)

    assert Request.parse(request.encode()) == request


@given(st.binary(max_size=300))
@example(b"")
@example(b"old 0\n\n")
@example(b"old 00\n\nx\n1\nAAAA\n\n- x AAAA\n")
def test_parse_takes_only_what_encode_writes(data: bytes) -> None:
    with suppress(MalformedError):
        assert Request.parse(data).encode() == data


@given(at=st.integers(0, 10_000), byte=st.integers(0, 255))
def test_a_changed_request_is_another_or_none(at: int, byte: int) -> None:
    data = bytearray(GOOD.encode())
    data[at % len(data)] = byte
    with suppress(MalformedError):
        assert Request.parse(bytes(data)).encode() == bytes(data)


def test_the_form_is_that_of_the_specification() -> None:
    lines = GOOD.encode().decode().split("\n")

    assert lines[0] == "old 5"
    assert lines[1 + len(GOOD.proof)] == ""
    assert lines[2 + len(GOOD.proof)] == "news.example/mirror"


def test_more_than_63_hashes_and_short_hashes_are_refused() -> None:
    with pytest.raises(MalformedError, match="63"):
        Request(1, (bytes(32),) * 64, GOOD.note)
    with pytest.raises(MalformedError, match="32 bytes"):
        Request(1, (bytes(31),), GOOD.note)
    with pytest.raises(MalformedError):
        Request.parse(GOOD.encode().replace(b"\n\n", b"\n" + b"A" * 43 + b"=\n" * 64 + b"\n", 1))


@given(st.integers(0, 2**63 - 1))
def test_a_size_comes_back(size: int) -> None:
    assert parse_size(encode_size(size)) == size


@given(st.binary(max_size=40))
@example(b"07\n")
@example(b"7")
def test_only_a_size_is_a_size(data: bytes) -> None:
    with suppress(MalformedError):
        assert encode_size(parse_size(data)) == data


@given(st.binary(max_size=200))
def test_only_signature_lines_are_an_answer(data: bytes) -> None:
    with suppress(MalformedError):
        assert encode_answer(*parse_answer(data)) == data


def test_an_answer_comes_back() -> None:
    lines: tuple[Signature, ...] = (KEY.cosign(GOOD.note.text, 7), LOG.sign(GOOD.note.text))

    assert parse_answer(encode_answer(*lines)) == lines
    assert Note(GOOD.note.text, lines) == Note.parse(
        GOOD.note.text.encode() + b"\n" + encode_answer(*lines)
    )
