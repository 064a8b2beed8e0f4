"""The verdict on one file, offline (format 4)."""

import base64
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.folder import FolderReader
from feeds.verify import Pin, Verdict, verify_file
from feeds.verify_file import MAX_SAVED_BYTES, put_pictures_back
from keys.checkpoint import Checkpoint
from keys.note import Note
from keys.standing import Ending, Former
from tests.feeds.tree import ORIGIN, SignedTree, article, key, picture

PATH, _ = article(1)


@pytest.fixture(scope="module")
def tree() -> SignedTree:
    return SignedTree().fill()


@pytest.fixture(scope="module")
def page(tree: SignedTree) -> bytes:
    return tree.files[PATH]


@pytest.fixture(scope="module")
def proof(tree: SignedTree) -> bytes:
    return tree.files[f"{PATH}.tlog-proof"]


@pytest.fixture(scope="module")
def pin(tree: SignedTree) -> Pin:
    return Pin(keyring=tree.keyring)


def test_a_file_with_its_proof_is_genuine(page: bytes, proof: bytes, pin: Pin) -> None:
    report = verify_file(page, proof, pin)

    assert report.verdict is Verdict.GENUINE
    assert report.path == PATH
    assert "no later than 2026-11-24 12:00 UTC" in report.findings[0].problem
    assert "may have been corrected" in report.findings[0].problem


def test_a_file_may_carry_its_proof_at_its_end(page: bytes, proof: bytes, pin: Pin) -> None:
    saved = page + b"<!--\n" + proof + b"-->\n"

    assert verify_file(saved, None, pin).verdict is Verdict.GENUINE
    assert verify_file(saved, proof, pin).verdict is Verdict.GENUINE
    assert verify_file(saved + b" ", None, pin).verdict is Verdict.COULD_NOT_TELL
    assert verify_file(b" " + saved, None, pin).verdict is Verdict.NOT_GENUINE


def test_a_file_may_carry_its_pictures(pin: Pin) -> None:
    path, data = picture()
    page = f'<article><img src="../../{path}"><link rel="icon" href="data:,"></article>\n'.encode()
    tree = SignedTree().publish({"a/00/0011223344556677.html": page, path: data})
    proof = tree.files["a/00/0011223344556677.html.tlog-proof"]
    inside = b"data:image/webp;base64," + base64.b64encode(data)
    saved = page.replace(f"../../{path}".encode(), inside)
    assert saved != page

    assert verify_file(saved, proof, pin).verdict is Verdict.GENUINE
    whole = saved + b"<!--\n" + proof + b"-->\n"
    assert verify_file(whole, None, pin).verdict is Verdict.GENUINE
    forged = saved.replace(inside, b"data:image/webp;base64," + base64.b64encode(b"forged"))
    assert verify_file(forged, proof, pin).verdict is Verdict.NOT_GENUINE


@given(st.binary(max_size=60), st.integers(0, 3))
def test_pictures_come_back_to_their_addresses(data: bytes, depth: int) -> None:
    path, _ = picture(data)
    encoded = base64.b64encode(data or b"x")
    path = path if data else picture(b"x")[0]

    page = put_pictures_back(b'<img src="data:image/webp;base64,' + encoded + b'">', depth)

    assert page == f'<img src="{"../" * depth}{path}">'.encode()


def test_what_is_no_picture_of_ours_stays() -> None:
    for data in (b"data:,", b"data:text/html;base64,aGk=", b"data:image/webp;base64,a", b""):
        assert put_pictures_back(data, 2) == data


def test_other_bytes_or_another_proof_are_not_genuine(
    tree: SignedTree, page: bytes, proof: bytes, pin: Pin
) -> None:
    other = tree.files[f"{article(2)[0]}.tlog-proof"]

    assert verify_file(page + b" ", proof, pin).verdict is Verdict.NOT_GENUINE
    assert verify_file(page, other, pin).verdict is Verdict.NOT_GENUINE
    assert verify_file(b"", proof, pin).verdict is Verdict.NOT_GENUINE


def test_without_a_proof_nothing_is_said(page: bytes, pin: Pin) -> None:
    report = verify_file(page, None, pin)

    assert report.verdict is Verdict.COULD_NOT_TELL
    assert "tlog-proof" in report.findings[0].problem


def test_another_publisher_s_proof_is_not_genuine(page: bytes, pin: Pin) -> None:
    forger = SignedTree()
    forger.log = key("x")
    forger.log = type(forger.log)(ORIGIN, forger.log.kind, b"f" * 32)
    forger.keyring = forger.make_keyring(1)
    forger.fill()

    report = verify_file(page, forger.files[f"{PATH}.tlog-proof"], pin)

    assert report.verdict is Verdict.NOT_GENUINE


def test_proofs_by_former_keys(page: bytes, proof: bytes, tree: SignedTree) -> None:
    old = tree.log.verifier
    head = Checkpoint.parse(Note.parse(tree.editions[tree.size]).text)
    rotated = SignedTree()
    rotated.log = type(tree.log)(ORIGIN, tree.log.kind, b"n" * 32)

    def verdict(ending: Ending, size: int, root: bytes) -> Verdict:
        keyring = rotated.make_keyring(2, former=[Former(ending, old, size, root)])
        return verify_file(page, proof, Pin(keyring=keyring)).verdict

    assert verdict(Ending.RETIRED, head.size, head.root) is Verdict.GENUINE
    assert verdict(Ending.RETIRED, head.size - 1, b"r" * 32) is Verdict.NOT_GENUINE
    assert verdict(Ending.REVOKED, head.size - 1, b"r" * 32) is Verdict.NOT_GENUINE
    assert verdict(Ending.REVOKED, head.size + 1, b"r" * 32) is Verdict.COULD_NOT_TELL


def test_a_fingerprint_needs_the_keyring_at_hand(
    tmp_path: Path, page: bytes, proof: bytes, tree: SignedTree
) -> None:
    (tmp_path / "log/keys").mkdir(parents=True)
    (tmp_path / "log/keys/1").write_bytes(tree.keyring)
    pin = Pin(fingerprint=tree.fingerprint)

    assert verify_file(page, proof, pin).verdict is Verdict.COULD_NOT_TELL
    near = verify_file(page, proof, pin, tree=FolderReader(tmp_path))
    assert near.verdict is Verdict.GENUINE


def test_a_file_that_is_too_large_is_not_looked_at(proof: bytes, pin: Pin) -> None:
    report = verify_file(bytes(MAX_SAVED_BYTES + 1), proof, pin)

    assert report.verdict is Verdict.COULD_NOT_TELL


@given(st.data())
def test_a_mutated_file_or_proof_never_verifies_and_never_raises(data: st.DataObject) -> None:
    tree = SignedTree().fill(1)
    path, page = article(0)
    proof = tree.files[f"{path}.tlog-proof"]
    target = data.draw(st.sampled_from(["page", "proof"]))
    mutated = bytearray(page if target == "page" else proof)
    at = data.draw(st.integers(0, len(mutated) - 1))
    mutated[at] ^= data.draw(st.integers(1, 255))
    pair = (bytes(mutated), proof) if target == "page" else (page, bytes(mutated))

    assert verify_file(*pair, Pin(keyring=tree.keyring)).verdict is not Verdict.GENUINE


@given(st.binary(max_size=300), st.binary(max_size=300))
def test_any_bytes_get_a_verdict(data: bytes, proof: bytes) -> None:
    keyring = SignedTree().keyring

    assert verify_file(data, proof, Pin(keyring=keyring)).verdict is not Verdict.GENUINE
    assert verify_file(data, None, Pin(keyring=proof)).verdict is not Verdict.GENUINE
