import os
import re
import resource
import stat
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keys.errors import KeyFileError
from keys.files import MAX_FILE_BYTES, read_key, read_public, write_key
from keys.note import Kind, SigningKey
from keys.pkcs8 import seal, unseal

LOG = SigningKey("news.example/зеркало", Kind.ED25519, bytes(range(32)))
PLAIN = SigningKey("news.example/clock", Kind.COSIGNATURE, bytes(range(32)))
PASSPHRASE = b"correct horse"


@pytest.fixture(scope="module")
def sealed(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("keys") / "clock.pem"
    write_key(path, PLAIN, PASSPHRASE)
    return path.read_bytes()


@pytest.fixture
def path(tmp_path: Path, sealed: bytes) -> Path:
    """A good key file."""
    file = tmp_path / "clock.pem"
    file.touch(0o600)
    file.write_bytes(sealed)
    return file


def test_a_key_is_read_back_with_its_name_and_kind(path: Path) -> None:
    key = read_key(path, PASSPHRASE)

    assert (key.name, key.kind, key.seed) == (PLAIN.name, PLAIN.kind, PLAIN.seed)
    assert read_public(path) == PLAIN.verifier


def test_a_name_beyond_ascii_is_kept(tmp_path: Path) -> None:
    write_key(tmp_path / "log.pem", LOG, PASSPHRASE)

    assert read_key(tmp_path / "log.pem", PASSPHRASE).verifier == LOG.verifier


def test_nothing_secret_stands_in_the_file(sealed: bytes) -> None:
    assert PLAIN.seed not in sealed
    assert PLAIN.seed.hex().encode() not in sealed
    assert sealed.startswith(f"key {PLAIN.verifier}\n-----BEGIN ENCRYPTED PRIVATE KEY".encode())


@pytest.mark.parametrize("mask", [0o000, 0o077, 0o277])
def test_only_the_owner_can_read_it_whatever_the_umask(tmp_path: Path, mask: int) -> None:
    old = os.umask(mask)
    try:
        write_key(tmp_path / "log.pem", PLAIN, PASSPHRASE)
    finally:
        os.umask(old)

    assert stat.S_IMODE((tmp_path / "log.pem").stat().st_mode) == 0o600


def test_a_key_file_is_never_written_over(path: Path) -> None:
    before = path.read_bytes()

    with pytest.raises(KeyFileError, match="is there already and is never written over"):
        write_key(path, LOG, PASSPHRASE)
    assert path.read_bytes() == before


def test_a_link_is_not_followed_to_another_place(tmp_path: Path) -> None:
    (tmp_path / "link.pem").symlink_to(tmp_path / "elsewhere.pem")

    with pytest.raises(KeyFileError, match="is there already"):
        write_key(tmp_path / "link.pem", LOG, PASSPHRASE)
    assert not (tmp_path / "elsewhere.pem").exists()


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(KeyFileError, match="can't be made: No such file"):
        write_key(tmp_path / "none" / "log.pem", LOG, PASSPHRASE)


def test_a_full_disk_leaves_no_file(tmp_path: Path) -> None:
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, limits[1]))
    try:
        with pytest.raises(KeyFileError, match="can't be written"):
            write_key(tmp_path / "log.pem", LOG, PASSPHRASE)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("passphrase", [b"", b"wrong"])
def test_a_wrong_passphrase_is_said(path: Path, passphrase: bytes) -> None:
    with pytest.raises(KeyFileError, match="passphrase"):
        read_key(path, passphrase)


def test_no_key_is_kept_without_a_passphrase(tmp_path: Path) -> None:
    with pytest.raises(KeyFileError, match="passphrase is empty"):
        write_key(tmp_path / "log.pem", LOG, b"")
    assert not (tmp_path / "log.pem").exists()


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o666])
def test_a_loose_mode_is_refused_with_the_remedy(path: Path, mode: int) -> None:
    path.chmod(mode)

    with pytest.raises(KeyFileError, match=re.escape(f"chmod 600 {path}")):
        read_key(path, PASSPHRASE)


def test_a_missing_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(KeyFileError, match="is not there"):
        read_key(tmp_path / "none.pem", PASSPHRASE)
    with pytest.raises(KeyFileError, match="can't be read"):
        read_key(tmp_path, PASSPHRASE)


def test_a_file_cut_short_anywhere_is_said(path: Path, sealed: bytes) -> None:
    for length in range(0, len(sealed), 7):
        path.write_bytes(sealed[:length])
        with pytest.raises(KeyFileError, match=r"cut short|damaged|no key file"):
            read_key(path, PASSPHRASE)


def test_an_endless_file_is_not_read_to_its_end(path: Path, sealed: bytes) -> None:
    path.write_bytes(sealed + b"\n" * MAX_FILE_BYTES)

    with pytest.raises(KeyFileError, match="is no key file of ours"):
        read_key(path, PASSPHRASE)


def test_a_file_that_names_another_key_is_refused(path: Path, sealed: bytes) -> None:
    pem = sealed.partition(b"\n")[2]
    other = SigningKey("news.example/clock", Kind.COSIGNATURE, bytes(32))
    path.write_bytes(f"key {other.verifier}\n".encode() + pem)

    with pytest.raises(KeyFileError, match="names another key"):
        read_key(path, PASSPHRASE)


@settings(max_examples=30, deadline=None)
@given(at=st.integers(0, 10_000), flip=st.integers(1, 255))
def test_a_damaged_file_never_gives_another_key(
    sealed: bytes, tmp_path_factory: pytest.TempPathFactory, at: int, flip: int
) -> None:
    data = bytearray(sealed)
    data[at % len(data)] ^= flip
    file = tmp_path_factory.mktemp("damaged") / "clock.pem"
    file.touch(0o600)
    file.write_bytes(data)

    try:
        key = read_key(file, PASSPHRASE)
    except KeyFileError:
        return
    assert key.verifier == PLAIN.verifier


def test_the_same_key_is_sealed_differently_each_time() -> None:
    one, other = seal(PLAIN.seed, b"x"), seal(PLAIN.seed, b"x")

    assert one != other
    assert unseal(one, b"x") == unseal(other, b"x") == PLAIN.seed
