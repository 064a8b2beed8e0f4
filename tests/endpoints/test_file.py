"""What only a folder can do wrong."""

import asyncio
import errno
import os
from pathlib import Path

import pytest

from mirror.config import MirrorConfig
from mirror.endpoints.build import build
from mirror.endpoints.file import FileMirror, in_words
from mirror.errors import EndpointRefusedError, EndpointUnreachableError


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "mirror"
    folder.mkdir()
    return folder


@pytest.fixture
def mirror(root: Path) -> FileMirror:
    return FileMirror("folder", root)


async def test_a_config_names_the_folder(root: Path) -> None:
    config = MirrorConfig(name="folder", url="https://a.example/x/", push=f"file://{root}")
    mirror = build(config)

    await mirror.put("index.html", b"front")

    assert (root / "index.html").read_bytes() == b"front"


async def test_a_link_in_place_of_a_folder_leads_nowhere(
    mirror: FileMirror, root: Path, tmp_path: Path
) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "x").write_text("theirs")
    (root / "a").symlink_to(outside)

    with pytest.raises(EndpointRefusedError, match="symbolic link"):
        await mirror.put("a/x", b"ours")
    with pytest.raises(EndpointRefusedError, match="symbolic link"):
        await mirror.delete("a/x")
    with pytest.raises(EndpointRefusedError, match="symbolic link"):
        await mirror.get("a/x", max_bytes=99)

    assert (outside / "x").read_text() == "theirs"


async def test_a_link_in_place_of_a_file_is_replaced_not_followed(
    mirror: FileMirror, root: Path, tmp_path: Path
) -> None:
    (tmp_path / "theirs").write_text("theirs")
    (root / "index.html").symlink_to(tmp_path / "theirs")

    with pytest.raises(EndpointRefusedError):
        await mirror.get("index.html", max_bytes=99)
    await mirror.put("index.html", b"ours")

    assert (tmp_path / "theirs").read_text() == "theirs"
    assert (root / "index.html").read_bytes() == b"ours"
    assert not (root / "index.html").is_symlink()


async def test_a_pipe_in_place_of_a_file_holds_nobody_up(mirror: FileMirror, root: Path) -> None:
    os.mkfifo(root / "index.html")

    with pytest.raises(EndpointRefusedError, match="no ordinary file"):
        await asyncio.wait_for(mirror.get("index.html", max_bytes=9), 5)


async def test_a_folder_in_place_of_a_file_is_told(mirror: FileMirror, root: Path) -> None:
    (root / "index.html").mkdir(parents=True)

    with pytest.raises(EndpointRefusedError):
        await mirror.put("index.html", b"front")
    with pytest.raises(EndpointRefusedError):
        await mirror.delete("index.html")


async def test_nothing_but_the_files_is_left(mirror: FileMirror, root: Path) -> None:
    for path in ("a/0d/x.html", "log/checkpoint", "index.html"):
        await mirror.put(path, b"x")

    found = {file for *_, files in os.walk(root) for file in files}
    assert found == {"x.html", "checkpoint", "index.html"}


async def test_readers_of_other_users_may_read(mirror: FileMirror, root: Path) -> None:
    await mirror.put("a/0d/x.html", b"x")

    umask = os.umask(0)
    os.umask(umask)
    assert (root / "a/0d/x.html").stat().st_mode & 0o777 == 0o644 & ~umask
    assert (root / "a/0d").stat().st_mode & 0o777 == 0o755 & ~umask


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.ENOSPC, "free some space"),
        (errno.EDQUOT, "free some space"),
        (errno.EACCES, "let this user write"),
        (errno.EROFS, "mount it for writing"),
        (errno.ENODEV, "see to the folder"),
    ],
)
def test_what_only_the_operator_can_mend_is_refused_with_a_remedy(number: int, words: str) -> None:
    error = in_words("folder", "PUT index.html", OSError(number, os.strerror(number)))

    assert isinstance(error, EndpointRefusedError)
    assert str(error).startswith("mirror folder: PUT index.html: ")
    assert words in str(error)


@pytest.mark.parametrize("number", [errno.EIO, errno.ESTALE, errno.ETIMEDOUT, errno.EMFILE])
def test_what_may_pass_is_worth_another_attempt(number: int) -> None:
    error = in_words("folder", "PUT index.html", OSError(number, os.strerror(number)))

    assert isinstance(error, EndpointUnreachableError)
