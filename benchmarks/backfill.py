"""Pages a second that a backfill reads, whole way, beside what one core extracts alone.

    python -m benchmarks.backfill [--pages 300] [--json]

The site is on loopback in a process of its own and has the corpus's pages, each under many
addresses. One core's rate is that of the extraction alone: no fetching, no cleaning, no store.
The whole way is all that ``tamizdat backfill`` does: sitemap, fetch, extract, judge, store.
Where other programs have the cores too, the pages a second say little; the CPU time that a page
takes, beside that of its extraction alone, says how near to the target an idle machine comes.
"""

import asyncio
import contextlib
import multiprocessing
import os
import re
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from aiohttp import web

from benchmarks._measure import Results, arguments
from benchmarks.extraction import PAGES
from mirror.begin import Wishes, begin
from mirror.cli.newsrooms import opened
from mirror.config import Config, load_text
from mirror.extract.rules import NoRules
from mirror.service import Service
from mirror.service.backfill import Backfill, Progress, Span
from mirror.service.pacing import paced_routes
from mirror.service.processes import Processes
from mirror.source.read import Work, extracted
from mirror.store.folders import Folders
from mirror.store.robots import DatabaseRobotsStore

SHARE: Final = 0.8  # of what all cores could extract
_SITE: Final = "the site"
_STUB: Final = 10_000  # bytes
_PICTURES: Final = re.compile(rb"img|image|thumbnailUrl|srcset", re.IGNORECASE)
_CORES: Final = 2  # that the target counts with; CI has as many


def pages() -> list[bytes]:
    """The corpus's pages, without pictures, which are on the internet, and without stubs."""
    found = [(folder / "source.html").read_bytes() for folder in sorted(PAGES.iterdir())]
    return [_PICTURES.sub(b"none", page) for page in found if len(page) > _STUB]


@contextlib.contextmanager
def site(count: int) -> Iterator[str]:
    """A site with ``count`` pages; its address."""
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(
        target=_serve, args=(theirs, count), name=_SITE
    )
    process.start()
    try:
        yield f"http://127.0.0.1:{ours.recv()}"
    finally:
        process.terminate()
        process.join()


def _serve(pipe: Connection, count: int) -> None:
    asyncio.run(_run(pipe, count))


async def _run(pipe: Connection, count: int) -> None:
    bodies = pages()

    async def answer(request: web.Request) -> web.Response:
        if request.path == "/sitemap.xml":
            base = f"http://{request.host}/2020/01/02"
            rows = "".join(f"<url><loc>{base}/story-{n}.html</loc></url>" for n in range(count))
            return web.Response(text=f"<urlset>{rows}</urlset>", content_type="text/xml")
        name = request.path.rpartition("/story-")[2].removesuffix(".html")
        if not name.isdigit():
            return web.Response(status=404)
        return web.Response(body=bodies[int(name) % len(bodies)], content_type="text/html")

    app = web.Application()
    app.router.add_get("/{any:.*}", answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    server = web.TCPSite(runner, "127.0.0.1", 0)
    await server.start()
    pipe.send(runner.addresses[0][1])
    await asyncio.Event().wait()


def works(count: int) -> list[Work]:
    """What an extractor is given for so many pages."""
    bodies = pages()
    return [
        Work(
            body=bodies[number % len(bodies)],
            content_type="text/html",
            url=f"http://127.0.0.1/2020/01/02/story-{number}.html",
            hosts=frozenset({"127.0.0.1"}),
            rules=NoRules(),
            zone=ZoneInfo("UTC"),
            language="en",
        )
        for number in range(count)
    ]


def alone(given: list[Work]) -> tuple[float, float]:
    """Pages a second that one core extracts, and CPU seconds a page."""
    extracted(given[0])  # what is imported with the first
    begun, spent = time.perf_counter(), time.process_time()
    for work in given:
        extracted(work)
    spent = time.process_time() - spent
    return len(given) / (time.perf_counter() - begun), spent / len(given)


def children_spent() -> float:
    """CPU seconds of all processes that this one began and that still run, but the site's."""
    spent = 0
    for child in multiprocessing.active_children():
        if child.name != _SITE:
            stat = Path(f"/proc/{child.pid}/stat").read_text(encoding="ascii").rpartition(")")[2]
            spent += sum(map(int, stat.split()[11:13]))  # user, system
    return spent / os.sysconf("SC_CLK_TCK")


async def whole(config: Config, processes: Processes) -> tuple[int, float]:
    """How many pages a backfill of it all read, and how many a second."""
    async with (
        opened(config) as database,
        paced_routes(config, 10_000.0, DatabaseRobotsStore(database)) as routes,
    ):
        job = Backfill(
            config=config,
            routes=routes,
            database=database,
            folders=Folders(config.store.data),
            extractor=processes,
            span=Span(since=datetime(2000, 1, 1, tzinfo=UTC)),
        )
        progress = Progress()
        begun = time.perf_counter()
        await job.run(progress, lambda: datetime.now(UTC), lambda: None)
        return progress.done, progress.done / (time.perf_counter() - begun)


def newsroom(folder: Path, base: str) -> Config:
    """A new newsroom that reads the site."""
    wishes = Wishes(
        title="The News",
        url=f"{base}/",
        feed=f"{base}/rss",
        origin="news.example/mirror",
        tag_year=2026,
    )
    begin(folder, wishes, datetime.now(UTC))
    text = (folder / "config.toml").read_text(encoding="utf-8")
    text += "\n[fetch]\nprivate_addresses = true\nrobots = false\nconcurrency = 8\n"
    return load_text(text, folder / "config.toml")


async def _warm(processes: Processes, work: Work) -> None:
    """Let every process import what it needs: an archive is long, this run is not."""
    await asyncio.gather(*(processes(work) for _ in range(4 * processes.count)))


async def _open_once(config: Config) -> None:
    async with Service.open(config):
        pass


def main() -> int:
    """Exit status."""
    parser = arguments(__doc__)
    parser.add_argument("--pages", type=int, default=300)
    chosen = parser.parse_args()
    if not PAGES.is_dir():
        print(f"{PAGES} is missing: put the corpus beside the project", file=sys.stderr)
        return 2
    results = Results("backfill")
    cores = min(os.cpu_count() or 1, _CORES)
    with (
        tempfile.TemporaryDirectory() as folder,
        site(chosen.pages) as base,
        Processes(cores, nice=0) as processes,
    ):
        config = newsroom(Path(folder) / "newsroom", base)
        asyncio.run(_open_once(config))
        given = works(chosen.pages // 2)
        asyncio.run(_warm(processes, given[0]))
        before, extracting = alone(given)
        own, theirs = time.process_time(), children_spent()
        done, rate = asyncio.run(whole(config, processes))
        own, theirs = time.process_time() - own, children_spent() - theirs
        after, again = alone(given)
    one, extracting = (before + after) / 2, (extracting + again) / 2
    results.figure("pages that were read", done)
    results.figure("CPU a page: extraction alone, ms", 1_000 * extracting)
    results.figure("CPU a page: whole way, the extracting processes, ms", 1_000 * theirs / done)
    results.figure(
        "CPU a page: whole way, the process that asks and stores, ms", 1_000 * own / done
    )
    results.figure(
        f"CPU a page: whole way / extraction (target: {1 / SHARE:g})",
        (own + theirs) / done / extracting,
    )
    results.figure("one core, extraction alone, pages/s", one)
    results.figure(f"{cores} cores, whole way, pages/s", rate)
    results.target(
        f"{SHARE} x {cores} cores' extraction / whole way", SHARE * cores * one / rate, 1
    )
    return results.say(as_json=chosen.json)


if __name__ == "__main__":
    sys.exit(main())
