"""Verdicts on a whole mirror (format 6)."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from feeds.errors import TreeError, UnreadableError
from feeds.folder import FolderReader
from feeds.localise import CANONICAL_BASE
from feeds.verify import Listing, Options, Pin, Report, Verdict, verify_tree
from keys.keyring import SignedKeyring, fingerprint
from keys.note import Kind, Note
from keys.policy import Group, Witness
from tests.feeds.tree import BASE, MAX_AGE, SignedTree, article, earlier, feed, key, picture

LATER = timedelta(minutes=5)


@pytest.fixture
def tree(tmp_path: Path) -> SignedTree:
    return SignedTree(tmp_path / "site").fill()


def look(
    tree: SignedTree,
    *,
    pin: Pin | None = None,
    now: datetime | None = None,
    base: str | None = None,
) -> Report:
    assert tree.folder
    return verify_tree(
        FolderReader(tree.folder),
        pin or Pin(keyring=tree.keyring),
        now=now or tree.time + LATER,
        options=Options(base=base),
    )


def path_of(tree: SignedTree, path: str) -> Path:
    assert tree.folder
    return tree.folder / path


def about(report: Report, path: str) -> str:
    return " ".join(finding.problem for finding in report.findings if finding.path == path)


def test_what_the_publisher_signed_is_genuine(tree: SignedTree) -> None:
    report = look(tree)

    assert report.verdict is Verdict.GENUINE
    assert report.findings == ()
    assert report.size == 6
    assert report.files == 10
    assert report.proofs == 5
    assert report.head
    assert report.head.time == tree.time


def test_dot_files_are_no_part_of_it(tree: SignedTree) -> None:
    path_of(tree, ".htaccess").write_text("Options -Indexes")

    assert look(tree).verdict is Verdict.GENUINE


@pytest.mark.parametrize(
    "path",
    [
        article(1)[0],
        earlier(article(0, "before")[1])[0],
        picture()[0],
        "index.html",
        "feeds/all.atom",
        "mirrors.json",
        "SHA256SUMS",
        "SHA256SUMS.tlog-proof",
        f"{article(1)[0]}.tlog-proof",
        "log/keys/1",
        "log/checkpoint",
        "log/checkpoint.minisig",
        "log/tile/0/000.p/6",
        "log/tile/entries/000.p/6",
    ],
)
def test_every_altered_file_is_not_genuine_and_every_missing_one_is_noticed(
    tree: SignedTree, path: str
) -> None:
    file = path_of(tree, path)
    genuine = file.read_bytes()

    for altered in (genuine + b" ", genuine[:-1], b"", genuine.swapcase()):
        file.write_bytes(altered)
        assert look(tree).verdict is Verdict.NOT_GENUINE, altered

    file.unlink()
    missing = Verdict.COULD_NOT_TELL if path == "log/checkpoint" else Verdict.INCOMPLETE
    report = look(tree)
    assert report.verdict is missing
    assert report.findings[0].path == path


@pytest.mark.parametrize(
    "path",
    [
        "extra.html",
        article(99)[0],
        f"{picture()[0]}.tlog-proof",
        "index.html.tlog-proof",
        "log/keys/2",
        "log/extra",
        "log/tile/0/000.p/3",
        "x/страница.html",
    ],
)
def test_an_extra_file_is_not_genuine(tree: SignedTree, path: str) -> None:
    path_of(tree, path).parent.mkdir(parents=True, exist_ok=True)
    path_of(tree, path).write_text("extra")

    report = look(tree)

    assert report.verdict is Verdict.NOT_GENUINE
    assert "was not published" in about(report, path)


def test_a_symbolic_link_is_not_genuine(tree: SignedTree) -> None:
    path_of(tree, "index.html").rename(path_of(tree, ".front"))
    path_of(tree, "index.html").symlink_to(".front")

    report = look(tree)

    assert report.verdict is Verdict.NOT_GENUINE
    assert "symbolic link" in about(report, "index.html")


def test_an_old_page_with_its_old_proof_is_not_genuine(tree: SignedTree) -> None:
    path, before = article(1)
    proof = tree.files[f"{path}.tlog-proof"]
    tree.publish(dict([article(1, "corrected"), earlier(before)]))
    assert look(tree).verdict is Verdict.GENUINE

    path_of(tree, path).write_bytes(before)
    path_of(tree, f"{path}.tlog-proof").write_bytes(proof)

    report = look(tree)
    assert report.verdict is Verdict.NOT_GENUINE
    assert report.findings[0].path == path


def test_an_old_feed_beside_new_articles_is_not_genuine(tree: SignedTree) -> None:
    old = path_of(tree, "feeds/all.atom").read_bytes()
    tree.publish(dict([article(7)]), {"feeds/all.atom": feed("seven", "two")})

    path_of(tree, "feeds/all.atom").write_bytes(old)

    assert look(tree).verdict is Verdict.NOT_GENUINE


def test_swapped_pictures_and_proofs_are_not_genuine(tree: SignedTree) -> None:
    tree.publish(dict([picture(b"another")]))
    one, other = path_of(tree, picture()[0]), path_of(tree, picture(b"another")[0])
    one.write_bytes(other.read_bytes())
    assert look(tree).verdict is Verdict.NOT_GENUINE

    one.write_bytes(tree.files[picture()[0]])
    proof = path_of(tree, f"{article(0)[0]}.tlog-proof")
    proof.write_bytes(tree.files[f"{article(1)[0]}.tlog-proof"])
    report = look(tree)
    assert report.verdict is Verdict.NOT_GENUINE
    assert "another file" in report.findings[0].problem


def test_what_was_withdrawn_altogether_must_be_gone(tree: SignedTree) -> None:
    path, page = article(1)
    tree.publish({path: None})
    assert look(tree).verdict is Verdict.GENUINE

    path_of(tree, path).write_bytes(b"")
    assert look(tree).verdict is Verdict.GENUINE

    path_of(tree, path).write_bytes(page)
    assert "withdrawn" in about(look(tree), path)

    path_of(tree, path).unlink()
    path_of(tree, f"{path}.tlog-proof").write_bytes(b"left over")
    assert look(tree).verdict is Verdict.NOT_GENUINE


def test_a_mutable_file_that_is_listed_no_more_must_go(tree: SignedTree) -> None:
    index = path_of(tree, "feeds/all.atom").read_bytes()
    tree.publish({}, {"feeds/all.atom": None})
    path_of(tree, "feeds/all.atom").write_bytes(index)

    assert look(tree).verdict is Verdict.NOT_GENUINE


def test_partial_tiles_of_earlier_editions_may_stay_or_go(tree: SignedTree) -> None:
    tree.publish(dict(article(number) for number in range(10, 300)))
    partial = path_of(tree, "log/tile/0/000.p/6")
    assert partial.exists()
    assert look(tree).verdict is Verdict.GENUINE

    partial.write_bytes(bytes(len(partial.read_bytes())))
    assert "does not fit the log" in about(look(tree), "log/tile/0/000.p/6")

    for path in ("log/tile/0/000.p/6", "log/tile/entries/000.p/6"):
        path_of(tree, path).unlink()
    assert look(tree).verdict is Verdict.GENUINE

    path_of(tree, "log/tile/0/000").unlink()
    assert look(tree).verdict is Verdict.INCOMPLETE


class Partnered(SignedTree):
    """Each head needs a partner too, who cosigned each a month before the clock did."""

    partner = key("partner.example/w", Kind.COSIGNATURE)

    def sign_head(self, size: int, root: bytes) -> bytes:
        note = Note.parse(super().sign_head(size, root))
        old = int((self.time - timedelta(days=30)).timestamp())
        return note.with_signatures(self.partner.cosign(note.text, old)).encode()

    def make_keyring(self, version: int, **_: Any) -> bytes:  # noqa: ANN401 - nothing is asked for
        keyring = SignedKeyring.parse(super().make_keyring(version)).keyring
        policy = keyring.policy
        both = (*policy.witnesses, Witness("partner", self.partner.verifier))
        fresh = (Group("fresh", "all", ("clock", "partner")),)
        text = replace(keyring, policy=replace(policy, witnesses=both, groups=fresh)).encode()
        return Note(text).with_signatures(*(root.sign(text) for root in self.roots)).encode()


def test_who_has_the_clock_alone_keeps_no_frozen_tree_fresh(tmp_path: Path) -> None:
    report = look(Partnered(tmp_path / "frozen").fill())

    assert report.verdict is Verdict.STALE
    assert "nothing newer than 2026-10-25 12:00" in report.findings[0].problem


def test_old_is_stale_and_the_future_can_not_be_told(tree: SignedTree) -> None:
    assert look(tree, now=tree.time + MAX_AGE).verdict is Verdict.GENUINE
    stale = look(tree, now=tree.time + MAX_AGE + LATER)
    assert stale.verdict is Verdict.STALE
    assert "2026-11-24 12:00" in stale.findings[0].problem

    assert look(tree, now=tree.time - timedelta(minutes=10)).verdict is Verdict.GENUINE
    future = look(tree, now=tree.time - timedelta(minutes=11))
    assert future.verdict is Verdict.COULD_NOT_TELL
    assert "clock" in future.findings[0].problem


def test_a_head_that_was_confirmed_again_is_fresh(tree: SignedTree) -> None:
    tree.write(tree.refresh(tree.time + MAX_AGE))

    assert look(tree).verdict is Verdict.GENUINE


def test_another_publisher_s_tree_is_not_genuine(tree: SignedTree, tmp_path: Path) -> None:
    forged = SignedTree(tmp_path / "forged")
    forged.roots, forged.log = [key("forger/root")], key("news.example/mirror+x"[:-2] + "")
    forged.keyring = forged.make_keyring(1)
    forged.fill()

    by_file = look(forged, pin=Pin(keyring=tree.keyring))
    by_print = look(forged, pin=Pin(fingerprint=tree.fingerprint))

    assert by_file.verdict is Verdict.NOT_GENUINE
    assert by_print.verdict is Verdict.NOT_GENUINE
    assert "fingerprint" in by_print.findings[0].problem


def test_a_fingerprint_finds_its_keyring_in_the_tree(tree: SignedTree) -> None:
    spaced = " ".join(tree.fingerprint[at : at + 4].upper() for at in range(0, 64, 4))

    assert look(tree, pin=Pin(fingerprint=spaced)).verdict is Verdict.GENUINE


def test_a_head_without_its_witness_is_not_genuine(tree: SignedTree) -> None:
    note = Note.parse(path_of(tree, "log/checkpoint").read_bytes())
    path_of(tree, "log/checkpoint").write_bytes(Note(note.text, note.signatures[:1]).encode())

    report = look(tree)

    assert report.verdict is Verdict.NOT_GENUINE
    assert "quorum" in report.findings[0].problem


def test_a_head_that_is_no_edition_is_not_genuine(tree: SignedTree) -> None:
    plan = tree.plan(dict([article(8)]))
    path, data = article(9)
    tree.write(plan)
    tree._append({path: data})  # noqa: SLF001 - a publisher that forgets SHA256SUMS
    head = tree.editions[tree.size]
    tiles = {p: d for p, d in tree.files.items() if p.startswith("log/tile/")}
    assert tiles
    path_of(tree, "log/checkpoint").write_bytes(head)

    assert look(tree).verdict in {Verdict.NOT_GENUINE, Verdict.INCOMPLETE}


def test_keyrings_are_walked_to_the_newest(tree: SignedTree) -> None:
    first = tree.keyring
    tree.keyring = tree.make_keyring(2)
    tree.publish(dict([article(5)]))

    assert look(tree, pin=Pin(keyring=first)).keyring == 2
    assert look(tree, pin=Pin(keyring=first)).verdict is Verdict.GENUINE
    assert look(tree, pin=Pin(keyring=tree.keyring)).verdict is Verdict.GENUINE
    assert look(tree, pin=Pin(fingerprint=fingerprint(first))).verdict is Verdict.GENUINE

    path_of(tree, "log/keys/2").unlink()
    assert look(tree, pin=Pin(keyring=first)).verdict is Verdict.INCOMPLETE
    path_of(tree, "log/keys/2").write_bytes(tree.keyring)
    path_of(tree, "log/keys/1").write_bytes(tree.keyring)
    assert look(tree).verdict is Verdict.NOT_GENUINE


def test_a_keyring_that_too_few_roots_signed_is_not_genuine(tmp_path: Path) -> None:
    tree = SignedTree(tmp_path / "site")
    tree.roots = [key("news.example/root/a"), key("news.example/root/b")]
    tree.threshold = 2
    tree.keyring = tree.make_keyring(1)
    tree.fill()
    assert look(tree).verdict is Verdict.GENUINE

    path_of(tree, "log/keys/2").write_bytes(tree.make_keyring(2, signers=tree.roots[:1]))

    report = look(tree)
    assert report.verdict is Verdict.NOT_GENUINE
    assert "signed by 1 of" in about(report, "log/keys/2")


def test_an_expired_keyring_says_nothing_of_the_present(tree: SignedTree) -> None:
    report = look(tree, now=tree.time + timedelta(days=100))

    assert report.verdict is Verdict.COULD_NOT_TELL
    assert "expired" in report.findings[0].problem


def test_bytes_that_are_no_keyring_can_not_be_trusted(tree: SignedTree) -> None:
    assert look(tree, pin=Pin(keyring=b"<html>")).verdict is Verdict.COULD_NOT_TELL


def test_a_copy_of_an_address_is_compared_with_its_base(tmp_path: Path) -> None:
    tree = SignedTree(tmp_path / "site", base="http://other.example/").fill()

    assert look(tree, base="http://other.example/").verdict is Verdict.GENUINE
    assert look(tree).verdict is Verdict.NOT_GENUINE
    assert look(tree, base="https://wrong.example/").verdict is Verdict.NOT_GENUINE


def test_the_base_of_a_listed_mirror_is_genuine_and_said(tmp_path: Path) -> None:
    tree = SignedTree(tmp_path / "site", base=BASE).fill()

    for base in (None, "https://wrong.example/"):
        report = look(tree, base=base)
        assert report.verdict is Verdict.GENUINE
        assert BASE in report.findings[0].problem


def test_an_unreplaced_base_is_not_genuine_on_an_address(tree: SignedTree) -> None:
    report = look(tree, base="http://other.example/")

    assert report.verdict is Verdict.NOT_GENUINE
    assert CANONICAL_BASE in about(report, "feeds/all.atom")


def test_a_huge_file_is_not_read(tree: SignedTree) -> None:
    for path in ("index.html", "feeds/all.atom", "SHA256SUMS", "log/checkpoint"):
        file = path_of(tree, path)
        genuine = file.read_bytes()
        with file.open("ab") as stream:
            stream.truncate(10 * 2**30)

        assert look(tree).verdict is Verdict.NOT_GENUINE

        file.write_bytes(genuine)


class Broken(FolderReader):
    """A folder on a stick of which one file can't be read."""

    def hash_many(self, paths: Iterable[str]) -> Iterator[tuple[str, str | TreeError]]:
        for path, found in super().hash_many(paths):
            yield path, UnreadableError(path, "can't be read") if path == "index.html" else found


def test_a_file_that_can_not_be_read_can_not_be_told(tree: SignedTree) -> None:
    assert tree.folder
    report = verify_tree(Broken(tree.folder), Pin(keyring=tree.keyring), now=tree.time)

    assert report.verdict is Verdict.COULD_NOT_TELL
    assert report.findings[0].path == "index.html"


class Failing(FolderReader):
    """A reader with a fault of its own."""

    def listing(self) -> Listing:
        raise RecursionError("too deep")


def test_an_error_that_nobody_expected_becomes_a_verdict(tree: SignedTree) -> None:
    assert tree.folder
    report = verify_tree(Failing(tree.folder), Pin(keyring=tree.keyring), now=tree.time)

    assert report.verdict is Verdict.COULD_NOT_TELL
    assert "RecursionError: too deep" in report.findings[0].problem


def test_an_empty_folder_can_not_be_told(tmp_path: Path, tree: SignedTree) -> None:
    (tmp_path / "empty").mkdir()

    report = verify_tree(FolderReader(tmp_path / "empty"), Pin(keyring=tree.keyring), now=tree.time)

    assert report.verdict is Verdict.COULD_NOT_TELL


def test_a_sample_is_said_to_be_one(tree: SignedTree) -> None:
    assert tree.folder
    report = verify_tree(
        FolderReader(tree.folder),
        Pin(keyring=tree.keyring),
        now=tree.time,
        options=Options(sample=2, proofs=1),
    )

    assert report.verdict is Verdict.GENUINE
    assert (report.files, report.sampled) == (3, True)
    assert report.proofs == 2
    assert "3 of 10" in report.findings[0].problem
