"""Roots with the real minisign, witnesses as processes of their own, and a newsroom."""

import atexit
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import pytest

from keys.checkpoint import Checkpoint
from keys.keyring import SignedKeyring
from keys.note import Note
from mirror.cli.main import run
from mirror.keystore import read_keyrings
from tests import program
from tests.nginx import free_port
from tests.service.room import Room, Site, make_room

TAMIZDAT = (sys.executable, "-c", "from mirror.cli.main import main; main()")
PARTNERS = ("amber", "birch")
_START_S = 20


@dataclass
class Root:
    """A holder of a root key, on an offline machine with nothing but minisign."""

    folder: Path
    name: str

    @classmethod
    def make(cls, folder: Path, name: str) -> "Root":
        root = cls(folder, name)
        folder.mkdir(exist_ok=True)
        subprocess.run(
            ["minisign", "-G", "-W", "-p", root.public, "-s", root.secret],
            check=True,
            capture_output=True,
        )
        return root

    @property
    def public(self) -> Path:
        return self.folder / f"{self.name}.pub"

    @property
    def secret(self) -> Path:
        return self.folder / f"{self.name}.key"

    def sign(self, text: Path) -> Path:
        signature = self.folder / f"{text.name}.{self.name}.minisig"
        subprocess.run(
            ["minisign", "-S", "-l", "-m", text, "-s", self.secret, "-x", signature],
            check=True,
            capture_output=True,
        )
        return signature


@dataclass
class Partner:
    """A partner organisation that runs ``tamizdat witness``."""

    folder: Path
    name: str
    port: int = field(default_factory=free_port)
    key: str = ""
    process: program.Program | None = None

    @property
    def settings(self) -> Path:
        return self.folder / "witness.toml"

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/"

    def begin(self, *logs: str) -> None:
        """``tamizdat witness init``, as its page in docs/ says."""
        words = [word for log in logs for word in ("--log", log)]
        made = program.done(
            "witness", "init", self.folder, "--name", f"{self.name}.example/w", *words
        )
        assert made.returncode == 0, made.stderr
        (self.folder / "told").write_text(made.stdout)
        self.take_over()

    def take_over(self) -> None:
        """Read what ``begin`` made, perhaps in another folder; listen on our port."""
        key = re.search(rf"{self.name}\.example/w\+\S+", (self.folder / "told").read_text())
        assert key
        self.key = key[0]
        text = self.settings.read_text()
        self.settings.write_text(re.sub(r"127\.0\.0\.1:\d+", f"127.0.0.1:{self.port}", text))

    @property
    def section(self) -> str:
        """For the publisher's configuration."""
        return f'\n[[witness]]\nname = "{self.name}"\nurl = "{self.url}"\ntimeout = "3s"\n'

    def change(self, old: str, new: str) -> None:
        text = self.settings.read_text()
        assert old in text
        self.settings.write_text(text.replace(old, new))

    def start(self) -> None:
        self.process = program.begin("witness", "--config", self.settings, log=self.folder / "log")
        deadline = time.monotonic() + _START_S
        while time.monotonic() < deadline:
            assert self.process.poll() is None, (self.folder / "log").read_text()
            with suppress(OSError):
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                return
            time.sleep(0.05)
        pytest.fail("the witness does not answer")

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        if self.process is not None:
            self.process.send_signal(how)
            self.process.wait(10)
            self.process = None


@dataclass
class House:
    """A newsroom with its roots and partners."""

    room: Room
    roots: list[Root]
    partners: list[Partner]

    @property
    def file(self) -> Path:
        return self.room.folder / "config.toml"

    @property
    def keys(self) -> Path:
        return self.room.config.trust.keys

    @property
    def newest(self) -> SignedKeyring:
        return read_keyrings(self.keys)[-1]

    def witness_words(self) -> list[str]:
        """The options that put every partner into a keyring."""
        return [
            word for one in self.partners for word in ("--add-witness", f"{one.name}={one.key}")
        ]

    def sign_as_init_did(self, text: Path) -> None:
        """With ``root.pem``, which lies with the keys still, by our own command."""
        words = ("--key", self.keys / "root.pem", "--passphrase-file")
        self.do_alone("keys", "sign", text, *words, self.room.folder / "passphrase")
        self.do("keys", "join", text, text.with_name(f"{text.name}.a.minisig"))

    def start(self) -> None:
        """The partners' processes, side by side."""
        with ThreadPoolExecutor(len(self.partners)) as pool:
            list(pool.map(Partner.start, self.partners))

    def stop(self) -> None:
        for one in self.partners:
            one.stop(signal.SIGKILL)

    def save(self) -> None:
        """The configuration, for commands."""
        self.file.write_text(self.room.text)

    def do(self, *words: object, status: int = 0) -> None:
        """``tamizdat … --config FILE``."""
        self.do_alone(*words, "--config", self.file, status=status)

    def do_alone(self, *words: object, status: int = 0) -> None:
        """``tamizdat …`` in this process, but in a thread: it may run a loop of its own."""
        with ThreadPoolExecutor(1) as pool:
            done = pool.submit(run, [str(word) for word in words])
            assert done.result() == status, words

    def adopt(self, text: Path, *signers: int) -> None:
        """The roots ``signers`` sign ``text``, and it is joined."""
        self.do("keys", "join", text, *(self.roots[one].sign(text) for one in signers))

    def head(self, place: str = "") -> Note:
        folder = self.room.mirror(place) if place else self.room.tree
        return Note.parse((folder / "log/checkpoint").read_bytes())

    def size(self, place: str = "") -> int:
        return Checkpoint.parse(self.head(place).text).size

    def size_committed(self) -> int:
        """What the database says that the log has, signed or not."""
        ((size,),) = self.room.sql("SELECT size FROM log")
        return int(size)

    def signers(self, place: str = "") -> set[str]:
        """Names of the keys that signed the head."""
        return {line.name for line in self.head(place).signatures}


@cache
def begun() -> Path:
    """2 of 3 roots and 2 of 3 witnesses, made as docs/keys/ says, once for all tests."""
    folder = Path(tempfile.mkdtemp(prefix="two-of-three-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    roots = [Root.make(folder / "roots", name) for name in "abc"]
    every = [Partner(folder / name, name) for name in PARTNERS]
    site = Site(base="https://news.example")
    house = House(make_room(folder / "room", site), roots, every)
    house.save()
    (log,) = house.newest.keyring.policy.logs
    for partner in every:
        partner.begin(str(log))
    text = folder / "keyring-1.txt"
    house.do(
        "keys",
        "keyring",
        "--first",
        *("--out", text, "--threshold", 2, "--quorum", 2),
        *(word for one in roots for word in ("--add-root", f"{one.name}={one.public}")),
        *(word for one in every for word in ("--add-witness", f"{one.name}={one.key}")),
    )
    house.adopt(text, 0, 2)
    (house.keys / "root.pem").unlink()
    return folder


def two_of_three(folder: Path, site: Site) -> House:
    """A copy of ``begun`` that reads ``site``; its partners do not run yet."""
    room = make_room(folder / "room", site)
    shutil.rmtree(room.data)
    shutil.copytree(begun() / "room" / "data", room.data)
    shutil.copytree(begun() / "roots", folder / "roots")
    every = []
    for name in PARTNERS:
        shutil.copytree(begun() / name, folder / name)
        partner = Partner(folder / name, name)
        partner.take_over()
        every.append(partner)
    house = House(room, [Root(folder / "roots", name) for name in "abc"], every)
    house.room.text += "".join(one.section for one in every)
    house.save()
    return house
