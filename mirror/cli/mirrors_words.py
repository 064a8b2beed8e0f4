"""What ``tamizdat mirrors`` prints."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from rich.console import Console

from mirror.config import MirrorConfig
from mirror.status import Health, MirrorStatus, plain

WIDE: Final = 200  # columns where no terminal says how many
_MINUTE: Final = 60
_HOUR: Final = 3_600
_DAY: Final = 86_400
_HEADS: Final = ("mirror", "state", "kind", "size", "lag", "last push", "address")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One mirror.

    Attributes:
        status: How it stands.
        newsroom: Title of its newsroom.
        config: As the operator describes it.
        owed: What must still be deleted there.
    """

    status: MirrorStatus
    newsroom: str
    config: MirrorConfig
    owed: tuple[str, ...]


def rows_json(rows: Sequence[Row]) -> str:
    """For machines."""
    every = [
        {
            **_plain(row.status),
            "newsroom": row.newsroom,
            "kind": row.config.scheme,
            "owed": len(row.owed),
            "priority": row.config.priority,
            "rate": row.config.rate,
            "requests": row.config.requests,
            "quota": row.config.quota,
            "windows": [str(window) for window in row.config.windows],
            "audit": row.config.audit,
            "compresses": row.config.compresses,
            "closes": row.config.closes,
        }
        for row in rows
    ]
    return json.dumps(every, ensure_ascii=False, indent=2)


def print_rows(rows: Sequence[Row]) -> None:
    """A table, and below it what fell short, in words; addresses too wide get their own lines."""
    console = Console(highlight=False)
    width = console.width if console.is_terminal else WIDE
    for line in (*_lines(rows, width), *(fault for row in rows for fault in _faults(row))):
        console.print(line, markup=False, soft_wrap=True)


def _lines(rows: Sequence[Row], width: int) -> Iterator[str]:
    several = len({row.newsroom for row in rows}) > 1
    table = [_HEADS, *map(_cells, rows)]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    fits = sum(widths) + 2 * (len(widths) - 1) <= width
    newsroom = ""
    for number, cells in enumerate(table):
        if number and several and rows[number - 1].newsroom != newsroom:
            newsroom = rows[number - 1].newsroom
            yield f"{newsroom}:"
        *most, address = (cell.ljust(size) for cell, size in zip(cells, widths, strict=True))
        line = "  ".join(most)
        yield f"{line}  {address}".rstrip() if fits else line.rstrip()
        if number and not fits:
            yield f"    {address}".rstrip()


def _faults(row: Row) -> Iterator[str]:
    if row.status.last_error:
        yield row.status.last_error
    if row.owed:
        yield (
            f"mirror {row.status.name}: {len(row.owed)} files that must go are still there,"
            f" or were when it was last reached: {row.owed[0]} first; each push tries again"
        )


def _cells(row: Row) -> tuple[str, ...]:
    status = row.status
    size = "-" if status.size is None else f"{status.size} of {status.ours}"
    last = f"{status.last_push:%Y-%m-%d %H:%M}" if status.last_push else "never"
    lag = span(status.lag_s) if status.health is not Health.WAITING else "-"
    notes = ", ".join(_notes(row))
    url = f"{status.url} ({notes})" if notes else status.url
    return status.name, status.health.value, row.config.scheme, size, lag, last, url


def _notes(row: Row) -> Iterator[str]:
    """What is worth knowing of the address."""
    if row.status.retiring:
        yield "retiring"
    elif not row.status.listed:
        yield "unlisted"
    if row.config.compresses is False:
        yield "not compressed"
    if row.config.closes is False:
        yield "connections stay open"


def span(seconds: float) -> str:
    """A span of time in one unit: ``-`` for none, ``5 min``, ``3 h``, ``12 d``."""
    if seconds <= 0:
        return "-"
    for unit, name in ((_DAY, "d"), (_HOUR, "h"), (_MINUTE, "min")):
        if seconds >= 2 * unit:
            return f"{seconds // unit:.0f} {name}"
    return f"{seconds:.0f} s"


def _plain(status: MirrorStatus) -> dict[str, object]:
    told = plain(status)
    return dict(told) if isinstance(told, dict) else {}
