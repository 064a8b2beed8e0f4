"""``tamizdat witness init``: all of it or nothing."""

import resource
import stat
from pathlib import Path

import pytest

from keys.note import Kind, SigningKey
from mirror.cli.main import run
from tests.keys import rings
from tests.witness.world import KEY, LOG, Made, made

NAME = "partner.example/w"
TWO_LOGS = SigningKey("other.example/log", Kind.ED25519, b"x" * 32)


def init(folder: Path, *words: object, name: str = NAME) -> int:
    return run(["witness", "init", str(folder), "--name", name, *map(str, words)])


@pytest.mark.parametrize(
    "words",
    [
        ("--log", "news.example/mirror+nonsense"),
        ("--log", str(LOG.verifier)[:-4]),
        ("--log", KEY.verifier),  # a witness's, not a log's
        ("--log", LOG.verifier, "--log", TWO_LOGS.verifier),
        ("--keyring", "/nowhere/keyring"),
        ("--keyring", "/dev/null"),
    ],
)
def test_after_a_mistake_nothing_is_left_and_the_next_one_works(
    tmp_path: Path, words: tuple[object, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert init(tmp_path / "w", *words) == 2
    assert "did not expect" not in capsys.readouterr().err
    assert not (tmp_path / "w").exists()

    assert init(tmp_path / "w", "--log", LOG.verifier) == 0


def test_a_name_that_is_none_leaves_nothing(tmp_path: Path) -> None:
    assert init(tmp_path / "w", "--log", LOG.verifier, name="two words") == 2
    assert not (tmp_path / "w").exists()


@pytest.mark.parametrize("there", [(), ("w",), ("w", "w/state")])
def test_a_disk_that_fills_up_leaves_nothing(tmp_path: Path, there: tuple[str, ...]) -> None:
    for name in there:
        (tmp_path / name).mkdir()
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (300, limits[1]))  # the key does not fit
    try:
        status = init(tmp_path / "w", "--log", LOG.verifier)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)

    assert status == 2
    left = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*")}
    assert {path for path in left if not path.startswith("w/state/")} == set(there)
    assert init(tmp_path / "w", "--log", LOG.verifier) == 0


def test_what_stands_there_is_named_and_kept(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    one = made(tmp_path / "w")
    before = {path: path.read_bytes() for path in one.folder.rglob("*") if path.is_file()}

    assert init(one.folder, "--log", LOG.verifier) == 2
    assert "witness.toml" in capsys.readouterr().err
    one.settings.rename(one.folder / "away")  # as after a kill, or a slip
    assert init(one.folder, "--log", LOG.verifier) == 2

    said = capsys.readouterr().err
    assert "witness.pem" in said
    assert "passphrase" in said
    assert "state" in said
    (one.folder / "away").rename(one.settings)
    assert before == {path: path.read_bytes() for path in before}
    assert Made(one.folder).do("show") == 0


def test_a_folder_that_has_other_things_is_taken(tmp_path: Path) -> None:
    (tmp_path / "notes").write_text("ours")

    assert init(tmp_path, "--log", LOG.verifier) == 0
    assert (tmp_path / "notes").read_text() == "ours"


def test_a_keyring_is_copied_and_followed(tmp_path: Path) -> None:
    file = tmp_path / "keyring-1"
    file.write_bytes(rings.sign(rings.FIRST, *rings.ROOTS[:2]).note.encode())

    assert init(tmp_path / "w", "--keyring", file) == 0

    assert (tmp_path / "w" / "keyring").read_bytes() == file.read_bytes()
    assert Made(tmp_path / "w").do("show") == 0


def test_any_name_that_a_key_may_have_works(tmp_path: Path) -> None:
    log = SigningKey('новости"\U00010348\\', Kind.ED25519, b"y" * 32)

    assert init(tmp_path / "w", "--log", log.verifier) == 0
    assert Made(tmp_path / "w").do("show") == 0


def test_secrets_are_their_owner_s_alone(tmp_path: Path) -> None:
    one = made(tmp_path / "w")

    for name in ("witness.pem", "passphrase", "witness.toml"):
        assert stat.S_IMODE((one.folder / name).stat().st_mode) == 0o600
    assert stat.S_IMODE(one.folder.stat().st_mode) == 0o700
