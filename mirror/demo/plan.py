"""``Plan``: what a demo keeps between two runs: its start, its ports, its random words."""

import json
import os
import secrets
import socket
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from mirror.config.values import parse_duration
from mirror.errors import ConfigError

FILE: Final = "demo.json"
ROLES: Final = ("status", "newsroom", "one", "two", "three", "webdav")
OF_NGINX: Final = frozenset({"three", "webdav"})
DEFAULT_PORT_BASE: Final = 8470  # the status page's own default; the others follow it
DEFAULT_EVERY: Final = timedelta(seconds=3)
SHORTEST: Final = timedelta(milliseconds=100)
MAX_PORT: Final = 65_535

IsFree = Callable[[int], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One demo.

    Attributes:
        start: When its newsroom opened, UTC, whole seconds.
        seed: Chooses the newsroom's stories.
        every: Between two stories, at least ``SHORTEST``.
        ports: One for each of ``ROLES``, in that order.
        words: A random path segment for each mirror, as a real mirror should have one.
        password: For pushes to the WebDAV endpoint.
    """

    start: datetime
    seed: int
    every: timedelta
    ports: tuple[int, ...]
    words: tuple[str, str, str]
    password: str

    def port(self, role: str) -> int:
        """The port of one of ``ROLES``."""
        return self.ports[ROLES.index(role)]

    def address(self, role: str) -> str:
        """``http://127.0.0.1:port`` of one of ``ROLES``, without a slash at the end."""
        return f"http://127.0.0.1:{self.port(role)}"

    def base(self, mirror: str) -> str:
        """What readers open: the base of ``one``, ``two`` or ``three`` (format 1.5)."""
        return f"{self.address(mirror)}/{self.word(mirror)}/"

    def word(self, mirror: str) -> str:
        """The random segment of ``one``, ``two`` or ``three``."""
        return self.words[ROLES.index(mirror) - ROLES.index("one")]

    def encode(self) -> str:
        """What ``demo.json`` holds."""
        told = asdict(self) | {
            "start": self.start.isoformat(),
            "every": self.every.total_seconds(),
        }
        return json.dumps(told, indent=1) + "\n"

    @classmethod
    def decode(cls, text: str) -> "Plan":
        """The plan that ``encode`` wrote.

        Raises:
            ValueError: It is something else.
        """
        try:
            told = json.loads(text)
            one, two, three = map(str, told["words"])
            return cls(
                start=datetime.fromisoformat(told["start"]).astimezone(UTC),
                seed=int(told["seed"]),
                every=timedelta(seconds=float(told["every"])),
                ports=tuple(map(int, told["ports"])),
                words=(one, two, three),
                password=str(told["password"]),
            )
        except (KeyError, TypeError, OverflowError) as error:
            raise ValueError(f"is no plan of a demo: {error!r}") from error


def make_plan(base: int, every: timedelta, now: datetime, is_free: IsFree) -> Plan:
    """A new demo that starts ``now``, on ports from ``base`` up."""
    return Plan(
        start=now.astimezone(UTC).replace(microsecond=0),
        seed=7,
        every=every,
        ports=tuple(find_ports(base, len(ROLES), is_free)),
        words=(_word(), _word(), _word()),
        password=secrets.token_urlsafe(16),
    )


def find_ports(base: int, count: int, is_free: IsFree) -> Iterator[int]:
    """The first ``count`` free ports from ``base`` up.

    Raises:
        ConfigError: There are not that many.
    """
    port = base
    for _ in range(count):
        while port <= MAX_PORT and not is_free(port):
            port += 1
        if port > MAX_PORT:
            raise ConfigError("--port-base", (f"from {base} up too few ports are free",))
        yield port
        port += 1


def load_plan(
    folder: Path, now: datetime, *, base: int | None = None, every: timedelta | None = None
) -> Plan:
    """The plan in ``folder``, or a new one that is written there.

    What was once fixed stays: ``base`` and ``every`` must agree with it, or be left out.

    Raises:
        ConfigError: They don't agree, the folder holds something else, or a port of a new or
            an old plan can't be had.
    """
    file = folder / FILE
    if not file.exists():
        if (folder / "config.toml").exists():
            problem = "holds a newsroom that is not the demo's; choose another --folder"
            raise ConfigError(str(folder), (problem,))
        plan = make_plan(base or DEFAULT_PORT_BASE, every or DEFAULT_EVERY, now, is_free)
        folder.mkdir(parents=True, exist_ok=True)
        write_text(file, plan.encode())
        return plan
    try:
        plan = Plan.decode(file.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ConfigError(str(file), (f"{error}; remove the folder to begin anew",)) from error
    _check_same(folder, plan, base, every)
    return plan


def check_ports(folder: Path, plan: Plan, *, webdav: bool) -> None:
    """Make sure that nothing else took the ports since the last run.

    Without ``webdav``, those of nginx may be anybody's.

    Raises:
        ConfigError: With each port that something else has.
    """
    taken = tuple(
        f"port {port} ({role}) is in use by another program; stop that one, or remove {folder}"
        for role, port in zip(ROLES, plan.ports, strict=True)
        if (webdav or role not in OF_NGINX) and not is_free(port)
    )
    if taken:
        raise ConfigError(str(folder / FILE), taken)


def is_free(port: int) -> bool:
    """Whether a server can listen on that port of 127.0.0.1 now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def parse_every(text: str) -> timedelta:
    """``"3s"`` or ``"0.3s"`` as a span between two stories.

    Raises:
        ConfigError: It is none, or shorter than ``SHORTEST``.
    """
    number = text.removesuffix("s")
    try:
        every = timedelta(seconds=float(number)) if number != text else parse_duration(text)
    except (ValueError, OverflowError) as error:
        problem = 'is no span of time; write it like "3s" or "1m"'
        raise ConfigError(f"--stories-every {text}", (problem,)) from error
    if every < SHORTEST:
        raise ConfigError(f"--stories-every {text}", ("is shorter than 0.1s",))
    return every


def write_text(file: Path, text: str) -> None:
    """Make ``file`` hold ``text``, for this user alone: the old content or the new, whole."""
    new = file.with_name(f".{file.name}.new")
    handle = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as out:
        out.write(text)
    new.replace(file)


def _check_same(folder: Path, plan: Plan, base: int | None, every: timedelta | None) -> None:
    remedy = f"leave the option out, or choose another --folder than {folder}"
    found = []
    if base is not None and min(plan.ports) < base:
        found.append(f"--port-base: this demo has the ports {plan.ports[0]} and up; {remedy}")
    if every is not None and every != plan.every:
        seconds = plan.every.total_seconds()
        found.append(f"--stories-every: this demo prints one every {seconds:g}s; {remedy}")
    if found:
        raise ConfigError(str(folder / FILE), tuple(found))


def _word() -> str:
    return secrets.token_hex(4)
