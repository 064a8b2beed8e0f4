"""A round with nothing new: requests, writes, CPU beside bare aiohttp, memory.

    python -m benchmarks.round [--sources 100] [--mirrors 10] [--articles 100000] [--json]

Everything is polled, looked for and pushed to as ``tamizdat run`` does it; the bare requests are
the same conditional ones, by aiohttp alone, in the same process, in turn with the rounds.
"""

import asyncio
import gc
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import aiohttp
import uvloop

from benchmarks._measure import TAMIZDAT, Results, archive, arguments, median, memory_mb
from benchmarks._seed import configured
from benchmarks._site import ETAG, MAX_SOURCES, Feeds, feeds
from feeds.paths import CHECKPOINT
from mirror.config import Config
from mirror.service import Service
from tests.nginx import free_port

CPU: Final = 2.0  # times the bare requests
CORE: Final = 0.05  # of one, for MANY sources polled every INTERVAL_S
MANY: Final = 1_000
INTERVAL_S: Final = 300
MEMORY_MB: Final = 150.0
GROWTH: Final = 1.05  # of memory, over all rounds
WARM: Final = 5
SECONDS: Final = 6  # that ``tamizdat run`` is watched


async def measure(config: Config, served: Feeds, rounds: int, results: Results) -> None:
    """Rounds, and bare requests in turn."""
    data = config.store.data
    async with Service.open(config) as service, aiohttp.ClientSession() as session:
        gc.freeze()  # as ``tamizdat run`` does
        for _ in range(WARM):
            report = await service.round()
            await _bare(session, served.urls)
        if report.fell_short:
            raise SystemExit("\n".join(report.lines))
        begun = memory_mb()
        asked, ours, bare, single = [], [], [], []
        before = _state(data)
        for _ in range(rounds):
            bare.append(await _cpu_of_bare(session, served.urls))
            single.append(await _cpu_of_polls(service))
            served.asked()
            ours.append(await _cpu_of_round(service))
            asked.append(served.asked())
        after = _state(data)
        ended = memory_mb()
    sources = len(served.urls)
    conditional, every = (max(one[part] for one in asked) for part in (0, 1))
    results.figure("CPU ms of a round, median", median(ours) * 1_000)
    results.figure("CPU ms of its bare requests, median", median(bare) * 1_000)
    results.figure("CPU ms of one source polled alone", median(single) * 1_000 / sources)
    results.target("requests a source and round", every / sources, 1.0, "requests")
    results.target("of them without a condition", every - conditional, 0, "requests")
    results.target("files of the data folder that changed", len(before ^ after), 0, "files")
    results.target("CPU of a round / bare requests", median(ours) / median(bare), CPU)
    load = median(single) / sources * MANY / INTERVAL_S
    results.target(f"a core, for {MANY} sources every 5 minutes", load, CORE)
    results.target(f"memory after / before {2 * rounds} rounds", ended / begun, GROWTH)


async def settle(config: Config) -> None:
    """Publish what still waits to be."""
    async with Service.open(config) as service:
        await service.publish(datetime.now(UTC))


def look(config: Config, results: Results) -> None:
    """Memory of ``tamizdat run``."""
    quiet = subprocess.DEVNULL
    command = (TAMIZDAT, "run", "--config", str(config.file))
    process = subprocess.Popen(command, stdout=quiet, stderr=quiet)
    memory = 0.0
    try:
        for _ in range(SECONDS * 10):
            time.sleep(0.1)
            memory = max(memory, memory_mb(process.pid))
    finally:
        process.send_signal(signal.SIGINT)
        if process.wait() != 0:
            raise SystemExit(f"tamizdat run ended with {process.returncode}")
    results.target(f"memory with {len(config.mirrors)} mirrors", memory, MEMORY_MB, "MB")


async def _cpu_of_round(service: Service) -> float:
    begun = time.process_time()
    await service.round()
    return time.process_time() - begun


async def _cpu_of_polls(service: Service) -> float:
    """Each source by itself, as the schedule does it."""
    begun = time.process_time()
    for source in service.config.sources:
        await service.poll([source], datetime.now(UTC))
    return time.process_time() - begun


async def _cpu_of_bare(session: aiohttp.ClientSession, urls: Sequence[str]) -> float:
    begun = time.process_time()
    await _bare(session, urls)
    return time.process_time() - begun


async def _bare(session: aiohttp.ClientSession, urls: Sequence[str]) -> None:
    async def one(url: str) -> None:
        async with session.get(url, headers={"If-None-Match": ETAG}) as response:
            await response.read()

    await asyncio.gather(*map(one, urls))


def _state(data: Path) -> set[tuple[str, int, int]]:
    """What changes when anything in the data folder is written, the tree by its head."""
    paths = [path for path in data.iterdir() if path.is_file()]
    paths += [data / "site" / CHECKPOINT, data / "site" / "index.html", data / "staging"]
    statuses = ((str(path), path.stat()) for path in paths)
    return {(path, status.st_mtime_ns, status.st_size) for path, status in statuses}


def main() -> int:
    """0 where every target is met, else 1."""
    parser = arguments(__doc__)
    parser.add_argument("--sources", type=int, default=100)
    parser.add_argument("--mirrors", type=int, default=3)
    parser.add_argument("--many", type=int, default=10, help="mirrors, for the memory")
    parser.add_argument("--articles", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=30)
    given = parser.parse_args()
    results = Results("round")
    with ExitStack() as stack:
        served = stack.enter_context(feeds(min(given.sources, MAX_SOURCES)))
        config = stack.enter_context(archive(given.articles, results))
        asyncio.run(settle(config))
        place = Path(stack.enter_context(TemporaryDirectory(prefix="bench-")))
        folders = [place / str(number) for number in range(max(given.mirrors, given.many))]
        head = (config.store.data / "site" / CHECKPOINT).read_bytes()
        for folder in folders:  # all that a push looks at where nothing is new
            (folder / CHECKPOINT).parent.mkdir(parents=True)
            (folder / CHECKPOINT).write_bytes(head)
        push = [f"file://{folder}" for folder in folders]
        few = configured(config, served.urls, push[: given.mirrors])
        os.sync()
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(measure(few, served, given.rounds, results))
        listen = f"127.0.0.1:{free_port()}"
        look(configured(config, served.urls, push[: given.many], listen=listen), results)
    return results.say(as_json=given.json)


if __name__ == "__main__":
    sys.exit(main())
