"""Real git repositories that can be pushed to on loopback: by path, and over HTTP."""

import contextlib
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.nginx import Nginx, Site, free_port, nginx

PATIENCE_S: Final = 10.0

_BACKEND: Final = Path("/usr/lib/git-core/git-http-backend")
_LOCATION: Final = """\
location / {{
            include /etc/nginx/fastcgi_params;
            fastcgi_param SCRIPT_FILENAME {backend};
            fastcgi_param GIT_PROJECT_ROOT {root};
            fastcgi_param GIT_HTTP_EXPORT_ALL 1;
            fastcgi_param GIT_PROTOCOL $http_git_protocol;
            fastcgi_param REMOTE_USER someone;
            fastcgi_param PATH_INFO $uri;
            fastcgi_pass unix:{socket};
        }}"""


@dataclass(frozen=True, slots=True)
class Repository:
    """A bare repository that somebody else has.

    Attributes:
        folder: Where it lies.
    """

    folder: Path

    def git(self, *arguments: str, given: bytes = b"") -> str:
        """What git says of it."""
        command = ["git", f"--git-dir={self.folder}", *arguments]
        done = subprocess.run(command, input=given, check=True, capture_output=True)
        return done.stdout.decode("utf-8", "replace").strip()

    def files(self, branch: str = "pages") -> dict[str, bytes]:
        """Every file of a branch, by path."""
        found = {}
        for line in self.git("ls-tree", "-r", branch).splitlines():
            about, path = line.split("\t")
            shown = ["git", f"--git-dir={self.folder}", "cat-file", "blob", about.split()[2]]
            found[path] = subprocess.run(shown, check=True, capture_output=True).stdout
        return found

    def commits(self, branch: str = "pages") -> list[str]:
        """The ids of a branch's commits, the newest first."""
        return self.git("rev-list", branch).split()

    def objects(self) -> int:
        """How many objects lie in it."""
        return len(self.git("cat-file", "--batch-check", "--batch-all-objects").splitlines())


def repository(folder: Path, *, filters: bool = True) -> Repository:
    """A new bare repository; ``filters``: it can leave files out of what it sends."""
    made = Repository(folder)
    subprocess.run(["git", "init", "-q", "--bare", str(folder)], check=True)
    made.git("config", "uploadpack.allowFilter", str(filters).lower())
    made.git("config", "http.receivepack", "true")
    return made


def missing() -> str:
    """Why no git can be served over HTTP here, or nothing."""
    if not _BACKEND.exists():
        return "git-http-backend is not installed: apt-get install git"
    return "" if _program() else "fcgiwrap is not installed: apt-get install fcgiwrap"


@contextlib.contextmanager
def over_http(root: Path, users: Path | None = None) -> Iterator[tuple[str, Nginx]]:
    """The repositories in ``root`` behind nginx; the address, ending in "/", and the server."""
    with tempfile.TemporaryDirectory(prefix="git-") as work:
        socket = Path(work) / "socket"
        environment = {"PATH": os.environ["PATH"], "HOME": work}
        process = subprocess.Popen([_program(), "-s", f"unix:{socket}"], env=environment)
        location = _LOCATION.format(backend=_BACKEND, root=root, socket=socket)
        site = Site(port=free_port(), root=root, users=users, extra=[location])
        try:
            end = time.monotonic() + PATIENCE_S
            while not socket.exists() and time.monotonic() < end:
                time.sleep(0.02)
            with nginx(site) as server:
                yield site.base, server
        finally:
            process.terminate()
            process.wait(timeout=5)


def _program() -> str:
    return shutil.which("fcgiwrap", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin") or ""
