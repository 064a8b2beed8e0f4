"""What ``tamizdat mirrors check`` and ``repair`` print."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from mirror.audit.address import Habits
from mirror.audit.audit import Head, Looked
from mirror.audit.pieces import Found, Piece
from mirror.config import MirrorConfig

SHOWN: Final = 20  # files that are named; the rest is counted


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """What came of it.

    Attributes:
        mirror: Which one.
        head: That readers get.
        ours: Size of our own.
        looked: The files that were compared.
        habits: How a page is served, where that was asked.
        mended: What readers get now of each file that was put back; None: nothing was to be.
        again: Files that vanished after they had been put back once before.
    """

    mirror: MirrorConfig
    head: Head
    ours: int
    looked: Looked
    habits: Habits | None = None
    mended: Mapping[Piece, Found] | None = None
    again: tuple[str, ...] = field(default=())

    @property
    def still_wrong(self) -> tuple[tuple[Piece, Found], ...]:
        """What is not right now."""
        if self.mended is None:
            return tuple(self.looked.faults)
        fine = (Found.RIGHT, Found.MOVED)
        return tuple((piece, found) for piece, found in self.mended.items() if found not in fine)

    @property
    def wanting(self) -> bool:
        """Whether anything was found wanting, and still is."""
        return bool(
            self.still_wrong or self.looked.unread or self.head.foreign or not self.head.size
        )


def as_json(found: Findings) -> str:
    """For machines."""
    told: dict[str, object] = {
        "name": found.mirror.name,
        "url": found.mirror.url,
        "size": found.head.size,
        "ours": found.ours,
        "current": found.head.current,
        "foreign": found.head.foreign,
        "compared": found.looked.compared,
        "faults": [{"path": piece.path, "found": kind} for piece, kind in found.looked.faults],
        "unread": found.looked.unread,
    }
    if found.habits:
        told |= {"compresses": found.habits.compresses, "closes": found.habits.closes}
    if found.mended is not None:
        told["put_back"] = [
            {"path": piece.path, "now": kind} for piece, kind in found.mended.items()
        ]
        told["vanished_again"] = list(found.again)
    return json.dumps(told, indent=2)


def as_text(found: Findings) -> str:
    """For a person."""
    return "\n".join(_lines(found))


def _lines(found: Findings) -> Iterator[str]:
    name = found.mirror.name
    yield f"Mirror {name}, as readers get it at {found.mirror.url}"
    yield f"  head   {_head(found)}"
    if found.head.size:
        yield f"  files  {_files(found.looked)}"
    for piece, kind in found.looked.faults[:SHOWN]:
        yield f"         {kind}: {piece.path}"
    if len(found.looked.faults) > SHOWN:
        yield f"         and {len(found.looked.faults) - SHOWN} more"
    if found.looked.unread:
        yield f"  It stopped answering: {found.looked.unread}"
    if found.habits:
        yield from _served(found.mirror, found.habits)
    yield from _mended(found) if found.mended is not None else _advice(found)


def _head(found: Findings) -> str:
    head = found.head
    if head.foreign:
        return "not one of ours: somebody else writes there, or the address is another site's"
    if not head.size:
        return "none: nothing was pushed yet, or the address and `push` are not the same place"
    if head.current:
        return f"{head.size} of {found.ours}, current"
    if head.size == found.ours:
        return f"{head.size} of {found.ours}, with older cosignatures"
    return f"{head.size} of {found.ours}; `tamizdat mirrors push {found.mirror.name}` brings it on"


def _files(looked: Looked) -> str:
    if not looked.compared:
        return "none compared"
    kinds = (kind for kind in Found if kind not in (Found.RIGHT, Found.MOVED))
    wrong = [f"{looked.counts[kind]} {kind}" for kind in kinds if looked.counts.get(kind)]
    counted = "1 file" if looked.compared == 1 else f"{looked.compared} files"
    return f"{counted} compared, {', '.join(wrong) if wrong else 'all right'}"


def _served(mirror: MirrorConfig, habits: Habits) -> Iterator[str]:
    facts = (
        ("compresses", mirror.compresses, habits.compresses, "pages come compressed"),
        ("closes", mirror.closes, habits.closes, "connections are closed after each page"),
    )
    for key, known, now, words in facts:
        note = f" (the configuration says {key} = {str(known).lower()})"
        yield f"  {'yes' if now else 'no ':3}    {words}{note if known not in (None, now) else ''}"


def _advice(found: Findings) -> Iterator[str]:
    if found.looked.faults:
        yield f"`tamizdat mirrors repair {found.mirror.name}` looks at every file and puts it back."


def _mended(found: Findings) -> Iterator[str]:
    done = len(found.mended or ())
    if done:
        still = found.still_wrong
        yield f"Put back: {done}" + (f", of which {len(still)} are not shown yet:" if still else "")
        for piece, kind in still[:SHOWN]:
            yield f"         {kind}: {piece.path}"
        if still:
            yield "A cache may show the old ones for a while; `tamizdat mirrors check` looks again."
    if found.again:
        yield (
            f"{len(found.again)} had been put back before and vanished again: the host takes files"
            f" down. Ask it why, or `tamizdat mirrors retire {found.mirror.name}`."
        )
