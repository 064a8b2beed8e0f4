import pytest
from hypothesis import given
from hypothesis import strategies as st

from keys import minisign
from keys.errors import BadSignatureError, FormatError, NoteError
from keys.minisign import Minisig
from keys.note import Kind, SigningKey
from tests.keys.rings import LOG, NEW_LOG, tree_at

TEXT = tree_at(5).encode()
DATA = minisign.sign(LOG, TEXT).encode()

comments = st.text(st.characters(categories=["L", "N", "P", "S"]) | st.sampled_from(" \t"))
signatures = st.binary(min_size=64, max_size=64)


def test_the_heads_signature_is_that_of_its_note() -> None:
    minisig = Minisig.parse(DATA)

    assert minisig.signature == LOG.sign(TEXT).payload
    assert minisig.trusted == ""
    assert minisign.to_note_line(minisig, TEXT, LOG.verifier) == LOG.sign(TEXT)
    minisign.check_head(DATA, TEXT, LOG.verifier)


def test_another_heads_or_keys_signature_is_false() -> None:
    with pytest.raises(BadSignatureError):
        minisign.check_head(DATA, tree_at(6).encode(), LOG.verifier)
    with pytest.raises(FormatError):
        minisign.check_head(DATA, TEXT, NEW_LOG.verifier)


@pytest.mark.parametrize(
    "data",
    [
        DATA.replace(b"untrusted comment: ", b"untrusted comment: call this number "),
        DATA.replace(b"\ntrusted comment: ", b"\ntrusted comment: x"),
        b"".join(DATA.splitlines(keepends=True)[:2]),
    ],
)
def test_nobody_can_add_words_to_a_heads_signature(data: bytes) -> None:
    with pytest.raises(FormatError):
        minisign.check_head(data, TEXT, LOG.verifier)


def test_a_changed_trusted_comment_is_false() -> None:
    minisig = Minisig.parse(DATA.replace(b"\ntrusted comment: ", b"\ntrusted comment: x"))

    with pytest.raises(BadSignatureError):
        minisig.verify(TEXT.encode(), LOG.verifier)


def test_the_key_number_begins_with_the_notes_key_id() -> None:
    assert minisign.key_number(LOG.verifier)[:4] == LOG.verifier.key_id
    assert minisign.public_line(LOG.verifier).startswith("RW")


@given(st.binary(min_size=32, max_size=32), st.none() | st.binary(min_size=8, max_size=8))
def test_a_public_key_is_read_back_from_file_and_line(seed: bytes, number: bytes | None) -> None:
    key = SigningKey("news.example/root", Kind.ED25519, seed).verifier

    assert minisign.read_public(minisign.public_file(key, number), key.name) == key
    assert minisign.read_public(minisign.public_line(key, number).encode(), key.name) == key


@pytest.mark.parametrize("data", [b"", b"\n", b"RW", b"\xff\n", b"A" * 56 + b"\n", b"x" * 9_000])
def test_what_is_no_public_key_is_refused(data: bytes) -> None:
    with pytest.raises(NoteError):
        minisign.read_public(data, "x")


@given(
    st.builds(
        Minisig, comments, st.binary(min_size=8, max_size=8), signatures, comments, signatures
    )
    | st.builds(Minisig, comments, st.binary(min_size=8, max_size=8), signatures)
)
def test_parse_undoes_encode(minisig: Minisig) -> None:
    assert Minisig.parse(minisig.encode()) == minisig


@given(
    st.binary(max_size=300)
    | st.lists(st.sampled_from(DATA.splitlines(keepends=True))).map(b"".join)
)
def test_parse_takes_only_what_encode_writes(data: bytes) -> None:
    try:
        minisig = Minisig.parse(data)
    except NoteError:
        return
    assert minisig.encode() == data


@pytest.mark.parametrize(
    "data",
    [
        DATA[:-1],
        DATA + b"\n",
        DATA.replace(b"\n", b"\r\n"),
        DATA.replace(b"\ntrusted comment:", b"\ncomment:"),
        DATA.replace(b"untrusted comment: news", b"untrusted comment: \x1b[31m"),
        DATA.replace(b"RW", b"RX", 1),
        DATA.replace(b"RW", b"R", 1),
        b"\xff" + DATA,
        b"x" * 9_000,
    ],
)
def test_what_is_no_signature_file_is_refused(data: bytes) -> None:
    with pytest.raises(NoteError):
        Minisig.parse(data)


def test_a_signature_cut_short_cannot_be_made() -> None:
    for number, signature, trusted, second in (
        (b"short", bytes(64), None, b""),
        (bytes(8), bytes(63), None, b""),
        (bytes(8), bytes(64), "", b""),
        (bytes(8), bytes(64), None, bytes(64)),
    ):
        with pytest.raises(NoteError, match="cut short"):
            Minisig("", number, signature, trusted, second)


@given(st.integers(0, len(DATA) - 1), st.integers(1, 255))
def test_a_signature_file_with_one_other_byte_is_never_accepted(at: int, flip: int) -> None:
    data = bytearray(DATA)
    data[at] ^= flip

    with pytest.raises(FormatError):
        minisign.check_head(bytes(data), TEXT, LOG.verifier)
