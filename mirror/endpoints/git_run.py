"""Run ``git`` with nothing of this user's or machine's own: no configuration, no prompt, no hook.

A secret is handed over in the environment, which only this user can see, and in a file that
exists in memory alone; never in an argument.
"""

import asyncio
import base64
import contextlib
import os
import shlex
import signal
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from mirror.config.git import GitPlace

# What hosts are told of us. It must begin with "git/": some hosts show a page to all else.
AGENT: Final = "git/2.40.0"
MAX_OUTPUT: Final = 1_000_000  # bytes of one command; only heads, names and complaints are read

_HANDED_ON: Final = ("PATH", "GIT_SSL_CAINFO", "TMPDIR")
_SETTINGS: Final[Mapping[str, str]] = {
    "gc.auto": "0",
    "maintenance.auto": "false",
    "core.hooksPath": "/dev/null",
    "core.askPass": "",
    "credential.helper": "",
    "http.followRedirects": "false",  # a password goes nowhere else
    "http.lowSpeedLimit": "1",
    "http.lowSpeedTime": "120",
    "http.postBuffer": "1048576",
    "fastimport.unpackLimit": "1",  # one pack for each commit, and no loose files
    "fetch.unpackLimit": "1",
    "pack.threads": "1",
    "push.gpgSign": "false",
    "safe.directory": "*",  # a repository of another user on this machine; no hook of it is run
}


@dataclass(frozen=True, slots=True)
class Ran:
    """What a command said.

    Attributes:
        status: Its exit status; 0 is success.
        out: The first ``MAX_OUTPUT`` bytes of its output.
        err: Of its complaints, as text.
    """

    status: int
    out: bytes
    err: str


@dataclass(slots=True)
class Git:
    """The command ``git``, for one repository on this machine and one elsewhere.

    Attributes:
        folder: The bare repository here.
        place: The one elsewhere.
        proxy: Address of a proxy that http(s) goes through, or empty.
        secret: A password or token for http(s), or a private key for ssh; or empty.
    """

    folder: Path
    place: GitPlace
    secret: str = field(default="", repr=False)
    proxy: str = field(default="", repr=False)
    _key: int = field(default=-1, init=False, repr=False)

    @property
    def secrets(self) -> tuple[str, ...]:
        """Every form in which the secret goes over the line; none may be shown."""
        mine = (self.secret, self._basic()) if self.secret else ()
        return (*mine, self.proxy) if self.proxy else mine

    async def run(self, *arguments: str, given: bytes = b"") -> Ran:
        """Run a command to its end; a cancelled one is ended with all that it started."""
        async with self.started(*arguments, told=bool(given)) as process:
            out, err, _ = await asyncio.gather(
                _read(process.stdout), _read(process.stderr), _give(process.stdin, given)
            )
            return Ran(await process.wait(), out, err.decode("utf-8", "replace"))

    @contextlib.asynccontextmanager
    async def started(
        self, *arguments: str, told: bool = True
    ) -> AsyncIterator[asyncio.subprocess.Process]:
        """A running command; leaving the block ends it with all that it started."""
        process = await self.start(*arguments, told=told)
        try:
            yield process
        finally:
            await end(process)

    async def start(self, *arguments: str, told: bool = True) -> asyncio.subprocess.Process:
        """Start a command in a session of its own; the caller sees to its ``end``.

        ``told``: whether it is to be told something on its standard input.

        Raises:
            OSError: There is no git.
        """
        return await asyncio.create_subprocess_exec(
            "git",
            f"--git-dir={self.folder}",
            *arguments,
            stdin=asyncio.subprocess.PIPE if told else asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env=self._environment(),
            start_new_session=True,
        )

    def close(self) -> None:
        """Let go of the key."""
        if self._key >= 0:
            os.close(self._key)
            self._key = -1

    def _environment(self) -> dict[str, str]:
        settings = dict(_SETTINGS)
        if self.secret and self.place.scheme in {"https", "http"}:
            settings["http.extraHeader"] = f"Authorization: Basic {self._basic()}"
        if self.proxy:
            settings["http.proxy"] = self.proxy
        made = {name: os.environ[name] for name in _HANDED_ON if name in os.environ}
        for number, (name, value) in enumerate(settings.items()):
            made[f"GIT_CONFIG_KEY_{number}"] = name
            made[f"GIT_CONFIG_VALUE_{number}"] = value
        made |= {
            "GIT_CONFIG_COUNT": str(len(settings)),
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_GLOBAL": "/dev/null",
            "GIT_ATTR_NOSYSTEM": "1",
            "GIT_TERMINAL_PROMPT": "0",
            "GIT_USER_AGENT": AGENT,
            "HOME": str(self.folder),
            "LC_ALL": "C",
        }
        if self.place.scheme == "ssh":
            made["GIT_SSH_COMMAND"] = self._ssh()
            made["GIT_SSH_VARIANT"] = "ssh"
        return made

    def _basic(self) -> str:
        return base64.b64encode(f"{self.place.user}:{self.secret}".encode()).decode()

    def _ssh(self) -> str:
        """The command that reaches the host: its key is pinned, and ours alone is offered."""
        pins = "|".join(self.place.pins)
        judge = f'case "$1" in {pins}) echo "$2 $3 $4";; esac'
        options = (
            "BatchMode=yes",
            "ClearAllForwardings=yes",
            "ConnectTimeout=30",
            "GlobalKnownHostsFile=none",
            "IdentitiesOnly=yes",
            "IdentityAgent=none",
            f"IdentityFile={self._key_file()}",
            f"KnownHostsCommand=/bin/sh -c '{judge}' judge %f %H %t %K",
            "PreferredAuthentications=publickey",
            "ServerAliveInterval=30",
            "StrictHostKeyChecking=yes",
            "UserKnownHostsFile=none",
        )
        return shlex.join(["ssh", "-F", "none", *(f"-o{option}" for option in options)])

    def _key_file(self) -> str:
        """The private key as a file that is on no disk; ssh reads it by our number."""
        if not self.secret:
            return "none"
        if self._key < 0:
            self._key = os.memfd_create("key")
            os.fchmod(self._key, 0o600)
            os.write(self._key, f"{self.secret.rstrip()}\n".encode())
        return f"/proc/{os.getpid()}/fd/{self._key}"


async def end(process: asyncio.subprocess.Process) -> None:
    """End a process that was started here, with all that it started."""
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    waiting = asyncio.ensure_future(process.wait())
    try:
        await asyncio.shield(waiting)
    except asyncio.CancelledError:
        await waiting
        raise


async def _give(stdin: asyncio.StreamWriter | None, given: bytes) -> None:
    if stdin is not None:
        with contextlib.suppress(OSError, RuntimeError):  # uvloop's word for a pipe that is closed
            stdin.write(given)
            await stdin.drain()
            stdin.close()


async def _read(stream: asyncio.StreamReader | None) -> bytes:
    """The first ``MAX_OUTPUT`` bytes; what follows is read, so that nobody waits, and dropped."""
    data = bytearray()
    while stream is not None and (piece := await stream.read(65_536)):
        data += piece[: MAX_OUTPUT - len(data)]
    return bytes(data)
