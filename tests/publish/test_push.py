"""One push to one mirror."""

import asyncio
from collections.abc import Callable
from datetime import timedelta

import pytest

from feeds.paths import CHECKPOINT, PROOF_ENDING, SUMS, SUMS_AHEAD, proof_path
from mirror.errors import EndpointRefusedError, EndpointUnreachableError, LogBehindError
from mirror.publish.carrier import Pace
from mirror.publish.outcome import Outcome, Target, Trouble
from mirror.publish.push import bring_up_to_date
from tests.endpoints.memory import MemoryMirror
from tests.publish.library import BASE, START, Library, article, articles, fronts, picture, whole

REFRESH = timedelta(hours=6)
QUICK = Pace(
    concurrency=4,
    timeout=timedelta(seconds=0.5),
    attempts=2,
    wait=timedelta(seconds=0.001),
    longest_wait=timedelta(seconds=0.002),
)


async def push(
    library: Library,
    mirror: MemoryMirror,
    *,
    later: timedelta = timedelta(),
    target: Target | None = None,
) -> Outcome:
    return await bring_up_to_date(
        target or Target(mirror=mirror, base=BASE, pace=QUICK),
        library,
        verify_head=library.verify,
        now=library.time + later,
        refresh=REFRESH,
    )


@pytest.fixture
def library() -> Library:
    made = Library()
    made.publish(
        {**articles(1, 2, 3), **dict([picture(1)])}, {**fronts(1), "log/keys/1": b"keys 1"}
    )
    return made


@pytest.fixture
def mirror() -> MemoryMirror:
    return MemoryMirror("cloud-1")


async def test_a_mirror_from_nothing_gets_the_whole_tree(
    library: Library, mirror: MemoryMirror
) -> None:
    outcome = await push(library, mirror)

    assert (outcome.problem, outcome.from_size, outcome.to_size) == (None, 0, 5)
    assert mirror.files == whole(library)
    assert mirror.calls[0] == f"GET {CHECKPOINT}"
    assert mirror.calls[-1] == f"PUT {CHECKPOINT}"
    assert outcome.requests == len(mirror.calls) == outcome.puts + 2  # its head, and one file back


async def test_with_nothing_new_a_push_is_one_request(
    library: Library, mirror: MemoryMirror
) -> None:
    await push(library, mirror)
    mirror.calls.clear()

    outcome = await push(library, mirror)

    assert mirror.calls == [f"GET {CHECKPOINT}"]
    assert (outcome.problem, outcome.requests, outcome.puts) == (None, 1, 0)


async def test_only_what_changed_is_put(library: Library, mirror: MemoryMirror) -> None:
    await push(library, mirror)
    mirror.calls.clear()
    library.publish(articles(4), fronts(2))

    await push(library, mirror)

    page = article(4)[0]
    assert sorted(mirror.calls) == sorted(
        [
            f"GET {CHECKPOINT}",
            f"PUT {page}",
            f"PUT {proof_path(page)}",
            "PUT log/tile/0/000.p/7",
            "PUT log/tile/entries/000.p/7",
            "PUT index.html",
            "PUT feeds/all.rss",
            "PUT feeds/all.atom",
            f"PUT {SUMS}",
            f"PUT {SUMS_AHEAD}",
            f"PUT {proof_path(SUMS)}",
            f"PUT {CHECKPOINT}.minisig",
            f"PUT {CHECKPOINT}",
        ]
    )


class SlowProofs(MemoryMirror):
    """One that takes its time with proofs; its ``files`` are in the order of their arrival."""

    async def put(self, path: str, data: bytes) -> None:
        if path.endswith(PROOF_ENDING):
            await asyncio.sleep(0.02)
        self.files.pop(path, None)
        await super().put(path, data)


async def test_no_page_arrives_before_its_proof_however_slow_that_is(library: Library) -> None:
    """Or who verifies in between takes a page of ours for a forgery."""
    mirror = SlowProofs("cloud-1")
    await push(library, mirror)
    library.publish({**articles(4), **articles(1, text="corrected")}, fronts(2))
    await push(library, mirror)

    arrived = list(mirror.files)
    pages = [path for path in arrived if path.startswith("a/") and path.endswith(".html")]
    assert len(pages) == 4
    assert all(arrived.index(proof_path(page)) < arrived.index(page) for page in pages)


async def test_what_tells_of_the_next_edition_arrives_before_any_of_it(library: Library) -> None:
    mirror = SlowProofs("cloud-1")
    await push(library, mirror)
    before = set(mirror.files)
    library.publish({**articles(4), **dict([picture(4)])}, fronts(2))
    await push(library, mirror)

    arrived = list(mirror.files)
    told = arrived.index(proof_path(SUMS))
    assert all(told < arrived.index(path) for path in set(arrived) - before)


async def test_a_mirror_that_is_a_year_behind_comes_right(
    library: Library, mirror: MemoryMirror
) -> None:
    await push(library, mirror)
    for edition in range(2, 120):
        library.publish(
            {**articles(edition * 10, edition * 10 + 1), **articles(2, text=f"{edition}")},
            {**fronts(edition), **({"log/keys/2": b"keys 2"} if edition == 50 else {})},
            erase=[article(edition * 5)[0]] if edition % 7 == 0 else (),
        )

    outcome = await push(library, mirror)

    assert outcome.problem is None
    current = {path: data for path, data in mirror.files.items() if ".p/" not in path}
    assert current == {p: d for p, d in whole(library).items() if ".p/" not in p}
    assert whole(library).items() <= mirror.files.items()


async def test_a_wiped_mirror_gets_everything_again(library: Library, mirror: MemoryMirror) -> None:
    await push(library, mirror)
    mirror.files.clear()

    await push(library, mirror)

    assert mirror.files == whole(library)


async def test_feeds_bear_the_base_of_their_mirror(library: Library, mirror: MemoryMirror) -> None:
    await push(library, mirror)

    assert BASE.encode() in mirror.files["feeds/all.rss"]
    assert b"mirror.invalid" not in mirror.files["feeds/all.rss"]


async def test_an_old_cosignature_is_refreshed_with_one_put(
    library: Library, mirror: MemoryMirror
) -> None:
    await push(library, mirror)
    mirror.calls.clear()
    library.sign(START + timedelta(hours=5))

    early = await push(library, mirror)
    library.sign(START + timedelta(hours=6))
    due = await push(library, mirror)

    assert (early.requests, early.puts) == (1, 0)
    assert (due.requests, due.puts) == (2, 1)
    assert mirror.files[CHECKPOINT] == library.head


async def test_a_newer_cosignature_is_never_put_back_to_an_older_one(
    library: Library, mirror: MemoryMirror
) -> None:
    library.sign(START + timedelta(hours=9))
    await push(library, mirror)
    newer = mirror.files[CHECKPOINT]
    library.sign(START)

    await push(library, mirror, later=timedelta(hours=20))

    assert mirror.files[CHECKPOINT] == newer


async def test_a_mirror_ahead_by_our_own_key_stops_the_publisher(mirror: MemoryMirror) -> None:
    before, after = Library(), Library()
    for library in (before, after):
        library.publish(articles(1), fronts(1))
    after.publish(articles(2), fronts(2))
    await push(after, mirror)
    kept = dict(mirror.files)

    with pytest.raises(LogBehindError) as caught:
        await push(before, mirror)

    assert (caught.value.theirs, caught.value.ours) == (4, 2)
    assert mirror.files == kept


@pytest.mark.parametrize(
    "head",
    [
        b"<!doctype html><title>Not found</title>",
        b"other.example/log\n4\nAAAA\n",
        b"other.example/log\n4\nAAAA\n\n\xe2\x80\x94 other.example/log AAAAAAAA\n",
        b"news.example/mirror\n4\nAAAA\n\n\xe2\x80\x94 somebody AAAAAAAA\n",
        b"\xff\xfe",
    ],
)
async def test_a_foreign_head_is_told_and_never_overwritten(
    library: Library, mirror: MemoryMirror, head: bytes
) -> None:
    mirror.files[CHECKPOINT] = head

    outcome = await push(library, mirror)

    assert outcome.trouble is Trouble.FOREIGN
    assert "delete that file there" in (outcome.problem or "")
    assert mirror.files == {CHECKPOINT: head}
    assert mirror.calls == [f"GET {CHECKPOINT}"]


async def test_a_tree_by_our_key_that_we_never_published_is_told_and_kept(
    library: Library, mirror: MemoryMirror
) -> None:
    fork = Library()
    fork.publish(articles(7, 8, 9), {**fronts(7), "x/y": b"z"})
    mirror.files[CHECKPOINT] = fork.head

    outcome = await push(library, mirror)

    assert outcome.trouble is Trouble.FOREIGN
    assert "evidence" in (outcome.problem or "")
    assert mirror.files == {CHECKPOINT: fork.head}


async def test_a_fork_of_the_same_size_is_told_and_kept(mirror: MemoryMirror) -> None:
    library, fork = Library(), Library()
    library.publish(articles(1), fronts(1))
    fork.publish(articles(2), fronts(1))
    mirror.files[CHECKPOINT] = fork.head

    outcome = await push(library, mirror)

    assert outcome.trouble is Trouble.FOREIGN
    assert mirror.files == {CHECKPOINT: fork.head}


@pytest.mark.parametrize("length", [0, 1, 10, 20, 25, 60, 70, 75, 100])
async def test_a_head_that_was_written_in_part_is_written_again(
    library: Library, mirror: MemoryMirror, length: int
) -> None:
    mirror.files[CHECKPOINT] = library.head[:length]

    await push(library, mirror)

    assert mirror.files == whole(library)


async def test_a_head_cut_after_our_signature_still_says_what_was_given(
    library: Library, mirror: MemoryMirror
) -> None:
    await push(library, mirror)
    mirror.files[CHECKPOINT] = library.head[:-5]
    mirror.calls.clear()

    await push(library, mirror)

    assert mirror.calls == [f"GET {CHECKPOINT}", f"PUT {CHECKPOINT}"]
    assert mirror.files == whole(library)


async def test_an_erased_file_goes_with_its_proof_before_the_head(
    library: Library, mirror: MemoryMirror
) -> None:
    await push(library, mirror)
    page = article(1)[0]
    library.publish({}, fronts(2), erase=[page, picture(1)[0], "feeds/all.atom"])
    mirror.calls.clear()

    outcome = await push(library, mirror)

    gone = {page, proof_path(page), picture(1)[0], "feeds/all.atom"}
    assert gone.isdisjoint(mirror.files)
    assert outcome.deletes == 4
    assert {call for call in mirror.calls if call.startswith("DELETE")} == {
        f"DELETE {path}" for path in gone
    }
    assert mirror.calls[-1] == f"PUT {CHECKPOINT}"


async def test_a_deletion_that_fails_is_owed_and_done_by_a_later_push(
    library: Library, mirror: MemoryMirror
) -> None:
    await push(library, mirror)
    page = article(1)[0]
    library.publish({}, fronts(2), erase=[page])
    mirror.fail_on[page] = EndpointRefusedError(mirror.name, f"DELETE {page}: 403")

    outcome = await push(library, mirror)

    assert (outcome.trouble, outcome.owed, outcome.to_size) == (Trouble.OWED, 1, library.size)
    assert page in (outcome.problem or "")
    assert library.debts == {"cloud-1": {page}}
    assert mirror.files[CHECKPOINT] == library.head

    mirror.fail_on.clear()
    again = await push(library, mirror)

    assert (again.problem, again.deletes) == (None, 1)
    assert library.debts == {"cloud-1": set()}
    assert page not in mirror.files


async def test_what_is_owed_but_published_again_is_not_deleted(
    library: Library, mirror: MemoryMirror
) -> None:
    await push(library, mirror)
    page, data = article(1)
    library.publish({}, fronts(2), erase=[page])
    mirror.fail_on[page] = EndpointRefusedError(mirror.name, f"DELETE {page}: 403")
    await push(library, mirror)
    mirror.fail_on.clear()
    library.publish({page: data}, fronts(3))

    outcome = await push(library, mirror)

    assert outcome.problem is None
    assert mirror.files[page] == data
    assert library.debts == {"cloud-1": set()}


async def test_a_tree_that_moves_on_during_the_push_goes_out_whole(
    library: Library, mirror: MemoryMirror
) -> None:
    editions = iter(range(2, 5))
    gone = article(1)[0]

    def move_on(path: str) -> None:
        if path == "index.html" and (edition := next(editions, 0)):
            library.publish(articles(edition * 10), fronts(edition), erase=[gone])

    library.before_read = move_on

    outcome = await push(library, mirror)

    assert (outcome.problem, outcome.to_size) == (None, library.size)
    assert whole(library).items() <= mirror.files.items()
    assert gone not in mirror.files


async def test_a_tree_that_never_rests_does_not_hold_the_push_for_ever(
    library: Library, mirror: MemoryMirror
) -> None:
    counter = iter(range(2, 10_000))

    def move_on(path: str) -> None:
        if path == "index.html":
            library.publish(articles(next(counter) * 10), fronts(1))

    library.before_read = move_on

    outcome = await push(library, mirror)

    assert outcome.problem is None
    assert CHECKPOINT in mirror.files


async def test_a_request_that_fails_once_is_made_again(library: Library) -> None:
    class Flaky(MemoryMirror):
        async def put(self, path: str, data: bytes) -> None:
            first = f"PUT {path}" not in self.calls
            await super().put(path, data)
            if first:
                raise EndpointUnreachableError(self.name, f"PUT {path}: 503")

    flaky = Flaky("flaky")

    outcome = await push(library, flaky)

    assert outcome.problem is None
    assert flaky.files == whole(library)
    assert outcome.requests == 2 * outcome.puts + 2


FAULTS: dict[str, tuple[Callable[[MemoryMirror], None], Trouble]] = {
    "refuses": (
        lambda m: m.fail_on.update({"index.html": EndpointRefusedError(m.name, "PUT x: 507")}),
        Trouble.REFUSED,
    ),
    "is away": (
        lambda m: m.fail_on.update({CHECKPOINT: EndpointUnreachableError(m.name, "GET x: down")}),
        Trouble.UNREACHABLE,
    ),
    "hangs": (lambda m: setattr(m, "hang_on", frozenset({SUMS})), Trouble.UNREACHABLE),
    "fails yet writes": (
        lambda m: m.fail_after.update({SUMS: EndpointUnreachableError(m.name, "PUT x: reset")}),
        Trouble.UNREACHABLE,
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
async def test_a_failing_mirror_keeps_its_old_head_and_comes_right_later(
    library: Library, mirror: MemoryMirror, fault: str
) -> None:
    await push(library, mirror)
    old = mirror.files[CHECKPOINT]
    library.publish({**articles(4), **articles(1, text="corrected")}, fronts(2))
    begin, trouble = FAULTS[fault]
    begin(mirror)

    outcome = await push(library, mirror)

    assert outcome.trouble is trouble
    assert outcome.problem
    assert mirror.files[CHECKPOINT] == old

    mirror.fail_on, mirror.fail_after, mirror.hang_on = {}, {}, frozenset()
    assert (await push(library, mirror)).problem is None
    assert whole(library).items() <= mirror.files.items()


async def test_our_own_missing_file_is_told_as_ours(library: Library, mirror: MemoryMirror) -> None:
    del library.files[article(2)[0]]

    outcome = await push(library, mirror)

    assert outcome.trouble is Trouble.OURS
    assert article(2)[0] in (outcome.problem or "")
    assert CHECKPOINT not in mirror.files


async def test_no_more_requests_overlap_than_allowed(
    library: Library, mirror: MemoryMirror
) -> None:
    library.publish(articles(*range(100, 200)), fronts(2))

    await push(library, mirror)

    assert 2 <= mirror.most_at_once <= QUICK.concurrency


async def test_progress_is_told(library: Library, mirror: MemoryMirror) -> None:
    told: list[tuple[int, int, int]] = []
    target = Target(
        mirror=mirror,
        base=BASE,
        pace=QUICK,
        progress=lambda done, total, size: told.append((done, total, size)),
    )

    outcome = await push(library, mirror, target=target)

    assert [done for done, _, _ in told] == sorted(done for done, _, _ in told)
    assert all(done <= total for done, total, _ in told)
    assert told[-1][2] <= outcome.bytes


async def test_no_head_is_put_while_the_next_edition_is_on_its_way(
    library: Library, mirror: MemoryMirror, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The leaves are told as of that edition, so the old head would pin what was not put."""
    monkeypatch.setattr("mirror.publish.delivery._WAITS", 2)

    def commit(_: str) -> None:
        library.moving = True

    library.before_read = commit
    held = await push(library, mirror)
    assert held.problem is None
    assert CHECKPOINT not in mirror.files

    library.moving, library.before_read = False, lambda _: None
    assert (await push(library, mirror)).to_size == library.size


async def test_a_deletion_that_may_work_next_time_keeps_the_head_back_once(
    library: Library, mirror: MemoryMirror
) -> None:
    """A verifier would find what the new head says is gone; but not for ever."""
    await push(library, mirror)
    old = mirror.files[CHECKPOINT]
    page = article(1)[0]
    library.publish({}, fronts(2), erase=[page])
    mirror.fail_on[page] = EndpointUnreachableError(mirror.name, f"DELETE {page}: 503")

    once = await push(library, mirror)

    assert once.trouble is Trouble.UNREACHABLE
    assert mirror.files[CHECKPOINT] == old
    assert library.debts == {"cloud-1": {page}}

    twice = await push(library, mirror)

    assert (twice.trouble, twice.owed, twice.to_size) == (Trouble.OWED, 1, library.size)
    assert mirror.files[CHECKPOINT] == library.head
