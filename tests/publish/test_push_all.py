"""Many mirrors at once, each alone."""

import asyncio
import logging
import socket
import time
from contextlib import AsyncExitStack
from datetime import timedelta
from itertools import chain, repeat
from pathlib import Path

import pytest
import structlog

from feeds.paths import CHECKPOINT
from mirror.endpoints.dav import DavMirror
from mirror.endpoints.file import FileMirror
from mirror.endpoints.protocol import Mirror
from mirror.errors import EndpointUnreachableError, LogBehindError
from mirror.publish.carrier import Pace
from mirror.publish.outcome import Outcome, Target, Trouble
from mirror.publish.push import bring_up_to_date, push_all
from mirror.publish.rate import STEP_S, Rate
from mirror.tree import Resume
from tests.endpoints.memory import MemoryMirror
from tests.endpoints.wire import Answer, hang, slam, status, trickle, wire
from tests.publish.library import BASE, Library, article, articles, fronts, whole

PASSWORD = "correct-horse"  # noqa: S105 - looked for in everything that we say
PACE = Pace(timeout=timedelta(seconds=1), attempts=2, wait=timedelta(seconds=0.01))
REFRESH = timedelta(hours=6)


@pytest.fixture
def library() -> Library:
    made = Library()
    made.publish(articles(*range(40)), fronts(1))
    return made


async def push(library: Library, *targets: Target) -> tuple[Outcome, ...]:
    return await push_all(
        targets, library, verify_head=library.verify, now=library.time, refresh=REFRESH
    )


def target(mirror: Mirror, pace: Pace = PACE) -> Target:
    return Target(mirror=mirror, base=BASE, pace=pace)


async def test_of_ten_mirrors_five_misbehave_and_five_are_current_in_time(
    library: Library, tmp_path: Path
) -> None:
    bad: dict[str, Answer] = {
        "hangs": hang,
        "trickles": trickle,
        "slams": slam,
        "lost its credentials": status(401),
        "is full": full(),
    }
    ended: dict[str, float] = {}
    begun = time.monotonic()

    async def timed(one: Target) -> Outcome:
        outcome = (await push(library, one))[0]
        ended[outcome.mirror] = time.monotonic() - begun
        return outcome

    async with AsyncExitStack() as stack:
        targets = []
        for name, answer in bad.items():
            server = await stack.enter_async_context(wire(answer))
            address = f"http://127.0.0.1:{server.port}/"
            mirror = DavMirror(name, address, password=PASSWORD, timeout=timedelta(seconds=9))
            stack.push_async_callback(mirror.close)
            targets.append(target(mirror))
        folders = [tmp_path / f"good-{number}" for number in range(5)]
        targets += [target(FileMirror(place.name, place)) for place in folders]

        outcomes = await asyncio.gather(*map(timed, targets))

    assert {outcome.mirror: outcome.trouble for outcome in outcomes} == {
        "hangs": Trouble.UNREACHABLE,
        "trickles": Trouble.UNREACHABLE,
        "slams": Trouble.UNREACHABLE,
        "lost its credentials": Trouble.REFUSED,
        "is full": Trouble.REFUSED,
        **{place.name: None for place in folders},
    }
    for place in folders:
        assert _files(place) == whole(library)
    assert max(ended[place.name] for place in folders) < ended["hangs"]


async def test_a_mirror_that_keeps_nothing_is_found_out_by_the_first_file(
    library: Library,
) -> None:
    liar, honest = MemoryMirror("liar", lies=True), MemoryMirror("honest")

    told, quiet = await push(library, target(liar), target(honest))

    assert (told.trouble, told.puts) == (Trouble.REFUSED, 2)  # with its proof
    assert "shows nothing of it, so nothing more was put" in (told.problem or "")
    assert quiet.problem is None
    assert honest.files == whole(library)


async def test_how_far_a_push_came_is_saved_while_it_runs(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mirror.publish.delivery.SAVE_EVERY_S", 0.02)
    saved: list[Resume] = []
    mirror = MemoryMirror("slow", slow_s=0.005)

    async def save(resume: Resume) -> None:
        saved.append(resume)

    pace = Pace(concurrency=2)
    (outcome,) = await push(library, Target(mirror=mirror, base=BASE, pace=pace, save=save))

    assert outcome.problem is None
    assert len(saved) > 1
    assert saved == sorted(saved, key=lambda resume: resume.given)
    assert all(resume.path in mirror.files for resume in saved)


async def test_a_mirror_that_only_is_tried_gets_one_request_until_it_answers(
    library: Library,
) -> None:
    down = MemoryMirror("down", fail_on={CHECKPOINT: EndpointUnreachableError("down", "503")})
    flaky = MemoryMirror("flaky", fail_after={"index.html": EndpointUnreachableError("flaky", "")})
    pace = Pace(attempts=3, first_attempts=1, wait=timedelta(seconds=0.001))

    first, second = await push(library, target(down, pace), target(flaky, pace))

    assert first.requests == 1
    assert flaky.calls.count("PUT index.html") == 3
    assert second.trouble is Trouble.UNREACHABLE


async def test_a_rate_is_kept_by_all_requests_to_a_mirror_together(library: Library) -> None:
    mirror = MemoryMirror("counted")
    rate = Rate(None, 200)
    begun = time.monotonic()

    (outcome,) = await push(library, target(mirror, Pace(rate=rate)))

    burst = 200 * STEP_S
    assert time.monotonic() - begun >= (outcome.requests - burst) / 200 - 0.01
    assert outcome.problem is None


async def test_a_mistake_of_this_program_on_one_mirror_spares_the_others(
    library: Library, capsys: pytest.CaptureFixture[str]
) -> None:
    class Broken(MemoryMirror):
        async def put(self, path: str, data: bytes) -> None:
            secret = PASSWORD
            raise ZeroDivisionError(path, len(data) + len(secret))

    good = MemoryMirror("good")

    broken, fine = await push(library, target(Broken("broken")), target(good))

    assert (broken.trouble, fine.problem) == (Trouble.OURS, None)
    assert "please report it" in (broken.problem or "")
    assert good.files == whole(library)
    said = "".join(capsys.readouterr())
    assert "mirror.push_broke" in said
    assert PASSWORD not in said.replace("secret = PASSWORD", "")


async def test_a_mirror_that_is_ahead_stops_the_publisher_after_the_others(
    library: Library,
) -> None:
    longer = Library()
    longer.publish(articles(*range(40)), fronts(1))
    longer.publish(articles(50), fronts(2))
    ahead, good = MemoryMirror("ahead", files=whole(longer)), MemoryMirror("good")

    with pytest.raises(LogBehindError, match="recover --from ahead"):
        await push(library, target(ahead), target(good))

    assert good.files == whole(library)


async def test_a_push_over_its_limit_ends_and_the_next_goes_on_where_it_was(
    library: Library,
) -> None:
    mirror = MemoryMirror("slow", slow_s=0.01)
    hurried = Pace(concurrency=2, limit=timedelta(seconds=0.15))

    (first,) = await push(library, target(mirror, hurried))

    assert first.trouble is Trouble.UNFINISHED
    assert "the next push goes on" in (first.problem or "")
    assert first.resume is not None
    done = {call for call in mirror.calls if call.startswith("PUT a/")}
    mirror.calls.clear()
    mirror.slow_s = 0

    (second,) = await push(
        library, Target(mirror=mirror, base=BASE, pace=PACE, resume=first.resume)
    )

    assert second.problem is None
    assert mirror.files == whole(library)
    again = done.intersection(mirror.calls)
    assert len(again) <= 2 * hurried.concurrency + 2


async def test_a_mirror_that_was_wiped_meanwhile_is_begun_anew(library: Library) -> None:
    mirror = MemoryMirror("wiped")
    resume = Resume(since=0, given=30, path=article(29)[0])

    (outcome,) = await push(library, Target(mirror=mirror, base=BASE, pace=PACE, resume=resume))

    assert outcome.problem is None
    assert mirror.files == whole(library)


async def test_a_far_mirror_gets_more_requests_at_once(library: Library) -> None:
    near, far = MemoryMirror("near"), MemoryMirror("far", slow_s=0.045)
    pace = Pace(concurrency=3)

    await push(library, target(near, pace), target(far, pace))

    assert near.most_at_once <= 3
    assert 3 < far.most_at_once <= 12


async def test_a_cancelled_push_leaves_no_task_behind(library: Library) -> None:
    mirror = MemoryMirror("hangs", hang_on=frozenset({"index.html"}))
    before = asyncio.all_tasks()
    task = asyncio.create_task(push(library, target(mirror)))
    await asyncio.sleep(0.1)

    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    assert asyncio.all_tasks() == before
    assert CHECKPOINT not in mirror.files


async def test_no_log_line_of_a_failing_push_holds_a_secret(
    library: Library, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    structlog.reset_defaults()
    caplog.set_level(logging.DEBUG)
    said = ""
    for answer in (hang, slam, status(401), status(503), status(302, "Location: /x")):
        async with wire(answer) as server:
            address = f"http://127.0.0.1:{server.port}/"
            mirror = DavMirror(
                "it", address, user="editor", password=PASSWORD, timeout=timedelta(seconds=0.2)
            )
            said += str(await push(library, target(mirror)))
            await mirror.close()

    said += "".join(capsys.readouterr()) + caplog.text
    assert "mirror it: GET log/checkpoint" in said
    for secret in (PASSWORD, "editor", "ZWRpdG9y", socket.gethostname()):
        assert secret not in said


async def test_one_push_alone_says_what_it_did(library: Library) -> None:
    mirror = MemoryMirror("cloud-1")

    outcome = await bring_up_to_date(
        target(mirror), library, verify_head=library.verify, now=library.time, refresh=REFRESH
    )

    assert outcome.mirror == "cloud-1"
    assert outcome.puts == len(mirror.files)
    assert outcome.bytes == sum(map(len, mirror.files.values()))
    assert outcome.seconds > 0
    assert outcome.resume is None


def full() -> Answer:
    """No head yet (404); then no space left (507), whatever the request."""
    codes = chain([404], repeat(507))

    async def answer(writer: asyncio.StreamWriter) -> None:
        await status(next(codes))(writer)

    return answer


def _files(place: Path) -> dict[str, bytes]:
    found = (file for file in place.rglob("*") if file.is_file())
    return {str(file.relative_to(place)): file.read_bytes() for file in found}
