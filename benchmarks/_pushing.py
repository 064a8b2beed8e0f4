"""A tree of pages and proofs to push, and one push of it; to any mirror, without keys.

``python -m benchmarks._pushing FOLDER SIZE`` pushes with the mirror that standard input
describes as JSON, and prints its seconds and its peak of memory in MB.
"""

import asyncio
import json
import os
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import uvloop

from feeds.errors import MissingFileError
from feeds.paths import CHECKPOINT
from mirror.config import MirrorConfig
from mirror.endpoints.build import build
from mirror.endpoints.protocol import Mirror
from mirror.publish.heads import Head
from mirror.publish.outcome import Outcome, Target
from mirror.publish.push import bring_up_to_date
from mirror.tree import Leaf, Mutable

NOW: Final = datetime(2026, 5, 1, tzinfo=UTC)


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


def seed(tree: Tree, more: int) -> None:
    """Write the tree's files, and those of the next ``more`` pages."""
    data = os.urandom(10_000)
    for index in range(tree.size + more):
        page = tree.folder / _page(index)
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_bytes(data)
        page.with_name(page.name + ".tlog-proof").write_bytes(data)
    (tree.folder / "log").mkdir(exist_ok=True)
    (tree.folder / CHECKPOINT).write_bytes(tree.head)


def push(tree: Tree, make: Callable[[], Mirror]) -> Outcome:
    """Push once, connecting anew; ends the benchmark where it fails."""

    async def run() -> Outcome:
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
        return outcome

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(run())


def _page(index: int) -> str:
    return f"a/{index * 97 % 256:02x}/{index:016x}.html"


def main() -> None:
    """See the top of this file."""
    tree = Tree(Path(sys.argv[1]), int(sys.argv[2]))
    config = MirrorConfig.model_validate(json.load(sys.stdin))
    begun = time.perf_counter()
    push(tree, lambda: build(config))
    took = time.perf_counter() - begun
    status = Path("/proc/self/status").read_text(encoding="ascii")  # rusage counts the parent's
    peak = next(line for line in status.splitlines() if line.startswith("VmHWM:"))
    print(took, int(peak.split()[1]) * 1_024 / 1_000_000)


if __name__ == "__main__":
    main()
