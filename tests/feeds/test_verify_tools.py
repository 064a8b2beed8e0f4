"""Stock tools accept the tree, and see what is wrong with it (format 8)."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from keys.minisign import public_file, public_line
from tests.feeds.tree import SignedTree, article, earlier, key, picture

pytestmark = pytest.mark.real

HEAD = "sed '/^$/,$d' log/checkpoint > ../head.txt"


@pytest.fixture
def tree(tmp_path: Path) -> SignedTree:
    tree = SignedTree(tmp_path / "site").fill()
    tree.publish(dict(article(number) for number in range(20, 290)))
    tree.publish(dict([article(1, "corrected"), earlier(article(1)[1])]), {"index.html": b"new"})
    tree.publish({article(2)[0]: None})
    log = tree.log.verifier
    pem = Ed25519PublicKey.from_public_bytes(log.public).public_bytes(
        Encoding.PEM, PublicFormat.SubjectPublicKeyInfo
    )
    (tmp_path / "site.pem").write_bytes(pem)
    (tmp_path / "site.pub").write_bytes(public_file(log))
    return tree


def shell(tree: SignedTree, command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["sh", "-c", command], cwd=tree.folder, capture_output=True, text=True, check=False
    )


def section_8(project: Path, start: str, lines: int) -> str:
    """A command as the public page shows it."""
    page = (project / "docs" / "format.md").read_text(encoding="utf-8")
    at = page.index(f"\n{start}") + 1
    return "\n".join(page[at:].split("\n")[:lines])


@pytest.mark.parametrize("good", [True, False])
def test_minisign_and_signify_and_openssl_check_the_head(
    tree: SignedTree, need: Callable[..., None], *, good: bool
) -> None:
    need("minisign", "signify-openbsd", "openssl")
    change = "" if good else " && sed -i s/2/3/ ../head.txt"
    line = public_line(tree.log.verifier)
    signature = "sed -n 2p log/checkpoint.minisig | openssl base64 -d -A | tail -c 64 > ../sig"
    files = "-sigfile ../sig -in ../head.txt"
    for command in (
        f"minisign -Vm ../head.txt -x log/checkpoint.minisig -P {line}",
        "signify-openbsd -V -p ../site.pub -x log/checkpoint.minisig -m ../head.txt",
        f"{signature} && openssl pkeyutl -verify -rawin -pubin -inkey ../site.pem {files}",
    ):
        answer = shell(tree, f"{HEAD}{change} && {command}")
        assert (answer.returncode == 0) is good, answer


def test_sha256sum_checks_the_mutable_files(tree: SignedTree) -> None:
    assert shell(tree, "sha256sum -c SHA256SUMS").returncode == 0

    assert tree.folder
    (tree.folder / "index.html").write_bytes(b"forged")
    assert shell(tree, "sha256sum -c --quiet SHA256SUMS").returncode == 1


def test_one_line_checks_every_leaf(tree: SignedTree, project: Path) -> None:
    command = section_8(project, "find log/tile/entries -type f", 5).replace(
        "bundles.txt", "../bundles.txt"
    )
    assert len(list((tree.folder or project).glob("log/tile/entries/**/*"))) > 3

    answer = shell(tree, f"set -e; {command}")
    assert (answer.returncode, answer.stdout, answer.stderr) == (0, "", "")

    assert tree.folder
    for path in (article(1)[0], article(250)[0], picture()[0]):
        genuine = (tree.folder / path).read_bytes()
        (tree.folder / path).write_bytes(b"forged")
        answer = shell(tree, command)
        assert answer.returncode == 1
        assert f"{path}: FAILED" in answer.stdout
        (tree.folder / path).write_bytes(genuine)


def prove(
    project: Path, tree: SignedTree, path: str, *, proof: bytes, page: bytes, pem: str = "site.pem"
) -> subprocess.CompletedProcess[str]:
    assert tree.folder
    folder = tree.folder.parent
    (folder / "story.html").write_bytes(page)
    (folder / "story.html.tlog-proof").write_bytes(proof)
    script = str(project / "docs" / "verify-proof.sh")
    return subprocess.run(
        ["sh", script, "story.html", path, "story.html.tlog-proof", pem],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )


def test_fifteen_lines_of_shell_check_a_proof(
    tree: SignedTree, project: Path, need: Callable[..., None]
) -> None:
    need("openssl")
    path = article(1)[0]
    page, proof = tree.files[path], tree.files[f"{path}.tlog-proof"]

    good = prove(project, tree, path, page=page, proof=proof)
    assert good.returncode == 0
    assert good.stdout.startswith(f"published: {path} is entry ")

    other = article(20)[0]
    stranger = Ed25519PublicKey.from_public_bytes(key("x").verifier.public).public_bytes(
        Encoding.PEM, PublicFormat.SubjectPublicKeyInfo
    )
    assert tree.folder
    (tree.folder.parent / "other.pem").write_bytes(stranger)
    index = b"\nindex " + str(int(proof.split(b"\nindex ")[1].split(b"\n")[0]) - 1).encode()
    moved = proof.replace(
        proof[proof.index(b"\nindex ") :].split(b"\n")[1].join([b"\n", b""]), index
    )
    for bad in (
        prove(project, tree, path, page=page + b" ", proof=proof),
        prove(project, tree, other, page=page, proof=proof),
        prove(project, tree, path, page=page, proof=tree.files[f"{other}.tlog-proof"]),
        prove(project, tree, path, page=page, proof=proof, pem="other.pem"),
        prove(project, tree, path, page=page, proof=moved),
        prove(project, tree, path, page=page, proof=proof.replace(b"\nindex ", b"\nindex x")),
        prove(project, tree, path, page=page, proof=b""),
    ):
        assert bad.returncode == 1
        assert bad.stdout.startswith("not proven: ")


@pytest.mark.parametrize("size", [1, 2, 3, 4, 5, 6, 7, 8, 11, 16, 17])
def test_the_shell_script_knows_every_shape_of_tree(
    project: Path, tmp_path: Path, need: Callable[..., None], size: int
) -> None:
    need("openssl")
    tree = SignedTree()
    tree.publish(dict(article(number) for number in range(size - 1)))
    tree.folder = tmp_path / "site"
    pem = Ed25519PublicKey.from_public_bytes(tree.log.verifier.public).public_bytes(
        Encoding.PEM, PublicFormat.SubjectPublicKeyInfo
    )
    (tmp_path / "site.pem").write_bytes(pem)

    for path in [*(article(number)[0] for number in range(size - 1)), "SHA256SUMS"]:
        proof = tree.files[f"{path}.tlog-proof"]
        answer = prove(project, tree, path, page=tree.files[path], proof=proof)
        assert answer.returncode == 0, (size, path, answer)
