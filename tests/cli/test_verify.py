"""``tamizdat verify``: the verdict first, then why, then what to do; and exit status."""

import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from mirror.cli.main import run
from tests.feeds.tree import SignedTree, article

NOW = datetime.now(UTC).replace(microsecond=0)


@pytest.fixture
def tree(tmp_path: Path) -> SignedTree:
    tree = SignedTree(tmp_path / "site", time=NOW).fill()
    (tmp_path / "keyring").write_bytes(tree.keyring)
    return tree


@pytest.fixture
def keyring(tree: SignedTree, tmp_path: Path) -> str:
    assert tree.keyring
    return str(tmp_path / "keyring")


def verify(tree: SignedTree, *more: str) -> int:
    assert tree.folder
    return run(["verify", str(tree.folder), *more])


def test_a_genuine_tree(tree: SignedTree, keyring: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert verify(tree, "--keyring", keyring) == 0

    text = capsys.readouterr().out
    assert text.startswith("genuine: all 10 files are as the publisher signed them\n")
    assert f"{NOW:%Y-%m-%d %H:%M} UTC" in text


def test_a_fingerprint_is_enough_for_a_tree(tree: SignedTree) -> None:
    assert verify(tree, "--fingerprint", tree.fingerprint) == 0
    assert verify(tree, "--fingerprint", "0" * 64) == 1


def test_a_changed_article_is_not_genuine(
    tree: SignedTree, keyring: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = article(1)[0]
    assert tree.folder
    with (tree.folder / path).open("ab") as file:
        file.write(b" ")

    assert verify(tree, "--keyring", keyring) == 1

    text = capsys.readouterr().out
    assert text.startswith("not genuine: ")
    assert f"  {path}: is not what was published\n" in text
    assert "Do not trust it" in text


def test_the_answer_for_machines(
    tree: SignedTree, keyring: str, capsys: pytest.CaptureFixture[str]
) -> None:
    def answer(status: int) -> dict[str, Any]:
        assert verify(tree, "--keyring", keyring, "--json") == status
        found: dict[str, Any] = json.loads(capsys.readouterr().out)
        return found

    good = answer(0)
    assert good["verdict"] == "genuine"
    assert (good["size"], good["files"], good["findings"]) == (6, 10, [])
    assert good["time"] == f"{NOW:%Y-%m-%dT%H:%M:%SZ}"

    assert tree.folder
    (tree.folder / "index.html").unlink()
    assert answer(1)["findings"] == [
        {"verdict": "incomplete", "path": "index.html", "problem": "is missing"}
    ]


def test_names_of_a_hostile_tree_do_not_reach_the_terminal(
    tree: SignedTree, keyring: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert tree.folder
    (tree.folder / "x\x1b[31m\udcff").touch()

    assert verify(tree, "--keyring", keyring) == 1
    assert "\x1b" not in capsys.readouterr().out
    assert verify(tree, "--keyring", keyring, "--json") == 1
    assert "\x1b" not in capsys.readouterr().out


def test_one_file_with_its_proof_beside_it(
    tree: SignedTree, keyring: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = article(1)[0]
    story, proof = tmp_path / "story.html", tmp_path / "story.html.tlog-proof"
    story.write_bytes(tree.files[path])
    assert run(["verify", str(story), "--keyring", keyring]) == 2
    assert "no proof" in capsys.readouterr().out

    proof.write_bytes(tree.files[f"{path}.tlog-proof"])
    assert run(["verify", str(story), "--keyring", keyring]) == 0
    text = capsys.readouterr().out
    assert text.startswith("genuine: this file")
    assert path in text

    moved = proof.rename(tmp_path / "elsewhere")
    assert run(["verify", str(story), "--keyring", keyring, "--proof", str(moved)]) == 0
    story.write_bytes(b"forged")
    assert run(["verify", str(story), "--keyring", keyring, "--proof", str(moved)]) == 1


def test_one_file_inside_its_mirror(tree: SignedTree) -> None:
    assert tree.folder
    file = str(tree.folder / article(1)[0])

    assert run(["verify", file, "--fingerprint", tree.fingerprint]) == 0


def test_a_copy_of_an_address(tmp_path: Path) -> None:
    tree = SignedTree(tmp_path / "site", time=NOW, base="https://other.example/").fill()

    assert verify(tree, "--fingerprint", tree.fingerprint) == 1
    assert verify(tree, "--fingerprint", tree.fingerprint, "--base", "https://other.example/") == 0


def test_wrong_usage_could_not_be_done(
    tree: SignedTree, keyring: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for arguments in (
        [],
        ["--keyring", keyring, "--fingerprint", "0" * 64],
        ["--keyring", str(tmp_path / "nothing")],
        ["--keyring", str(tmp_path)],
        ["--keyring", keyring, "--base", "no base"],
        ["--keyring", keyring, "--sample", "-1"],
    ):
        assert verify(tree, *arguments) == 2
        assert capsys.readouterr().err
    assert run(["verify", str(tmp_path / "nothing"), "--keyring", keyring]) == 2
    assert capsys.readouterr().out.startswith("could not tell: ")


def test_what_was_seen_is_remembered(
    tree: SignedTree, keyring: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    state = ("--keyring", keyring, "--state", str(tmp_path / "state"))
    large = SignedTree(tmp_path / "large", time=NOW).fill().publish(dict([article(9)]))
    assert verify(tree, *state) == 0
    assert verify(large, *state) == 0
    capsys.readouterr()

    assert verify(tree, *state) == 0
    assert capsys.readouterr().out.startswith("behind: ")

    shrunk = ("--base", "https://cloud.example/", *state)
    for folder in (large, tree):
        for path in ("feeds/all.atom",):
            assert folder.folder
            file = folder.folder / path
            data = file.read_bytes()
            file.write_bytes(data.replace(b"https://mirror.invalid/", b"https://cloud.example/"))
    assert verify(large, *shrunk) == 0
    assert verify(tree, *shrunk) == 1
    assert "rolled back: " in capsys.readouterr().out


def test_a_fork_is_kept_as_evidence(
    tree: SignedTree, keyring: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = SignedTree(tmp_path / "other", time=NOW).fill(2).publish()
    state = ("--keyring", keyring, "--state", str(tmp_path / "state"))
    assert verify(tree, *state) == 0
    capsys.readouterr()

    assert verify(other, *state) == 1

    assert capsys.readouterr().out.startswith("forked: ")
    kept = sorted((tmp_path / "state").glob("forked-*/checkpoint-*"))
    assert [file.read_bytes() for file in kept] == [tree.editions[6], other.editions[6]]


def test_a_damaged_memory_is_said(
    tree: SignedTree, keyring: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "state").mkdir()
    for text in ("", "[]", '{"format": 2}', '{"format": 1, "logs": [], "addresses": {}}'):
        (tmp_path / "state" / "state.json").write_text(text)
        assert verify(tree, "--keyring", keyring, "--state", str(tmp_path / "state")) == 2
        assert "--state" in capsys.readouterr().err


def test_a_push_under_way_is_looked_at_again(
    tree: SignedTree, keyring: str, capsys: pytest.CaptureFixture[str]
) -> None:
    tree.time -= timedelta(minutes=1)
    plan = tree.plan(dict([article(9)]), {"index.html": b"new"})
    tree.write(plan[:-1])

    assert verify(tree, "--keyring", keyring) == 0
    assert capsys.readouterr().out.startswith("updating: ")


def test_the_verifier_needs_nothing_of_the_service(tree: SignedTree, keyring: str) -> None:
    assert tree.folder
    code = f"""
import sys
from mirror.cli.main import run
assert run(["verify", {str(tree.folder)!r}, "--keyring", {keyring!r}]) == 0
service = "ada_url aiohttp asyncio feedgen jinja2 lxml PIL sqlalchemy structlog trafilatura"
print([name for name in service.split() if name in sys.modules])
"""
    answer = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )

    assert answer.stdout.splitlines()[-1] == "[]"
