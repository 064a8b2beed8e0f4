"""``tamizdat keys join``: what the roots signed is looked at before it counts."""

import base64
import re
import shutil
from pathlib import Path

import pytest

from mirror.cli.main import run
from mirror.keystore import read_keyrings
from tests.cli.rooms import Command
from tests.service.room import Room

STRANGE_ROOT = base64.b64encode(b"r" * 32).decode()


def keys_of(room: Room) -> Path:
    return room.config.trust.keys


def join(room: Room, text: Path, command: Command) -> tuple[int, str]:
    """``keys join`` of ``text``, which the one root that ``init`` made has signed."""
    signature = text.with_name(f"{text.name}.minisig")
    words = ["--key", str(keys_of(room) / "root.pem"), "--out", str(signature)]
    secret = ["--passphrase-file", str(room.folder / "passphrase")]
    assert run(["keys", "sign", str(text), *words, *secret]) == 0
    return command("keys", "join", str(text), str(signature))


@pytest.fixture
def text(tmp_path: Path, command: Command) -> Path:
    """The next keyring, which only lives longer; nobody has signed it."""
    text = tmp_path / "keyring-2.txt"
    status, told = command("keys", "keyring", "--out", str(text))
    assert status == 0, told
    return text


def test_a_keyring_that_keeps_its_guard_is_joined_without_a_warning(
    room: Room, text: Path, command: Command
) -> None:
    status, told = join(room, text, command)

    assert status == 0, told
    assert "is complete" in told
    assert "less" not in told


def test_a_quorum_of_none_is_told_before_it_is_published(
    room: Room, tmp_path: Path, command: Command
) -> None:
    text = tmp_path / "none.txt"
    warning = "no witness must cosign a head; it took 1"
    status, told = command("keys", "keyring", "--quorum", "0", "--out", str(text))
    assert status == 0
    assert warning in told

    status, told = join(room, text, command)

    assert status == 0
    assert "It guards readers less than the keyring before:" in told
    assert warning in told
    assert f"rm {keys_of(room) / 'keyring-2'}" in told
    assert "quorum   none" in command("keys", "show")[1]


def test_a_first_keyring_is_compared_with_the_one_that_init_made(
    room: Room, tmp_path: Path, command: Command
) -> None:
    shutil.rmtree(room.data / "site")
    for file in room.data.glob("tamizdat.sqlite3*"):
        file.unlink()
    text = tmp_path / "first.txt"
    words = ["--first", "--quorum", "0", "--out", str(text)]
    assert "no witness must cosign a head" in command("keys", "keyring", *words)[1]

    status, told = join(room, text, command)

    assert status == 0, told
    assert "no witness must cosign a head" in told
    assert "keys keyring --first" in told
    assert "rm " not in told


def test_it_is_told_while_signatures_are_still_missing(
    room: Room, tmp_path: Path, text: Path, command: Command
) -> None:
    stranger = tmp_path / "b.pem"
    words = ["root", f"{room.config.trust.origin}/root/b", "--out", str(stranger)]
    assert command("keys", "new", *words)[0] == 0
    public = stranger.with_suffix(".pub")
    public.write_text(stranger.read_text().partition("\n")[0].removeprefix("key "))
    text.unlink()
    both = ["--add-root", f"b={public}", "--threshold", "2", "--max-age", "96h"]
    assert command("keys", "keyring", *both, "--out", str(text))[0] == 0

    status, told = join(room, text, command)

    assert status == 1
    assert "version 2 asks for 1 more of: news.example/mirror/root/b" in told
    assert "a frozen mirror is noticed after 96 hours; it was 48" in told
    assert len(read_keyrings(keys_of(room))) == 1


def test_a_made_up_last_tree_is_refused_though_the_roots_signed_it(
    room: Room, tmp_path: Path, command: Command
) -> None:
    text = tmp_path / "revoked.txt"
    assert command("keys", "revoke", "--out", str(text))[0] == 0
    true = text.read_text()
    size = re.search(r"^revoked \S+ (\d+) ", true, re.MULTILINE)
    assert size
    for ending in ("revoked", "retired"):
        made_up = re.sub(
            r"^revoked (\S+ \d+) \S+$", rf"{ending} \1 {STRANGE_ROOT}", true, flags=re.MULTILINE
        )
        text.write_text(made_up)

        status, told = join(room, text, command)

        assert status == 2
        assert f"made up: at size {size[1]} our log had another root" in told
        assert len(read_keyrings(keys_of(room))) == 1
    text.write_text(true)
    assert join(room, text, command)[0] == 0
    assert len(read_keyrings(keys_of(room))) == 2


def test_a_log_key_does_not_vanish(room: Room, tmp_path: Path, command: Command) -> None:
    text = tmp_path / "revoked.txt"
    assert command("keys", "revoke", "--out", str(text))[0] == 0
    text.write_text(re.sub(r"^revoked .*\n", "", text.read_text(), flags=re.MULTILINE))

    status, told = join(room, text, command)

    assert status == 2
    assert "no line `retired` or `revoked` says until where it was good" in told


def test_a_witness_does_not_get_another_key_under_its_name(
    tmp_path: Path, command: Command
) -> None:
    """By ``keys keyring``, which writes no line for the old key."""
    new = tmp_path / "clock.pem"
    status, key = command("keys", "new", "witness", "other.example/w", "--out", str(new))
    assert status == 0

    words = ["--add-witness", f"clock={key.strip()}", "--out", str(tmp_path / "text")]
    status, told = command("keys", "keyring", *words)

    assert status == 2
    assert "keys rotate --witness clock" in told
    assert not (tmp_path / "text").exists()


def aside(room: Room, role: str) -> Path:
    (path,) = keys_of(room).glob(f"{role}-next-aside-*.pem")
    return path


def test_the_first_of_two_revocations_says_where_its_keys_lie(
    room: Room, tmp_path: Path, command: Command
) -> None:
    one, two = tmp_path / "one.txt", tmp_path / "two.txt"
    assert command("keys", "revoke", "--machine", "--out", str(one))[0] == 0
    assert command("keys", "revoke", "--machine", "--out", str(two))[0] == 0

    status, told = join(room, one, command)

    assert status == 2
    assert "`keys revoke` was run\nagain" in told
    for role in ("log", "clock"):
        assert f"{aside(room, role)} {keys_of(room) / f'{role}-next.pem'}" in told
    assert len(read_keyrings(keys_of(room))) == 1
    assert join(room, two, command)[0] == 0


def test_what_it_says_can_be_done_line_by_line(
    room: Room, tmp_path: Path, command: Command
) -> None:
    one, two = tmp_path / "one.txt", tmp_path / "two.txt"
    for text in (one, two):
        assert command("keys", "revoke", "--machine", "--out", str(text))[0] == 0
    told = join(room, one, command)[1]

    moves = [line.split() for line in told.splitlines() if line.startswith("  mv ")]
    assert len(moves) == 4
    for _, option, source, target in moves:
        assert option == "-n"
        assert not Path(target).exists()
        Path(source).rename(target)

    status, told = join(room, one, command)
    assert status == 0, told
    assert set(read_keyrings(keys_of(room))[-1].keyring.revoked)
    assert "log-next-aside-" in command("keys", "show")[1]


def test_the_clock_s_key_alone_may_lie_aside(room: Room, tmp_path: Path, command: Command) -> None:
    one = tmp_path / "one.txt"
    assert command("keys", "revoke", "--machine", "--out", str(one))[0] == 0
    clock = keys_of(room) / "clock-next.pem"
    clock.rename(clock.with_name("clock-next-aside-0a1b2c3d.pem"))

    status, told = join(room, one, command)

    assert status == 2
    assert f"mv -n {aside(room, 'clock')} {clock}" in told
    assert "log-next" not in told.partition("mv ")[2]


def test_a_keyring_that_is_joined_already_is_done(room: Room, text: Path, command: Command) -> None:
    assert join(room, text, command)[0] == 0
    before = {path.name: path.read_bytes() for path in keys_of(room).iterdir()}

    status, told = join(room, text, command)

    assert status == 0
    assert "is complete" in told
    assert {path.name: path.read_bytes() for path in keys_of(room).iterdir()} == before
    text.write_text(text.read_text().replace("max-age 172800", "max-age 172801"))
    status, told = join(room, text, command)
    assert status == 2
    assert "the newest here is 2" in told


def test_a_join_that_was_cut_short_is_finished_by_the_next(
    room: Room, tmp_path: Path, command: Command
) -> None:
    text = tmp_path / "revoked.txt"
    assert command("keys", "revoke", "--out", str(text))[0] == 0
    following = keys_of(room) / "log-next.pem"
    new = following.read_bytes()
    assert join(room, text, command)[0] == 0
    (keys_of(room) / "log.pem").rename(following)
    (keys_of(room) / "log-old.pem").rename(keys_of(room) / "log.pem")

    assert join(room, text, command)[0] == 0

    assert (keys_of(room) / "log.pem").read_bytes() == new
    assert not following.exists()


def test_the_signature_that_does_not_fit_is_named(
    room: Room, text: Path, tmp_path: Path, command: Command
) -> None:
    assert join(room, text, command)[0] == 0
    other = tmp_path / "other.txt"
    assert command("keys", "keyring", "--out", str(other))[0] == 0
    good, wrong = text.with_name(f"{text.name}.minisig"), tmp_path / "wrong"
    wrong.write_text("my notes\n")

    for given in (good, wrong):
        status, told = command("keys", "join", str(other), str(given))
        assert status == 2
        assert told.startswith(f"{given}: ")


def sign(room: Room, text: Path, key: str, *words: str) -> int:
    secret = ("--passphrase-file", str(room.folder / "passphrase"))
    return run(["keys", "sign", str(text), "--key", str(keys_of(room) / key), *secret, *words])


def test_sign_writes_over_a_signature_and_over_nothing_else(
    room: Room, text: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = keys_of(room) / "root.pem"
    kept = root.read_bytes()
    assert sign(room, text, "root.pem") == sign(room, text, "root.pem") == 0
    for place in (root, text):
        assert sign(room, text, "root.pem", "--out", str(place)) == 2
        assert "never written over" in capsys.readouterr().err
    assert root.read_bytes() == kept
    assert sign(room, text, "root.pem", "--out", str(text.parent / "nowhere/x")) == 2
    assert "there is no folder" in capsys.readouterr().err


@pytest.mark.parametrize("key", ["log.pem", "clock.pem"])
def test_sign_refuses_a_key_that_is_no_root(
    key: str, room: Room, text: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert sign(room, text, key) == 2

    assert "is no root" in capsys.readouterr().err
    assert not list(text.parent.glob("*.minisig"))


def test_sign_says_where_a_root_is_not_of_the_keyring_itself(
    room: Room, text: Path, command: Command, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["root", "news.example/mirror/root/z", "--out", str(keys_of(room) / "z.pem")]
    assert command("keys", "new", *words)[0] == 0

    assert sign(room, text, "z.pem") == 0

    assert "counts only if it was a root of version 1" in capsys.readouterr().out
