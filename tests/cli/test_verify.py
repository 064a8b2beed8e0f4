"""``tamizdat verify``: the verdict first, then why, then what to do; and exit status."""

import dataclasses
import json
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import typer.main

from feeds.folder import FolderReader
from feeds.folder_ahead import begin
from feeds.verify import Pin, Verdict, verify_tree
from mirror.cli.main import run
from mirror.cli.verify import app
from mirror.cli.verify_progress import Bar, progress
from mirror.cli.verify_quick import FLAGS, TAKES, understand
from mirror.cli.verify_run import Wish
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


@pytest.mark.parametrize("wrong", ["zz", "0" * 63, "0" * 65, "0" * 63 + "g"])
def test_what_is_no_fingerprint_says_nothing_of_the_tree(
    tree: SignedTree, wrong: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert verify(tree, "--fingerprint", wrong) == 2

    said = "".join(capsys.readouterr())
    assert "64 digits" in said
    assert "not genuine" not in said


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


def test_a_sample_is_not_told_as_all(
    tree: SignedTree, keyring: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert verify(tree, "--keyring", keyring, "--sample", "3") == 0

    text = capsys.readouterr().out
    assert text.startswith("genuine: the 4 files looked at are as the publisher signed them\n")
    assert "  only 4 of 10 files were compared\n" in text

    assert verify(tree, "--keyring", keyring, "--sample", "9") == 0
    assert capsys.readouterr().out.startswith("genuine: all 10 files are as ")


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


def test_a_fork_is_not_forgotten_until_its_proof_is_moved_away(
    tree: SignedTree, keyring: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = SignedTree(tmp_path / "other", time=NOW).fill(2).publish()
    state = ("--keyring", keyring, "--state", str(tmp_path / "state"))
    assert verify(tree, *state) == 0
    assert verify(other, *state) == 1
    [proof] = (tmp_path / "state").glob("forked-*")

    for folder in (tree, other):
        capsys.readouterr()
        assert verify(folder, *state) == 1
        said = capsys.readouterr().out
        assert said.startswith("forked: ")
        assert f"and {proof} has the heads that prove it" in said

    (proof / "checkpoint-1").write_bytes(b"")
    assert verify(tree, *state) == 1

    proof.rename(tmp_path / "explained")
    assert verify(tree, *state) == 0


def test_a_damaged_memory_is_said(
    tree: SignedTree, keyring: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "state").mkdir()
    for text in ("", "[]", '{"format": 2}', '{"format": 1, "logs": [], "addresses": {}}'):
        (tmp_path / "state" / "state.json").write_text(text)
        assert verify(tree, "--keyring", keyring, "--state", str(tmp_path / "state")) == 2
        assert "--state" in capsys.readouterr().err


def test_what_is_damaged_for_one_log_is_said_too(
    tree: SignedTree, keyring: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    state = ("--keyring", keyring, "--state", str(tmp_path / "state"))
    assert verify(tree, *state) == 0
    file = tmp_path / "state" / "state.json"
    kept = json.loads(file.read_text())
    for log in kept["logs"].values():
        log["note"] = "damaged"
    file.write_text(json.dumps(kept))
    capsys.readouterr()

    assert verify(tree, *state) == 2
    assert f"  {file}: what it says of " in capsys.readouterr().out


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


def test_plain_words_mean_the_same_with_and_without_typer() -> None:
    """Every option that is understood at once is one that typer has, and makes the same wish."""
    fields = {field.name: field for field in dataclasses.fields(Wish)}
    offered = {parameter.name for parameter in typer.main.get_command(app).params}
    assert {"target", *TAKES, *FLAGS} <= fields.keys() == offered - {"help"}

    words = [word for name in TAKES for word in (f"--{name}", "x")]
    found = understand(["folder", *words, *(f"--{name}" for name in FLAGS)])
    assert found is not None
    assert Wish(**found) == Wish(
        target="folder",
        keyring=Path("x"),
        fingerprint="x",
        proof=Path("x"),
        base="x",
        state=Path("x"),
        proofs=True,
        json=True,
    )


@pytest.mark.parametrize(
    "words",
    ["", "--help", "a b", "a --unknown", "a --base", "a --base --json", "a --json --json", "-a"],
)
def test_words_that_are_not_plain_are_left_to_typer(words: str) -> None:
    assert understand(words.split()) is None


@pytest.fixture
def two_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a command of its own; here the threads of other tests may still be there."""
    monkeypatch.setattr("feeds.folder_ahead.threading.active_count", lambda: 1)
    monkeypatch.setattr("feeds.folder_ahead.os.cpu_count", lambda: 2)


@pytest.mark.usefixtures("two_processes")
def test_what_the_other_process_hashes_is_what_this_one_would(tree: SignedTree) -> None:
    """Whoever hashed a file: the one process, the other, or one after the other."""
    assert tree.folder
    tree.publish(dict(article(number) for number in range(10, 600)))
    (tree.folder / "link").symlink_to("index.html")
    (tree.folder / "empty").touch()
    (tree.folder / "large").write_bytes(bytes(2**17))
    paths = [path for path in tree.files if not path.endswith(".tlog-proof")]
    paths += ["link", "empty", "large", "nothing"]
    alone = dict(FolderReader(tree.folder).hash_many(paths))

    for wait_s in (0.0, 0.3):
        ahead = begin(str(tree.folder))
        assert ahead
        time.sleep(wait_s)
        reader = FolderReader(tree.folder, ahead=ahead)
        reader.listing()
        both = dict(reader.hash_many(paths))
        assert list(both) == paths
        assert {path: str(found) for path, found in both.items()} == {
            path: str(found) for path, found in alone.items()
        }
        ahead.end()
        ahead.end()


@pytest.mark.usefixtures("two_processes")
def test_a_page_that_was_read_before_its_push_is_no_false_alarm(tree: SignedTree) -> None:
    """The other process read the old page; then the push came, and with it the head."""
    assert tree.folder
    ahead = begin(str(tree.folder))
    assert ahead
    time.sleep(0.3)
    tree.publish(dict([article(1, "corrected")]), {"index.html": b"new"})

    report = verify_tree(
        FolderReader(tree.folder, ahead=ahead), Pin(keyring=tree.keyring), now=tree.time
    )

    assert (report.verdict, report.findings) == (Verdict.GENUINE, ())
    ahead.end()


@pytest.mark.usefixtures("two_processes")
def test_an_article_that_came_after_the_other_process_listed_is_no_false_alarm(
    tree: SignedTree,
) -> None:
    assert tree.folder
    ahead = begin(str(tree.folder))
    assert ahead
    while ahead.listing() is None:
        time.sleep(0.01)
    tree.publish(dict([article(9)]), {"index.html": b"new"})

    report = verify_tree(
        FolderReader(tree.folder, ahead=ahead), Pin(keyring=tree.keyring), now=tree.time
    )

    assert (report.verdict, report.findings) == (Verdict.GENUINE, ())
    ahead.end()


@pytest.mark.parametrize("strange", ["file", "link", "name"])
def test_what_is_too_much_is_noticed_by_two_processes_too(
    tree: SignedTree, keyring: str, strange: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert tree.folder
    if strange == "link":
        (tree.folder / "x").symlink_to("/etc")
    else:
        (tree.folder / ("extra.html" if strange == "file" else "x\n")).touch()

    assert verify(tree, "--keyring", keyring) == 1
    assert capsys.readouterr().out.startswith("not genuine: ")


def test_an_address_is_taken_as_a_browser_shows_it(
    tree: SignedTree, keyring: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert tree.folder
    quick = ["--keyring", keyring, "--timeout", "0.5"]
    assert run(["verify", "HTTP://127.0.0.1:9/x7k2/index.html", *quick]) == 2
    assert capsys.readouterr().out.startswith("could not tell: ")

    assert run(["verify", "ftp://127.0.0.1/", *quick]) == 2
    assert "no base for a mirror" in capsys.readouterr().err


@pytest.mark.parametrize("files", [1, 500])
def test_progress_is_told_in_lines_where_there_is_no_terminal(
    files: int, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mirror.cli.verify_progress._EVERY_S", 0.0)
    with progress("http://x/") as meter:
        meter.expect(files)
        meter.arrived(1_500_000)

    assert capsys.readouterr().err == f"http://x/: 1 of {files} files, 1.5 MB\n"


def test_progress_is_a_bar_on_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    with Bar("http://x/") as meter:
        meter.expect(2)
        meter.arrived(1_000_000)
        meter.arrived(2_000_000)

    answer = capsys.readouterr()
    assert answer.out == ""
    assert "\x1b[" not in answer.out
