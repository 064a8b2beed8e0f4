"""A push that ends at any request: no reader ever sees a head whose files are not there."""

import asyncio
import contextlib
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from feeds.paths import CHECKPOINT, SUMS_AHEAD
from mirror.endpoints.dav import DavMirror
from mirror.endpoints.file import FileMirror
from mirror.endpoints.protocol import Mirror
from mirror.publish.carrier import Pace
from mirror.publish.outcome import Outcome, Target
from mirror.publish.push import bring_up_to_date
from tests.endpoints.memory import MemoryMirror
from tests.nginx import Site, free_port, missing, nginx
from tests.publish.library import BASE, Library, article, articles, fronts, holds, picture, whole

SECONDS = timedelta(seconds=5)
PACE = Pace(concurrency=3, timeout=SECONDS, attempts=1)


def grow(library: Library) -> tuple[int, ...]:
    """Two editions; the second replaces, adds and erases."""
    first = library.publish(
        {**articles(1, 2, 3), **dict([picture(1), picture(2)])},
        {**fronts(1), "log/keys/1": b"keys 1", "s/old.html": b"old"},
    )
    second = library.publish(
        {**articles(4, 5), **articles(1, text="corrected"), **dict([picture(3)])},
        {**fronts(2), "log/keys/2": b"keys 2"},
        erase=[article(2)[0], picture(2)[0], "s/old.html"],
    )
    return first, second


async def push(library: Library, mirror: Mirror, base: str = BASE) -> Outcome:
    return await bring_up_to_date(
        Target(mirror=mirror, base=base, pace=PACE),
        library,
        verify_head=library.verify,
        now=library.time,
        refresh=timedelta(hours=6),
    )


async def requests_of_a_push(before: dict[str, bytes], library: Library) -> int:
    """How many requests an undisturbed push of that mirror makes."""
    mirror = MemoryMirror("count", files=dict(before))
    await push(library, mirror)
    return len(mirror.calls)


@pytest.mark.parametrize("start", ["nothing", "the edition before"])
@pytest.mark.parametrize("manner", ["not done", "done", "torn"])
async def test_a_push_that_is_killed_at_any_request_leaves_no_head_without_its_files(
    start: str, manner: str
) -> None:
    library = Library()
    grow(library)
    before = {} if start == "nothing" else _edition(library, min(library.editions))
    for at in range(await requests_of_a_push(before, library)):
        mirror = MemoryMirror("it", files=dict(before), dies_at=at)
        mirror.done_before_death, mirror.torn = manner == "done", manner == "torn"

        with contextlib.suppress(asyncio.CancelledError):
            await push(library, mirror)

        assert holds(library, _readable(library, mirror, torn=mirror.torn)) == [], f"request {at}"

        mirror.dies_at = -1
        assert (await push(library, mirror)).problem is None
        assert whole(library).items() <= mirror.files.items(), f"request {at}"


async def test_a_mirror_that_was_killed_before_an_erasure_does_not_keep_the_erased_file() -> None:
    library = Library()
    library.publish(articles(1), fronts(1))
    page = article(1)[0]
    mirror = MemoryMirror("it", dies_at=5)
    with contextlib.suppress(asyncio.CancelledError):
        await push(library, mirror)
    assert page in mirror.files
    library.publish({}, fronts(2), erase=[page])
    mirror.dies_at = -1

    await push(library, mirror)

    assert page not in mirror.files


def _edition(library: Library, size: int) -> dict[str, bytes]:
    """What a mirror holds that was given the edition of that size."""
    base = BASE.encode()
    return {
        path: data.replace(b"https://mirror.invalid/", base)
        for path, data in library.editions[size].items()
    }


def _readable(library: Library, mirror: MemoryMirror, *, torn: bool) -> dict[str, bytes]:
    """What readers get; a torn head is none, and a torn file shows as an altered one.

    Only mirrors that break the contract tear files. There, one file may be wrong until the
    next push, which is why ``torn`` looks at the head alone.
    """
    files = dict(mirror.files)
    if torn and mirror.calls:
        path = mirror.calls[mirror.dies_at].removeprefix("PUT ")
        newest = library.editions[library.size]
        if path in newest:
            files[path] = newest[path].replace(b"https://mirror.invalid/", BASE.encode())
        if path == CHECKPOINT:
            files.pop(CHECKPOINT)
    return files


class Counted:
    """A real mirror whose push ends at one request: before it, or in the midst of it."""

    def __init__(self, inner: Mirror, at: int) -> None:
        self._inner = inner
        self._left = at
        self.name = inner.name

    async def get(self, path: str, *, max_bytes: int) -> bytes | None:
        await self._count()
        return await self._inner.get(path, max_bytes=max_bytes)

    async def put(self, path: str, data: bytes) -> None:
        await self._count(self._inner.put(path, data) if self._left == 0 else None)
        await self._inner.put(path, data)

    async def delete(self, path: str) -> None:
        await self._count()
        await self._inner.delete(path)

    async def close(self) -> None:
        await self._inner.close()

    async def _count(self, cut: object = None) -> None:
        self._left -= 1
        if self._left >= 0:
            return
        if asyncio.iscoroutine(cut):
            task = asyncio.ensure_future(cut)
            await asyncio.sleep(0)
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
        raise asyncio.CancelledError


async def _killed_everywhere(
    library: Library, folder: Callable[[int], Path], make: Callable[[Path], Mirror], base: str
) -> None:
    count = await requests_of_a_push({}, library)
    for at in range(count + 1):
        place = folder(at)
        first, second = make(place), make(place)

        with contextlib.suppress(asyncio.CancelledError):
            await push(library, Counted(first, at), base)
        await first.close()

        assert holds(library, _files(place), base) == [], f"request {at}"

        assert (await push(library, second, base)).problem is None
        await second.close()
        assert whole(library, base).items() <= _files(place).items(), f"request {at}"


async def test_a_folder_is_right_after_a_kill_at_any_request(tmp_path: Path) -> None:
    library = Library()
    grow(library)

    await _killed_everywhere(
        library,
        lambda at: tmp_path / str(at),
        lambda place: FileMirror("folder", place, durably=False),
        BASE,
    )


@pytest.mark.real
async def test_a_webdav_server_is_right_after_a_kill_at_any_request(tmp_path: Path) -> None:
    if missing():
        pytest.skip(missing())
    library = Library()
    grow(library)
    site = Site(port=free_port(), root=tmp_path / "root", writable=True)
    with nginx(site):
        await _killed_everywhere(
            library,
            lambda at: site.root / str(at),
            lambda place: DavMirror("dav", f"{site.base}{place.name}/", timeout=SECONDS),
            BASE,
        )


def _files(place: Path) -> dict[str, bytes]:
    return {
        str(file.relative_to(place)): file.read_bytes()
        for file in place.rglob("*")
        if file.is_file() and (file.name == SUMS_AHEAD or file.name[0] != ".")
    }
