"""First push, nothing changed, five new: ours beside cp, rsync and rclone, in one run.

``python -m benchmarks.push [FILES] [RUNS] [PART …]``: files of 10 kB each, half pages and half
proofs. Parts are folder, dav, sftp, s3, and dav-far and sftp-far over a line of 50 ms.
"""

import contextlib
import getpass
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import count
from pathlib import Path
from typing import Final

from benchmarks._line import line
from benchmarks._measure import Results, arguments
from benchmarks._pushing import Tree, push, seed
from mirror.config import MirrorConfig
from mirror.endpoints.build import build
from tests.nginx import Site, free_port, nginx
from tests.sshd import Sshd, sshd
from tests.swift import BUCKET, KEY_ID, SECRET, swift

RCLONE: Final = ("rclone", "--config", "/dev/null", "--retries", "1")
MANY: Final = ("--transfers", "16", "--checkers", "16")
MEMORY_MB: Final = 100
PARTS: Final = ("folder", "dav", "sftp", "s3", "dav-far", "sftp-far")

_GIVEN: Final = {"name", "url", "push", "password"}

# Ours against the peer, at most: (part, job, peer).
TARGETS: Final[Mapping[tuple[str, str, str], float]] = {
    ("folder", "first push", "cp -r"): 1.2,
    ("dav", "first push", "rclone, pacer off"): 0.8,
    ("dav", "first push", "rclone as it comes"): 0.02,
    ("sftp", "first push", "rsync"): 1.3,
    ("sftp", "first push", "rclone"): 0.4,
    ("s3", "first push", "rclone"): 0.8,
    ("dav-far", "first push", "rclone, pacer off"): 0.5,
    ("sftp-far", "first push", "rsync"): 1.5,
    ("dav-far", "nothing changed", "rclone"): 1 / 3,
    ("sftp-far", "nothing changed", "rclone"): 1 / 3,
    ("dav-far", "five new", "rclone"): 1 / 3,
    ("sftp-far", "five new", "rclone"): 1 / 3,
}


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


def main() -> int:
    """Print tables and targets; 1 where one is missed."""
    parser = arguments(__doc__)
    parser.add_argument("files", nargs="?", type=int, default=2_000)
    parser.add_argument("runs", nargs="?", type=int, default=3)
    parser.add_argument("parts", nargs="*", default=PARTS)
    given = parser.parse_args()
    results = Results("push")
    with tempfile.TemporaryDirectory() as name:
        for part in given.parts:
            work = Path(name) / part
            tree = Tree(work / "tree", given.files // 2)
            seed(tree, 5 * given.runs)
            with _KINDS[part](work) as kind:
                _measure(kind, tree, given.runs, results)
    return results.say(as_json=given.json)


def _measure(kind: Kind, tree: Tree, runs: int, results: Results) -> None:
    """All three jobs, ours and the peers in turn."""
    start = tree.size
    kept = {name: kind.fresh() for name in ("ours", *kind.peers)}

    def ours(place: str) -> Callable[[], object]:
        config = kind.config(place)
        return lambda: push(tree, partial(build, config))

    def theirs(name: str, place: str) -> Callable[[], object]:
        return lambda: _run(*kind.peers[name](tree.folder, place))

    def anew(job: Callable[[str], Callable[[], object]]) -> Callable[[], object]:
        def begin() -> object:
            return job(kind.fresh())()

        return begin

    first = {name: anew(partial(theirs, name)) for name in kind.peers}
    first = {"ours": anew(ours), **first}
    names = {"rclone": kind.first}
    _say(kind, "first push", _rounds(runs, first), results, names)
    for name, place in kept.items():
        (ours(place) if name == "ours" else theirs(name, place))()
    again = {
        name: ours(place) if name == "ours" else theirs(name, place) for name, place in kept.items()
    }
    _say(kind, "nothing changed", _rounds(runs, again), results)

    def grown() -> None:
        tree.size += 5
        ours(kept["ours"])()

    _more(tree, 5)
    _say(kind, "five new", _rounds(1, {**again, "ours": grown}), results)
    tree.size = start
    _, memory = _alone(tree, kind.config(kind.fresh()))
    results.target(f"{kind.part}: memory of a first push", memory, MEMORY_MB, "MB")


def _more(tree: Tree, pages: int) -> None:
    """Make some pages new to those who compare folders."""
    for page in sorted(tree.folder.glob("a/*/*.html"))[:pages]:
        page.with_name(f"f{page.name[1:]}").write_bytes(page.read_bytes())


def _say(
    kind: Kind,
    job: str,
    rows: Mapping[str, float],
    results: Results,
    names: Mapping[str, str] | None = None,
) -> None:
    for name, seconds in rows.items():
        shown = (names or {}).get(name, name)
        ratio = rows["ours"] / seconds
        figure = f"{seconds:.3f} s, ours is {ratio:.2f} x"
        results.figure(f"{kind.part}, {job}: {shown}", figure)
        print(f"{kind.part}, {job}: {shown}: {figure}", file=sys.stderr, flush=True)
        most = TARGETS.get((kind.part, job, shown))
        if most is not None:
            results.target(f"{kind.part}, {job}, against {shown}", ratio, most)


def _rounds(runs: int, jobs: Mapping[str, Callable[[], object]]) -> dict[str, float]:
    took: dict[str, list[float]] = {name: [] for name in jobs}
    for _ in range(runs):
        for name, job in jobs.items():
            begun = time.perf_counter()
            job()
            took[name].append(time.perf_counter() - begun)
    return {name: statistics.median(times) for name, times in took.items()}


def _alone(tree: Tree, config: MirrorConfig) -> tuple[float, float]:
    """Seconds and peak of memory in MB of a first push in a process of its own."""
    done = subprocess.run(
        (sys.executable, "-m", "benchmarks._pushing", str(tree.folder), str(tree.size)),
        input=json.dumps(config.model_dump(mode="json", include=_GIVEN, exclude_none=True)),
        check=True,
        capture_output=True,
        text=True,
    )
    seconds, memory = map(float, done.stdout.split())
    return seconds, memory


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


def _run(*command: str) -> None:
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


_KINDS: Final[Mapping[str, Callable[[Path], contextlib.AbstractContextManager[Kind]]]] = {
    "folder": _folder,
    "dav": _dav,
    "sftp": _sftp,
    "s3": _s3,
    "dav-far": lambda work: _dav(work, far=True),
    "sftp-far": lambda work: _sftp(work, far=True),
}

if __name__ == "__main__":
    sys.exit(main())
