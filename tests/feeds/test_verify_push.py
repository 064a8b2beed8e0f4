"""Verdicts while a push is under way (format 6: updating; format 7)."""

from datetime import timedelta
from pathlib import Path

import pytest

from feeds.folder import FolderReader
from feeds.verify import Pin, Report, Verdict, verify_tree
from keys.checkpoint import Checkpoint
from keys.note import Note, SigningKey
from keys.standing import Ending, Former
from tests.feeds.tree import BASE, ORIGIN, SignedTree, Write, article, earlier, feed, picture

MOVING = {Verdict.GENUINE, Verdict.UPDATING}

EDITIONS: list[tuple[dict[str, bytes | None], dict[str, bytes | None]]] = [
    (
        dict([picture(b"new"), article(1, "corrected"), earlier(article(1)[1]), article(9)]),
        {"index.html": b"new front", "feeds/all.atom": feed("new"), "x/icon.png": b"icon"},
    ),
    ({"feeds/archive/1.atom": feed("one"), "x/book.epub": b"book"}, {}),
    ({article(1)[0]: None}, {"s/old.html": None, "index.html": b"less"}),
    (dict(article(number) for number in range(300, 310)), {}),  # beyond a full tile
    ({}, {"index.html": b"again"}),
]


@pytest.fixture(params=[None, BASE])
def tree(request: pytest.FixtureRequest, tmp_path: Path) -> SignedTree:
    """As published; and as copied off a mirror, of which the verifier is told no address."""
    return SignedTree(tmp_path / "site", base=request.param).fill()


def look(tree: SignedTree, after: timedelta = timedelta(minutes=1)) -> Report:
    assert tree.folder
    return verify_tree(FolderReader(tree.folder), Pin(keyring=tree.keyring), now=tree.time + after)


def is_calm(report: Report) -> bool:
    """No alarm: but of what a push removes, nothing is said until the log tells of it."""
    removing = report.pending and report.verdict is Verdict.COULD_NOT_TELL
    problems = {item.problem for item in report.findings if item.verdict is report.verdict}
    return report.verdict in MOVING or (removing and all("look again" in one for one in problems))


def correction(tree: SignedTree) -> list[Write]:
    leaves = dict([article(1, "corrected"), earlier(article(1)[1]), picture(b"new"), article(9)])
    return tree.plan(leaves, {"index.html": b"new front", "feeds/all.atom": feed("new")})


def test_a_push_is_never_taken_for_a_forgery(tree: SignedTree) -> None:
    """After every single write, whatever the push brings and takes away."""
    tree.publish(dict(article(number) for number in range(20, 250)), {"s/old.html": b"old"})
    for leaves, mutable in EDITIONS:
        for write in tree.plan(leaves, mutable):
            tree.write([write])
            assert is_calm(look(tree)), (write[0], look(tree).findings)
        assert look(tree).verdict is Verdict.GENUINE


def test_a_rotation_is_never_taken_for_a_forgery(tree: SignedTree) -> None:
    pin = Pin(keyring=tree.keyring)
    assert tree.folder
    old = tree.log
    tree.log = SigningKey(ORIGIN, old.kind, b"n" * 32)
    note = Note.parse(tree.editions[tree.size])
    root = Checkpoint.parse(note.text).root
    retired = Former(Ending.RETIRED, old.verifier, tree.size, root)
    tree.keyring = tree.make_keyring(2, former=[retired])

    for write in tree.plan(dict([article(7)]), {"index.html": b"new key"}):
        tree.write([write])
        report = verify_tree(FolderReader(tree.folder), pin, now=tree.time)
        assert report.verdict in MOVING, (write[0], report.findings)

    assert (report.verdict, report.keyring) == (Verdict.GENUINE, 2)


def test_a_forged_file_does_not_hide_behind_a_push(tree: SignedTree) -> None:
    """At every moment of it, whichever file is forged."""
    plan = correction(tree)
    for stop in range(len(plan)):
        tree.write(plan[stop : stop + 1])
        for path in ("index.html", "feeds/all.atom", article(2)[0], picture()[0], "x/new.html"):
            assert tree.folder
            file = tree.folder / path
            kept = file.read_bytes() if file.exists() else None
            file.parent.mkdir(exist_ok=True)
            file.write_bytes(b"forged")
            assert look(tree).verdict.exit_status != 0, (plan[stop][0], path)
            file.write_bytes(kept) if kept else file.unlink()


def test_an_article_that_is_kept_back_does_not_hide_behind_a_push(tree: SignedTree) -> None:
    """Whatever of a push a mirror shows, and for as long as it likes."""
    plan = correction(tree)
    page, _ = article(2)
    for stop in range(len(plan)):
        tree.write(plan[stop : stop + 1])
        assert tree.folder
        for path in (page, f"{page}.tlog-proof"):
            kept = (tree.folder / path).read_bytes()
            (tree.folder / path).unlink()
            assert look(tree).verdict.exit_status != 0, plan[stop][0]
            (tree.folder / path).write_bytes(kept)


def test_files_of_the_next_edition_are_compared_too(tree: SignedTree) -> None:
    tree.write(correction(tree)[:-1])
    assert look(tree).verdict is Verdict.UPDATING

    assert tree.folder
    (tree.folder / article(9)[0]).write_bytes(b"forged")
    assert look(tree).verdict is Verdict.NOT_GENUINE

    (tree.folder / article(9)[0]).unlink()
    assert look(tree).verdict is Verdict.INCOMPLETE


def test_a_push_that_broke_off_is_incomplete(tree: SignedTree) -> None:
    tree.write(correction(tree)[:-1])

    assert look(tree, timedelta(minutes=59)).verdict is Verdict.UPDATING
    assert look(tree, timedelta(minutes=61)).verdict is Verdict.INCOMPLETE


def test_a_removal_that_went_ahead_of_its_head_is_updating(tree: SignedTree) -> None:
    path, _ = article(1)
    plan = tree.plan({path: None, **dict([article(9)])})
    tree.write(plan[:-1])

    assert look(tree).verdict is Verdict.UPDATING


def test_a_newer_head_by_another_key_excuses_nothing(tree: SignedTree, tmp_path: Path) -> None:
    forged = SignedTree(tmp_path / "forged")
    forged.clock = forged.log  # no witness of ours
    forger = SignedTree(tmp_path / "forger")
    forger.log = type(tree.log)("news.example/mirror", tree.log.kind, b"f" * 32)
    forger.keyring = forger.make_keyring(1)
    forger.fill().publish(dict([article(1, "forged"), article(12, "forged")]))
    assert tree.folder
    for path in (article(12)[0], f"{article(12)[0]}.tlog-proof"):
        (tree.folder / path).parent.mkdir(exist_ok=True)
        (tree.folder / path).write_bytes(forger.files[path])

    assert look(tree).verdict is Verdict.NOT_GENUINE
