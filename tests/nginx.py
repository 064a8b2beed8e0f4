"""A real nginx on a loopback port, from a configuration of its own, ended by its own id."""

import contextlib
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

PATIENCE_S: Final = 10.0

DAV_EXT: Final = Path("/usr/lib/nginx/modules/ngx_http_dav_ext_module.so")

_MAIN: Final = """\
{modules}daemon off;
master_process off;
worker_processes 1;
pid {work}/nginx.pid;
error_log {work}/error.log warn;
events {{ worker_connections 1024; }}
http {{
    log_format short '$request_method $request_uri $status';
    access_log {work}/access.log short;
    default_type application/octet-stream;
    types {{
        text/html html;
        application/xml rss atom;
        text/css css;
        text/javascript js;
        application/json json;
        image/webp webp;
        image/jpeg jpg;
        image/png png;
        text/plain tlog-proof minisig;
    }}
    charset utf-8;
    charset_types text/html text/plain text/css text/javascript application/xml;
    server_tokens off;
    keepalive_requests 100000;
    client_body_temp_path {work}/body;
    proxy_temp_path {work}/proxy;
    fastcgi_temp_path {work}/fastcgi;
    uwsgi_temp_path {work}/uwsgi;
    scgi_temp_path {work}/scgi;
{servers}
}}
"""
_SERVER: Final = """\
    server {{
        listen 127.0.0.1:{port};
        root {root};
        client_max_body_size {max_body};
{lines}
    }}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """One server on one port.

    Attributes:
        port: On 127.0.0.1.
        root: The folder that it serves.
        writable: Whether PUT, DELETE and MKCOL work (WebDAV).
        lists: Whether PROPFIND works too, which rclone asks; needs nginx-extras.
        makes_folders: Whether PUT makes the folders above by itself.
        users: An htpasswd file; without one, everybody may do everything.
        max_body: The largest PUT, as nginx writes sizes.
        extra: More lines for the server block.
    """

    port: int
    root: Path
    writable: bool = False
    lists: bool = False
    makes_folders: bool = True
    users: Path | None = None
    max_body: str = "64m"
    extra: Sequence[str] = ()

    @property
    def base(self) -> str:
        """Where readers find the root."""
        return f"http://127.0.0.1:{self.port}/"

    def lines(self) -> Iterator[str]:
        """What stands in the server block."""
        if self.writable:
            yield "dav_methods PUT DELETE MKCOL;"
            yield f"create_full_put_path {'on' if self.makes_folders else 'off'};"
            if self.lists:
                yield "dav_ext_methods PROPFIND OPTIONS;"
            yield "dav_access user:rw group:r all:r;"
        if self.users:
            yield 'auth_basic "files";'
            yield f"auth_basic_user_file {self.users};"
        yield from self.extra


@dataclass(frozen=True, slots=True)
class Nginx:
    """A running nginx.

    Attributes:
        work: Its own folder; ``access.log`` and ``error.log`` are there.
        pid: The one process.
    """

    work: Path
    pid: int

    def requests(self) -> list[str]:
        """Every request so far, as ``PUT /path 201``; nginx logs a moment after it answers."""
        log = self.work / "access.log"
        size = -1
        while size != log.stat().st_size:
            size = log.stat().st_size
            time.sleep(0.05)
        return log.read_text().splitlines()


def missing() -> str:
    """Why no nginx can be started here, or nothing."""
    return "" if _program() else "nginx is not installed: apt-get install nginx-extras"


def _program() -> str:
    """Where nginx is; it stands in a folder that users often have not on their PATH."""
    return shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin") or ""


def free_port() -> int:
    """A loopback port that nobody listened on a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def config(work: Path, sites: Sequence[Site]) -> str:
    """The whole configuration file."""
    servers = "".join(
        _SERVER.format(
            port=site.port,
            root=site.root,
            max_body=site.max_body,
            lines="\n".join(f"        {line}" for line in site.lines()),
        )
        for site in sites
    )
    modules = f"load_module {DAV_EXT};\n" if any(site.lists for site in sites) else ""
    return _MAIN.format(work=work, modules=modules, servers=servers)


@contextlib.contextmanager
def nginx(*sites: Site) -> Iterator[Nginx]:
    """Nginx with ``sites``, answering on every port of theirs, until the block ends."""
    with tempfile.TemporaryDirectory(prefix="nginx-") as folder:
        work = Path(folder)
        work.chmod(0o755)
        for site in sites:
            site.root.mkdir(parents=True, exist_ok=True)
        (work / "nginx.conf").write_text(config(work, sites))
        command = [_program(), "-e", f"{work}/error.log", "-p", folder, "-c", f"{work}/nginx.conf"]
        with (work / "stderr").open("wb") as stderr:
            process = subprocess.Popen(command, stdout=stderr, stderr=stderr)
        try:
            for site in sites:
                _wait(site.port, process, work)
            yield Nginx(work, process.pid)
        finally:
            process.terminate()
            try:
                process.wait(timeout=5)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _wait(port: int, process: "subprocess.Popen[bytes]", work: Path) -> None:
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end and process.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 0.2):
            return
        time.sleep(0.02)
    said = (work / "stderr").read_text() + (work / "error.log").read_text()
    raise RuntimeError(f"nginx does not answer on port {port}: {said[-2000:]}")
