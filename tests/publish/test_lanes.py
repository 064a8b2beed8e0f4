"""Many things at once, and how far they have come."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mirror.publish.lanes import Lanes
from mirror.publish.mark import Mark
from mirror.tree import Resume


async def test_no_more_run_than_there_are_lanes() -> None:
    now = most = 0

    async def job() -> None:
        nonlocal now, most
        now += 1
        most = max(most, now)
        await asyncio.sleep(0)
        now -= 1

    async with Lanes(3) as lanes:
        for _ in range(20):
            await lanes.start(job())
        await lanes.rest()

    assert (most, now) == (3, 0)


async def test_the_first_failure_is_told_and_nothing_begins_after_it() -> None:
    begun: list[int] = []

    async def job(number: int) -> None:
        begun.append(number)
        await asyncio.sleep(0)
        if number >= 1:
            raise ValueError(number)

    async def start_many(lanes: Lanes) -> None:
        for number in range(20):
            await lanes.start(job(number))

    async with Lanes(2) as lanes:
        with pytest.raises(ValueError, match="1"):
            await start_many(lanes)
        with pytest.raises(ValueError, match="1"):
            await lanes.rest()

    assert len(begun) <= 4


async def test_leaving_the_block_ends_what_still_runs() -> None:
    ended = False

    async def job() -> None:
        nonlocal ended
        try:
            await asyncio.Event().wait()
        finally:
            ended = True

    async with Lanes(1) as lanes:
        await lanes.start(job())
        await asyncio.sleep(0)

    assert ended


@given(st.lists(st.booleans(), max_size=60))
def test_a_mark_never_passes_a_leaf_that_was_not_put(ends: list[bool]) -> None:
    mark = Mark(3, given=3)
    under_way: list[int] = []
    put: set[int] = set()
    index = 3
    for end in ends:
        if end and under_way:
            done = under_way.pop(len(under_way) // 2)
            mark.end(done)
            put.add(done)
        else:
            mark.begin(index, f"m/{index}")
            under_way.append(index)
            index += 1

        assert set(range(3, mark.given)) <= put
        assert mark.resume in {None, Resume(3, mark.given, f"m/{mark.given - 1}")}
