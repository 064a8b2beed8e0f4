"""A real S3 server on loopback: OpenStack Swift with its s3api, as Debian has it.

Four servers of Swift (proxy, account, container, object) and a memcached, each a process of its
own with a configuration of its own, ended by its own id.
"""

import contextlib
import getpass
import hashlib
import shutil
import socket
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from aws_request_signer import AwsRequestSigner

from mirror.config import MirrorConfig
from tests.nginx import free_port

PATIENCE_S: Final = 100.0
KEY_ID: Final = "newsroom:editor"
SECRET: Final = "correct-horse"  # noqa: S105 - looked for in everything that we say
BUCKET: Final = "mirror-1"

_PYTHON: Final = "/usr/bin/python3"  # Debian's, which has Swift
_KINDS: Final = ("account", "container", "object")
_RINGS: Final = """
import sys
from swift.common.ring import RingBuilder
for kind, port in zip(("account", "container", "object"), sys.argv[2:]):
    builder = RingBuilder(1, 1, 0)
    builder.add_dev({"region": 1, "zone": 1, "ip": "127.0.0.1", "port": int(port),
        "device": "disk", "weight": 1})
    builder.rebalance()
    builder.get_ring().save("%s/%s.ring.gz" % (sys.argv[1], kind))
"""
_DEFAULT: Final = """\
[DEFAULT]
bind_ip = 127.0.0.1
bind_port = {port}
swift_dir = {work}
devices = {work}/devices
mount_check = false
user = {user}
workers = {workers}
log_level = WARNING
eventlet_debug = false
"""
_STORAGE: Final = """\
[pipeline:main]
pipeline = {kind}-server
[app:{kind}-server]
use = egg:swift#{kind}
"""
_PROXY: Final = """\
[pipeline:main]
pipeline = catch_errors gatekeeper cache s3api tempauth proxy-server
[app:proxy-server]
use = egg:swift#proxy
account_autocreate = true
[filter:catch_errors]
use = egg:swift#catch_errors
[filter:gatekeeper]
use = egg:swift#gatekeeper
[filter:cache]
use = egg:swift#memcache
memcache_servers = 127.0.0.1:{memcached}
[filter:s3api]
use = egg:swift#s3api
location = eu-1
[filter:tempauth]
use = egg:swift#tempauth
user_newsroom_editor = {secret} .admin
user_newsroom_reader = {secret} .reader
"""
_CONF: Final = """\
[swift-hash]
swift_hash_path_suffix = s
swift_hash_path_prefix = p
[storage-policy:0]
name = Policy-0
default = yes
"""


@dataclass(frozen=True, slots=True)
class Swift:
    """A running Swift.

    Attributes:
        port: Of its S3, on 127.0.0.1.
        work: Its own folder.
    """

    port: int
    work: Path

    @property
    def endpoint(self) -> str:
        """What stands in ``endpoint=``."""
        return f"http://127.0.0.1:{self.port}"

    def push(self, folder: str = "x7k2/", **options: str) -> str:
        """The address of ``folder`` in the bucket for a configuration."""
        every = {"endpoint": self.endpoint, "region": "eu-1", **options}
        query = "&".join(f"{name}={value}" for name, value in every.items())
        return f"s3://{KEY_ID.replace(':', '%3A')}@{BUCKET}/{folder}?{query}"

    def config(self, secret: Path, folder: str = "x7k2/", **options: str) -> MirrorConfig:
        """A mirror in ``folder``; ``secret`` is a file that gets the key."""
        secret.write_text(SECRET)
        return MirrorConfig.model_validate(
            {
                "name": "it",
                "url": "https://a.example/",
                "push": self.push(folder, **options),
                "password": {"file": str(secret)},
                "timeout": "30s",
            }
        )


def missing() -> str:
    """Why no Swift can be started here, or nothing."""
    needed = ("swift-proxy-server", *(f"swift-{kind}-server" for kind in _KINDS), "memcached")
    gone = [name for name in needed if shutil.which(name) is None]
    return f"not installed: {', '.join(gone)}" if gone else ""


@contextlib.contextmanager
def swift(workers: int = 0) -> Iterator[Swift]:
    """A Swift with one empty bucket, until the block ends."""
    with tempfile.TemporaryDirectory(prefix="swift-") as folder, contextlib.ExitStack() as stack:
        work = Path(folder)
        (work / "devices" / "disk").mkdir(parents=True)
        (work / "swift.conf").write_text(_CONF)
        ports = {kind: free_port() for kind in (*_KINDS, "proxy", "memcached")}
        rings = [str(ports[kind]) for kind in _KINDS]
        subprocess.run([_PYTHON, "-c", _RINGS, folder, *rings], check=True)
        user = getpass.getuser()
        common = (*("-u", user), *("-l", "127.0.0.1"), *("-m", "16"))
        _start(stack, work, "memcached", "memcached", "-p", str(ports["memcached"]), *common)
        for kind in (*_KINDS, "proxy"):
            text = _DEFAULT.format(port=ports[kind], work=work, user=user, workers=workers)
            tail = _PROXY if kind == "proxy" else _STORAGE
            text += tail.format(kind=kind, memcached=ports["memcached"], secret=SECRET)
            (work / f"{kind}.conf").write_text(text)
            _start(stack, work, kind, f"swift-{kind}-server", f"{work}/{kind}.conf")
        for kind, port in ports.items():
            _wait(port, work / f"{kind}.log")
        running = Swift(ports["proxy"], work)
        _make_bucket(running)
        yield running


def _start(stack: contextlib.ExitStack, work: Path, name: str, *command: str) -> None:
    """Start a server that ends with us, though the tests themselves be killed."""
    command = ("setpriv", "--pdeathsig", "KILL", *command)
    with (work / f"{name}.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
    stack.callback(_end, process)


def _end(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    try:
        process.wait(timeout=10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _wait(port: int, log: Path) -> None:
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 0.2):
            return
        time.sleep(0.05)
    raise RuntimeError(f"{log.stem} does not answer on port {port}: {log.read_text()[-2_000:]}")


def _make_bucket(running: Swift) -> None:
    address = f"{running.endpoint}/{BUCKET}"
    signer = AwsRequestSigner("eu-1", KEY_ID, SECRET, "s3")
    headers = signer.sign_with_headers("PUT", address, {}, hashlib.sha256(b"").hexdigest())
    request = urllib.request.Request(address, method="PUT", headers=headers)  # noqa: S310
    with urllib.request.urlopen(request, timeout=30):  # noqa: S310 - on loopback
        pass
