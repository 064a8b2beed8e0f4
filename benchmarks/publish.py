"""One more article at 1,000 and at 100,000 archived: time, CPU, files and bytes written.

    python -m benchmarks.publish [--small 1000] [--large 100000] [--runs 20] [--json]

Rendering, log, signature and the tree on disk; without fetching, pictures and pushes. The two
archives take turns, so that what else the machine does hits both.
"""

import asyncio
import gc
import os
import sys
import time
from collections.abc import Iterator
from contextlib import AsyncExitStack, ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import uvloop

from benchmarks._measure import Results, archive, arguments, median, written_bytes
from benchmarks._seed import add
from benchmarks._stories import SECTIONS
from mirror.config import Config
from mirror.service import Service

FLAT: Final = 1.2
CPU_MS: Final = 40.0
FILES: Final = 20
FILES_A_FEED: Final = 6
FEEDS: Final = 3  # that hold an article: all, its section's, its language's
WARM: Final = 3  # publications before the first that counts


@dataclass(slots=True)
class Measured:
    """Of one archive, one for each publication."""

    wall_ms: list[float] = field(default_factory=list)
    cpu_ms: list[float] = field(default_factory=list)
    bytes: list[float] = field(default_factory=list)
    files: int = 0
    file_bytes: int = 0


async def measure(configs: dict[int, Config], runs: int) -> dict[int, Measured]:
    """Publish ``runs`` articles in each, in turn."""
    found = {count: Measured() for count in configs}
    begun = int(time.time())
    async with AsyncExitStack() as stack:
        services = {
            count: await stack.enter_async_context(Service.open(config))
            for count, config in configs.items()
        }
        gc.freeze()  # as ``tamizdat run`` does
        for run in range(-WARM, runs):
            number = (begun + run) * len(SECTIONS) + 1  # always the same section
            for count, service in services.items():
                now = datetime.now(UTC) + timedelta(seconds=run + WARM)
                await add(service, [number], now)
                await _once(service, now, found[count] if run >= 0 else Measured())
        for count, service in services.items():
            now = datetime.now(UTC) + timedelta(seconds=runs + WARM)
            await add(service, [(begun + runs) * len(SECTIONS) + 1], now)
            await _files(service, found[count], now)
    return found


async def _once(service: Service, now: datetime, into: Measured) -> None:
    wall, cpu, written = time.perf_counter(), time.process_time(), written_bytes()
    made = await service.publish(now)
    into.wall_ms.append((time.perf_counter() - wall) * 1_000)
    into.cpu_ms.append((time.process_time() - cpu) * 1_000)
    into.bytes.append(written_bytes() - written)
    if len(made) != 1 or made[0].articles != 1:
        raise SystemExit(f"not one article was published, but {made}")


async def _files(service: Service, into: Measured, now: datetime) -> None:
    """What one publication leaves in the tree."""
    site = service.config.store.data / "site"
    before = dict(_tree(site))
    await service.publish(now)
    changed = [mark for path, mark in _tree(site) if before.get(path) != mark]
    into.files = len(changed)
    into.file_bytes = sum(size for _, _, size in changed)


def _tree(folder: Path) -> Iterator[tuple[str, tuple[int, int, int]]]:
    waiting = [str(folder)]
    while waiting:
        with os.scandir(waiting.pop()) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    waiting.append(entry.path)
                else:
                    status = entry.stat(follow_symlinks=False)
                    yield entry.path, (status.st_ino, status.st_mtime_ns, status.st_size)


def main() -> int:
    """0 where every target is met, else 1."""
    parser = arguments(__doc__)
    parser.add_argument("--small", type=int, default=1_000)
    parser.add_argument("--large", type=int, default=100_000)
    parser.add_argument("--runs", type=int, default=20)
    given = parser.parse_args()
    results = Results("publish")
    with ExitStack() as stack:
        configs = {
            count: stack.enter_context(archive(count, results))
            for count in (given.small, given.large)
        }
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            found = runner.run(measure(configs, given.runs))
    small, large = found[given.small], found[given.large]
    for count, one in found.items():
        results.figure(f"at {count}: wall ms, median", median(one.wall_ms))
        results.figure(f"at {count}: CPU ms, median", median(one.cpu_ms))
        results.figure(f"at {count}: bytes given to write, median", median(one.bytes))
        results.figure(f"at {count}: files of the tree", one.files)
        results.figure(f"at {count}: their bytes", one.file_bytes)
    results.target("wall time, large / small", median(large.wall_ms) / median(small.wall_ms), FLAT)
    results.target("CPU, large / small", median(large.cpu_ms) / median(small.cpu_ms), FLAT)
    results.target("bytes given to write", median(large.bytes) / median(small.bytes), FLAT)
    results.target("files, large / small", large.files / small.files, FLAT)
    results.target("bytes of files, large / small", large.file_bytes / small.file_bytes, FLAT)
    results.target("files written", large.files, FILES + FILES_A_FEED * FEEDS, "files")
    results.target("CPU of one article at the large one", median(large.cpu_ms), CPU_MS, "ms")
    return results.say(as_json=given.json)


if __name__ == "__main__":
    sys.exit(main())
