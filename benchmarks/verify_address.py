"""A mirror verified at its address, beside aiohttp alone fetching the same files.

    python -m benchmarks.verify_address [--articles 1000] [--runs 3] [--json]

A real nginx serves the mirror, on loopback and over a line with round trips of 50 ms. Both fetch
as many files at once, in a process that has loaded what it needs, and take turns.
"""

import asyncio
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import aiohttp
import uvloop

from benchmarks._line import line
from benchmarks._measure import TAMIZDAT, Results, archive, arguments, median
from benchmarks._seed import configured
from feeds.verify import Options, Pin, Verdict, verify_tree
from mirror.config import Config
from mirror.reading.limits import Limits
from mirror.reading.reader import AddressReader
from tests.nginx import Site, free_port, nginx

BESIDE: Final = 1.2  # of the time that fetching alone takes, over the line
_BASE: Final = "https://m0.example/x7k2/"  # as ``configured`` has it


@contextmanager
def served(config: Config, folder: Path) -> Iterator[tuple[int, Path]]:
    """The port of a server that has a mirror of the archive, and the log of what it is asked."""
    pushed = configured(config, ["http://127.0.0.1:9/rss"], [f"file:{folder}"])
    command = [TAMIZDAT, "mirrors", "push", "m0", "--config", str(pushed.file)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    site = Site(port=free_port(), root=folder)
    with nginx(site) as running:
        yield site.port, Path(running.work) / "access.log"


def verified(port: int, config: Config) -> float:
    """Seconds of a verification."""
    keyring = (config.trust.keys / "keyring-1").read_bytes()
    begun = time.perf_counter()
    with AddressReader(f"http://127.0.0.1:{port}/") as reader:
        report = verify_tree(
            reader, Pin(keyring=keyring), now=datetime.now(UTC), options=Options(base=_BASE)
        )
    took = time.perf_counter() - begun
    if report.verdict is not Verdict.GENUINE:
        raise SystemExit(f"{report.verdict}: {report.findings[:3]}")
    return took


def fetched(port: int, paths: list[str]) -> float:
    """Seconds of fetching the same files, and doing nothing with them."""

    async def fetch() -> None:
        waiting = iter(paths)
        connector = aiohttp.TCPConnector(limit=Limits().parallel)
        async with aiohttp.ClientSession(connector=connector, auto_decompress=False) as session:

            async def lane() -> None:
                for path in waiting:
                    async with session.get(f"http://127.0.0.1:{port}{path}") as answer:
                        await answer.read()

            await asyncio.gather(*(lane() for _ in range(Limits().parallel)))

    begun = time.perf_counter()
    uvloop.run(fetch())
    return time.perf_counter() - begun


def main() -> int:
    """0 where every target is met, else 1."""
    parser = arguments(__doc__)
    parser.add_argument("--articles", type=int, default=1_000)
    parser.add_argument("--runs", type=int, default=3)
    given = parser.parse_args()
    results = Results("verify_address")
    with ExitStack() as stack:
        config = stack.enter_context(archive(given.articles, results))
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-")), "m0")
        near, log = stack.enter_context(served(config, folder))
        verified(near, config)
        paths = [row.split()[1] for row in log.read_text(encoding="utf-8").splitlines()]
        far = stack.enter_context(line(near))
        results.figure("files", len(paths))
        for name, port in (("loopback", near), ("50 ms", far)):
            ours, theirs = [], []
            for _ in range(given.runs):
                theirs.append(fetched(port, paths))
                ours.append(verified(port, config))
            results.figure(f"{name}: seconds", median(ours))
            results.figure(f"{name}: seconds of aiohttp alone", median(theirs))
            results.figure(f"{name}: ours / aiohttp", median(ours) / median(theirs))
        results.target("over 50 ms: seconds / aiohttp alone", median(ours) / median(theirs), BESIDE)
    return results.say(as_json=given.json)


if __name__ == "__main__":
    sys.exit(main())
