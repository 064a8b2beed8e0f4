"""``tamizdat keys rotate`` and ``revoke``: what an operator's script may rely on."""

import asyncio
from pathlib import Path

import pytest

from keys.files import read_key
from keys.keyring import Keyring
from mirror.keystore import LOG, NEXT, key_path
from mirror.store.database import Database
from mirror.store.ledger import put_head, read
from tests.cli.rooms import Command
from tests.service.room import Room


def files(room: Room) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in room.config.trust.keys.iterdir()}


def sign_with_both(room: Room) -> None:
    """The newest head, as the service signs it while the next log key lies beside the old."""
    secret = (room.folder / "passphrase").read_bytes().strip()
    key = read_key(key_path(room.config.trust.keys, f"{LOG}{NEXT}"), secret)

    async def sign() -> None:
        origin = room.config.trust.origin
        database = await Database.open(room.config.store.database, room.config.store.data)
        async with database.begin() as connection:
            at = await read(connection, origin)
            text = at.head.decode().partition("\n\n")[0] + "\n"
            line = key.sign(text)
            head = at.head + f"{line}\n".encode()
            await put_head(connection, origin, size=at.signed, time=at.time, head=head)
        await database.close()

    asyncio.run(sign())


def test_a_first_rotate_makes_the_key_and_asked_for_nothing_more_it_is_done(
    room: Room, command: Command
) -> None:
    status, told = command("keys", "rotate")

    assert status == 0
    assert "The new log key is ready" in told
    assert key_path(room.config.trust.keys, "log-next").exists()


def test_who_asks_for_a_text_is_told_by_the_status_that_there_is_none(
    room: Room, tmp_path: Path, command: Command
) -> None:
    text = tmp_path / "keyring-2.txt"
    for _ in ("the key is made", "no head bears both yet"):
        status, told = command("keys", "rotate", "--out", str(text))

        assert status == 1
        assert f"{text} is not written yet" in told
        assert not text.exists()
    sign_with_both(room)

    status, told = command("keys", "rotate", "--out", str(text))

    assert status == 0
    assert f"Wrote {text}" in told
    assert Keyring.parse(text.read_text()).retired


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--last", "5"], "no edition has the size 5"),
        (["--expires", "2020-01-01"], "not after today"),
        (["--expires", "soon"], "no date"),
        (["--witness", "clock"], "belong together"),
        (["--retired", "what"], "--retired"),
        (["--retired", "KEY", "--machine"], "--retired stands alone"),
        (["--retired", "KEY", "--witness", "clock", "--new", "KEY"], "--retired stands alone"),
    ],
)
def test_a_slip_in_revoke_makes_no_key_and_sets_none_aside(
    words: list[str], said: str, room: Room, tmp_path: Path, command: Command
) -> None:
    assert command("keys", "rotate")[0] == 0
    before = files(room)

    status, told = command("keys", "revoke", "--out", str(tmp_path / "text"), *words)

    assert status == 2
    assert said in told
    assert files(room) == before
    assert not (tmp_path / "text").exists()


def test_a_passphrase_that_can_t_be_read_sets_no_key_aside(
    room: Room, tmp_path: Path, command: Command
) -> None:
    assert command("keys", "rotate")[0] == 0
    before = files(room)
    (room.folder / "passphrase").unlink()

    status, told = command("keys", "revoke", "--out", str(tmp_path / "text"))

    assert status == 2
    assert "passphrase" in told
    assert files(room) == before


def test_revoke_says_whom_to_call_and_what_else_the_thief_may_have(
    room: Room, tmp_path: Path, command: Command
) -> None:
    text = tmp_path / "keyring-2.txt"

    status, told = command("keys", "revoke", "--machine", "--out", str(text))

    assert status == 0
    (new,) = Keyring.parse(text.read_text()).policy.logs
    assert f"Tell your witnesses the new log key: {new}" in told
    assert "root.pem lies here too" in told
    key_path(room.config.trust.keys, "root").unlink()
    words = ["--machine", "--out", str(tmp_path / "again.txt")]
    assert "root.pem" not in command("keys", "revoke", *words)[1]
