import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from keys.checkpoint import Checkpoint
from keys.errors import FormatError, NoteError, ProofError
from keys.merkle import inclusion_proof
from keys.note import Kind, Note, SigningKey, verify_note
from keys.proof import MAX_PROOF_BYTES, OfflineProof
from keys.tiles import tile_reader
from tests.keys.trees import entries, tree_of

LOG = SigningKey("news.example/mirror", Kind.ED25519, bytes(32))
CLOCK = SigningKey("news.example/clock", Kind.COSIGNATURE, bytes([1] * 32))
SIZE, INDEX = 5_000, 1_234
ENTRY = entries(1, INDEX)[0]
PATH = ENTRY.decode().split("  ")[1].strip()


def _head() -> bytes:
    text = Checkpoint(LOG.name, SIZE, TREE.root).encode()
    return Note(text, (LOG.sign(text), CLOCK.cosign(text, 1_700_000_000))).encode()


TREE = tree_of(SIZE)
PROOF = OfflineProof(
    PATH, INDEX, inclusion_proof(INDEX, SIZE, tile_reader(SIZE, TREE.read)), _head()
)


def test_a_proof_shows_its_own_entry_and_no_other() -> None:
    proof = OfflineProof.parse(PROOF.encode())

    proof.check(ENTRY)
    with pytest.raises(ProofError):
        proof.check(entries(1, INDEX + 1)[0])


def test_a_proof_is_small_and_looks_as_specified() -> None:
    lines = PROOF.encode().decode().split("\n")

    assert len(PROOF.encode()) < 1_200
    assert lines[0] == "c2sp.org/tlog-proof@v1"
    assert lines[1].startswith("extra ")
    assert lines[2] == "index 1234"
    assert lines[3 + len(PROOF.hashes)] == ""
    assert "\n".join(lines[4 + len(PROOF.hashes) :]).encode() == PROOF.checkpoint


def test_the_only_entry_of_a_log_needs_no_hash() -> None:
    tree = tree_of(1)
    text = Checkpoint(LOG.name, 1, tree.root).encode()
    proof = OfflineProof("a/x", 0, (), Note(text, (LOG.sign(text),)).encode())

    assert OfflineProof.parse(proof.encode()) == proof
    proof.check(entries(1)[0])


@given(
    st.from_regex(r"[A-Za-z0-9._/-]{1,200}", fullmatch=True),
    st.integers(0, SIZE - 1),
    st.lists(st.binary(min_size=32, max_size=32), max_size=63),
)
def test_parse_undoes_encode(path: str, index: int, hashes: list[bytes]) -> None:
    proof = OfflineProof(path, index, tuple(hashes), PROOF.checkpoint)

    assert OfflineProof.parse(proof.encode()) == proof


@given(st.binary(max_size=300))
@example(b"c2sp.org/tlog-proof@v1\nextra YQ==\nindex 0\n\n")
@example(b"c2sp.org/tlog-proof@v1\nindex 0\n\n" + PROOF.checkpoint)
@example(b"c2sp.org/tlog-proof@v1\nextra YQ==\nindex 00\n\n" + PROOF.checkpoint)
@example(b"c2sp.org/tlog-proof@v1\nextra YR==\nindex 0\n\n" + PROOF.checkpoint)
@example(b"c2sp.org/tlog-proof@v1\nextra w6k=\nindex 0\n\n" + PROOF.checkpoint)
@example(b"c2sp.org/tlog-proof@v1\nextra /w==\nindex 0\n\n" + PROOF.checkpoint)
@example(b"c2sp.org/tlog-proof@v1\nextra YQ==\nindex 5000\n\n" + PROOF.checkpoint)
@example(b"c2sp.org/tlog-proof@v1\nextra YQ==\nindex 0\nAAAA\n\n" + PROOF.checkpoint)
@example(PROOF.encode() + b"\n")
@example(PROOF.encode() + b" ")
@example(PROOF.encode().replace(b"\n", b"\r\n"))
@example(b"x" * (MAX_PROOF_BYTES + 1))
def test_what_is_no_proof_is_refused(data: bytes) -> None:
    with pytest.raises(ProofError):
        OfflineProof.parse(data)


@pytest.mark.parametrize(
    ("path", "index", "hashes"),
    [
        ("", 0, 0),
        ("a b", 0, 0),
        ("é", 0, 0),
        ("a" * 201, 0, 0),
        ("a", -1, 0),
        ("a", SIZE, 0),
        ("a", 0, 64),
    ],
)
def test_an_impossible_proof_cannot_be_made(path: str, index: int, hashes: int) -> None:
    with pytest.raises(ProofError):
        OfflineProof(path, index, (bytes(32),) * hashes, PROOF.checkpoint)


@given(st.integers(0, len(PROOF.encode()) - 1), st.integers(1, 255))
def test_a_proof_with_one_other_byte_never_holds_as_before(at: int, flip: int) -> None:
    data = bytearray(PROOF.encode())
    data[at] ^= flip

    try:
        proof = OfflineProof.parse(bytes(data))
        proof.check(ENTRY)
        found = verify_note(proof.note, [LOG.verifier, CLOCK.verifier])
    except FormatError:
        return
    # The path is only a claim; and a line may now bear an unknown name.
    assert proof.path != PATH or len(found) < 2


def test_a_head_that_is_no_checkpoint_is_no_part_of_a_proof() -> None:
    note = Note("hello\n", (LOG.sign("hello\n"),)).encode()

    with pytest.raises(ProofError, match="head in it is unreadable") as raised:
        OfflineProof("a", 0, (), note)
    assert isinstance(raised.value.__cause__, NoteError)
