"""Key files at the command line: what is wrong with one is said, and what to do (format 5.2)."""

from pathlib import Path

import pytest

from keys.files import write_key
from keys.keyring import Keyring
from keys.note import Kind, SigningKey
from mirror.cli.main import run
from tests.keys.rings import FIRST
from tests.passphrases import write_passphrase


@pytest.fixture
def root(tmp_path: Path) -> Path:
    path = tmp_path / "root.pem"
    write_key(path, SigningKey.generate("news.example/mirror/root/a", Kind.ED25519), b"right")
    write_passphrase(tmp_path / "words", "right\n")
    (tmp_path / "text").write_text(FIRST.encode())
    return path


def sign(root: Path) -> int:
    folder = root.parent
    words = ["--key", root, "--passphrase-file", folder / "words"]
    return run(["keys", "sign", str(folder / "text"), *map(str, words)])


def spoil(root: Path, how: str) -> None:
    match how:
        case "passphrase":
            (root.parent / "words").write_text("wrong\n")
        case "mode":
            root.chmod(0o644)
        case "open words":
            (root.parent / "words").chmod(0o644)
        case "cut":
            root.write_bytes(root.read_bytes()[:-60])
        case "empty":
            root.write_bytes(b"")
        case "gone":
            root.unlink()
        case "text":
            (root.parent / "text").write_text(FIRST.encode() + "root x\n")


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ("passphrase", "the passphrase is another"),
        ("mode", "root.pem (mode 0644); if they have not, run: chmod 600"),
        ("open words", "words (mode 0644); if they have not, run: chmod 600"),
        ("cut", "cut short"),
        ("empty", "cut short"),
        ("gone", "is not there"),
        ("text", "keyring"),
    ],
)
def test_each_fault_has_its_own_words_and_nothing_is_signed(
    root: Path, how: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    spoil(root, how)

    assert sign(root) == 2

    told = capsys.readouterr()
    assert said in told.err
    assert "right" not in told.err + told.out
    assert not list(root.parent.glob("*.minisig"))


def test_a_whole_one_signs(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert sign(root) == 0

    assert "version 1 of the keyring of news.example/mirror" in capsys.readouterr().out
    assert (root.parent / "text.a.minisig").exists()
    assert Keyring.parse(FIRST.encode()) == FIRST
