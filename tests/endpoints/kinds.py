"""A mirror of every kind, against a real server of its own."""

import contextlib
import subprocess
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Final

import pytest

from mirror.config import MirrorConfig, Secret
from mirror.endpoints.build import build
from mirror.endpoints.dav import DavMirror
from mirror.endpoints.file import FileMirror
from mirror.endpoints.protocol import Mirror
from tests import ftpserver
from tests.endpoints.memory import MemoryMirror
from tests.nginx import Site, free_port, missing, nginx
from tests.sshd import missing as no_sshd
from tests.sshd import sshd
from tests.swift import Swift

SECONDS: Final = timedelta(seconds=30)
ALONE: Final = ("memory", "file", "OpenDAL's memory", "OpenDAL's fs")  # without a server
REAL: Final = (
    "dav",
    "dav that makes no folders",
    "pyftpdlib",
    "pyftpdlib with TLS",
    "vsftpd",
    "vsftpd with TLS",
    "git",
    "git that keeps its history",
    "sftp",
    "s3",
)


@contextlib.contextmanager
def a_mirror(
    request: pytest.FixtureRequest, tmp_path: Path, patch: pytest.MonkeyPatch
) -> Iterator[Mirror]:
    """A mirror of the kind that the fixture's parameter names; its server ends with the block."""
    kind: str = request.param
    with contextlib.ExitStack() as stack:
        made: Mirror
        if kind == "memory":
            made = MemoryMirror("it")
        elif kind == "file":
            made = FileMirror("it", tmp_path / "new" / "x7k2", durably=False)
        elif kind.startswith("OpenDAL"):
            made = _opendal(tmp_path, kind.rpartition(" ")[2])
        elif "ftpd" in kind:
            made = stack.enter_context(_ftp(tmp_path / "ftp", patch, kind))
        elif kind.startswith("git"):
            history = "kept" if kind.endswith("history") else "squashed"
            made = stack.enter_context(_git(tmp_path, history=history))
        elif kind == "s3":
            server: Swift = request.getfixturevalue("s3_server")
            made = build(server.config(tmp_path / "secret", f"{tmp_path.name}/x7k2/"))
        elif kind == "sftp":
            made = stack.enter_context(_sftp(tmp_path / "new" / "x7k2"))
        else:
            (tmp_path / "sub" / "dir").mkdir(parents=True)
            made = stack.enter_context(_dav(tmp_path, makes_folders=kind == "dav"))
        yield made


@contextlib.contextmanager
def _dav(folder: Path, *, makes_folders: bool) -> Iterator[Mirror]:
    if missing():
        pytest.skip(missing())
    site = Site(port=free_port(), root=folder, writable=True, makes_folders=makes_folders)
    with nginx(site):
        yield DavMirror("it", site.base.replace("dav", "http") + "sub/dir/", timeout=SECONDS)


@contextlib.contextmanager
def _git(folder: Path, *, history: str = "squashed") -> Iterator[Mirror]:
    subprocess.run(["git", "init", "-q", "--bare", folder / "pages.git"], check=True)
    push = f"git:file://{folder}/pages.git?history={history}"
    config = MirrorConfig(name="it", url="https://pages.example/x7k2/", push=push)
    yield build(config, folder / "kept")


@contextlib.contextmanager
def _sftp(folder: Path) -> Iterator[Mirror]:
    if no_sshd():
        pytest.skip(no_sshd())
    with sshd() as server:
        yield build(server.config(folder))


@contextlib.contextmanager
def _ftp(folder: Path, patch: pytest.MonkeyPatch, kind: str) -> Iterator[Mirror]:
    if ftpserver.missing():
        pytest.skip(ftpserver.missing())
    folder.parent.chmod(0o755)
    start = ftpserver.vsftpd if kind.startswith("vsftpd") else ftpserver.pyftpd
    with start(folder, tls=kind.endswith("TLS")) as server:
        patch.setenv("SSL_CERT_FILE", str(server.certificate))
        patch.setenv("FTP_PASSWORD", ftpserver.PASSWORD)
        user = "" if kind.startswith("vsftpd") else f"{ftpserver.USER}@"
        scheme = "ftps" if kind.endswith("TLS") else "ftp"
        config = MirrorConfig(
            name="it",
            url="https://host.example/",
            push=f"{scheme}://{user}127.0.0.1:{server.port}/pub/x7k2",
            password=Secret(env="FTP_PASSWORD"),
        )
        yield build(config)


def _opendal(folder: Path, service: str) -> Mirror:
    more = f"root={folder}/root&atomic_write_dir={folder}/writing" if service == "fs" else ""
    config = MirrorConfig(
        name="it", url="https://cloud.example/", push=f"opendal+{service}:?{more}"
    )
    return build(config)
