"""Bytes that a push holds at a time."""

import asyncio

from mirror.publish.budget import Budget


async def test_files_wait_for_room_and_go_in_the_order_in_which_they_came() -> None:
    budget, held, most, done = Budget(100), 0, 0, list[int]()

    async def carry(number: int, size: int) -> None:
        nonlocal held, most
        async with budget.of(size):
            held += size
            most = max(most, held)
            await asyncio.sleep(0)
            held -= size
        done.append(number)

    await asyncio.gather(*(carry(number, 40) for number in range(9)))

    assert most == 80
    assert done == list(range(9))


async def test_a_file_that_is_larger_than_all_room_goes_alone() -> None:
    budget = Budget(100)
    async with budget.of(40):
        assert budget.has(60)
        assert not budget.has(1_000)
        large = asyncio.create_task(budget.of(1_000).__aenter__())
        await asyncio.sleep(0)
        assert not budget.has(1), "who comes later does not overtake it"
        assert not large.done()

    await large

    assert not budget.has(1)


async def test_who_is_told_that_there_is_room_does_not_wait_for_it() -> None:
    budget, turns, promised = Budget(100), list[int](), list[int]()

    async def carry(number: int) -> None:
        for turn in range(20):
            if budget.has(40):
                promised.append(number * 100 + turn)
            asked = len(turns)
            async with budget.of(40):
                if promised and promised[-1] == number * 100 + turn:
                    assert len(turns) == asked, "somebody else came in between"
                turns.append(number)
                await asyncio.sleep(0)

    await asyncio.gather(*(carry(number) for number in range(9)))

    assert promised


async def test_who_gives_up_takes_no_room() -> None:
    budget = Budget(100)
    async with budget.of(100):
        waiting = asyncio.create_task(budget.of(50).__aenter__())
        await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)

    assert budget.has(100)
