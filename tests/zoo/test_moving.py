"""No false alarm while the publisher works: at every step of a push, and of placing an edition."""

import asyncio
import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from feeds.folder import FolderReader
from feeds.verify import Options, Pin, Report, Verdict, verify_tree
from mirror.endpoints.file import FileMirror
from mirror.publish.carrier import Pace
from mirror.publish.outcome import Target
from mirror.publish.push import bring_up_to_date
from mirror.publish.staging import Staging
from mirror.reading.reader import AddressReader
from mirror.store import durable
from mirror.store.folders import Folders
from tests.feeds.test_verify_push import EDITIONS, is_calm
from tests.feeds.tree import BASE, article, earlier, feed, picture
from tests.nginx import Site, free_port, missing, nginx
from tests.zoo.shelf import Shelf

NOW = datetime.now(UTC).replace(microsecond=0)
CALM = {Verdict.GENUINE, Verdict.UPDATING}
ONE_BY_ONE = Pace(concurrency=1)


@pytest.fixture
def shelf() -> Shelf:
    shelf = Shelf(NOW - timedelta(minutes=10))
    shelf.publish(
        dict([*map(article, range(3)), picture(), earlier(article(0, "before")[1])]),
        {"index.html": b"front", "feeds/all.atom": feed("one"), "s/old.html": b"old"},
    )
    return shelf


async def push(shelf: Shelf, mirror: FileMirror, base: str, pace: Pace = ONE_BY_ONE) -> None:
    outcome = await bring_up_to_date(
        Target(mirror=mirror, base=base, pace=pace),
        shelf,
        verify_head=shelf.verify,
        now=datetime.now(UTC),
        refresh=timedelta(hours=6),
    )
    assert outcome.problem is None


class Watched(FileMirror):
    """A folder that is looked at after every request."""

    look: Callable[[str], None] = staticmethod(lambda _: None)

    async def put(self, path: str, data: bytes) -> None:
        await super().put(path, data)
        self.look(path)

    async def delete(self, path: str) -> None:
        await super().delete(path)
        self.look(path)


async def test_every_step_of_a_push_is_calm(shelf: Shelf, tmp_path: Path) -> None:
    pin = Pin(keyring=shelf.tree.keyring)
    mirror = Watched("eu-1", tmp_path / "eu", durably=False)
    await push(shelf, mirror, BASE)
    steps = []

    def look(path: str) -> None:
        report = verify_tree(
            FolderReader(tmp_path / "eu"), pin, now=datetime.now(UTC), options=Options(base=BASE)
        )
        steps.append(path)
        assert is_calm(report), (path, report.findings)

    mirror.look = look
    for leaves, mutable in EDITIONS:
        shelf.publish(leaves, mutable)
        await push(shelf, mirror, BASE)

    assert len(steps) > 50
    await mirror.close()


def test_every_step_of_placing_an_edition_is_calm(
    shelf: Shelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pin = Pin(keyring=shelf.tree.keyring)
    folders = Folders(tmp_path)
    folders.open()
    real = durable.move
    steps = 0

    def move(old: Path, new: Path) -> None:
        nonlocal steps
        real(old, new)
        if (folders.site / "log/checkpoint").exists():
            steps += 1
            now = datetime.now(UTC)
            report = verify_tree(FolderReader(folders.site), pin, now=now)
            assert is_calm(report), (new, report.findings)

    monkeypatch.setattr(durable, "move", move)
    before: dict[str, bytes] = {}
    for leaves, mutable in [({}, {}), *EDITIONS]:
        if before:
            shelf.publish(leaves, mutable)
        files = shelf.tree.files
        staging = Staging(folders, shelf.size)
        changed = {path: data for path, data in files.items() if before.get(path) != data}
        staging.begin(changed)
        staging.place(path for path in before.keys() - files.keys() if ".tlog" not in path)
        before = dict(files)

    assert steps > 50
    folders.close()


@pytest.mark.real
@pytest.mark.skipif(bool(missing()), reason=missing())
async def test_an_address_that_is_being_pushed_to_gives_no_false_alarm(
    shelf: Shelf, tmp_path: Path
) -> None:
    """Corrections after corrections, for some seconds; who looks again and again sees calm."""
    port = free_port()
    site = Site(port=port, root=tmp_path / "site")
    mirror = FileMirror("eu-1", site.root, durably=False)
    shelf.publish(dict(article(number) for number in range(100, 350)))
    await push(shelf, mirror, site.base)
    reports: list[Report] = []
    ended = False

    def watch() -> None:
        pin = Pin(keyring=shelf.tree.keyring)
        while not ended:
            with AddressReader(site.base) as reader:
                report = verify_tree(
                    reader, pin, now=datetime.now(UTC), options=Options(base=site.base)
                )
            reports.append(report)

    with nginx(site):
        watching = asyncio.get_running_loop().run_in_executor(None, watch)
        end = asyncio.get_running_loop().time() + 8
        number = 0
        while asyncio.get_running_loop().time() < end and not watching.done():
            number += 1
            path, page = article(100 + number % 250, f"correction {number}")
            old = shelf.tree.files[path]
            fresh = dict([(path, page), earlier(old), article(1000 + number), picture(page)])
            gone = {article(1000 + number - 5)[0]: None} if number > 5 else {}
            shelf.publish(
                {**fresh, **gone}, {"index.html": page, "feeds/all.atom": feed(str(number))}
            )
            shelf.tree.time = datetime.now(UTC).replace(microsecond=0)
            await push(shelf, mirror, site.base, Pace(concurrency=16))
            await asyncio.sleep(random.uniform(0, 0.1))  # noqa: S311 - no secret
        ended = True
        await watching
    await mirror.close()

    alarms = [report for report in reports if report.verdict not in CALM]
    assert not alarms, [f"{alarms[0].size} {finding}" for finding in alarms[0].findings]
    assert number > 10
    assert len(reports) > 3
