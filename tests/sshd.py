"""A real OpenSSH server on a loopback port, with keys of its own, ended by its own id."""

import contextlib
import getpass
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import asyncssh

from mirror.config import MirrorConfig, Secret
from tests.nginx import free_port

PATIENCE_S: Final = 10.0
_SFTP_SERVER: Final = Path("/usr/lib/openssh/sftp-server")
_CONFIG: Final = """\
Port {port}
ListenAddress 127.0.0.1
{host_keys}
AuthorizedKeysFile {work}/authorized_keys
PidFile none
StrictModes no
UsePAM no
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin prohibit-password
MaxStartups 100
LogLevel ERROR
Subsystem sftp {subsystem}
"""


@dataclass(frozen=True, slots=True)
class Sshd:
    """A running sshd.

    Attributes:
        port: On 127.0.0.1.
        work: Its own folder; ``log`` is there.
        key: File with the private key that it lets in.
        pins: Fingerprint of each host key, by kind.
        pid: Of the process that listens.
    """

    port: int
    work: Path
    key: Path
    pins: dict[str, str]
    pid: int

    def push(self, folder: Path, kind: str = "ssh-ed25519") -> str:
        """The address of ``folder`` for a configuration."""
        place = f"{getpass.getuser()}@127.0.0.1:{self.port}{folder}"
        return f"sftp://{place}?host-key={self.pins[kind]}"

    def config(self, folder: Path, kind: str = "ssh-ed25519", **more: object) -> MirrorConfig:
        """A mirror in ``folder``."""
        return MirrorConfig.model_validate(
            {
                "name": "it",
                "url": "https://a.example/",
                "push": self.push(folder, kind),
                "password": Secret(file=self.key),
                "timeout": "10s",
                **more,
            }
        )

    def cut(self) -> int:
        """End every session by force, as a reboot does; the server goes on listening."""
        sessions = _children(self.pid)
        for session in sessions:
            _kill(session)
        return len(sessions)


def missing() -> str:
    """Why no sshd can be started here, or nothing."""
    return "" if _program() and _SFTP_SERVER.exists() else "apt-get install openssh-server"


@contextlib.contextmanager
def sshd(
    kinds: tuple[str, ...] = ("ssh-ed25519", "ssh-rsa"), sftp_server: str = str(_SFTP_SERVER)
) -> Iterator[Sshd]:
    """An sshd that lets this user in by key, until the block ends."""
    with tempfile.TemporaryDirectory(prefix="sshd-") as folder:
        work = Path(folder)
        pins = dict(_host_key(work, kind) for kind in kinds)
        user = asyncssh.generate_private_key("ssh-ed25519")
        user.write_private_key(work / "user")
        (work / "user").chmod(0o600)
        user.write_public_key(work / "authorized_keys")
        port = free_port()
        host_keys = "\n".join(f"HostKey {work}/{kind}" for kind in kinds)
        text = _CONFIG.format(port=port, work=work, host_keys=host_keys, subsystem=sftp_server)
        (work / "config").write_text(text)
        if os.getuid() == 0:
            Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)  # it wants to be able to hide there
        command = [_program(), "-D", "-e", "-f", f"{work}/config"]
        with (work / "log").open("wb") as log:
            process = subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        running = Sshd(port, work, work / "user", pins, process.pid)
        try:
            _wait(port, process, work)
            yield running
        finally:
            running.cut()
            process.terminate()
            process.wait(timeout=5)


def _program() -> str:
    """Where sshd is; it must be called by its whole path."""
    return shutil.which("sshd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin") or ""


def _host_key(work: Path, kind: str) -> tuple[str, str]:
    key = asyncssh.generate_private_key(kind)
    key.write_private_key(work / kind)
    (work / kind).chmod(0o600)
    return kind, key.get_fingerprint("sha256")


def _kill(pid: int) -> None:
    for child in _children(pid):
        _kill(child)
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def _children(pid: int) -> list[int]:
    return [int(child) for child in _read(Path(f"/proc/{pid}/task/{pid}/children")).split()]


def _read(file: Path) -> str:
    try:
        return file.read_text()
    except OSError:
        return ""


def _wait(port: int, process: "subprocess.Popen[bytes]", work: Path) -> None:
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end and process.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 0.2):
            return
        time.sleep(0.02)
    raise RuntimeError(f"sshd does not answer on port {port}: {(work / 'log').read_text()}")
