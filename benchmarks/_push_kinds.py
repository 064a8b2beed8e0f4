"""What ``push`` pushes to, each on a real server: the mirror of ours, and the peers' commands."""

import contextlib
import getpass
import os
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Final

from benchmarks._line import line
from mirror.config import MirrorConfig
from tests.nginx import Site, free_port, nginx
from tests.sshd import Sshd, sshd
from tests.swift import BUCKET, KEY_ID, SECRET, swift

RCLONE: Final = ("rclone", "--config", "/dev/null", "--retries", "1")
MANY: Final = ("--transfers", "16", "--checkers", "16")


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of mirror on its server.

    Attributes:
        part: Its name.
        fresh: An empty place on the server.
        config: The mirror at a place.
        peers: Commands that copy a folder to a place.
        first: Name of the first peer in the table of a first push.
    """

    part: str
    fresh: Callable[[], str]
    config: Callable[[str], MirrorConfig]
    peers: Mapping[str, Callable[[Path, str], tuple[str, ...]]]
    first: str = "rclone"


def _config(push_to: str, password: Path | None = None) -> MirrorConfig:
    secret = {"password": {"file": str(password)}} if password else {}
    return MirrorConfig.model_validate(
        {"name": "it", "url": "https://a.example/", "push": push_to, **secret}
    )


@contextlib.contextmanager
def _folder(work: Path) -> Iterator[Kind]:
    yield Kind(
        "folder",
        fresh=lambda: tempfile.mkdtemp(dir=work),
        config=lambda place: _config(f"file://{place}"),
        peers={
            "cp -r": lambda tree, place: ("cp", "-r", f"{tree}/.", place),
            "rsync": lambda tree, place: ("rsync", "-a", f"{tree}/", place),
            "rclone": lambda tree, place: (*RCLONE, "copy", str(tree), place),
        },
    )


@contextlib.contextmanager
def _dav(work: Path, *, far: bool = False) -> Iterator[Kind]:
    site = Site(port=free_port(), root=work / "dav", writable=True, lists=True)
    number = count()

    def fresh() -> str:
        place = f"{next(number)}/"
        (site.root / place).mkdir(parents=True)
        return place

    pacer = _pacer_off()
    with nginx(site), _way(site.port, far=far) as port:
        yield Kind(
            "dav-far" if far else "dav",
            fresh=fresh,
            config=lambda place: _config(f"dav://127.0.0.1:{port}/{place}"),
            peers={
                "rclone": lambda tree, place: (
                    *(*RCLONE, *MANY, *pacer, "copy", str(tree)),
                    f':webdav,url="http://127.0.0.1:{port}/{place}",vendor=other:',
                )
            },
            first="rclone, pacer off" if pacer else "rclone as it comes",
        )


@contextlib.contextmanager
def _sftp(work: Path, *, far: bool = False) -> Iterator[Kind]:
    user = getpass.getuser()

    def ssh(server: Sshd, port: int) -> str:
        trusting = "-o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null"
        return f"ssh -p {port} -i {server.key} {trusting}"

    with sshd() as server, _way(server.port, far=far) as port:
        pin = server.pins["ssh-ed25519"]
        yield Kind(
            "sftp-far" if far else "sftp",
            fresh=lambda: tempfile.mkdtemp(dir=work),
            config=lambda place: _config(
                f"sftp://{user}@127.0.0.1:{port}{place}?host-key={pin}", server.key
            ),
            peers={
                "rsync": lambda tree, place: (
                    *("rsync", "-a", "-e", ssh(server, port)),
                    *(f"{tree}/", f"{user}@127.0.0.1:{place}"),
                ),
                "rclone": lambda tree, place: (
                    *(*RCLONE, *MANY, "copy", str(tree)),
                    f':sftp,host=127.0.0.1,port={port},user={user},key_file="{server.key}":{place}',
                ),
            },
        )


@contextlib.contextmanager
def _s3(work: Path) -> Iterator[Kind]:
    number = count()
    secret = work / "secret"
    with swift() as server:
        endpoint = f'provider=Other,endpoint="{server.endpoint}",region=eu-1'
        options = f'{endpoint},access_key_id="{KEY_ID}",secret_access_key={SECRET}'
        yield Kind(
            "s3",
            fresh=lambda: f"{os.getpid()}-{next(number)}/",
            config=lambda place: server.config(secret, place, compress="no"),
            peers={
                "rclone": lambda tree, place: (
                    *(*RCLONE, *MANY, "copy", str(tree)),
                    f":s3,{options}:{BUCKET}/{place}",
                )
            },
        )


@contextlib.contextmanager
def _way(port: int, *, far: bool) -> Iterator[int]:
    if not far:
        yield port
        return
    with line(port) as longer:
        yield longer


def _pacer_off() -> tuple[str, ...]:
    """What ends rclone's own 10 ms between WebDAV requests; old versions have no such flag."""
    known = subprocess.run(("rclone", "help", "flags"), check=True, capture_output=True).stdout
    return ("--webdav-pacer-min-sleep", "0") if b"--webdav-pacer-min-sleep" in known else ()


KINDS: Final[Mapping[str, Callable[[Path], contextlib.AbstractContextManager[Kind]]]] = {
    "folder": _folder,
    "dav": _dav,
    "sftp": _sftp,
    "s3": _s3,
    "dav-far": lambda work: _dav(work, far=True),
    "sftp-far": lambda work: _sftp(work, far=True),
}
