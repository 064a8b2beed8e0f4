"""``tamizdat init``: what it makes, what it never touches, and where it refuses."""

import hashlib
import os
import pty
import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from keys.files import read_key
from keys.keyring import check_first
from mirror.begin import Wishes, begin
from mirror.cli.main import run
from mirror.config import Passphrase, load
from mirror.errors import ConfigError, KeysError
from mirror.keystore import in_groups, key_path, open_keys
from tests.passphrases import write_passphrase

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
WISHES = Wishes(
    title='The "News"',
    url="https://news.example/",
    feed="https://news.example/rss",
    origin="news.example/mirror",
    tag_year=2026,
)


@pytest.fixture(autouse=True)
def _no_passphrase_around(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TAMIZDAT_PASSPHRASE", raising=False)


def test_it_makes_a_home_that_loads_and_prints_the_fingerprint(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    home = tmp_path / "home"

    status = run(["init", str(home), "--url", "https://www.news.example/", "--title", "The News"])

    (config,) = load(home / "config.toml")
    said = capsys.readouterr().out
    keyring = (home / "data/secret/keyring-1").read_bytes()
    printed = re.search(r"^  ((?:[0-9a-f]{4} ?){16})$", said, re.MULTILINE)
    assert status == 0
    assert config.trust.origin == "news.example/mirror"
    assert config.sources[0].url == "https://www.news.example/rss"
    assert printed
    assert printed[1].replace(" ", "") == hashlib.sha256(keyring).hexdigest()
    assert "2 of 3" in said
    assert "systemd credential" in said


def test_it_works_without_a_word(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["init", str(tmp_path)]) == 0

    assert load(tmp_path / "config.toml")
    assert "only stands for your newsroom" in capsys.readouterr().out


def test_it_asks_on_a_terminal(tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-c", "from mirror.cli.main import main; main()", "init", tmp_path],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    os.write(ours, b"https://asked.example/\nAsked\n\nlog.asked.example\n")
    try:
        while os.read(ours, 4096):
            pass
    except OSError:  # the other side is closed
        os.close(ours)

    assert process.wait(60) == 0
    (config,) = load(tmp_path / "config.toml")
    assert config.site.title == "Asked"
    assert config.sources[0].url == "https://asked.example/rss"
    assert config.trust.origin == "log.asked.example"


def test_the_keys_open_and_the_keyring_trusts_them(tmp_path: Path) -> None:
    config = begin(tmp_path, WISHES, NOW).config

    store = open_keys(config.trust)

    (signed,) = store.keyrings
    check_first(signed, in_groups(signed.fingerprint))
    assert config.site.title == 'The "News"'
    assert signed.keyring.version == 1
    assert signed.keyring.max_age == 172_800
    assert signed.keyring.expires.isoformat() == "2027-02-22"
    assert store.clock is not None
    for key in (store.log, store.clock):
        assert str(key.verifier) in signed.note.text


def test_nothing_secret_is_open_to_others_or_in_clear(tmp_path: Path) -> None:
    config = begin(tmp_path, WISHES, NOW).config

    passphrase = (tmp_path / "passphrase").read_text(encoding="utf-8").strip()
    assert len(passphrase) >= 32
    assert passphrase not in config.file.read_text(encoding="utf-8")
    for path in (tmp_path / "passphrase", *config.trust.keys.glob("*.pem")):
        assert path.stat().st_mode & 0o077 == 0
    for path in config.trust.keys.glob("*.pem"):
        assert path.read_bytes().count(b"-----BEGIN ENCRYPTED PRIVATE KEY-----") == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["config.toml", "data", "passphrase"]
    assert sorted(path.name for path in config.trust.keys.iterdir()) == [
        "clock.pem",
        "keyring-1",
        "log.pem",
        "root.pem",
    ]


def test_a_passphrase_of_one_s_own_is_named_and_not_copied(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = write_passphrase(tmp_path / "own", "correct horse\n")
    assert run(["init", str(tmp_path / "a"), "--passphrase-file", str(own)]) == 0
    monkeypatch.setenv("TAMIZDAT_PASSPHRASE", "battery staple")
    assert run(["init", str(tmp_path / "b")]) == 0

    (a,) = load(tmp_path / "a/config.toml")
    (b,) = load(tmp_path / "b/config.toml")
    assert a.trust.passphrase == Passphrase(file=own)
    assert b.trust.passphrase == Passphrase(env="TAMIZDAT_PASSPHRASE")
    assert read_key(key_path(a.trust.keys, "log"), b"correct horse").name == a.trust.origin
    assert read_key(key_path(b.trust.keys, "log"), b"battery staple").name == b.trust.origin
    assert not (tmp_path / "a/passphrase").exists()


def test_a_configuration_is_never_written_over(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "config.toml").write_text("mine", encoding="utf-8")

    assert run(["init", str(tmp_path)]) == 2

    assert "never written over" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["config.toml"]
    assert (tmp_path / "config.toml").read_text(encoding="utf-8") == "mine"


def test_what_a_run_left_behind_that_was_cut_short_is_taken_over(tmp_path: Path) -> None:
    first = begin(tmp_path, WISHES, NOW)
    first.config.file.unlink()
    (tmp_path / "data" / ".new-half-done").mkdir()

    second = begin(tmp_path, WISHES, NOW)

    assert second.fingerprint == first.fingerprint
    assert [path.name for path in (tmp_path / "data").iterdir()] == ["secret"]


def test_keys_that_do_not_fit_are_left_alone(tmp_path: Path) -> None:
    first = begin(tmp_path, WISHES, NOW)
    first.config.file.unlink()
    other = Wishes(
        title="x",
        url="https://other.example/",
        feed="https://other.example/rss",
        origin="other.example/mirror",
        tag_year=2026,
    )

    with pytest.raises(KeysError, match="holds the keys of"):
        begin(tmp_path, other, NOW)

    write_passphrase(tmp_path / "passphrase", "wrong")
    with pytest.raises(KeysError, match="passphrase"):
        begin(tmp_path, WISHES, NOW)
    (first.config.trust.keys / "keyring-1").unlink()
    (first.config.trust.keys / "log.pem").unlink()
    with pytest.raises(KeysError, match="is not there"):
        begin(tmp_path, WISHES, NOW)
    assert not first.config.file.exists()


def test_a_wish_that_is_not_allowed_is_said_before_anything_is_made(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    home = tmp_path / "home"

    assert run(["init", str(home), "--origin", "https://x", "--timezone", "Moskow"]) == 2

    said = capsys.readouterr().err
    assert "[trust] origin" in said
    assert "[site] timezone" in said
    assert not home.exists()


def git(folder: Path, *arguments: str) -> None:
    subprocess.run(["git", "-C", str(folder), *arguments], check=True, capture_output=True)


def test_a_folder_that_git_tracks_is_refused(tmp_path: Path) -> None:
    git(tmp_path, "init")
    home = tmp_path / "deep" / "home"

    with pytest.raises(ConfigError, match="inside a git work tree"):
        begin(home, WISHES, NOW)

    assert not home.exists()


def test_a_folder_that_git_ignores_is_fine(tmp_path: Path) -> None:
    git(tmp_path, "init")
    (tmp_path / ".gitignore").write_text("/home/\n", encoding="utf-8")

    assert begin(tmp_path / "home", WISHES, NOW).fingerprint


def test_a_folder_where_git_ignores_the_keys_alone_is_refused(tmp_path: Path) -> None:
    git(tmp_path, "init")
    (tmp_path / ".gitignore").write_text("data/\n", encoding="utf-8")

    with pytest.raises(ConfigError, match=r"git would track .*passphrase"):
        begin(tmp_path, WISHES, NOW)


def test_a_place_that_can_t_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")

    with pytest.raises(ConfigError, match="can't be written"):
        begin(tmp_path / "file" / "home", WISHES, NOW)


def test_a_place_that_can_t_even_be_looked_at_is_said(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="File name too long; choose another folder"):
        begin(tmp_path / ("home" * 100), WISHES, NOW)
