"""A place tried before it is believed: a write, a read over the public address, a delete."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from feeds.paths import CHECKPOINT
from mirror.audit.address import Habits, PublicAddress
from mirror.endpoints.protocol import Mirror
from mirror.errors import EndpointRefusedError

MAX_BYTES: Final = 100_000
PATIENCE: Final = timedelta(seconds=60)  # for the first read over the public address
FRESH: Final = timedelta(seconds=10)  # for a change to be seen there
_EACH: Final = 1.0  # seconds between two reads
_HTML: Final = ("text/html", "application/xhtml+xml")
_FEED: Final = ("application/rss+xml", "application/xml", "text/xml")


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What was found out of a place that can be a mirror.

    Attributes:
        habits: How its web server serves a page.
        notes: What is not as it should be, though a mirror can live with it.
    """

    habits: Habits
    notes: tuple[str, ...] = ()


class _Try:
    """One trial. ``name`` is a random word, so that the host learns nothing from it."""

    def __init__(
        self, mirror: Mirror, address: PublicAddress, name: str, tell: Callable[[str], None]
    ) -> None:
        self._mirror = mirror
        self._address = address
        self._tell = tell
        self._page = f"{name}.html"
        self._feed = f"{name}.rss"
        self.notes: list[str] = []

    async def run(self, patience: timedelta) -> Habits:
        if await self._mirror.get(CHECKPOINT, max_bytes=MAX_BYTES) is not None:
            self._say("a head stands there already; the first push finds out whether it is ours")
        first, second = page("1"), page("2")
        await self._write(self._page, first)
        await self._write(self._feed, b'<?xml version="1.0"?>\n<rss version="2.0"/>\n')
        self._tell("written, and read back where it was written")
        await self._read(first, patience)
        habits = await self._served()
        await self._mirror.put(self._page, second)
        if not await self._shows(second, FRESH):
            self._say(
                f"a file that was replaced still shows as it was after {FRESH.seconds} seconds:"
                " a cache keeps it; set it to keep nothing longer than a minute"
            )
        await self.clean_up()
        self._tell("replaced, and deleted")
        if not await self._shows(None, FRESH):
            self._say(
                f"a file that was deleted still shows after {FRESH.seconds} seconds: a cache keeps"
                " it, so what you withdraw stays there for a while"
            )
        return habits

    async def clean_up(self) -> None:
        for path in (self._page, self._feed):
            await self._mirror.delete(path)

    async def _write(self, path: str, data: bytes) -> None:
        await self._mirror.put(path, data)
        if await self._mirror.get(path, max_bytes=MAX_BYTES) != data:
            raise EndpointRefusedError(
                self._mirror.name,
                "it says that it took a file, and does not show it where it was written;"
                " see that this user may read there too",
            )

    async def _read(self, data: bytes, patience: timedelta) -> None:
        if await self._shows(data, patience):
            self._tell("read over the public address")
            return
        theirs = await self._address.read(self._page)
        if theirs is None:
            problem = (
                f"what is written is not at its public address after {patience.seconds} seconds;"
                " see that `url` and `push` name the same folder, and that its web server runs"
            )
        else:
            more = len(theirs) - len(data)
            problem = (
                f"its public address shows a page with other bytes ({more:+} bytes): the host"
                " changes pages or adds to them, and readers would see them as forged; turn that"
                " off, or take another host"
            )
        raise EndpointRefusedError(self._mirror.name, problem)

    async def _served(self) -> Habits:
        habits = await self._address.habits(self._page)
        feed = await self._address.habits(self._feed)
        if habits is None or habits.media_type not in _HTML:
            kind = habits.media_type if habits else "nothing"
            raise EndpointRefusedError(
                self._mirror.name,
                f"its web server calls a page {kind} and not text/html, so browsers would not show"
                " it; set the type of .html there",
            )
        if feed is None or feed.media_type not in _FEED:
            kind = feed.media_type if feed else "nothing"
            self._say(f"it serves .rss as {kind}; application/rss+xml is right")
        return habits

    async def _shows(self, data: bytes | None, within: timedelta) -> bool:
        """Whether the public address shows ``data``, sooner or later."""
        for left in reversed(range(max(1, round(within.total_seconds() / _EACH)))):
            if await self._address.read(self._page) == data:
                return True
            if left:
                await asyncio.sleep(_EACH)
        return False

    def _say(self, note: str) -> None:
        self.notes.append(note)


async def try_out(
    mirror: Mirror,
    address: PublicAddress,
    *,
    name: str,
    tell: Callable[[str], None] = lambda _: None,
    patience: timedelta = PATIENCE,
) -> Trial:
    """Write, read, replace and delete two small files called ``name``; nothing stays.

    ``tell`` is given each step that went well.

    Raises:
        EndpointError: It can't be a mirror as it is; says why, and what to do.
    """
    trial = _Try(mirror, address, name, tell)
    try:
        habits = await trial.run(patience)
    except BaseException:
        await _quietly(trial)
        raise
    return Trial(habits=habits, notes=tuple(trial.notes))


def page(text: str) -> bytes:
    """A page like any other, large enough to be compressed."""
    lines = "".join(f"<p>{text} {number}</p>\n" for number in range(200))
    return f"<!DOCTYPE html>\n<title>{text}</title>\n{lines}".encode()


async def _quietly(trial: _Try) -> None:
    """Leave nothing there, as far as that can be done; why it failed is told already."""
    try:
        await trial.clean_up()
    except Exception as error:  # noqa: BLE001 - what went wrong first is what counts
        trial.notes.append(str(error))
