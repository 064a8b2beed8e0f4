import base64

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from keys.checkpoint import Checkpoint
from keys.errors import BadSignatureError, FormatError, NoteError
from keys.merkle import EMPTY_ROOT, leaf_hash
from keys.note import Kind, Note, Signature, SigningKey, Verified, VerifierKey, verify_note

LOG = SigningKey("news.example/mirror", Kind.ED25519, bytes(32))
CLOCK = SigningKey("news.example/clock", Kind.COSIGNATURE, bytes([1] * 32))
TEXT = Checkpoint("news.example/mirror", 3, leaf_hash(b"x")).encode()
HEAD = Note(TEXT).with_signatures(LOG.sign(TEXT), CLOCK.cosign(TEXT, 1_700_000_000))

names = st.text(
    st.characters(exclude_categories=["C", "Z"], exclude_characters="+"), min_size=1, max_size=40
)
texts = st.text(
    st.characters(exclude_categories=["Cs"], min_codepoint=0x20) | st.just("\n"), max_size=200
).map(lambda text: f"{text}\n")
signatures = st.builds(
    Signature, names, st.binary(min_size=4, max_size=4), st.binary(min_size=1, max_size=100)
)
notes = st.builds(Note, texts, st.lists(signatures, min_size=1, max_size=20).map(tuple))


def test_a_head_bears_the_log_and_the_time_of_its_witness() -> None:
    found = verify_note(Note.parse(HEAD.encode()), [CLOCK.verifier, LOG.verifier])

    assert found == (Verified(LOG.verifier, None), Verified(CLOCK.verifier, 1_700_000_000))


def test_a_cosignature_is_made_over_time_and_text() -> None:
    time, signature = 7, CLOCK.cosign(TEXT, 7).payload[8:]

    assert CLOCK.cosign(TEXT, 7).payload[:8] == time.to_bytes(8, "big")
    assert CLOCK.verifier.accepts(signature, f"cosignature/v1\ntime 7\n{TEXT}".encode())


def test_lines_of_unknown_keys_are_ignored_even_with_a_known_name_or_id() -> None:
    same_name = Signature(LOG.name, b"none", b"anything")
    same_id = Signature("other.example", LOG.verifier.key_id, b"anything")
    note = HEAD.with_signatures(same_name, same_id)

    assert verify_note(note, [LOG.verifier]) == (Verified(LOG.verifier, None),)


def test_a_false_line_of_a_known_key_rejects_the_whole_note() -> None:
    false = Signature(LOG.name, LOG.verifier.key_id, bytes(64))
    note = Note(TEXT, (*HEAD.signatures, false))

    with pytest.raises(BadSignatureError, match=r"news\.example/mirror is false"):
        verify_note(note, [LOG.verifier])


def test_where_a_witness_signed_twice_its_later_time_counts() -> None:
    note = Note(TEXT, (CLOCK.cosign(TEXT, 9), CLOCK.cosign(TEXT, 5)))

    assert verify_note(note, [CLOCK.verifier]) == (Verified(CLOCK.verifier, 9),)


def test_a_new_line_takes_the_place_of_the_same_keys_old_one() -> None:
    newer = HEAD.with_signatures(CLOCK.cosign(TEXT, 1_700_000_500))

    assert [line.name for line in newer.signatures] == [LOG.name, CLOCK.name]
    assert verify_note(newer, [CLOCK.verifier])[0].time == 1_700_000_500


def test_sixteen_large_signatures_fit() -> None:
    lines = tuple(Signature(f"w{n}.example", b"abcd", bytes(2_432)) for n in range(16))

    assert Note.parse(Note(TEXT, lines).encode()).signatures == lines


def test_the_text_ends_at_the_last_empty_line() -> None:
    note = Note("a\n\nb\n", (LOG.sign("a\n\nb\n"),))

    assert Note.parse(note.encode()) == note
    assert Note.parse(note.encode()).text == "a\n\nb\n"


def test_a_cosignature_is_no_signature_and_the_other_way_round() -> None:
    as_log = SigningKey("x", Kind.ED25519, bytes(32))
    as_witness = SigningKey("x", Kind.COSIGNATURE, bytes(32))

    assert as_log.verifier.key_id != as_witness.verifier.key_id
    with pytest.raises(NoteError, match="signs ED25519, not COSIGNATURE"):
        as_log.cosign(TEXT, 1)
    with pytest.raises(NoteError, match="signs COSIGNATURE, not ED25519"):
        as_witness.sign(TEXT)


@pytest.mark.parametrize("time", [-1, 2**63])
def test_no_witness_signs_an_impossible_time(time: int) -> None:
    with pytest.raises(NoteError, match="is not a time"):
        CLOCK.cosign(TEXT, time)


def test_a_cosignature_from_beyond_all_time_is_false() -> None:
    time = 2**63
    signature = CLOCK.sign_bytes(f"cosignature/v1\ntime {time}\n{TEXT}".encode())
    line = Signature(CLOCK.name, CLOCK.verifier.key_id, time.to_bytes(8, "big") + signature)

    with pytest.raises(BadSignatureError):
        verify_note(Note(TEXT, (line,)), [CLOCK.verifier])


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"text\n",
        b"text\n\n",
        b"text\n\n\xe2\x80\x94 a AAAAAAA=",
        b"text\n\n- a AAAAAAA=\n",
        b"text\n\n\xe2\x80\x94 a AAAAAA==\n",
        b"text\n\n\xe2\x80\x94 a AAAAAAA=\n\n",
        b"text\n\n\xe2\x80\x94 a AAAAAAB=\n",  # not the canonical base64 of its bytes
        b"text\n\n\xe2\x80\x94 a AAAAAA\n",
        b"text\n\n\xe2\x80\x94  AAAAAAA=\n",
        b"text\n\n\xe2\x80\x94 a+b AAAAAAA=\n",
        b"te\txt\n\n\xe2\x80\x94 a AAAAAAA=\n",
        b"te\rxt\n\n\xe2\x80\x94 a AAAAAAA=\n",
        b"te\xffxt\n\n\xe2\x80\x94 a AAAAAAA=\n",
        b"te\xed\xa0\x80xt\n\n\xe2\x80\x94 a AAAAAAA=\n",
        b"a" * 65_536 + b"\n\n\xe2\x80\x94 a AAAAAAA=\n",
        b"text\n\n" + b"\xe2\x80\x94 a AAAAAAA=\n" * 65,
    ],
)
def test_what_is_no_note_is_refused(data: bytes) -> None:
    with pytest.raises(NoteError):
        Note.parse(data)


def test_a_note_that_nobody_would_read_is_not_written() -> None:
    with pytest.raises(NoteError, match="larger than 65536 bytes"):
        LOG.sign("x" * 65_536 + "\n")
    with pytest.raises(NoteError, match="larger than 65536 bytes"):
        Note(TEXT, (Signature("w", b"abcd", bytes(60_000)),)).encode()


def test_a_checkpoint_has_a_possible_size() -> None:
    for size in (-1, 2**63):
        with pytest.raises(NoteError, match="is no size of a log"):
            Checkpoint("o", size, bytes(32))


def test_an_unsigned_text_is_not_written_as_a_note() -> None:
    with pytest.raises(NoteError, match="nobody has signed"):
        Note(TEXT).encode()


@pytest.mark.parametrize("text", ["", "no end", "tab\t\n", "lone \ud800\n"])
def test_what_is_no_text_of_a_note_is_never_signed(text: str) -> None:
    with pytest.raises(NoteError):
        LOG.sign(text)


@pytest.mark.parametrize(
    "name", ["", "a b", "a+b", "a\u2003b", "a\x7f", "a\n", "x" * 256, "\ud800"]
)
def test_a_key_name_has_no_space_no_plus_and_no_control_character(name: str) -> None:
    with pytest.raises(NoteError):
        VerifierKey(name, Kind.ED25519, bytes(32))


def test_a_verifier_key_has_one_text() -> None:
    text = str(LOG.verifier)
    name, key_id, encoded = text.split("+", 2)
    longer = base64.b64encode(base64.b64decode(encoded) + b"x").decode()

    assert VerifierKey.parse(text) == LOG.verifier
    for other in (
        text.upper(),
        f" {text}",
        f"{text}\n",
        f"{name}+{key_id}",
        f"{name}+{key_id}+",
        f"{name}+{key_id}+{longer}",
        f"{name}+00000000+{encoded}",
        f"{name}+{key_id.upper()}+{encoded}",
        f"x{text}",
    ):
        with pytest.raises(NoteError):
            VerifierKey.parse(other)


def test_a_key_of_a_kind_that_we_do_not_know_is_refused() -> None:
    with pytest.raises(NoteError, match="not a verifier key"):
        VerifierKey.parse(f"x+00000000+{base64.b64encode(bytes([2] * 33)).decode()}")


def test_a_secret_key_does_not_show_its_secret() -> None:
    key = SigningKey("x", Kind.ED25519, bytes(range(32)))

    assert key.seed == bytes(range(32))
    assert bytes(range(32)).hex() not in repr(key)
    assert repr(key) == f"<SigningKey {key.verifier}>"
    with pytest.raises(NoteError, match="32 bytes"):
        SigningKey("x", Kind.ED25519, b"short")


def test_every_generated_key_is_another() -> None:
    one, other = (SigningKey.generate("x", Kind.ED25519) for _ in range(2))

    assert one.verifier != other.verifier


@given(notes)
def test_parse_undoes_encode(note: Note) -> None:
    assert Note.parse(note.encode()) == note


@given(st.binary(max_size=200) | st.builds(bytes.__add__, st.just(b"t\n\n"), st.binary()))
@example(HEAD.encode())
def test_parse_takes_only_what_encode_writes(data: bytes) -> None:
    try:
        note = Note.parse(data)
    except NoteError:
        return
    assert note.encode() == data


@given(names, st.sampled_from(Kind), st.binary(min_size=32, max_size=32))
def test_a_key_is_read_back_from_its_text(name: str, kind: Kind, public: bytes) -> None:
    key = VerifierKey(name, kind, public)

    assert VerifierKey.parse(str(key)) == key


@given(st.text(max_size=120))
def test_a_key_is_read_only_from_its_own_text(text: str) -> None:
    try:
        key = VerifierKey.parse(text)
    except NoteError:
        return
    assert str(key) == text


@given(st.integers(0, len(HEAD.encode()) - 1), st.integers(1, 255))
def test_a_head_with_one_other_byte_never_verifies(at: int, flip: int) -> None:
    data = bytearray(HEAD.encode())
    data[at] ^= flip

    try:
        found = verify_note(Note.parse(bytes(data)), [LOG.verifier, CLOCK.verifier])
    except FormatError:
        return
    # What is left is a line that now bears a name or an id that nobody knows.
    assert len(found) < 2
    assert Note.parse(bytes(data)).text == TEXT


@given(st.integers(0, 2**63 - 1), st.binary(min_size=32, max_size=32), names)
def test_a_checkpoint_is_read_back(size: int, root: bytes, origin: str) -> None:
    tree = Checkpoint(origin, size, root if size else EMPTY_ROOT)

    assert Checkpoint.parse(tree.encode()) == tree


@given(st.text(max_size=100))
@example("o\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n")
@example(TEXT)
def test_a_checkpoint_is_read_only_from_its_own_text(text: str) -> None:
    try:
        tree = Checkpoint.parse(text)
    except NoteError:
        return
    assert tree.encode() == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        TEXT[:-1],
        f"{TEXT}extension\n",
        f"{TEXT}\n",
        TEXT.replace("\n3\n", "\n03\n"),
        TEXT.replace("\n3\n", "\n+3\n"),
        TEXT.replace("\n3\n", "\n٣\n"),
        TEXT.replace("\n3\n", "\n\n"),
        TEXT.replace("\n3\n", "\n0\n"),
        TEXT.replace("\n3\n", f"\n{2**63}\n"),
        TEXT.replace("=", ""),
        f"\n{TEXT}",
        TEXT.replace("news.example", "news example"),
        "o\n1\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n",
        "o\n1\nAAAA\n",
    ],
)
def test_what_is_no_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(NoteError):
        Checkpoint.parse(text)
