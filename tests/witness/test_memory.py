"""What a witness does when a part of its memory is gone."""

from pathlib import Path

import pytest

from keys.note import Note, SigningKey
from mirror.witness.wire import Request
from tests.witness.world import KEY, LOG, ORIGIN, Made, Tree, made

TREE = Tree(20)
FORK = Tree(20, "b", fork=2)


def head(tree: Tree, size: int, *keys: SigningKey) -> bytes:
    """A head with the cosignatures of ``keys``, as a mirror has it."""
    note = tree.request(0, size).note
    return note.with_signatures(*(key.cosign(note.text, 7) for key in keys)).encode()


@pytest.fixture
def one(tmp_path: Path) -> Made:
    """A witness that cosigned five entries."""
    one = made(tmp_path / "w")
    assert one.sign(TREE.request(0, 5)) == 0
    return one


@pytest.mark.parametrize("request_", [TREE.request(0, 3), FORK.request(0, 5)])
def test_a_log_whose_state_vanished_is_not_new(
    one: Made, request_: Request, capsys: pytest.CaptureFixture[str]
) -> None:
    one.tree.unlink()

    assert one.sign(request_) == 2

    said = capsys.readouterr().err
    for word in (str(one.tree), ORIGIN, "backup", f"follow {ORIGIN} --head"):
        assert word in said
    assert not one.out.exists()


def test_nor_when_nothing_but_the_mark_is_left(one: Made) -> None:
    for path in (one.folder / "state").iterdir():
        if path.name != "README":
            path.unlink()

    assert one.sign(TREE.request(0, 3)) == 2


def test_a_log_that_was_never_cosigned_may_not_vanish_either(tmp_path: Path) -> None:
    one = made(tmp_path / "w")
    one.tree.unlink()

    assert one.sign(TREE.request(0, 3)) == 2
    assert one.do("follow", ORIGIN) == 2


def test_to_follow_it_again_is_refused_and_a_head_of_its_own_brings_it_back(
    one: Made, capsys: pytest.CaptureFixture[str]
) -> None:
    one.tree.unlink()
    file = one.folder / "checkpoint"

    assert one.do("follow", ORIGIN) == 2
    file.write_bytes(head(TREE, 5, KEY))
    assert one.do("follow", ORIGIN, "--head", file) == 2
    assert "lacks a cosignature of this witness" in capsys.readouterr().err
    file.write_bytes(head(TREE, 5, one.key))
    assert one.do("follow", ORIGIN, "--head", file) == 0

    assert one.sign(FORK.request(5, 9)) == 2
    assert one.sign(TREE.request(5, 9)) == 0


def test_a_head_of_its_own_makes_an_old_memory_newer_and_never_older(one: Made) -> None:
    file = one.folder / "checkpoint"

    file.write_bytes(head(TREE, 9, one.key))
    assert one.do("follow", ORIGIN, "--head", file) == 0
    file.write_bytes(head(TREE, 4, one.key))
    assert one.do("follow", ORIGIN, "--head", file) == 2
    file.write_bytes(head(FORK, 9, one.key))
    assert one.do("follow", ORIGIN, "--head", file) == 2

    assert one.sign(TREE.request(9, 12)) == 0


@pytest.mark.parametrize("junk", [b"", b"\xff", b"x\n\ny\n", b"z" * 100_000])
def test_what_is_no_head_brings_nothing_back(one: Made, junk: bytes) -> None:
    one.tree.unlink()
    file = one.folder / "checkpoint"
    file.write_bytes(junk)

    assert one.do("follow", ORIGIN, "--head", file) == 2
    assert one.do("follow", ORIGIN, "--head", file.with_name("nothing")) == 2
    assert not one.tree.exists()


def test_a_head_of_another_log_brings_nothing_back(one: Made) -> None:
    one.tree.unlink()
    text = f"other.example/log\n{TREE.at(5).encode().partition(chr(10))[2]}"
    file = one.folder / "checkpoint"
    file.write_bytes(Note(text, (LOG.sign(text), one.key.cosign(text, 7))).encode())

    assert one.do("follow", ORIGIN, "--head", file) == 2
    assert not one.tree.exists()


def test_a_log_that_is_added_is_followed_on_purpose(
    one: Made, capsys: pytest.CaptureFixture[str]
) -> None:
    other = SigningKey("other.example/log", LOG.kind, b"x" * 32)
    with one.settings.open("a") as file:
        file.write(f'\n[[log]]\nkeys = ["{other.verifier}"]\n')

    assert one.do("show") == 2
    assert "tamizdat witness follow other.example/log" in capsys.readouterr().err
    assert one.do("follow", "stranger.example") == 2
    assert one.do("follow", "other.example/log") == 0
    assert one.do("follow", "other.example/log") == 0  # is followed already
    assert one.do("follow", ORIGIN) == 0

    capsys.readouterr()
    assert one.do("show") == 0
    shown = capsys.readouterr().out
    assert "log  other.example/log: last cosigned at size 0" in shown
    assert f"log  {ORIGIN}: last cosigned at size 5" in shown


def test_killed_after_the_first_state_was_written_it_goes_on(one: Made) -> None:
    """The list of logs is written second; without it the state counts, and is listed anew."""
    (one.folder / "state" / "followed").unlink()

    assert one.sign(TREE.request(5, 9)) == 0

    one.tree.unlink()
    assert one.do("follow", ORIGIN) == 2


def test_what_an_older_version_wrote_is_read(one: Made) -> None:
    one.tree.write_text(TREE.at(5).encode())
    (one.folder / "state" / "followed").unlink()

    assert one.sign(FORK.request(5, 9)) == 2
    assert one.sign(TREE.request(5, 9)) == 0


def test_a_damaged_state_says_how_to_mend_it_and_is_not_written_over(
    one: Made, capsys: pytest.CaptureFixture[str]
) -> None:
    one.tree.write_bytes(b"damaged")
    file = one.folder / "checkpoint"
    file.write_bytes(head(TREE, 5, one.key))

    assert one.sign(TREE.request(5, 9)) == 2
    assert f"follow {ORIGIN} --head" in capsys.readouterr().err
    assert one.do("follow", ORIGIN, "--head", file) == 2
    assert one.tree.read_bytes() == b"damaged"


def test_what_a_kill_left_half_written_is_swept(one: Made) -> None:
    left = one.folder / "state" / ".new-abc"
    left.write_bytes(b"half")

    assert one.sign(TREE.request(5, 9)) == 0

    assert not left.exists()


def test_an_answer_that_can_not_be_written_is_told_and_can_be_asked_for_again(
    one: Made, capsys: pytest.CaptureFixture[str]
) -> None:
    file = one.folder / "request"
    file.write_bytes(TREE.request(5, 9).encode())

    assert one.do("sign", "--request", file, "--out", one.folder / "no" / "answer") == 2
    assert "can't be written" in capsys.readouterr().err

    assert one.sign(TREE.request(9, 9)) == 0


def test_a_state_that_can_not_be_read_or_is_another_log_s_stops_the_witness(
    one: Made, capsys: pytest.CaptureFixture[str]
) -> None:
    one.tree.write_text(TREE.at(5).encode().replace(ORIGIN, "other.example"))
    assert one.sign(TREE.request(5, 9)) == 2
    assert "is of the log other.example" in capsys.readouterr().err

    one.tree.unlink()
    one.tree.mkdir()
    assert one.sign(TREE.request(5, 9)) == 2
    assert f"{one.tree} can't be read" in capsys.readouterr().err


OTHER = SigningKey("other.example/log", LOG.kind, b"x" * 32).verifier


@pytest.mark.parametrize(
    ("lines", "word"),
    [
        (f'[[log]]\nkeys = ["{LOG.verifier}"]', "as another [[log]] is"),
        (f'[[log]]\nkeys = ["{OTHER}", "{KEY.verifier}"]', "the log keys of one log"),
        (f'[[log]]\nkeys = ["{KEY.verifier}"]', "the log keys of one log"),
        ('[[log]]\nkeys = ["junk"]', "[[log]] 2: signed note: 'junk' is not a verifier key"),
        ('[[log]]\nkeyring = "nowhere"', "[[log]] 2: [Errno 2]"),
        ("[[log]]", "needs either keyring"),
        ("colour = 1", "colour"),
        ("junk", "is no TOML"),
    ],
)
def test_mistaken_settings_are_named(
    one: Made, lines: str, word: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with one.settings.open("a") as file:
        file.write(f"\n{lines}\n")

    assert one.do("show") == 2
    assert word in capsys.readouterr().err


def test_settings_that_are_not_there_are_named(
    one: Made, capsys: pytest.CaptureFixture[str]
) -> None:
    one.settings.unlink()

    assert one.do("show") == 2
    assert "tamizdat witness init" in capsys.readouterr().err
