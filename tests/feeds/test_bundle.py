"""Verifying a ``.zip`` that anybody may have made."""

import subprocess
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from feeds.bundle import BundleReader
from feeds.bundle_directory import MAX_ENTRIES
from feeds.errors import MissingFileError, UnreadableError
from feeds.verify import Options, Pin, Report, TooLargeError, Verdict, verify_tree
from feeds.verify_papers import verify_papers
from feeds.verify_reader import read_one
from feeds.verify_report import Finding
from tests.feeds.bundles import (
    PAGE,
    PROOF,
    STORY,
    bomb,
    crowd,
    good,
    hostile,
    illustrated,
    mangled,
    spoilt,
    story,
    under,
    zipped,
)
from tests.feeds.tree import SignedTree, picture

NOW = datetime(2026, 11, 24, 13, 0, tzinfo=UTC)
TREE = SignedTree().fill()
GOOD = good(TREE)
HOSTILE = hostile(TREE)
PIN = Pin(keyring=TREE.keyring)


@pytest.fixture
def put(tmp_path: Path) -> Callable[[bytes], Path]:
    def write(data: bytes) -> Path:
        file = tmp_path / "news.zip"
        file.write_bytes(data)
        return file

    return write


def verify(file: Path, pin: Pin = PIN) -> Report:
    """As the command does."""
    try:
        reader = BundleReader(file)
    except UnreadableError as error:
        finding = Finding(Verdict.COULD_NOT_TELL, "", str(error))
        return Report(verdict=finding.verdict, findings=(finding,))
    with reader:
        if reader.is_tree:
            return verify_tree(reader, pin, now=NOW, options=Options(proofs=None))
        return verify_papers(reader, reader.listing(), pin)


@pytest.mark.parametrize("name", GOOD)
def test_a_bundle_of_a_tree_is_genuine(name: str, put: Callable[[bytes], Path]) -> None:
    report = verify(put(GOOD[name]))

    assert report.verdict is Verdict.GENUINE, report.findings
    assert report.files == 10
    assert not report.findings


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_bundle_has_its_verdict(name: str, put: Callable[[bytes], Path]) -> None:
    data, verdict = HOSTILE[name]

    report = verify(put(data))

    assert report.verdict is verdict, report.findings
    assert report.findings
    assert not any("not expected" in finding.problem for finding in report.findings)


@pytest.mark.parametrize("flags", ["-qr", "-qr0", "-qr9", "-qrD", "-qrX", "-qry"])
@pytest.mark.real
def test_what_zip_makes(flags: str, need: Callable[..., None], tmp_path: Path) -> None:
    need("zip")
    SignedTree(tmp_path / "site").fill()
    for folder, what in (("site", "."), (".", "site")):
        file = tmp_path / f"{folder.strip('.')}mirror.zip"
        subprocess.run(["zip", flags, str(file), what], cwd=tmp_path / folder, check=True)

        assert verify(file).verdict is Verdict.GENUINE


def test_what_python_makes_of_a_stream(tmp_path: Path) -> None:
    with (tmp_path / "news.zip").open("wb") as file, zipfile.ZipFile(Pipe(file), "w") as bundle:  # type: ignore[call-overload]  # as a pipe, which can't seek
        for path, data in TREE.files.items():
            bundle.writestr(path, data, zipfile.ZIP_DEFLATED)

    assert verify(tmp_path / "news.zip").verdict is Verdict.GENUINE


class Pipe:
    """A file that can only be written from beginning to end."""

    def __init__(self, file: object) -> None:
        self.write = file.write  # type: ignore[attr-defined]
        self.flush = file.flush  # type: ignore[attr-defined]


def test_an_article_with_its_proof(put: Callable[[bytes], Path]) -> None:
    files = story(TREE)
    for bundle in (files, under("news", files), {"x.html": PAGE, "x.tlog-proof": files[PROOF]}):
        report = verify(put(zipped(bundle)))

        assert report.verdict is Verdict.GENUINE, report.findings
        assert report.path == STORY
        assert report.files == 1

    assert verify(put(zipped(files)), Pin(fingerprint=TREE.fingerprint)).path == STORY
    del files["log/keys/1"]
    alone = verify(put(zipped(files)), Pin(fingerprint=TREE.fingerprint))
    assert alone.verdict is Verdict.COULD_NOT_TELL


def test_an_article_that_was_changed_or_lacks_its_proof(put: Callable[[bytes], Path]) -> None:
    files = story(TREE)

    assert verify(put(zipped({**files, STORY: b"x"}))).verdict is Verdict.NOT_GENUINE
    assert verify(put(zipped({STORY: PAGE}))).verdict is Verdict.COULD_NOT_TELL
    assert verify(put(zipped({PROOF: files[PROOF]}))).verdict is Verdict.COULD_NOT_TELL
    assert verify(put(zipped({**files, "../x": b""}))).verdict is Verdict.NOT_GENUINE
    assert verify(put(zipped({**files, "x.html": b""}))).verdict is Verdict.COULD_NOT_TELL


def test_an_article_with_its_pictures(put: Callable[[bytes], Path]) -> None:
    tree, files = illustrated()
    pin = Pin(keyring=tree.keyring)
    path, _ = picture()
    other, data = picture(b"RIFF another WEBP")

    assert verify(put(zipped(files)), pin).verdict is Verdict.GENUINE
    assert verify(put(zipped({**files, path: b"x"})), pin).verdict is Verdict.NOT_GENUINE
    assert verify(put(zipped({**files, other: data})), pin).verdict is Verdict.COULD_NOT_TELL


@pytest.mark.parametrize("seed", range(300))
def test_a_mangled_bundle_gives_a_verdict(seed: int, put: Callable[[bytes], Path]) -> None:
    report = verify(put(mangled(GOOD["deflated"], seed)))

    assert not any("not expected" in finding.problem for finding in report.findings)


def test_no_more_is_unpacked_than_asked_or_claimed(put: Callable[[bytes], Path]) -> None:
    path = picture()[0]
    large = bomb(TREE, 300 * 2**20)
    with BundleReader(put(large)) as reader, pytest.raises(TooLargeError):
        read_one(reader, path, max_bytes=1000)
    with (
        BundleReader(put(spoilt(large, path, 24, 10, 4))) as reader,
        pytest.raises(UnreadableError, match="size"),
    ):
        read_one(reader, path, max_bytes=1000)
    with BundleReader(put(large)) as reader, pytest.raises(MissingFileError):
        read_one(reader, "nothing", max_bytes=1000)


def test_what_follows_the_end_is_damage(put: Callable[[bytes], Path]) -> None:
    bundle = zipped({"x": b"x" * 1000, "y": b"random and longer than nothing"})
    data = spoilt(bundle, "x", 20, int.from_bytes(bundle[18:22], "little") - 1, 4)
    with BundleReader(put(data)) as reader, pytest.raises(UnreadableError, match="breaks off"):
        read_one(reader, "x", max_bytes=1000)


def test_a_crowd_is_sent_to_the_folder(put: Callable[[bytes], Path]) -> None:
    with BundleReader(put(crowd(70_000))) as reader:
        assert len(reader.listing().files) == 70_000
    end = crowd(1)
    many = end[:-14] + b"\xff\xff\xff\xff" + end[-10:]
    assert verify(put(many)).verdict is Verdict.COULD_NOT_TELL
    assert MAX_ENTRIES > 200_000


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableError):
        BundleReader(tmp_path / "nothing")
