"""What a witness signs, what it refuses, and what it remembers."""

import resource
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keys.checkpoint import Checkpoint
from keys.merkle import EMPTY_ROOT
from keys.note import Note, verify_note
from mirror.cli.main import run
from mirror.errors import StoreError, StoreFullError
from mirror.witness.errors import (
    ConflictError,
    InconsistentError,
    MalformedError,
    RefusalError,
    UnknownLogError,
    UnsignedError,
)
from mirror.witness.judge import check_extends
from mirror.witness.state import State, WitnessDamagedError
from mirror.witness.wire import Request
from mirror.witness.witness import Witness
from tests.witness.world import KEY, LOG, NOW, ORIGIN, OTHER_LOG, Tree, memory, witness

TREE = Tree(20)
FORK = Tree(20, "b", fork=3)


def test_a_first_head_is_cosigned_with_the_time(tmp_path: Path) -> None:
    request = TREE.request(0, 5)

    line = witness(tmp_path).add(request)

    (verified,) = verify_note(Note(request.note.text, (line,)), (KEY.verifier,))
    assert verified.time == NOW
    assert State(tmp_path).read(ORIGIN) == TREE.at(5)


def test_a_larger_tree_is_cosigned_where_it_extends_the_last(tmp_path: Path) -> None:
    one = witness(tmp_path)
    one.add(TREE.request(0, 5))

    one.add(TREE.request(5, 20))

    assert State(tmp_path).read(ORIGIN) == TREE.at(20)


def test_the_same_tree_is_cosigned_again_with_a_newer_time(tmp_path: Path) -> None:
    first = witness(tmp_path).add(TREE.request(0, 5))
    again = witness(tmp_path, NOW + 60).add(TREE.request(5, 5))

    assert int.from_bytes(again.payload[:8], "big") - int.from_bytes(first.payload[:8], "big") == 60


@pytest.mark.parametrize(
    ("request_", "error"),
    [
        (TREE.request(0, 3), ConflictError),  # rolled back
        (TREE.request(0, 12), ConflictError),  # as if it had seen nothing
        (TREE.request(7, 12), ConflictError),  # from a tree that it never saw
        (FORK.request(5, 5), ConflictError),  # another tree of its size
        (FORK.request(5, 12), InconsistentError),  # another history
        (Request(5, (), TREE.request(5, 12).note), InconsistentError),
        (Request(5, (bytes(32),), TREE.request(5, 5).note), InconsistentError),
        (Request(13, (), TREE.request(5, 12).note), MalformedError),
        (TREE.request(5, 12, OTHER_LOG), UnsignedError),
        (Request(5, (), Note("x\n", (LOG.sign("x\n"),))), MalformedError),
    ],
)
def test_what_breaks_the_history_is_refused_and_changes_nothing(
    tmp_path: Path, request_: Request, error: type[RefusalError]
) -> None:
    one = witness(tmp_path)
    one.add(TREE.request(0, 5))

    with pytest.raises(error) as caught:
        one.add(request_)

    assert State(tmp_path).read(ORIGIN) == TREE.at(5)
    if error is ConflictError:
        assert caught.value.size == 5


def test_a_false_signature_in_the_log_s_name_is_refused(tmp_path: Path) -> None:
    good = TREE.request(0, 5)
    false = Note(good.note.text, (LOG.sign(TREE.at(6).encode()),))

    with pytest.raises(UnsignedError, match="false"):
        witness(tmp_path).add(Request(0, (), false))


def test_an_unknown_log_is_refused(tmp_path: Path) -> None:
    state = memory(tmp_path)
    one = Witness(KEY, {"other.example": (LOG.verifier,)}, state, lambda: NOW)

    with pytest.raises(UnknownLogError):
        one.add(TREE.request(0, 5))


def test_during_a_rotation_one_known_key_is_enough(tmp_path: Path) -> None:
    witness(tmp_path).add(TREE.request(0, 5, OTHER_LOG, LOG))

    assert State(tmp_path).read(ORIGIN) == TREE.at(5)


def test_the_empty_tree_moves_nothing_on(tmp_path: Path) -> None:
    text = Checkpoint(ORIGIN, 0, EMPTY_ROOT).encode()
    empty = Request(0, (), Note(text, (LOG.sign(text),)))
    one = witness(tmp_path)

    one.add(empty)
    one.add(TREE.request(0, 5))
    with pytest.raises(ConflictError) as caught:
        one.add(empty)

    assert caught.value.size == 5


@settings(max_examples=60)
@given(
    st.lists(
        st.tuples(st.integers(0, 12), st.integers(1, 12), st.integers(1, 12)),
        min_size=1,
        max_size=8,
    )
)
def test_whatever_is_asked_all_that_was_signed_is_one_history(
    steps: list[tuple[int, int, int]],
) -> None:
    signed: list[Checkpoint] = []
    known = Checkpoint(ORIGIN, 0, EMPTY_ROOT)
    for old, size, fork in steps:
        tree = Tree(12, "b", fork=fork)
        request = tree.request(old, size) if old <= size else Tree(12).request(old, 12)
        head = Checkpoint.parse(request.note.text)
        try:
            check_extends(request, head, known)
        except RefusalError:
            continue
        known = head
        signed.append(head)

    assert [one.size for one in signed] == sorted(one.size for one in signed)
    if signed:
        last = signed[-1]
        first = next(
            tree
            for fork in range(1, 13)
            if (tree := Tree(12, "b", fork=fork)).at(last.size) == last
        )
        assert all(first.at(one.size) == one for one in signed)


def test_of_many_at_once_each_sees_the_one_before(tmp_path: Path) -> None:
    one, other = witness(tmp_path), witness(tmp_path)
    one.add(TREE.request(0, 1))
    requests = [TREE.request(old, old + 1) for old in range(1, 19)] * 2

    def ask(number: int) -> int:
        try:
            (one if number % 2 else other).add(requests[number])
        except ConflictError:
            return 0
        return 1

    with ThreadPoolExecutor(8) as pool:
        answered = sum(pool.map(ask, range(len(requests))))

    known = State(tmp_path).read(ORIGIN)
    assert known is not None
    assert known == TREE.at(known.size)
    assert known.size == answered + 1


def test_a_damaged_memory_stops_the_witness(tmp_path: Path) -> None:
    witness(tmp_path).add(TREE.request(0, 5))
    (file,) = tmp_path.glob("*.tree")
    file.write_bytes(file.read_bytes()[:-4])

    with pytest.raises(WitnessDamagedError, match="nothing was signed"):
        witness(tmp_path).add(TREE.request(5, 6))


def test_a_missing_memory_stops_the_witness(tmp_path: Path) -> None:
    (tmp_path / "mount-point").mkdir()

    for folder in ("nowhere", "mount-point"):
        with pytest.raises(StoreError, match="second history"):
            State(tmp_path / folder)


def test_what_can_not_be_remembered_is_not_signed(tmp_path: Path) -> None:
    one = witness(tmp_path)
    one.add(TREE.request(0, 5))
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (8, limits[1]))  # as on a full disk
    try:
        with pytest.raises(StoreFullError):
            one.add(TREE.request(5, 6))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)

    assert State(tmp_path).read(ORIGIN) == TREE.at(5)


def test_its_settings_may_be_named_before_the_command_too(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ("--name", "partner.example/w", "--log", str(LOG.verifier))
    assert run(["witness", "init", str(tmp_path / "w"), *words]) == 0
    config = ("--config", str(tmp_path / "w" / "witness.toml"))
    capsys.readouterr()

    assert run(["witness", *config, "show"]) == 0
    before = capsys.readouterr().out
    assert run(["witness", "show", *config]) == 0
    assert capsys.readouterr().out == before
    assert run(["witness", *config, "follow", ORIGIN]) == 0

    assert "last cosigned at size 0" in before
    assert capsys.readouterr().out == f"Followed: {ORIGIN}, last cosigned at size 0\n"
