"""The one contract, against every kind of mirror."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from feeds.paths import proof_path
from mirror.endpoints.protocol import Mirror
from mirror.errors import EndpointRefusedError, EndpointUnreachableError
from mirror.publish.carrier import Pace
from mirror.publish.outcome import Outcome, Target
from mirror.publish.push import bring_up_to_date
from tests.endpoints.kinds import ALONE, REAL, a_mirror
from tests.publish.library import BASE, Library, article, articles, fronts, picture, whole

SECONDS = timedelta(seconds=10)
PATHS = (
    "index.html",
    "a/0d/0d31c5e2a90f77b1.html",
    "a/0d/0d31c5e2a90f77b1.html.tlog-proof",
    "log/tile/0/x001/067.p/70",
    "log/checkpoint",
)
real = pytest.mark.real


@pytest.fixture(params=[*ALONE, *(pytest.param(kind, marks=pytest.mark.real) for kind in REAL)])
async def mirror(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Mirror]:
    with contextlib.ExitStack() as stack:
        made = stack.enter_context(a_mirror(request, tmp_path, monkeypatch))
        yield made
        await made.close()


async def test_what_was_put_is_got(mirror: Mirror) -> None:
    for path in PATHS:
        await mirror.put(path, path.encode())

    assert [await mirror.get(path, max_bytes=99) for path in PATHS] == [p.encode() for p in PATHS]


async def test_nothing_stands_where_nothing_was_put(mirror: Mirror) -> None:
    assert await mirror.get("log/checkpoint", max_bytes=99) is None


async def test_a_put_replaces_what_stood_there(mirror: Mirror) -> None:
    await mirror.put("index.html", b"old, and longer")
    await mirror.put("index.html", b"new")

    assert await mirror.get("index.html", max_bytes=99) == b"new"


async def test_the_same_bytes_can_be_put_again(mirror: Mirror) -> None:
    await mirror.put("m/ab/ab.webp", b"\x00picture\xff")
    await mirror.put("m/ab/ab.webp", b"\x00picture\xff")

    assert await mirror.get("m/ab/ab.webp", max_bytes=99) == b"\x00picture\xff"


async def test_an_empty_file_is_a_file(mirror: Mirror) -> None:
    await mirror.put("x/empty", b"")

    assert await mirror.get("x/empty", max_bytes=0) == b""


async def test_a_deleted_file_is_gone_and_can_be_deleted_again(mirror: Mirror) -> None:
    await mirror.put("m/ab/ab.webp", b"picture")

    await mirror.delete("m/ab/ab.webp")
    await mirror.delete("m/ab/ab.webp")
    await mirror.delete("m/never/there.webp")

    assert await mirror.get("m/ab/ab.webp", max_bytes=99) is None


async def test_more_bytes_than_asked_for_are_no_usable_answer(mirror: Mirror) -> None:
    await mirror.put("log/checkpoint", b"x" * 100)

    assert await mirror.get("log/checkpoint", max_bytes=100) == b"x" * 100
    with pytest.raises(EndpointUnreachableError):
        await mirror.get("log/checkpoint", max_bytes=99)


@pytest.mark.parametrize("path", ["", "/etc/x", "../x", "a/../../x", "a//x", ".x", "a/.x/y", "a/"])
async def test_no_path_leads_out_of_the_tree(mirror: Mirror, path: str) -> None:
    with pytest.raises(EndpointRefusedError):
        await mirror.put(path, b"x")
    with pytest.raises(EndpointRefusedError):
        await mirror.get(path, max_bytes=9)
    with pytest.raises(EndpointRefusedError):
        await mirror.delete(path)


async def test_many_calls_may_overlap(mirror: Mirror) -> None:
    files = {f"p/{n % 7:02}/{n}.html": b"%d" % n for n in range(200)}

    await asyncio.gather(*(mirror.put(path, data) for path, data in files.items()))

    got = await asyncio.gather(*(mirror.get(path, max_bytes=9) for path in files))
    assert got == list(files.values())


async def test_a_reader_sees_the_old_file_or_the_new_one(mirror: Mirror) -> None:
    old, new = b"a" * 300_000, b"b" * 300_000
    await mirror.put("index.html", old)
    seen: set[bytes | None] = set()

    async def read() -> None:
        while True:
            found = await mirror.get("index.html", max_bytes=300_000)
            if found is None and mirror.name == "s3":  # Swift opens what it has listed, too late
                found = await mirror.get("index.html", max_bytes=300_000)
            seen.add(found)

    reader = asyncio.create_task(read())
    for data in (new, old) * 10:
        await mirror.put("index.html", data)
    reader.cancel()

    assert seen <= {old, new}


async def test_a_put_that_was_cut_short_leaves_the_old_file(mirror: Mirror) -> None:
    await mirror.put("index.html", b"old")

    task = asyncio.create_task(mirror.put("index.html", b"n" * 5_000_000))
    await asyncio.sleep(0.001)
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task

    assert await mirror.get("index.html", max_bytes=5_000_000) in {b"old", b"n" * 5_000_000}


async def test_what_must_go_goes_at_its_time_from_a_mirror_that_was_away_too_and_nothing_else(
    mirror: Mirror,
) -> None:
    library = Library()
    library.publish(
        {**articles(1, 2, 3), **dict([picture(1)])}, {**fronts(1), "s/old.html": b"old"}
    )
    await mirror.put("theirs/notes.txt", b"not ours")
    assert (await push(library, mirror)).problem is None
    superseded = {path for path in library.editions[library.size] if ".p/" in path}
    page, shot = article(2)[0], picture(1)[0]
    for edition in range(2, 6):  # while it is away
        library.publish(
            articles(edition * 10),
            fronts(edition),
            erase=[page, shot, "s/old.html"] if edition == 3 else (),
        )
    library.debts["it"] = set(superseded)  # as ``sweep`` says once full tiles replace them

    assert (await push(library, mirror)).problem is None

    gone = {page, proof_path(page), shot, "s/old.html", *superseded}
    for path in gone:
        assert await mirror.get(path, max_bytes=10_000) is None, path
    for path, data in whole(library).items():
        assert await mirror.get(path, max_bytes=10_000) == data, path
    assert await mirror.get("theirs/notes.txt", max_bytes=99) == b"not ours"
    assert library.debts["it"] == set()


async def push(library: Library, mirror: Mirror) -> Outcome:
    return await bring_up_to_date(
        Target(mirror=mirror, base=BASE, pace=Pace(attempts=2)),
        library,
        verify_head=library.verify,
        now=library.time,
        refresh=timedelta(hours=6),
    )
