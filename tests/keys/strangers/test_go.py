"""Go's golang.org/x/mod/sumdb, from Debian's golang-golang-x-mod-dev and golang-go."""

import base64
import json
import os
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from keys.checkpoint import Checkpoint
from keys.merkle import consistency_proof, inclusion_proof, leaf_hash
from keys.note import Kind, Note, SigningKey
from keys.tiles import paths_between, tile_reader
from tests.keys.trees import entries, slow_root, tree_of

GO_PATH = Path("/usr/share/gocode")
LOG = SigningKey.generate("news.example/mirror", Kind.ED25519)
CLOCK = SigningKey.generate("news.example/clock", Kind.COSIGNATURE)
TREE = tree_of(1_000, 1_777)

pytestmark = pytest.mark.real


@pytest.fixture(scope="module")
def checker(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Go's checker, built."""
    go = shutil.which("go")
    if go is None or not (GO_PATH / "src/golang.org/x/mod/sumdb").is_dir():
        pytest.skip("Go is not there: apt-get install golang-go golang-golang-x-mod-dev")
    folder = tmp_path_factory.mktemp("go")
    subprocess.run(
        [go, "build", "-o", folder / "check", Path(__file__).with_name("check.go")],
        check=True,
        env=os.environ
        | {
            "GOPATH": str(GO_PATH),
            "GO111MODULE": "off",
            "GOCACHE": str(folder / "cache"),
            "GOPROXY": "off",
        },
    )
    return folder / "check"


def _document(old: int, index: int) -> dict[str, Any]:
    size, read = TREE.size, tile_reader(TREE.size, TREE.read)
    text = Checkpoint(LOG.name, size, TREE.root).encode()
    record = entries(1, index)[0]
    return {
        "Note": Note(text, (LOG.sign(text), CLOCK.cosign(text, 1_700_000_000))).encode().decode(),
        "Key": str(LOG.verifier),
        "Text": text,
        "Size": size,
        "Old": old,
        "Index": index,
        "Root": _base64(TREE.root),
        "OldRoot": _base64(slow_root(entries(old))),
        "Record": _base64(record),
        "LeafHash": _base64(leaf_hash(record)),
        "Inclusion": _all_base64(inclusion_proof(index, size, read)),
        "Consistency": _all_base64(consistency_proof(old, size, read)),
        "TilePaths": [
            path.removeprefix("log/").replace("tile/", "tile/8/")
            for path in paths_between(0, size)
            if "entries" not in path
        ],
    }


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _all_base64(items: Iterable[bytes]) -> list[str]:
    return [_base64(item) for item in items]


def _check(checker: Path, document: dict[str, Any]) -> str:
    done = subprocess.run(
        [checker], input=json.dumps(document), check=False, capture_output=True, text=True
    )
    return done.stdout.strip()


@pytest.mark.parametrize(("old", "index"), [(1, 0), (256, 255), (1_000, 2_560), (2_776, 2_776)])
def test_go_accepts_our_notes_proofs_and_tile_paths(checker: Path, old: int, index: int) -> None:
    assert _check(checker, _document(old, index)) == "ok"


@pytest.mark.parametrize(
    ("field", "value", "problem"),
    [
        ("Old", 999, "consistency"),
        ("Index", 7, "inclusion"),
        ("Key", str(SigningKey.generate(LOG.name, Kind.ED25519).verifier), "note"),
    ],
    ids=["old", "index", "key"],
)
def test_go_refuses_what_is_not_so(checker: Path, field: str, value: object, problem: str) -> None:
    document = _document(1_000, 2_560)
    document[field] = value

    assert _check(checker, document).startswith(problem)
