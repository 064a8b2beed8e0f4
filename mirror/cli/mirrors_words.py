"""What ``tamizdat mirrors`` prints."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from rich.console import Console
from rich.table import Table

from mirror.status import Health, MirrorStatus, plain

WIDE: Final = 200  # columns where no terminal says how many
_MINUTE: Final = 60
_HOUR: Final = 3_600
_DAY: Final = 86_400


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One mirror.

    Attributes:
        status: How it stands.
        newsroom: Title of its newsroom.
        push: Its kind: ``file``, ``dav``, and so on.
        owed: What must still be deleted there.
    """

    status: MirrorStatus
    newsroom: str
    push: str
    owed: tuple[str, ...]


def rows_json(rows: Sequence[Row]) -> str:
    """For machines."""
    every = [
        {
            **_plain(row.status),
            "newsroom": row.newsroom,
            "kind": row.push,
            "owed": len(row.owed),
        }
        for row in rows
    ]
    return json.dumps(every, ensure_ascii=False, indent=2)


def print_rows(rows: Sequence[Row]) -> None:
    """A table, and below it what fell short, in words."""
    console = Console(highlight=False)
    if not console.is_terminal:
        console = Console(highlight=False, width=WIDE)
    several = len({row.newsroom for row in rows}) > 1
    table = Table(box=None, pad_edge=False)
    heads = ("mirror", "state", "kind", "size", "lag", "last push", "owed", "address")
    for head in (*heads, "newsroom") if several else heads:
        table.add_column(head, no_wrap=head != "address", overflow="fold")
    for row in rows:
        cells = _cells(row)
        table.add_row(*((*cells, row.newsroom) if several else cells))
    console.print(table)
    for row in rows:
        if row.status.last_error:
            console.print(row.status.last_error, markup=False, soft_wrap=True)
        if row.owed:
            console.print(
                f"mirror {row.status.name}: {len(row.owed)} files that must go are still there,"
                f" or were when it was last reached: {row.owed[0]} first; each push tries again",
                markup=False,
                soft_wrap=True,
            )


def _cells(row: Row) -> tuple[str, ...]:
    status = row.status
    size = "-" if status.size is None else f"{status.size} of {status.ours}"
    last = f"{status.last_push:%Y-%m-%d %H:%M}" if status.last_push else "never"
    lag = span(status.lag_s) if status.health is not Health.WAITING else "-"
    notes = ("retiring",) if status.retiring else () if status.listed else ("unlisted",)
    url = " ".join((status.url, *(f"({note})" for note in notes)))
    return status.name, status.health.value, row.push, size, lag, last, str(len(row.owed)), url


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
