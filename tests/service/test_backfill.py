"""An archive that is read beside a service, and goes on where it was ended."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import pytest

from mirror.cli.newsrooms import opened
from mirror.errors import (
    SourceChangedError,
    SourceError,
    SourceRefusedError,
    SourceUnreachableError,
)
from mirror.extract.rules import NoRules
from mirror.service import Service
from mirror.service.backfill import AT_ONCE, Backfill, Progress, Span
from mirror.service.pacing import paced_routes
from mirror.service.processes import Processes
from mirror.source.read import Extractor, Work, extracted, in_thread
from mirror.store.folders import Folders
from mirror.store.robots import DatabaseRobotsStore
from tests.pictures import Pictures
from tests.service.room import NOW, Room, Site, Story, make_room, prose, running

OLD = datetime(2020, 5, 1, 12, tzinfo=UTC)
SINCE = Span(since=datetime(2020, 1, 1, tzinfo=UTC))


def archive(site: Site, stories: Sequence[Story], *, per_file: int = 20) -> None:
    """Serve ``stories`` and sitemaps that name them, but no feed that does."""
    names = []
    for start in range(0, len(stories), per_file):
        rows = "".join(
            f"<url><loc>{site.base}{one.path}</loc><lastmod>{one.date:%Y-%m-%d}</lastmod></url>"
            for one in stories[start : start + per_file]
        )
        name = f"/sitemap-{start}.xml"
        names.append(f"<sitemap><loc>{site.base}{name}</loc></sitemap>")
        site.files[name] = f"<?xml version='1.0'?><urlset>{rows}</urlset>"
    site.files["/all.xml"] = f"<?xml version='1.0'?><sitemapindex>{''.join(names)}</sitemapindex>"
    site.robots = (200, f"User-agent: *\nAllow: /\nSitemap: {site.base}/all.xml\n")
    site.stories |= {one.path: one for one in stories}


def old(count: int) -> list[Story]:
    return [Story(number, date=OLD + timedelta(days=number)) for number in range(count)]


async def begun(room: Room) -> None:
    """A newsroom that has done a round."""
    async with Service.open(room.config) as service:
        await service.round(NOW)


@asynccontextmanager
async def job(
    room: Room, extractor: Extractor = in_thread, rate: float = 1_000.0, span: Span = SINCE
) -> AsyncIterator[Backfill]:
    async with (
        opened(room.config) as database,
        paced_routes(room.config, rate, DatabaseRobotsStore(database)) as routes,
    ):
        yield Backfill(
            config=room.config,
            routes=routes,
            database=database,
            folders=Folders(room.data),
            extractor=extractor,
            span=span,
        )


async def run(room: Room, **how: object) -> tuple[bool, Progress]:
    progress = Progress()
    async with job(room, **how) as one:  # type: ignore[arg-type]
        is_done = await one.run(progress, lambda: NOW, lambda: None)
    return is_done, progress


async def test_an_archive_is_read_and_the_service_publishes_it(room: Room, site: Site) -> None:
    await begun(room)
    stories = old(45)
    archive(site, stories)

    is_done, progress = await run(room)
    async with Service.open(room.config) as service:
        report = await service.round(NOW)

    assert (is_done, progress.outcomes, progress.files) == (True, {"new": 45}, 3)
    assert not report.fell_short, report.lines
    assert all(room.path(room.id(story)).exists() for story in stories)
    assert room.sql("select count(*) from backfill")[0][0] == 0
    assert room.sql("select count(*) from backfill_file")[0][0] == 0
    room.check()


async def test_it_does_not_wait_among_what_is_polled_and_asks_a_service_to_look(
    room: Room, site: Site
) -> None:
    await begun(room)
    archive(site, old(AT_ONCE + 5))
    asked = room.sql("select value from kept where name = 'asked'")

    async with Service.open(room.config) as service:  # which runs, and has the folder's lock
        progress = Progress()
        async with job(room) as one:
            await one.run(progress, lambda: NOW, lambda: None)
        before = await service.asked()

    assert room.sql("select count(*) from found")[0][0] == 0
    assert [(before,)] != asked


async def test_what_it_holds_back_is_told_of_by_the_service(
    room: Room, site: Site, told: list[str]
) -> None:
    async with Service.open(room.config) as service:
        await service.round(NOW)
        await service.asked()
        archive(site, [Story(1, date=OLD, text="<p>A few words.</p>")])
        progress = Progress()
        async with job(room) as one:
            await one.run(progress, lambda: NOW, lambda: None)
        assert progress.outcomes == {"held": 1}
        assert told == []

        await service.asked()
        await service.round(NOW)

    assert told == ["The News: 1 article held for you to look at"]


async def test_one_that_was_ended_goes_on_where_it_was(room: Room, site: Site) -> None:
    await begun(room)
    stories = old(2 * AT_ONCE + 10)
    archive(site, stories)

    class Ended(BaseException):
        pass

    progress = Progress()

    def end_it() -> None:
        if progress.done:
            raise Ended

    with pytest.raises(Ended):
        async with job(room) as one:
            await one.run(progress, lambda: NOW, end_it)
    read_before = {path for path, _ in site.asked if path.startswith("/2026/")}
    site.asked.clear()
    is_done, again = await run(room)

    read_after = {path for path, _ in site.asked if path.startswith("/2026/")}
    stored = {story.path for story in stories[-AT_ONCE:]}  # the next ones were being read
    assert progress.done == AT_ONCE
    assert stored < read_before
    assert not stored & read_after
    assert (is_done, again.done) == (True, AT_ONCE + 10)
    assert not [path for path, _ in site.asked if path.startswith("/sitemap-")]


async def test_pictures_that_are_not_stored_yet_count_for_the_day(tmp_path: Path) -> None:
    async with running(Pictures()) as site:
        assert isinstance(site, Pictures)
        room = make_room(tmp_path / "room", site)
        room.change("[fetch]\n", '[fetch]\nmax_day_media = "1B"\n')
        await begun(room)
        stories = old(AT_ONCE + 1)  # in two batches, of which the second is read meanwhile
        for number in (AT_ONCE, 0):
            text = prose(number) + site.figure(number, f"Slope {number}")
            stories[number] = replace(stories[number], text=text)
        archive(site, stories)

        is_done, _ = await run(room)
        await begun(room)

    shown = ["<img" in room.page(room.id(stories[number])) for number in (AT_ONCE, 0)]
    assert (is_done, shown) == (True, [True, False])


async def test_only_what_is_wanted_is_asked_for(room: Room, site: Site) -> None:
    await begun(room)
    wanted, early, late = Story(1, date=OLD), Story(2, date=OLD - timedelta(days=900)), Story(3)
    archive(site, [wanted, early, late])
    undated = Story(4, date=OLD - timedelta(days=900))
    site.stories[undated.path] = undated
    name = "/sitemap-0.xml"
    more = f"<url><loc>{site.base}{undated.path}</loc></url>"
    more += "<url><loc>https://elsewhere.example/2020/05/01/a-story-there</loc></url>"
    more += f"<url><loc>{site.base}/tag/harbour</loc></url></urlset>"
    site.files[name] = site.files[name].replace("</urlset>", more)
    span = Span(since=SINCE.since, until=OLD + timedelta(days=30))

    _, progress = await run(room, span=span)
    site.asked.clear()
    _, again = await run(room, span=span)

    assert progress.outcomes == {"new": 1, "older": 1}
    assert again.outcomes == {"older": 1}
    assert wanted.path not in dict(site.asked)


async def test_a_site_that_does_not_answer_ends_it_and_nothing_is_lost(
    room: Room, site: Site
) -> None:
    await begun(room)
    stories = old(6)
    archive(site, stories)
    site.broken = {story.path for story in stories}

    with pytest.raises(SourceUnreachableError, match="does not answer"):
        await run(room)
    assert room.sql("select count(*) from backfill")[0][0] == 6
    assert room.sql("select count(*) from found")[0][0] == 0
    site.broken = set()
    async with job(room) as one:
        is_done = await one.run(
            progress := Progress(), lambda: NOW + timedelta(hours=1), lambda: None
        )

    assert (is_done, progress.outcomes) == (True, {"new": 6})


async def test_no_more_requests_begin_than_the_rate_allows(room: Room, site: Site) -> None:
    await begun(room)
    archive(site, old(10))
    loop = asyncio.get_running_loop()
    start = loop.time()

    await run(room, rate=50.0)

    assert loop.time() - start >= 11 / 50  # two sitemaps and ten pages, the first at once


def work(body: bytes, content_type: str = "text/html") -> Work:
    return Work(
        body=body,
        content_type=content_type,
        url="https://news.example/2020/01/01/a-story",
        hosts=frozenset({"news.example"}),
        rules=NoRules(),
        zone=UTC,
        language="en",
    )


async def test_processes_find_what_a_thread_finds_and_tell_the_same_errors() -> None:
    page = work(Story(1, text="<p>One <a href='/2020/01/02/x-y-z'>two</a> &amp; three.</p>" * 9)
                .page("https://news.example").encode())  # fmt: skip
    refused = work(b"<title>403 Forbidden</title>")
    no_page = work(b"%PDF", "application/pdf")

    with Processes(1) as processes:
        theirs, ours = await processes(page), extracted(page)
        for broken, kind in ((refused, SourceRefusedError), (no_page, SourceChangedError)):
            with pytest.raises(SourceError) as there:
                await processes(broken)
            with pytest.raises(SourceError) as here:
                extracted(broken)
            assert type(there.value) is type(here.value) is kind
            assert str(there.value) == str(here.value)

    assert (theirs.text, theirs.metadata) == (ours.text, ours.metadata)


_WORKS: Final = """
import multiprocessing
from concurrent.futures import wait
from mirror.service.processes import Processes
processes = Processes(2)
wait([processes._pool.submit(abs, -1) for _ in range(2)])
print(*(child.pid for child in multiprocessing.active_children()), flush=True)
input()
"""


@pytest.mark.real
def test_processes_end_with_the_one_that_began_them_also_where_it_is_killed() -> None:
    words = (sys.executable, "-c", _WORKS)
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        children = [int(number) for number in parent.stdout.readline().split()]
        parent.kill()

    assert children
    end = time.monotonic() + 20
    while any(Path(f"/proc/{child}").exists() for child in children):
        assert time.monotonic() < end
        time.sleep(0.05)


@pytest.mark.real
async def test_the_command_that_is_killed_goes_on_when_it_is_given_again(
    room: Room, site: Site, tmp_path: Path
) -> None:
    await begun(room)
    stories = old(AT_ONCE + 20)
    archive(site, stories)
    file = tmp_path / "room/config.toml"
    file.write_text(room.text)
    tamizdat = str(Path(sys.executable).with_name("tamizdat"))
    command = (
        tamizdat,
        "backfill",
        "--since",
        "2020-01-01",
        "--rate",
        "60/s",
        "--config",
        str(file),
    )
    environment = {**os.environ, "NO_COLOR": "1"}

    first = await asyncio.create_subprocess_exec(*command, env=environment)
    while site.times(stories[0].path) + site.times(stories[-1].path) == 0:  # noqa: ASYNC110
        await asyncio.sleep(0.05)
    first.send_signal(signal.SIGKILL)
    await first.wait()
    second = await asyncio.create_subprocess_exec(
        *command, env=environment, stdout=asyncio.subprocess.PIPE
    )
    said = (await second.communicate())[0].decode()
    await begun(room)

    assert second.returncode == 0, said
    assert all(room.path(room.id(story)).exists() for story in stories)
    room.check()
