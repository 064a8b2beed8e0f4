"""A newsroom with a few rounds behind it, made once and copied for each test."""

import asyncio
import shutil
from collections.abc import Callable
from pathlib import Path

from tests.service.room import HOUR, NOW, Room, Site, Story, make_room, rounds, running

Command = Callable[..., tuple[int, str]]

CORRECTED, HELD, PLAIN = 1, 2, 3


def begin(folder: Path) -> Room:
    """One article that was corrected, one that is held, one that is plain."""

    async def make() -> Room:
        async with running(Site()) as site:
            room = make_room(folder, site)
            corrected = Story(CORRECTED)
            site.add(corrected, Story(HELD, text="<p>Too short.</p>"), Story(PLAIN))
            await rounds(room, NOW)
            corrected.text += "<p>The bridge opens on Tuesday after all.</p>"
            await rounds(room, NOW + 2 * HOUR)
            return room

    room = asyncio.run(make())
    (folder / "config.toml").write_text(room.text)
    return room


def copy(room: Room, folder: Path) -> Room:
    """The same newsroom somewhere else; its site answers no more."""
    shutil.copytree(room.folder, folder)
    text = room.text.replace(str(room.folder), str(folder))
    (folder / "config.toml").write_text(text)
    return Room(folder, room.site, text)


def address(room: Room, number: int) -> str:
    """The original address of a story."""
    return room.site.base + Story(number).path
