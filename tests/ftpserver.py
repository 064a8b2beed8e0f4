"""Real FTP servers on loopback: pyftpdlib, which tells what it was sent, and Debian's vsftpd."""

import contextlib
import datetime as dt
import ipaddress
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.nginx import free_port

PATIENCE_S: Final = 10.0
USER: Final = "editor"
PASSWORD: Final = "correct-horse"  # noqa: S105 - a server of the tests'

_VSFTPD: Final = """\
listen=YES
listen_address=127.0.0.1
listen_port={port}
background=NO
run_as_launching_user={launching}
anonymous_enable=YES
local_enable=NO
no_anon_password=YES
anon_root={root}
anon_upload_enable=YES
anon_mkdir_write_enable=YES
anon_other_write_enable=YES
anon_world_readable_only=NO
anon_umask=022
write_enable=YES
allow_writeable_chroot=YES
secure_chroot_dir={empty}
seccomp_sandbox=NO
pasv_address=127.0.0.1
connect_from_port_20=NO
xferlog_enable=NO
max_per_ip={sessions}
ssl_enable={tls}
allow_anon_ssl=YES
force_anon_logins_ssl={tls}
force_anon_data_ssl={tls}
require_ssl_reuse=YES
ssl_ciphers=HIGH
rsa_cert_file={pem}
"""


@dataclass(frozen=True, slots=True)
class FtpServer:
    """A running FTP server.

    Attributes:
        port: On 127.0.0.1.
        root: The folder that it serves.
        log: What it was asked, where it writes that down.
        certificate: The one that it shows, if it has TLS.
    """

    port: int
    root: Path
    log: Path
    certificate: Path

    def asked(self) -> list[str]:
        """Every command so far, without the password."""
        return self.log.read_text().splitlines()


def certificate(folder: Path, host: str = "127.0.0.1") -> tuple[Path, Path]:
    """A certificate for ``host``, signed by itself, and a file with its key too."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    now = dt.datetime.now(dt.UTC)
    alternative: x509.GeneralName = (
        x509.IPAddress(ipaddress.ip_address(host)) if host[0].isdigit() else x509.DNSName(host)
    )
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([alternative]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    public = made.public_bytes(serialization.Encoding.PEM)
    secret = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    (folder / "server.crt").write_bytes(public)
    (folder / "server.pem").write_bytes(secret + public)
    return folder / "server.crt", folder / "server.pem"


@contextlib.contextmanager
def pyftpd(
    root: Path, *, tls: bool = False, sessions: int = 20, **options: str
) -> Iterator[FtpServer]:
    """A pyftpdlib server with one user, until the block ends; see ``tests/ftpd.py``."""
    with tempfile.TemporaryDirectory(prefix="ftp-") as folder:
        work, port = Path(folder), free_port()
        public, pem = certificate(work, options.pop("host", "127.0.0.1"))
        root.mkdir(parents=True, exist_ok=True)
        (work / "log").touch()
        command = [
            sys.executable, str(Path(__file__).with_name("ftpd.py")), str(port), str(root),
            str(work / "log"), str(pem) if tls else "", str(sessions),
            *(f"{name}={value}" for name, value in options.items()),
        ]  # fmt: skip
        with _running(command, port, work, os.environ):
            yield FtpServer(port, root, work / "log", public)


@contextlib.contextmanager
def vsftpd(root: Path, *, tls: bool = False, sessions: int = 0) -> Iterator[FtpServer]:
    """Debian's vsftpd, without users, whose folder ``pub`` may be written to.

    With TLS, connections for files must go on with the session of the login, as it comes.
    """
    with tempfile.TemporaryDirectory(prefix="vsftpd-") as folder:
        work, port = Path(folder), free_port()
        work.chmod(0o755)
        public, pem = certificate(work)
        root.mkdir(parents=True, exist_ok=True)
        (work / "empty").mkdir()
        text = _VSFTPD.format(
            port=port,
            root=root,
            empty=work / "empty",
            sessions=sessions,
            tls="YES" if tls else "NO",
            launching="NO" if os.getuid() == 0 else "YES",
            pem=pem,
        )
        (root / "pub").mkdir(exist_ok=True)  # it serves no root that can be written to
        if os.getuid() == 0:
            shutil.chown(root / "pub", "ftp")
        (work / "vsftpd.conf").write_text(text)
        with _running([_program(), str(work / "vsftpd.conf")], port, work, os.environ):
            yield FtpServer(port, root, work / "log", public)


def missing() -> str:
    """Why no vsftpd can be started here, or nothing."""
    return "" if _program() else "vsftpd is not installed: apt-get install vsftpd"


def _program() -> str:
    return shutil.which("vsftpd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin") or ""


@contextlib.contextmanager
def _running(
    command: list[str], port: int, work: Path, environment: Mapping[str, str]
) -> Iterator[None]:
    with (work / "stderr").open("wb") as stderr:
        process = subprocess.Popen(command, stdout=stderr, stderr=stderr, env=environment)
    try:
        end = time.monotonic() + PATIENCE_S
        while time.monotonic() < end and process.poll() is None:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 0.2):
                break
            time.sleep(0.02)
        else:
            raise RuntimeError(f"no FTP server: {(work / 'stderr').read_text()[-2000:]}")
        yield
    finally:
        process.terminate()
        try:
            process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
