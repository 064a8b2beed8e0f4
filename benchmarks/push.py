"""First push, nothing changed, five changed: ours beside cp, rsync and rclone, in one run.

``python -m benchmarks.push [FILES] [RUNS]``: files of 10 kB each, half a page and half a proof.
"""

import asyncio
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import uvloop

from feeds.errors import MissingFileError
from feeds.paths import CHECKPOINT
from mirror.endpoints.dav import DavMirror
from mirror.endpoints.file import FileMirror
from mirror.endpoints.protocol import Mirror
from mirror.publish.heads import Head
from mirror.publish.outcome import Target
from mirror.publish.push import bring_up_to_date
from mirror.tree import Leaf, Mutable
from tests.nginx import Site, free_port, nginx

NOW: Final = datetime(2026, 5, 1, tzinfo=UTC)
RCLONE: Final = ("rclone", "--config", "/dev/null", "--retries", "1")


@dataclass
class Tree:
    """A tree on disk that a push reads; its head is its size, unsigned."""

    folder: Path
    size: int
    changed: int = 0
    moving: bool = False

    @property
    def head(self) -> bytes:
        """The size that is stated."""
        return b"%d" % self.size

    async def edition_root(self, size: int) -> bytes | None:
        """The same root for every size: nothing is checked here."""
        del size
        return b""

    async def leaves(self, since: int) -> AsyncIterator[Leaf]:
        """Pages from ``since`` on."""
        for index in range(since, self.size):
            yield Leaf(_page(index), "", index, index)

    async def mutable(self, since: int) -> tuple[Mutable, ...]:
        """None: the fixed files are all that changes."""
        del since
        return ()

    async def read(self, path: str) -> bytes:
        """From disk; tiles and the fixed files are made up."""
        try:
            return (self.folder / path).read_bytes()
        except FileNotFoundError:
            if path.startswith("a/"):
                raise MissingFileError(path) from None
            return b"x" * 8_192

    async def owed(self, mirror: str) -> tuple[str, ...]:
        """Nothing."""
        del mirror
        return ()

    async def owe(self, mirror: str, paths: Iterable[str]) -> None:
        """Nothing fails here."""

    async def paid(self, mirror: str, paths: Iterable[str]) -> None:
        """Nothing is owed."""


def main() -> None:
    """Print a table: seconds (median), and ours against each peer."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 2_000
    runs = int(sys.argv[2]) if len(sys.argv) > 2 else 3
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        tree = Tree(work / "tree", count // 2)
        _seed(tree, 0)
        _folder(work, tree, runs)
        _dav(work, tree, runs)


def _folder(work: Path, tree: Tree, runs: int) -> None:
    def fresh() -> Path:
        return Path(tempfile.mkdtemp(dir=work))

    rows = _rounds(
        runs,
        {
            "ours": lambda: _push(tree, lambda: FileMirror("it", fresh())),
            "ours, not synced": lambda: _push(
                tree, lambda: FileMirror("it", fresh(), durably=False)
            ),
            "cp -r": lambda: _run("cp", "-r", f"{tree.folder}/.", str(fresh())),
            "rsync": lambda: _run("rsync", "-a", f"{tree.folder}/", str(fresh())),
            "rclone": lambda: _run(*RCLONE, "copy", str(tree.folder), str(fresh())),
        },
    )
    _table("folder, first push", rows)


def _dav(work: Path, tree: Tree, runs: int) -> None:
    site = Site(port=free_port(), root=work / "dav", writable=True, lists=True)
    number = iter(range(1_000))

    def fresh() -> str:
        place = f"{next(number)}/"
        (site.root / place).mkdir(parents=True)
        return site.base + place

    def ours(address: str) -> Callable[[], Mirror]:
        return lambda: DavMirror("it", address, timeout=timedelta(seconds=30))

    def rclone(address: str) -> None:
        remote = f':webdav,url="{address}",vendor=other:'
        many = ("--transfers", "16", "--checkers", "16")
        _run(*RCLONE, *many, *pacer, "copy", str(tree.folder), remote)

    pacer = _pacer_off()
    first = "rclone, pacer off" if pacer else "rclone as it comes"
    with nginx(site):
        rows = _rounds(runs, {"ours": lambda: _push(tree, ours(fresh()))})
        rows |= _rounds(runs if pacer else 1, {first: lambda: rclone(fresh())})
        _table("WebDAV, first push", rows)
        kept, theirs = fresh(), fresh()
        _push(tree, ours(kept))
        rclone(theirs)
        again = {"ours": lambda: _push(tree, ours(kept)), "rclone": lambda: rclone(theirs)}
        _table("WebDAV, nothing changed", _rounds(runs, again))

        def grown() -> None:
            tree.size += 5
            _push(tree, ours(kept))

        _seed(tree, 5 * runs)
        _table("WebDAV, five new", _rounds(runs, {"ours": grown, "rclone": lambda: rclone(theirs)}))


def _pacer_off() -> tuple[str, ...]:
    """What ends rclone's own 10 ms between WebDAV requests; old versions have no such flag."""
    known = subprocess.run(("rclone", "help", "flags"), check=True, capture_output=True).stdout
    return ("--webdav-pacer-min-sleep", "0") if b"--webdav-pacer-min-sleep" in known else ()


def _push(tree: Tree, make: Callable[[], Mirror]) -> None:
    async def push() -> None:
        mirror = make()
        outcome = await bring_up_to_date(
            Target(mirror=mirror, base="https://a.example/"),
            tree,
            verify_head=lambda data: Head(int(data), b"", 0),
            now=NOW,
            refresh=timedelta(hours=6),
        )
        await mirror.close()
        if outcome.problem:
            raise SystemExit(outcome.problem)

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(push())


def _rounds(runs: int, jobs: dict[str, Callable[[], None]]) -> dict[str, float]:
    took: dict[str, list[float]] = {name: [] for name in jobs}
    for _ in range(runs):
        for name, job in jobs.items():
            begun = time.perf_counter()
            job()
            took[name].append(time.perf_counter() - begun)
    return {name: statistics.median(times) for name, times in took.items()}


def _table(title: str, rows: dict[str, float]) -> None:
    print(title)
    for name, seconds in rows.items():
        print(f"  {name:20} {seconds:7.3f} s   ours is {rows['ours'] / seconds:5.2f} x")


def _seed(tree: Tree, more: int) -> None:
    data = os.urandom(10_000)
    for index in range(tree.size + more):
        page = tree.folder / _page(index)
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_bytes(data)
        page.with_name(page.name + ".tlog-proof").write_bytes(data)
    (tree.folder / "log").mkdir(exist_ok=True)
    (tree.folder / CHECKPOINT).write_bytes(tree.head)


def _page(index: int) -> str:
    return f"a/{index * 97 % 256:02x}/{index:016x}.html"


def _run(*command: str) -> None:
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


if __name__ == "__main__":
    main()
