import base64
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keys import merkle
from keys.errors import ProofError
from keys.note import Kind, VerifierKey
from keys.tiles import tile_reader
from tests.keys.trees import Tree, entries, slow_root, tree_of

FULL = tree_of(600)


def _hashes(items: list[str] | None) -> list[bytes]:
    return [base64.b64decode(item) for item in items or ()]


def _vectors(corpus: Path, kind: str) -> list[dict[str, Any]]:
    paths = sorted(corpus.glob(f"vectors/merkle/{kind}/**/*.json"))
    assert len(paths) > 90
    return [json.loads(path.read_text()) | {"file": str(path)} for path in paths]


def test_the_published_inclusion_vectors_hold(corpus: Path) -> None:
    wrong = []
    for case in _vectors(corpus, "inclusion"):
        leaf, root = _hashes([case["leafHash"], case["root"]])
        try:
            merkle.verify_inclusion(
                leaf, case["leafIdx"], case["treeSize"], _hashes(case["proof"]), root
            )
            refused = False
        except ProofError:
            refused = True
        if refused != case["wantErr"]:
            wrong.append(case["file"])

    assert wrong == []


def test_the_published_consistency_vectors_hold(corpus: Path) -> None:
    wrong = []
    for case in _vectors(corpus, "consistency"):
        old, new = _hashes([case["root1"], case["root2"]])
        try:
            merkle.verify_consistency(
                case["size1"], case["size2"], _hashes(case["proof"]), old, new
            )
            refused = False
        except ProofError:
            refused = True
        if refused != case["wantErr"]:
            wrong.append(case["file"])

    assert wrong == []


def test_the_published_signatures_are_accepted_and_refused_as_they_should_be(corpus: Path) -> None:
    groups = json.loads((corpus / "vectors/ed25519_wycheproof.json").read_text())["testGroups"]
    wrong = []
    count = 0
    for group in groups:
        key = VerifierKey("w", Kind.ED25519, bytes.fromhex(group["publicKey"]["pk"]))
        for case in group["tests"]:
            count += 1
            accepted = key.accepts(bytes.fromhex(case["sig"]), bytes.fromhex(case["msg"]))
            if accepted != (case["result"] == "valid"):
                wrong.append(case["tcId"])

    assert count > 100
    assert wrong == []


@pytest.mark.parametrize("size", [0, 1, 2, 3, 7, 8, 255, 256, 257, 511, 512, 513, 600])
def test_every_way_to_the_root_agrees_with_the_rfc(size: int) -> None:
    held = entries(size)
    builder = merkle.RootBuilder()
    for entry in held:
        builder.append(merkle.leaf_hash(entry))
    by_extend = merkle.RootBuilder()
    by_extend.extend(merkle.leaf_hash(entry) for entry in held)

    expected = slow_root(held)
    assert builder.root() == expected
    assert by_extend.root() == expected
    assert builder.size == by_extend.size == size
    assert merkle.root(size, tile_reader(600, FULL.read)) == expected


@given(st.integers(1, 600).flatmap(lambda size: st.tuples(st.integers(0, size - 1), st.just(size))))
@settings(deadline=None)
def test_every_inclusion_proof_holds_and_no_other_place_does(case: tuple[int, int]) -> None:
    index, size = case
    proof = merkle.inclusion_proof(index, size, tile_reader(600, FULL.read))
    leaf = merkle.leaf_hash(entries(1, index)[0])
    root = slow_root(entries(size))

    merkle.verify_inclusion(leaf, index, size, proof, root)
    for other in (index - 1, index + 1, index ^ 2):
        with pytest.raises(ProofError):
            merkle.verify_inclusion(leaf, other, size, proof, root)
    with pytest.raises(ProofError):
        merkle.verify_inclusion(leaf, index, size, (*proof, root), root)
    with pytest.raises(ProofError):
        merkle.verify_inclusion(root, index, size, proof[:-1], bytes(32))


@given(st.integers(1, 600).flatmap(lambda new: st.tuples(st.integers(1, new), st.just(new))))
@settings(deadline=None)
def test_every_consistency_proof_holds_and_no_other_root_does(case: tuple[int, int]) -> None:
    old, new = case
    proof = merkle.consistency_proof(old, new, tile_reader(600, FULL.read))
    old_root, new_root = slow_root(entries(old)), slow_root(entries(new))

    merkle.verify_consistency(old, new, proof, old_root, new_root)
    other = slow_root(entries(new, 1))
    with pytest.raises(ProofError):
        merkle.verify_consistency(old, new, proof, old_root, other)
    with pytest.raises(ProofError):
        merkle.verify_consistency(old, new, (*proof, other), old_root, new_root)
    with pytest.raises(ProofError):
        merkle.verify_consistency(old, new, proof, other, new_root)


@given(st.integers(1, 600), st.lists(st.binary(min_size=32, max_size=32), max_size=70), st.data())
def test_any_other_hashes_prove_nothing(size: int, proof: list[bytes], data: st.DataObject) -> None:
    index = data.draw(st.integers(-1, size))
    with pytest.raises(ProofError):
        merkle.verify_inclusion(bytes(32), index, size, proof, bytes([1] * 32))
    with pytest.raises(ProofError):
        merkle.verify_consistency(index, size, proof, bytes([2] * 32), bytes([1] * 32))


@pytest.mark.parametrize(("index", "size"), [(0, 0), (-1, 5), (5, 5), (1, 2**63)])
def test_no_proof_is_made_or_taken_of_an_entry_that_is_not_there(index: int, size: int) -> None:
    with pytest.raises(ProofError):
        merkle.verify_inclusion(bytes(32), index, size, (), bytes(32))
    if size < 2**63:
        with pytest.raises(ProofError):
            merkle.inclusion_proof(index, size, tile_reader(600, FULL.read))


@pytest.mark.parametrize(("old", "new"), [(0, 0), (0, 5), (5, 4), (-1, 3)])
def test_nothing_is_shown_from_an_empty_or_larger_log(old: int, new: int) -> None:
    with pytest.raises(ProofError):
        merkle.consistency_proof(old, new, tile_reader(600, FULL.read))
    with pytest.raises(ProofError):
        merkle.verify_consistency(old, new, (), merkle.EMPTY_ROOT, merkle.EMPTY_ROOT)


def test_a_hash_of_another_length_proves_nothing() -> None:
    with pytest.raises(ProofError, match="32 bytes"):
        merkle.verify_inclusion(b"", 0, 1, (), b"")
    with pytest.raises(ProofError, match="32 bytes"):
        merkle.verify_consistency(1, 2, (b"short",), bytes(32), bytes(32))


def test_a_proof_longer_than_any_tree_is_refused_before_it_is_hashed() -> None:
    with pytest.raises(ProofError, match="more than 63 hashes"):
        merkle.verify_inclusion(bytes(32), 0, 2**62, (bytes(32),) * 64, bytes(32))


def test_a_proof_reads_few_tiles_of_a_large_log() -> None:
    tree = tree_of(70_000)
    tree.read_paths.clear()

    merkle.inclusion_proof(12_345, 70_000, tile_reader(70_000, tree.read))
    merkle.consistency_proof(65_000, 70_000, tile_reader(70_000, tree.read))

    assert len(tree.read_paths) <= 8


def test_a_builder_gives_its_root_and_goes_on() -> None:
    builder = merkle.RootBuilder()
    assert builder.root() == Tree().root
    for number, entry in enumerate(entries(300), 1):
        builder.append(merkle.leaf_hash(entry))
        if number % 50 == 0:
            assert builder.root() == slow_root(entries(number))
