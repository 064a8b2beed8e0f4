"""The demo's third mirror: nginx, with WebDAV for us on one port, and files for readers on another.

It is started with a configuration of its own and ended by its own process id. Nobody else's
nginx is touched.
"""

import asyncio
import base64
import contextlib
import hashlib
import os
import pwd
import secrets
import shutil
import signal
import time
from pathlib import Path
from typing import Final

from mirror.demo.plan import Plan, write_text
from mirror.demo.settings import WEBDAV_USER
from mirror.errors import MirrorError

INSTALL: Final = "apt-get install nginx-light libnginx-mod-http-dav-ext"
PATIENCE_S: Final = 10.0
END_S: Final = 1.0

_SEARCHED: Final = f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin:/usr/local/sbin"
_CONF: Final = """\
daemon off;
{user}worker_processes 1;
pid "{work}/nginx.pid";
error_log "{work}/error.log" crit;     # lower levels would name readers
events {{ worker_connections 256; }}
http {{
  access_log off;                      # who reads what is nobody's business
  log_not_found off;
  server_tokens off;
  default_type application/octet-stream;
  types {{
    text/html html;
    application/json json;
    application/xml xml rss atom;
    text/css css;
    text/javascript js;
    text/x-opml opml;
    text/plain tlog-proof minisig;
    image/webp webp;
    image/jpeg jpg;
    image/png png;
    image/gif gif;
    image/svg+xml svg;
    image/avif avif;
    audio/mpeg mp3;
  }}
  charset utf-8;
  charset_types text/plain text/x-opml
    text/css text/javascript application/xml;
  client_body_temp_path "{work}/body";
  proxy_temp_path "{work}/proxy";
  fastcgi_temp_path "{work}/fastcgi";
  uwsgi_temp_path "{work}/uwsgi";
  scgi_temp_path "{work}/scgi";

  server {{                            # for readers
    listen 127.0.0.1:{readers};
    root "{www}";
    index index.html;
    keepalive_timeout 0;               # one page, one connection: a frozen one costs one page
    gzip on;
    gzip_comp_level 6;
    gzip_min_length 200;
    gzip_types text/plain text/x-opml
      text/css text/javascript application/json application/xml;
    add_header X-Content-Type-Options nosniff;
    location / {{ return 404; }}
    location /{word}/ {{ }}
    location = /{word}/SHA256SUMS {{ default_type text/plain; }}
    location /{word}/log/checkpoint {{ default_type text/plain; }}
    location /{word}/log/keys/ {{ default_type text/plain; }}
  }}
  server {{                            # for the publisher
    listen 127.0.0.1:{webdav};
    root "{www}";
    auth_basic "mirror";
    auth_basic_user_file "{work}/users";
    client_max_body_size 32m;
    dav_methods PUT DELETE MKCOL;
    create_full_put_path on;
    dav_access user:rw group:r all:r;
    location / {{ return 404; }}
    location /{word}/ {{ }}
  }}
}}
"""


def find_nginx() -> str | None:
    """Where nginx is, or None."""
    return shutil.which("nginx", path=_SEARCHED)


class Nginx:
    """One nginx process in ``<folder>/nginx``; the tree that it serves is in its ``www``."""

    def __init__(self, folder: Path, plan: Plan) -> None:
        self._work = (folder / "nginx").absolute()
        self._plan = plan
        self._process: asyncio.subprocess.Process | None = None

    @property
    def pid(self) -> int | None:
        """Of the running process."""
        return None if self._process is None else self._process.pid

    def end_left_over(self) -> None:
        """End an nginx of this folder that outlived its demo (a crash, a kill -9)."""
        pid = self._pid_file()
        if pid is None or not self._is_ours(pid):
            return
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGTERM)
        end = time.monotonic() + PATIENCE_S
        while self._is_ours(pid) and time.monotonic() < end:
            time.sleep(0.02)

    async def start(self, binary: str) -> None:
        """Start it, and wait until it has both ports.

        Raises:
            MirrorError: It ended, or does not answer; with what it said.
        """
        conf = self._write_files()
        self._process = await asyncio.create_subprocess_exec(
            binary, "-e", f"{self._work}/error.log", "-p", str(self._work), "-c", str(conf),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C is for us; it is ended after the last push
        )  # fmt: skip
        await self._wait(self._process)

    async def stop(self) -> None:
        """End it, by its own id; returns when it is gone."""
        process = self._process
        if process is None:
            return
        if process.returncode is None:
            process.terminate()
        try:
            await asyncio.wait_for(process.wait(), END_S)
        except TimeoutError:
            process.kill()
            await process.wait()
        self._process = None

    def _write_files(self) -> Path:
        """Everything that it needs, and nothing of an earlier run; its configuration file."""
        www = self._work / "www"
        (www / self._plan.word("three")).mkdir(parents=True, exist_ok=True)
        user = f"user {pwd.getpwuid(os.getuid()).pw_name};\n" if os.getuid() == 0 else ""
        conf = self._work / "nginx.conf"
        text = _CONF.format(
            user=user,
            work=_quoted(self._work),
            www=_quoted(www),
            readers=self._plan.port("three"),
            webdav=self._plan.port("webdav"),
            word=self._plan.word("three"),
        )
        write_text(conf, text)
        write_text(self._work / "users", f"{WEBDAV_USER}:{_hashed(self._plan.password)}\n")
        (self._work / "error.log").write_bytes(b"")
        (self._work / "nginx.pid").unlink(missing_ok=True)
        return conf

    async def _wait(self, process: asyncio.subprocess.Process) -> None:
        """Until its pid is written: nginx does that once it listens."""
        end = time.monotonic() + PATIENCE_S
        while time.monotonic() < end and process.returncode is None:
            if self._pid_file() == process.pid:
                return
            await asyncio.sleep(0.02)
        await self.stop()
        said = (self._work / "error.log").read_text(encoding="utf-8", errors="replace")
        lines = said.strip().splitlines() or ["it said nothing"]
        raise MirrorError(f"nginx did not start: {lines[-1]}; see {self._work}/error.log")

    def _pid_file(self) -> int | None:
        try:
            return int((self._work / "nginx.pid").read_text(encoding="ascii"))
        except (OSError, ValueError):
            return None

    def _is_ours(self, pid: int) -> bool:
        """Whether that process is an nginx with our own configuration file, by its command."""
        try:
            command = Path(f"/proc/{pid}/cmdline").read_bytes()
        except OSError:
            return False
        return b"nginx" in command and str(self._work / "nginx.conf").encode() in command


def _hashed(password: str) -> str:
    """The password as nginx stores it ({SSHA}; it knows nothing better of its own)."""
    salt = secrets.token_bytes(8)
    digest = hashlib.sha1(password.encode() + salt, usedforsecurity=False).digest()
    return "{SSHA}" + base64.b64encode(digest + salt).decode()


def _quoted(path: Path) -> str:
    """A path inside the configuration; nginx ends words at spaces and ``;``."""
    text = str(path)
    if set(text) & set('"\\$\n'):
        raise MirrorError(f"{text}: nginx can't work in a folder of that name; choose another")
    return text
