"""What a witness keeps of a log that shows another history, so that a partner can show it."""

import io
import json
import resource
from pathlib import Path

import pytest
from aiohttp import ClientSession

from keys.checkpoint import Checkpoint
from keys.merkle import EMPTY_ROOT
from keys.note import Kind, Note, SigningKey, verify_note
from mirror import logs
from mirror.witness.errors import ConflictError, InconsistentError, RefusalError
from mirror.witness.evidence import MOST
from mirror.witness.server import start
from mirror.witness.wire import Request
from tests.junk import send_junk
from tests.nginx import free_port
from tests.witness.world import LOG, ORIGIN, Made, Tree, made, witness

TREE = Tree(40)
FORK = Tree(40, "b", fork=3)


def refused(folder: Path, request: Request) -> RefusalError:
    """What the witness of five entries says to ``request``."""
    with pytest.raises(RefusalError) as caught:
        witness(folder).add(request)
    return caught.value


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The state of a witness that cosigned five entries."""
    witness(tmp_path).add(TREE.request(0, 5))
    return tmp_path


def kept(folder: Path) -> list[Path]:
    return sorted((folder / "evidence").glob("*"))


@pytest.mark.parametrize(
    ("request_", "error", "kind"),
    [
        (FORK.request(5, 5), ConflictError, "same-size"),
        (Request(0, (), FORK.request(5, 5).note), ConflictError, "same-size"),
        (FORK.request(5, 12), InconsistentError, "unproven"),
        (Request(5, (), TREE.request(5, 12).note), InconsistentError, "unproven"),
        (FORK.request(0, 4), ConflictError, "smaller"),
    ],
)
def test_both_heads_are_kept_each_signed_by_the_log(
    folder: Path, request_: Request, error: type[RefusalError], kind: str
) -> None:
    refusal = refused(folder, request_)

    assert type(refusal) is error
    assert refusal.origin == ORIGIN
    assert refusal.evidence is not None
    held, shown = kept(folder)
    assert refusal.evidence == shown
    assert kind in shown.name
    assert (held.suffix, shown.suffix) == (".held", ".refused")
    assert held.stem == shown.stem
    for path, text in ((held, TREE.at(5).encode()), (shown, request_.note.text)):
        note = Note.parse(path.read_bytes())
        assert note.text == text
        assert [one.key for one in verify_note(note, (LOG.verifier,))] == [LOG.verifier]


EMPTY = Checkpoint(ORIGIN, 0, EMPTY_ROOT).encode()


@pytest.mark.parametrize(
    "request_",
    [
        TREE.request(0, 5),  # the size is asked for
        TREE.request(0, 9),
        Request(0, (), Note(EMPTY, (LOG.sign(EMPTY),))),  # as a publisher does at its start
        Request(5, (bytes(32),), TREE.request(5, 5).note),
        Request(9, (), FORK.request(5, 7).note),
        Request(5, (), Note(FORK.at(5).encode(), (LOG.sign(TREE.at(5).encode()),))),
        FORK.request(5, 5, SigningKey(ORIGIN, Kind.ED25519, b"o" * 32)),
    ],
)
def test_what_shows_nothing_is_not_kept(folder: Path, request_: Request) -> None:
    assert refused(folder, request_).evidence is None
    assert kept(folder) == []


def test_before_anything_was_cosigned_nothing_can_be_shown(tmp_path: Path) -> None:
    assert refused(tmp_path, Request(0, (bytes(32),), FORK.request(0, 5).note)).evidence is None
    assert kept(tmp_path) == []


def test_the_same_head_is_kept_once_and_without_what_strangers_wrote_below_it(folder: Path) -> None:
    text = FORK.at(5).encode()
    for number in range(3):
        stranger = SigningKey(f"junk-{number}.example", Kind.ED25519, b"j" * 32)
        lines = (stranger.sign(text), *[LOG.sign(text)] * 20)
        refused(folder, Request(5, (), Note(text, lines)))

    _, shown = kept(folder)
    assert shown.read_bytes() == Note(text, (LOG.sign(text),)).encode()


def test_it_is_bounded_and_no_kind_takes_the_place_of_another(folder: Path) -> None:
    forks = [Tree(40, f"c{number}", fork=3) for number in range(MOST + 3)]

    answers = [refused(folder, one.request(5, 12)) for one in forks]

    assert sum(answer.evidence is not None for answer in answers) == MOST
    assert len(kept(folder)) == 2 * MOST
    assert refused(folder, forks[0].request(5, 12)).evidence == answers[0].evidence
    assert refused(folder, forks[0].request(5, 5)).evidence is not None
    assert len(kept(folder)) == 2 * MOST + 2


def test_a_full_disk_does_not_change_the_answer(folder: Path) -> None:
    one = witness(folder)
    stream = io.StringIO()
    logs.set_up(stream)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (8, limits[1]))
    try:
        with pytest.raises(ConflictError) as caught:
            one.add(FORK.request(5, 5))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)

    assert caught.value.evidence is None
    assert kept(folder) == []
    assert "witness.evidence_not_kept" in stream.getvalue()


def test_a_kill_between_the_two_files_is_made_good(folder: Path) -> None:
    refused(folder, FORK.request(5, 5))
    held, shown = kept(folder)
    shown.unlink()

    refused(folder, FORK.request(5, 5))

    assert kept(folder) == [held, shown]


def test_the_operator_is_told_where_it_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    one = made(tmp_path / "w")
    assert one.sign(TREE.request(0, 5)) == 0
    capsys.readouterr()

    assert one.sign(FORK.request(5, 5)) == 2
    (path,) = (one.folder / "state/evidence").glob("*.refused")
    assert str(path) in capsys.readouterr().err
    assert one.sign(FORK.request(5, 9)) == 2
    assert "evidence" in capsys.readouterr().err
    assert one.do("show") == 0
    assert f"2 refused heads of it are kept in {path.parent}" in capsys.readouterr().out
    assert Made(one.folder).sign(TREE.request(5, 9)) == 0


async def test_the_log_says_where_it_is_and_names_nobody(folder: Path) -> None:
    port = free_port()
    stream = io.StringIO()
    logs.set_up(stream)
    runner = await start(witness(folder), f"127.0.0.1:{port}")
    try:
        async with ClientSession() as session:
            url = f"http://127.0.0.1:{port}/add-checkpoint"
            for request in (FORK.request(5, 5), TREE.request(0, 9)):
                async with session.post(url, data=request.encode()) as answer:
                    assert answer.status == 409
            async with session.post(url, data=b"\xff") as answer:
                assert answer.status == 400
        await send_junk(port)
    finally:
        await runner.cleanup()

    assert "127.0.0.1" not in stream.getvalue()
    told = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert [one["event"] for one in told] == ["witness.refused", "witness.refused"]
    assert [one["log"] for one in told] == [ORIGIN, ORIGIN]
    assert told[0]["evidence"] == str(kept(folder)[1])
    assert "evidence" not in told[1]


async def test_a_fault_of_our_own_is_logged_and_names_nobody(tmp_path: Path) -> None:
    port = free_port()
    stream = io.StringIO()
    logs.set_up(stream)
    runner = await start(witness(tmp_path, now=-1), f"127.0.0.1:{port}")  # no time to sign
    try:
        async with ClientSession() as session:
            url = f"http://127.0.0.1:{port}/add-checkpoint"
            async with session.post(url, data=TREE.request(0, 5).encode()) as answer:
                assert answer.status == 500
    finally:
        await runner.cleanup()

    assert "Error handling request" in stream.getvalue()
    assert "127.0.0.1" not in stream.getvalue()
