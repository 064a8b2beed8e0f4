"""The order of format 7 on every kind of mirror: what a verifier says after any fault at all.

Each round publishes an edition that adds, replaces, erases and rotates, and pushes it with one
fault at one request. Whoever verifies the mirror then, by the real verifier and with real keys,
finds it genuine, updating or behind; the next push makes it whole: byte for byte the edition,
which the verifier then finds genuine.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from feeds.folder import FolderReader
from feeds.localise import CANONICAL_BASE
from feeds.paths import CHECKPOINT
from feeds.verify import Pin, Report, Verdict, verify_tree
from mirror.endpoints.protocol import Mirror
from mirror.errors import LogBehindError
from mirror.publish.carrier import Pace
from mirror.publish.outcome import Outcome, Target, Trouble
from mirror.publish.push import bring_up_to_date
from tests.endpoints.kinds import ALONE, REAL, a_mirror
from tests.endpoints.memory import MemoryMirror
from tests.feeds.tree import SignedTree
from tests.publish.faulty import Fault, faulty
from tests.publish.library import Library, article, articles, fronts, picture

CALM = {Verdict.GENUINE, Verdict.UPDATING, Verdict.BEHIND}
PACE = Pace(concurrency=3, timeout=timedelta(seconds=20), attempts=1)
FAULTS = tuple(Fault)
KEYS = SignedTree()


class Story:
    """A library whose editions go on and on, each with something of everything."""

    def __init__(self) -> None:
        self.library = Library(log_key=KEYS.log, clock=KEYS.clock, time=KEYS.time)
        self.edition = 0
        self.recent: set[str] = set()
        self.paths: set[str] = set()  # of this edition and the one before

    def go_on(self) -> None:
        """The next edition: two new articles, one corrected, one erased, new front pages."""
        self.edition += 1
        n = self.edition * 10
        self.library.time += timedelta(minutes=1)
        leaves = {**articles(n, n + 1, n + 2), **dict([picture(n)])}
        gone: list[str] = []
        if self.edition > 1:
            leaves |= articles(n - 10, text=f"corrected in {n}")
            gone = [article(n - 9)[0], picture(n - 10)[0], f"s/{n - 10}.html"]
        if self.edition > 2:
            gone += [article(n - 20)[0], article(n - 18)[0]]
        keyring = {"log/keys/1": KEYS.keyring} if self.edition == 1 else {}
        mutable = {**fronts(n), f"s/{n}.html": b"section", **keyring}
        self.library.publish(leaves, mutable, erase=gone)
        before, self.recent = self.recent, set(self.library.editions[self.library.size])
        self.paths = before | self.recent

    async def push(self, mirror: Mirror) -> Outcome | None:
        """Bring that mirror up to date; None where the publisher was killed in the midst."""
        with contextlib.suppress(asyncio.CancelledError):
            return await bring_up_to_date(
                Target(mirror=mirror, base=CANONICAL_BASE, pace=PACE),
                self.library,
                verify_head=self.library.verify,
                now=self.library.time,
                refresh=timedelta(hours=6),
            )
        return None

    async def seen(self, mirror: Mirror) -> dict[str, bytes]:
        """Every file that readers get."""
        limit = asyncio.Semaphore(8)

        async def get(path: str) -> tuple[str, bytes | None]:
            async with limit:
                return path, await mirror.get(path, max_bytes=1_000_000)

        found = await asyncio.gather(*map(get, sorted(self.paths)))
        return {path: data for path, data in found if data is not None}

    def report(self, files: dict[str, bytes], folder: Path) -> Report:
        """What the verifier says of them."""
        for path, data in files.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(data)
        now = self.library.time + timedelta(minutes=1)
        return verify_tree(FolderReader(folder), Pin(keyring=KEYS.keyring), now=now)


def is_calm(report: Report) -> bool:
    """No alarm: but of what a push removes, nothing is said until the log tells of it."""
    removing = report.pending and report.verdict is Verdict.COULD_NOT_TELL
    problems = {item.problem for item in report.findings if item.verdict is report.verdict}
    return report.verdict in CALM or (removing and all("look again" in one for one in problems))


@pytest.fixture(params=[*ALONE, *(pytest.param(kind, marks=pytest.mark.real) for kind in REAL)])
async def mirror(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Mirror]:
    with contextlib.ExitStack() as stack:
        made = stack.enter_context(a_mirror(request, tmp_path, monkeypatch))
        yield made
        await made.close()


async def requests_of_an_edition() -> int:
    """How many requests bring a current mirror up to the next edition."""
    story, mirror = Story(), MemoryMirror("count")
    for _ in range(3):
        story.go_on()
        counted = faulty(mirror, -1, Fault.SLOW)
        await story.push(counted)
    return counted.asked


async def endure(story: Story, mirror: Mirror, place: Path, at: int, fault: Fault) -> None:
    """One edition whose push meets with that fault, and what is seen then and afterwards."""
    story.go_on()
    await story.push(faulty(mirror, at, fault, gone=at % 2 == 0))

    broken = await story.seen(mirror)
    if CHECKPOINT in broken:
        report = story.report(broken, place / f"{at} {fault.name}")
        assert is_calm(report), (at, fault, report.verdict, report.findings[:3])

    done = await story.push(mirror)

    assert done is not None
    assert done.problem is None, (at, fault)
    mended = await story.seen(mirror)
    assert story.library.editions[story.library.size].items() <= mended.items()
    assert story.library.gone[story.library.size].isdisjoint(mended)


async def test_no_fault_at_any_request_raises_a_false_alarm(mirror: Mirror, tmp_path: Path) -> None:
    """In memory every fault at every request; elsewhere they take turns, at every third."""
    story = Story()
    story.go_on()
    await story.push(mirror)
    quick = isinstance(mirror, MemoryMirror)
    for at in range(0, await requests_of_an_edition(), 1 if quick else 3):
        for fault in FAULTS if quick else FAULTS[at % len(FAULTS) :][:1]:
            await endure(story, mirror, tmp_path, at, fault)
    report = story.report(await story.seen(mirror), tmp_path / "mended")
    assert report.verdict is Verdict.GENUINE, report.findings[:3]


async def test_a_first_push_that_breaks_off_shows_no_head_and_goes_on(
    mirror: Mirror, tmp_path: Path
) -> None:
    story = Story()
    story.go_on()
    for at in (0, 1, 7, 18):
        await story.push(faulty(mirror, at, FAULTS[at % len(FAULTS)], gone=True))
        seen = await story.seen(mirror)
        assert CHECKPOINT not in seen or is_calm(story.report(seen, tmp_path / str(at)))

    done = await story.push(mirror)

    assert done is not None
    assert (done.problem, done.to_size) == (None, story.library.size)
    assert await story.seen(mirror) == story.library.editions[story.library.size]


async def test_a_mirror_from_nothing_a_year_behind_and_wiped_comes_right(
    mirror: Mirror, tmp_path: Path
) -> None:
    story = Story()
    story.go_on()
    await story.push(mirror)
    kept = story.library.size
    for _ in range(60):
        story.go_on()

    behind = await story.push(mirror)
    assert behind is not None
    assert (behind.problem, behind.from_size) == (None, kept)
    seen = await story.seen(mirror)
    assert story.report(seen, tmp_path / "behind").verdict is Verdict.GENUINE
    assert story.library.gone[story.library.size].isdisjoint(seen)

    for path in seen:
        await mirror.delete(path)
    wiped = await story.push(mirror)
    assert wiped is not None
    assert (wiped.problem, wiped.from_size, wiped.to_size) == (None, 0, story.library.size)
    report = story.report(await story.seen(mirror), tmp_path / "wiped")
    assert report.verdict is Verdict.GENUINE


async def test_a_mirror_that_is_ahead_or_somebody_else_s_is_left_as_it_is(mirror: Mirror) -> None:
    before, after = Story(), Story()
    for _ in range(2):
        after.go_on()
    before.go_on()
    await after.push(mirror)
    ahead = await after.seen(mirror)

    with pytest.raises(LogBehindError):
        await before.push(mirror)
    assert await after.seen(mirror) == ahead

    await mirror.put(CHECKPOINT, b"other.example/log\n4\nAAAA\n\n\xe2\x80\x94 other AAAA\n")
    foreign = await after.push(mirror)
    assert foreign is not None
    assert foreign.trouble is Trouble.FOREIGN
    assert (foreign.puts, foreign.requests) == (0, 1)


async def test_nothing_new_is_one_request_and_a_fresh_head_is_one_put(mirror: Mirror) -> None:
    story = Story()
    story.go_on()
    await story.push(mirror)

    still = await story.push(mirror)
    story.library.sign(story.library.time + timedelta(hours=7))
    fresh = await story.push(mirror)

    assert still is not None
    assert fresh is not None
    assert (still.requests, still.puts) == (1, 0)
    assert (fresh.requests, fresh.puts) == (2, 1)
