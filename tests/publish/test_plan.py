"""What a plan holds, and in which order."""

from collections.abc import AsyncIterator, Collection, Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.edition import EMPTY_SHA
from feeds.paths import (
    CHECKPOINT,
    MINISIG,
    PROOF_ENDING,
    SUMS,
    SUMS_AHEAD,
    is_leaf,
    needs_proof,
    proof_path,
)
from keys.tiles import paths_between
from mirror.publish.plan import Gap, Phase, Step, steps
from mirror.tree import Leaf, Mutable

SHA = "ab" * 32
LEAF_PATHS = st.builds(
    lambda folder, number: f"{folder}/{number % 256:02x}/{number:04x}.html",
    st.sampled_from(["a", "p", "m", "l"]),
    st.integers(0, 2000),
)
MUTABLE_PATHS = st.sampled_from(
    ["index.html", "feeds/all.rss", "s/news.html", "mirrors.json", "log/keys/1", "log/keys/3", SUMS]
)
SHAS = st.sampled_from([SHA, SHA, SHA, EMPTY_SHA])


@st.composite
def trees(draw: st.DrawFn) -> tuple[Gap, list[Leaf], list[Mutable], list[str]]:
    """A gap, the leaves at or above it, changed mutable files, and owed deletions."""
    since = draw(st.integers(0, 600))
    leaf_paths = draw(st.lists(LEAF_PATHS, unique=True, max_size=20))
    index = since
    leaves = []
    for path in (*leaf_paths, SUMS):
        index += draw(st.integers(0, 30))
        first = draw(st.integers(0, index))
        leaves.append(Leaf(path, SHA if path == SUMS else draw(SHAS), index, first))
        index += 1
    mutable = [
        Mutable(path, draw(SHAS)) for path in draw(st.lists(MUTABLE_PATHS, unique=True, max_size=7))
    ]
    owed = draw(st.lists(LEAF_PATHS, unique=True, max_size=5)) + draw(
        st.lists(st.sampled_from(leaf_paths), unique=True, max_size=3)
        if leaf_paths
        else st.just([])
    )
    gap = Gap(since=since, given=draw(st.integers(since, index)), size=index)
    return gap, leaves, mutable, list(dict.fromkeys(owed))


async def stream(leaves: Iterable[Leaf]) -> AsyncIterator[Leaf]:
    for leaf in leaves:
        yield leaf


async def plan(
    gap: Gap, leaves: Iterable[Leaf], mutable: Collection[Mutable] = (), owed: Collection[str] = ()
) -> list[Step]:
    return [step async for step in steps(gap, stream(leaves), mutable, owed)]


@given(trees())
async def test_a_plan_keeps_the_order_of_format_7(
    tree: tuple[Gap, list[Leaf], list[Mutable], list[str]],
) -> None:
    made = await plan(*tree)

    phases = [step.phase for step in made]
    assert phases == sorted(phases)
    assert made[-1] == Step(Phase.HEAD, CHECKPOINT)
    assert [step.path for step in made].count(CHECKPOINT) == 1
    assert all(step.deletes == (step.phase is Phase.GONE) for step in made)
    assert len({step.path for step in made}) == len(made)
    assert all(bool(step.proof) == needs_proof(step.path) for step in made if step.index >= 0)


@given(trees())
async def test_a_plan_holds_everything_that_the_mirror_lacks_and_nothing_else(
    tree: tuple[Gap, list[Leaf], list[Mutable], list[str]],
) -> None:
    gap, leaves, mutable, owed = tree
    made = await plan(*tree)

    def files(paths: Iterable[str]) -> set[str]:
        return {f for p in paths for f in ((p, proof_path(p)) if needs_proof(p) else (p,))}

    put = {path for step in made if not step.deletes for path in step.files}
    deleted = {step.path for step in made if step.deletes}
    live = [leaf for leaf in leaves if leaf.sha != EMPTY_SHA and leaf.path != SUMS]
    needed = files(
        leaf.path
        for leaf in live
        if leaf.index >= gap.given or leaf.first_index < gap.since or not is_leaf(leaf.path)
    )
    shown = {item.path for item in mutable if item.sha != EMPTY_SHA}
    newest = max((int(i.path[9:]) for i in mutable if i.path.startswith("log/keys/")), default=0)
    keyrings = {f"log/keys/{version}" for version in range(1, newest + 1)}
    always = {SUMS, SUMS_AHEAD, proof_path(SUMS), MINISIG, CHECKPOINT}
    assert put == needed | (shown - {SUMS}) | keyrings | always | set(
        paths_between(gap.since, gap.size)
    )
    gone = files(leaf.path for leaf in leaves if leaf.sha == EMPTY_SHA)
    again = files(leaf.path for leaf in live) | shown
    assert {path for path in gone if path not in deleted} == set()
    assert set(owed) - again <= deleted
    assert deleted.isdisjoint(files(leaf.path for leaf in live))


@given(trees())
async def test_a_page_that_readers_know_changes_only_in_the_short_group(
    tree: tuple[Gap, list[Leaf], list[Mutable], list[str]],
) -> None:
    gap, leaves, _, _ = tree
    known = {
        leaf.path for leaf in leaves if leaf.first_index < gap.since or leaf.path.startswith("l/")
    }  # a list page that is closed now was mutable before

    made = await plan(*tree)
    early = [step.path for step in made if step.phase < Phase.SHOWN and not step.deletes]

    assert known.isdisjoint(early)


@given(trees())
async def test_each_proof_is_there_before_its_file(
    tree: tuple[Gap, list[Leaf], list[Mutable], list[str]],
) -> None:
    """So that a verifier who comes in between can tell the file from a forgery."""
    gap = tree[0]
    paths = [path for step in await plan(*tree) if not step.deletes for path in step.files]
    at = {path: number for number, path in enumerate(paths)}

    files = [path for path in paths if not path.endswith(PROOF_ENDING)]
    assert all(at[proof_path(path)] < at[path] for path in files if needs_proof(path))
    keyrings = sum(path.startswith("log/keys/") for path in paths)
    if gap.since:
        assert paths[keyrings] == proof_path(SUMS)
    assert at[SUMS_AHEAD] < at[SUMS] == len(paths) - 3


async def test_new_leaves_stream_by_before_the_last_one_is_known() -> None:
    asked = 0

    async def endless() -> AsyncIterator[Leaf]:
        nonlocal asked
        while True:
            yield Leaf(f"m/ab/{asked}.webp", SHA, asked, asked)
            asked += 1

    made = steps(Gap(since=0, given=0, size=10), endless(), ())
    first = [await anext(made) for _ in range(100)]
    await made.aclose()

    assert [step.index for step in first] == list(range(100))
    assert asked <= 100


async def test_an_old_keyring_stays_when_a_new_one_comes() -> None:
    mutable = [Mutable("log/keys/1", EMPTY_SHA), Mutable("log/keys/2", SHA)]

    made = await plan(Gap(since=5, given=5, size=6), [], mutable)

    assert [step.path for step in made if step.path.startswith("log/keys/")] == [
        "log/keys/1",
        "log/keys/2",
    ]
    assert not any(step.deletes for step in made)


@pytest.mark.parametrize("sizes", [(1, 0, 2), (0, 3, 2), (-1, 0, 2)])
def test_no_gap_runs_backwards(sizes: tuple[int, int, int]) -> None:
    since, given_, size = sizes

    with pytest.raises(ValueError, match="a gap of"):
        Gap(since=since, given=given_, size=size)
