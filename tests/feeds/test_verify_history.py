"""Behind, rolled back, forked: what a head says beside those that were seen before."""

from datetime import timedelta
from pathlib import Path

import pytest

from feeds.folder import FolderReader
from feeds.verify import Known, Pin, Report, Verdict, verify_tree
from tests.feeds.tree import SignedTree, article


class Remembered:
    """A memory that knows one thing."""

    def __init__(self, known: Known) -> None:
        self.known = known

    def recall(self, origin: str) -> Known:
        assert origin == "news.example/mirror"
        return self.known


def look(tree: SignedTree, known: Known, after: timedelta = timedelta(minutes=1)) -> Report:
    assert tree.folder
    return verify_tree(
        FolderReader(tree.folder),
        Pin(keyring=tree.keyring),
        now=tree.time + after,
        memory=Remembered(known),
    )


def known_of(tree: SignedTree, *, at_address: int = 0, leaves: bool = True) -> Known:
    report = look(tree, Known())
    assert report.verdict is Verdict.GENUINE
    return Known(report.head, report.leaves if leaves else b"", at_address)


@pytest.fixture
def small(tmp_path: Path) -> SignedTree:
    return SignedTree(tmp_path / "small").fill()


@pytest.fixture
def large(tmp_path: Path) -> SignedTree:
    return SignedTree(tmp_path / "large").fill().publish(dict([article(9)]))


def test_a_tree_that_grew_is_genuine(small: SignedTree, large: SignedTree) -> None:
    assert look(large, known_of(small, at_address=6)).verdict is Verdict.GENUINE
    assert look(large, known_of(large, at_address=8)).verdict is Verdict.GENUINE


def test_the_beginning_of_a_larger_tree_is_behind(small: SignedTree, large: SignedTree) -> None:
    report = look(small, known_of(large))

    assert report.verdict is Verdict.BEHIND
    assert report.findings[0].problem == "it holds 6 of the 8 entries that were seen elsewhere"


def test_behind_and_old_is_stale(small: SignedTree, large: SignedTree) -> None:
    assert look(small, known_of(large), timedelta(days=3)).verdict is Verdict.STALE


def test_an_address_that_shrinks_is_rolled_back(small: SignedTree, large: SignedTree) -> None:
    assert look(small, known_of(large, at_address=8)).verdict is Verdict.ROLLED_BACK


def test_a_smaller_tree_confirmed_later_is_rolled_back(
    small: SignedTree, large: SignedTree
) -> None:
    small.write(small.refresh(large.time + timedelta(seconds=1)))

    report = look(small, known_of(large))

    assert report.verdict is Verdict.ROLLED_BACK
    assert len(report.evidence) == 2


def test_two_heads_of_one_size_are_a_fork(tmp_path: Path, small: SignedTree) -> None:
    other = SignedTree(tmp_path / "other").fill(2).publish()
    assert other.size == 6

    report = look(other, known_of(small))

    assert report.verdict is Verdict.FORKED
    assert report.evidence == (small.editions[6], other.editions[6])


@pytest.mark.parametrize("turned", [False, True])
def test_a_log_that_does_not_begin_with_the_other_is_a_fork(
    tmp_path: Path, small: SignedTree, *, turned: bool
) -> None:
    other = SignedTree(tmp_path / "other").fill(2).publish().publish(dict([article(9)]))
    shown, seen = (small, other) if turned else (other, small)

    report = look(shown, known_of(seen))

    assert report.verdict is Verdict.FORKED
    assert set(report.evidence) == {small.editions[6], other.editions[8]}


def test_without_the_larger_log_nothing_is_said(small: SignedTree, large: SignedTree) -> None:
    assert look(small, known_of(large, leaves=False)).verdict is Verdict.COULD_NOT_TELL


def test_a_proof_with_a_head_that_contradicts_the_log_is_a_fork(
    tmp_path: Path, small: SignedTree
) -> None:
    other = SignedTree(tmp_path / "other").fill(2).publish()
    path = f"{article(0)[0]}.tlog-proof"
    assert small.folder
    (small.folder / path).write_bytes(other.files[path])
    small.publish(dict([article(20)]))

    report = look(small, Known())

    assert report.verdict is Verdict.FORKED
    assert report.evidence
