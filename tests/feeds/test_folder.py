"""Reading a tree from a folder that may have been made to harm."""

import hashlib
import os
from pathlib import Path

import pytest

from feeds.errors import MissingFileError, TreeError, UnreadableError
from feeds.folder import FolderReader
from feeds.verify import TooLargeError
from feeds.verify_reader import MAX_FILE_BYTES, read_one


def hashed(folder: Path, path: str) -> str | TreeError:
    return dict(FolderReader(folder).hash_many([path]))[path]


def test_files_are_listed_by_path_without_dot_files(tmp_path: Path) -> None:
    for path in ("a/b/c.html", "index.html", ".htaccess", ".git/config", "a/.DS_Store"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).touch()

    listing = FolderReader(tmp_path).listing()

    assert listing.files == {"a/b/c.html", "index.html"}
    assert not listing.strange


@pytest.mark.parametrize("size", [0, 1, 65_535, 65_536, 65_537, 3_000_000])
def test_files_of_any_size_are_read_whole(tmp_path: Path, size: int) -> None:
    data = bytes(range(256)) * (size // 256) + b"x" * (size % 256)
    (tmp_path / "x").write_bytes(data)

    assert hashed(tmp_path, "x") == hashlib.sha256(data).hexdigest()
    assert read_one(FolderReader(tmp_path), "x", max_bytes=size) == data


@pytest.mark.parametrize("size", [1, 70_000, 3_000_000])
def test_no_more_is_read_than_allowed(tmp_path: Path, size: int) -> None:
    (tmp_path / "x").write_bytes(b"x" * size)

    with pytest.raises(TooLargeError):
        read_one(FolderReader(tmp_path), "x", max_bytes=size - 1)


def test_ten_gigabytes_of_zeros_are_not_read(tmp_path: Path) -> None:
    with (tmp_path / "x").open("wb") as file:
        file.truncate(10 * 2**30)

    assert isinstance(hashed(tmp_path, "x"), TooLargeError)
    assert MAX_FILE_BYTES < 10 * 2**30


def test_answers_come_in_the_order_asked(tmp_path: Path) -> None:
    for name in "abc":
        (tmp_path / name).write_text(name)

    found = list(FolderReader(tmp_path).read_many(["c", "nothing", "a"], max_bytes=9))

    assert [path for path, _ in found] == ["c", "nothing", "a"]
    assert found[0][1] == b"c"
    assert isinstance(found[1][1], MissingFileError)


def test_no_symbolic_link_is_followed(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret").write_text("secret")
    inside = tmp_path / "inside"
    inside.mkdir()
    (inside / "link").symlink_to(outside / "secret")
    (inside / "folder").symlink_to(outside)

    listing = FolderReader(inside).listing()

    assert listing.files == frozenset()
    assert listing.strange == {"link": "is a symbolic link", "folder": "is a symbolic link"}
    assert isinstance(hashed(inside, "link"), UnreadableError)
    assert isinstance(hashed(inside, "folder/secret"), UnreadableError)


def test_a_pipe_does_not_make_us_wait(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")

    assert FolderReader(tmp_path).listing().strange == {"pipe": "is no file"}
    assert isinstance(hashed(tmp_path, "pipe"), UnreadableError)


def test_a_folder_where_a_file_should_be_is_unreadable(tmp_path: Path) -> None:
    (tmp_path / "index.html").mkdir()
    (tmp_path / "a").touch()

    assert isinstance(hashed(tmp_path, "index.html"), UnreadableError)
    assert isinstance(hashed(tmp_path, "a/b"), UnreadableError)
    assert isinstance(hashed(tmp_path, "no/b"), MissingFileError)


def test_names_that_no_mirror_holds_are_strange(tmp_path: Path) -> None:
    (tmp_path / "a\nb").touch()
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff")).touch()

    listing = FolderReader(tmp_path).listing()

    assert listing.files == frozenset()
    assert len(listing.strange) == 2
    assert all(path.isprintable() for path in listing.strange)


def test_folders_have_an_end(tmp_path: Path) -> None:
    (tmp_path / "/".join("x" * 40)).mkdir(parents=True)

    with pytest.raises(UnreadableError, match="deep"):
        FolderReader(tmp_path).listing()


def test_what_is_no_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableError):
        FolderReader(tmp_path / "nothing")
