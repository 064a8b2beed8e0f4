"""Slips at ``tamizdat keys``: each is told in the operator's words, and nothing is made."""

from pathlib import Path

import pytest

from mirror.cli.main import run
from tests.cli.rooms import Command
from tests.service.room import Room


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--max-age", "soon"], "--max-age: 'soon' is no span of time"),
        (["--max-age", "500d"], "its max-age is 43200000 seconds; it must be 1 to 31622400"),
        (["--expires", "soon"], "--expires: 'soon' is no date"),
        (["--add-root", "b"], "--add-root: 'b' is not NAME=VALUE"),
        (["--add-root", "b=FILE"], "root b: it is no public key of minisign or signify"),
        (["--add-witness", "w"], "--add-witness: 'w' is not NAME=VALUE"),
        (["--add-witness", "w=xyz"], "'xyz' is not a verifier key: it has not the form"),
        (["--quorum", "2"], "--quorum 2: the keyring has 1 witness"),
    ],
)
def test_a_slip_in_keyring(
    words: list[str], said: str, room: Room, tmp_path: Path, command: Command
) -> None:
    words = [word.replace("FILE", str(room.folder / "config.toml")) for word in words]

    status, told = command("keys", "keyring", "--out", str(tmp_path / "text"), *words)

    assert status == 2
    assert said in told
    assert "signed note" not in told
    assert "did not expect" not in told
    assert not (tmp_path / "text").exists()


@pytest.mark.parametrize("words", [["keyring"], ["rotate"], ["revoke"]])
def test_a_text_for_a_folder_that_is_not_there(
    words: list[str], room: Room, tmp_path: Path, command: Command
) -> None:
    keys = room.config.trust.keys
    before = sorted(keys.iterdir())

    status, told = command("keys", *words, "--out", str(tmp_path / "nowhere/text"))

    assert status == 2
    assert f"there is no folder {tmp_path / 'nowhere'}" in told
    assert sorted(keys.iterdir()) == before


def test_a_name_that_no_key_can_bear(tmp_path: Path, command: Command) -> None:
    out = tmp_path / "key.pem"

    status, told = command("keys", "new", "root", "a name", "--out", str(out))

    assert status == 2
    assert "Invalid value for NAME: key name 'a name' holds a space" in told
    assert not out.exists()


def test_the_list_of_commands_says_what_each_is_for_without_being_cut(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run(["keys", "--help"]) == 0

    told = capsys.readouterr().out
    assert "stolen" in told
    assert "..." not in told.partition("Commands:")[2]
