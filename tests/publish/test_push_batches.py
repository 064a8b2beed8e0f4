"""Pushes to mirrors that take batches: each step is a whole edition, or what nothing shows yet."""

from datetime import timedelta

import pytest

from feeds.paths import CHECKPOINT
from mirror.errors import EndpointRefusedError, EndpointUnreachableError
from mirror.publish import delivery
from mirror.publish.carrier import Pace
from mirror.publish.outcome import Outcome, Target
from mirror.publish.push import bring_up_to_date
from tests.endpoints.memory import BatchingMirror
from tests.publish.library import BASE, Library, article, articles, fronts, holds, picture, whole

PACE = Pace(concurrency=4, attempts=2, wait=timedelta(seconds=0.001))
REFRESH = timedelta(hours=6)


async def push(
    library: Library, mirror: BatchingMirror, *, before: Outcome | None = None
) -> Outcome:
    return await bring_up_to_date(
        Target(mirror=mirror, base=BASE, pace=PACE, resume=before.resume if before else None),
        library,
        verify_head=library.verify,
        now=library.time,
        refresh=REFRESH,
    )


@pytest.fixture
def library() -> Library:
    made = Library()
    made.publish({**articles(1, 2, 3), **dict([picture(1)])}, fronts(1))
    return made


@pytest.fixture
def mirror() -> BatchingMirror:
    return BatchingMirror("pages")


async def test_a_push_is_one_step_with_the_head_in_it(
    library: Library, mirror: BatchingMirror
) -> None:
    outcome = await push(library, mirror)

    assert mirror.files == whole(library)
    assert mirror.calls == [f"GET {CHECKPOINT}", "FLUSH flush"]
    assert (outcome.requests, outcome.puts) == (2, len(mirror.files))
    assert mirror.open_batches == 0


async def test_with_nothing_new_a_push_is_one_request(
    library: Library, mirror: BatchingMirror
) -> None:
    await push(library, mirror)
    mirror.calls.clear()

    assert (await push(library, mirror)).requests == 1
    assert mirror.calls == [f"GET {CHECKPOINT}"]


async def test_a_newer_cosignature_is_one_step_with_one_file(
    library: Library, mirror: BatchingMirror
) -> None:
    await push(library, mirror)
    library.sign(library.time + timedelta(hours=7))

    await push(library, mirror)

    assert list(mirror.steps[-1]) == [CHECKPOINT]


async def test_many_new_files_are_shown_before_the_rest_and_no_head_before_its_files(
    library: Library, mirror: BatchingMirror, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivery, "MOST_WAITING", 300)
    library.publish(articles(*range(10, 60)), fronts(2))

    await push(library, mirror)

    assert len(mirror.steps) > 10
    assert all(CHECKPOINT not in step for step in mirror.steps[:-1])
    shown: dict[str, bytes] = {}
    for step in mirror.steps:
        shown.update({path: data for path, data in step.items() if data is not None})
        assert holds(library, shown) == []
    assert mirror.files == whole(library)


@pytest.mark.parametrize("failing", range(4))
async def test_after_a_step_that_failed_the_next_push_goes_on_and_misses_nothing(
    library: Library, mirror: BatchingMirror, monkeypatch: pytest.MonkeyPatch, failing: int
) -> None:
    monkeypatch.setattr(delivery, "MOST_WAITING", 2_000)
    library.publish(articles(*range(10, 60)), fronts(2))
    error = EndpointRefusedError("pages", "the branch is protected")

    class Failing(BatchingMirror):
        async def show(self, waiting: dict[str, bytes | None]) -> None:
            if len(self.steps) == failing and not self.fail_after:
                self.fail_after["never"] = error
                raise error
            await super().show(waiting)

    mirror = Failing("pages")
    first = await push(library, mirror)
    assert first.problem is not None
    assert CHECKPOINT not in mirror.files
    assert (first.resume is None) == (failing == 0)

    second = await push(library, mirror, before=first)

    assert second.problem is None
    assert mirror.files == whole(library)
    shown = sum(len(step) for step in mirror.steps[:failing])
    assert 0 <= second.puts + shown - len(mirror.files) <= 2  # one leaf and its proof, perhaps


async def test_a_step_that_was_done_but_not_answered_is_made_once_more_and_right(
    library: Library, mirror: BatchingMirror
) -> None:
    mirror.fail_after["flush"] = EndpointUnreachableError("pages", "no answer")

    outcome = await push(library, mirror)
    assert outcome.problem
    mirror.fail_after.clear()

    assert (await push(library, mirror)).problem is None
    assert mirror.files == whole(library)


async def test_a_deletion_is_owed_until_its_step_is_shown(
    library: Library, mirror: BatchingMirror
) -> None:
    await push(library, mirror)
    page = article(2)[0]
    library.publish({}, fronts(2), erase=[page])
    mirror.files["p/00/old.html"] = b"an old debt"
    library.debts["pages"] = {"p/00/old.html"}
    mirror.fail_on["flush"] = EndpointRefusedError("pages", "the branch is protected")

    await push(library, mirror)
    assert library.debts["pages"] == {"p/00/old.html"}
    assert page in mirror.files

    mirror.fail_on.clear()
    await push(library, mirror)
    assert library.debts["pages"] == set()
    assert whole(library).items() <= mirror.files.items()
    assert {page, "p/00/old.html"}.isdisjoint(mirror.files)


async def test_a_debt_alone_is_one_step(library: Library, mirror: BatchingMirror) -> None:
    await push(library, mirror)
    mirror.files["log/tile/0/000.p/3"] = b"superseded"
    library.debts["pages"] = {"log/tile/0/000.p/3"}

    await push(library, mirror)

    assert mirror.steps[-1] == {"log/tile/0/000.p/3": None}
    assert library.debts["pages"] == set()
