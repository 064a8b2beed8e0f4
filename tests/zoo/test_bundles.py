"""Bundles that are made to harm, given to the real command: verdict, memory, seconds."""

import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.feeds.bundles import STORY, hostile, story, zipped
from tests.feeds.tree import SignedTree, picture
from tests.zoo.command import Answer, tamizdat

pytestmark = pytest.mark.real

LARGE_MB = 250  # less than a file may have


@pytest.fixture(scope="module")
def tree() -> SignedTree:
    return SignedTree(time=datetime.now(UTC).replace(microsecond=0)).fill()


@pytest.fixture
def file(tmp_path: Path, tree: SignedTree) -> Path:
    (tmp_path / "keyring").write_bytes(tree.keyring)
    return tmp_path / "news.zip"


def verify(file: Path) -> Answer:
    return tamizdat("verify", str(file), "--keyring", str(file.with_name("keyring")))


def test_a_genuine_bundle_and_a_genuine_article(file: Path, tree: SignedTree) -> None:
    file.write_bytes(zipped(tree.files))
    answer = verify(file)
    assert answer.text.startswith("genuine: all 10 files are as the publisher signed them")
    assert answer.status == 0

    file.write_bytes(zipped(story(tree)))
    answer = verify(file)
    assert answer.text.startswith("genuine: this file is what the publisher signed")
    assert answer.status == 0


@pytest.mark.parametrize("name", ["overlapping", "locked", "path '../evil'", "cut", "altered"])
def test_a_hostile_bundle(name: str, file: Path, tree: SignedTree) -> None:
    data, verdict = hostile(tree)[name]
    file.write_bytes(data)

    answer = verify(file)

    assert answer.text.startswith(f"{verdict}: ")
    assert answer.status == verdict.exit_status
    assert "Traceback" not in answer.text


def test_a_bomb_in_every_file(file: Path, tree: SignedTree) -> None:
    bombs = (STORY, "index.html", picture()[0])  # each is read twice before it is called false
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as bundle:
        for path, data in tree.files.items():
            with bundle.open(path, "w", force_zip64=True) as out:
                for piece in [bytes(2**20)] * LARGE_MB if path in bombs else [data]:
                    out.write(piece)

    answer = verify(file)

    assert answer.text.startswith("not genuine: ")
    assert "more than a bundle of this size may unpack to" in answer.text


def test_more_files_than_are_looked_at(file: Path, tree: SignedTree) -> None:
    crowd(file, tree, 249_900)
    answer = verify(file)
    assert answer.text.startswith("not genuine: ")

    crowd(file, tree, 249_900, "\U0001f4f0")
    assert verify(file).text.startswith("could not tell: ")

    crowd(file, tree, 250_001)
    answer = verify(file)
    assert answer.text.startswith("could not tell: ")
    assert "verify the folder" in answer.text


def crowd(file: Path, tree: SignedTree, count: int, letter: str = "x") -> None:
    """Write the tree, and so many entries more, all of one length.

    Piece by piece: what this process ever held is counted as the command's own.
    """
    name = b"x/%036d" % 0 + letter.encode() + b"x" * (76 - len(letter.encode()))
    small = zipped({**tree.files, name.decode(): b""})
    start = small.index(b"PK\1\2")
    place = small.rindex(b"PK\3\4", 0, start)
    directory, end = small[start:-22], small[-22:]
    header, entry = small[place:start], directory[directory.rindex(b"PK\1\2") :]
    directory = directory[: -len(entry)]
    with file.open("wb") as out:
        out.write(small[:place])
        for number in range(count):
            out.write(header[:32] + b"%036d" % number + header[68:])
        begin = out.tell()
        out.write(directory)
        for number in range(count):
            offset = (place + number * len(header)).to_bytes(4, "little")
            out.write(entry[:42] + offset + b"x/%036d" % number + entry[84:])
        at = out.tell()
        total = len(tree.files) + count
        wide = b"PK\6\6" + (44).to_bytes(8, "little") + b"\x2d\0\x2d\0" + bytes(8)
        wide += b"".join(one.to_bytes(8, "little") for one in (total, total, at - begin, begin))
        wide += b"PK\6\7" + bytes(4) + at.to_bytes(8, "little") + b"\1\0\0\0"
        out.write(wide + end[:8] + b"\xff" * 12 + end[20:])
