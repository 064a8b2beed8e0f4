"""``tamizdat keys`` and the folder of key files."""

import re
import shutil
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from keys import minisign
from keys.files import read_key, write_key
from keys.keyring import Keyring, SignedKeyring
from keys.note import Kind, Note, SigningKey, VerifierKey
from mirror.begin import Wishes, begin
from mirror.ceremony.joining import join_files
from mirror.cli.main import run
from mirror.config import Config, load
from mirror.errors import KeysError
from mirror.keystore import key_path, keyring_path, open_keys, read_keyrings
from tests.passphrases import write_passphrase

WISHES = Wishes(
    title="The News",
    url="https://news.example/",
    feed="https://news.example/rss",
    origin="news.example/mirror",
    tag_year=2026,
)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home as ``init`` makes it; keys take their time, so once for all tests here."""
    folder = tmp_path_factory.mktemp("made")
    begin(folder, WISHES, datetime(2026, 11, 24, tzinfo=UTC))
    return folder


@pytest.fixture
def home(made: Path, tmp_path: Path) -> Config:
    shutil.copytree(made, tmp_path / "home")
    (config,) = load(tmp_path / "home" / "config.toml")
    return config


def passphrase(home: Config) -> bytes:
    return home.trust.passphrase.read().encode()


def test_show_prints_what_readers_need_and_nothing_secret(
    home: Config, capsys: pytest.CaptureFixture[str]
) -> None:
    secret = passphrase(home)
    (home.file.parent / "passphrase").unlink()

    assert run(["keys", "show", "--config", str(home.file)]) == 0

    said = capsys.readouterr().out
    (signed,) = read_keyrings(home.trust.keys)
    assert signed.fingerprint in said.replace(" ", "")
    assert str(signed.keyring.policy.logs[0]) in said
    assert "version 1, until 2027-02-22, by 1 of 1 roots" in said
    assert secret.decode() not in said
    assert "PRIVATE" not in said


def test_new_makes_a_key_that_opens_and_prints_its_public_half(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = write_passphrase(tmp_path / "words", "correct horse\n")
    file = tmp_path / "root-b.pem"
    arguments = ["root", "news.example/mirror/root/b", "--out", str(file)]

    assert run(["keys", "new", *arguments, "--passphrase-file", str(words)]) == 0

    key = VerifierKey.parse(capsys.readouterr().out.strip())
    assert read_key(file, b"correct horse").verifier == key
    assert key.kind is Kind.ED25519
    assert run(["keys", "new", *arguments, "--passphrase-file", str(words)]) == 2
    assert "never written over" in capsys.readouterr().err


def test_a_witness_s_key_cosigns(home: Config, capsys: pytest.CaptureFixture[str]) -> None:
    file = home.file.parent / "w.pem"
    arguments = ["witness", "partner.example/w", "--out", str(file), "--config", str(home.file)]

    assert run(["keys", "new", *arguments]) == 0

    assert VerifierKey.parse(capsys.readouterr().out.strip()).kind is Kind.COSIGNATURE


@pytest.mark.real
def test_minisign_accepts_the_log_key_that_show_prints(
    home: Config,
    capsys: pytest.CaptureFixture[str],
    need: Callable[..., None],
) -> None:
    need("minisign")
    assert run(["keys", "show", "--config", str(home.file)]) == 0
    line = re.search(r"for minisign -P: (RW\S+)", capsys.readouterr().out)
    assert line
    folder = home.file.parent
    log = read_key(key_path(home.trust.keys, "log"), passphrase(home))
    (folder / "x").write_text("x\n", encoding="utf-8")
    (folder / "x.minisig").write_bytes(minisign.sign(log, "x\n").encode())

    subprocess.run(
        ["minisign", "-Vm", folder / "x", "-P", line[1]], check=True, capture_output=True
    )


@pytest.mark.real
def test_openssl_opens_the_key_files(home: Config, need: Callable[..., None]) -> None:
    need("openssl")
    keys = home.trust.keys
    for role in ("root", "log", "clock"):
        done = subprocess.run(
            ["openssl", "pkey", "-text", "-passin", "stdin", "-in", key_path(keys, role)],
            input=passphrase(home),
            check=True,
            capture_output=True,
        )
        assert b"ED25519 Private-Key" in done.stdout


def test_the_service_opens_log_and_clock_and_no_root(home: Config) -> None:
    key_path(home.trust.keys, "root").unlink()

    store = open_keys(home.trust)

    assert store.log.name == "news.example/mirror"
    assert store.clock
    assert store.newest.keyring.origin == "news.example/mirror"


def test_without_a_clock_there_is_none(home: Config) -> None:
    key_path(home.trust.keys, "clock").unlink()

    assert open_keys(home.trust).clock is None


def test_a_clock_that_the_keyring_does_not_name_is_not_used(home: Config) -> None:
    path = key_path(home.trust.keys, "clock")
    path.unlink()
    key = SigningKey.generate("news.example/mirror/clock", Kind.COSIGNATURE)
    write_key(path, key, passphrase(home))

    assert open_keys(home.trust).clock is None


def test_an_origin_that_is_not_the_keyring_s_is_said(home: Config) -> None:
    trust = home.trust.model_copy(update={"origin": "other.example/mirror"})

    with pytest.raises(KeysError, match="put the right key files"):
        open_keys(trust)


def test_a_missing_folder_and_a_missing_key_are_said(home: Config) -> None:
    nowhere = home.trust.model_copy(update={"keys": home.file.parent / "nowhere"})
    with pytest.raises(KeysError, match="tamizdat init"):
        open_keys(nowhere)

    key_path(home.trust.keys, "log").unlink()
    with pytest.raises(KeysError, match="is not there"):
        open_keys(home.trust)


def test_a_wrong_passphrase_is_said(home: Config) -> None:
    write_passphrase(home.file.parent / "passphrase", "wrong")

    with pytest.raises(KeysError, match="passphrase"):
        open_keys(home.trust)


def heir(home: Config, *, signer: SigningKey) -> SignedKeyring:
    """Keyring 2 of ``home`` as ``signer`` would sign it."""
    (first,) = read_keyrings(home.trust.keys)
    old = first.keyring
    keyring = Keyring(
        origin=old.origin,
        version=2,
        expires=old.expires,
        max_age=old.max_age,
        threshold=1,
        roots=old.roots,
        policy=old.policy,
    )
    text = keyring.encode()
    return SignedKeyring(Note(text, (signer.sign(text),)), keyring)


def test_a_second_keyring_counts_once_the_root_signed_it(home: Config) -> None:
    root = read_key(key_path(home.trust.keys, "root"), passphrase(home))
    second = heir(home, signer=root)
    keyring_path(home.trust.keys, 2).write_bytes(second.encode())

    assert open_keys(home.trust).newest == second


def test_a_second_keyring_of_another_root_is_refused(home: Config) -> None:
    stranger = SigningKey.generate("news.example/mirror/root/a", Kind.ED25519)
    second = heir(home, signer=stranger)
    keyring_path(home.trust.keys, 2).write_bytes(second.encode())

    with pytest.raises(KeysError, match="keyring-2"):
        read_keyrings(home.trust.keys)


@pytest.mark.parametrize("data", [b"", b"x" * 100_000, b"\xff"])
def test_a_damaged_keyring_is_said(home: Config, data: bytes) -> None:
    keyring_path(home.trust.keys, 1).write_bytes(data)

    with pytest.raises(KeysError, match="restore it from a backup"):
        read_keyrings(home.trust.keys)


@pytest.mark.parametrize("words", [["keyring"], ["rotate"], ["revoke"]])
def test_a_text_is_never_written_over_and_nothing_is_made_before(
    words: list[str], home: Config, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "keyring-2.txt"
    out.write_text("what the roots are signing")
    before = sorted(home.trust.keys.iterdir())

    status = run(["keys", *words, "--out", str(out), "--config", str(home.file)])

    assert status == 2
    assert "is there already and is never written over" in " ".join(capsys.readouterr().err.split())
    assert out.read_text() == "what the roots are signing"
    assert sorted(home.trust.keys.iterdir()) == before


def test_a_keyring_that_expired_while_it_was_signed_is_not_joined(
    home: Config, tmp_path: Path
) -> None:
    out = tmp_path / "keyring-2.txt"
    assert run(["keys", "keyring", "--out", str(out), "--config", str(home.file)]) == 0
    text = out.read_text()

    with pytest.raises(KeysError, match="it expired on"):
        join_files(home, text, {}, published=True, trees={}, today=Keyring.parse(text).expires)
