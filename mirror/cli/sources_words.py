"""What ``tamizdat sources list`` and ``find`` print."""

import json
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlsplit

from rich.console import Console
from rich.table import Table

from feeds.snapshot import timestamp
from mirror.cli.mirrors_words import WIDE, span
from mirror.config import SourceConfig
from mirror.config.values import duration_text
from mirror.source.finding import Found
from mirror.source.offers import Proposal
from mirror.source.state import SourceState
from mirror.status import SourceStatus

_GAP: Final = 2  # columns of a terminal between two of the table
_ADDRESS: Final = 7  # which of the table's columns
_ENDINGS: Final = frozenset({"xml", "json", "php", "html", "index", "gz"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One source.

    Attributes:
        status: How it stands.
        newsroom: Title of its newsroom.
        source: As it is configured.
        state: As the last poll left it.
    """

    status: SourceStatus
    newsroom: str
    source: SourceConfig
    state: SourceState

    @property
    def outcome(self) -> str:
        """How it stands, in a word."""
        return "gone" if self.state.gone else self.status.health.value


def rows_json(rows: Sequence[Row]) -> str:
    """For machines."""
    return json.dumps([_row_plain(row) for row in rows], ensure_ascii=False, indent=2)


def print_rows(rows: Sequence[Row], now: datetime) -> None:
    """A table, and below it what is wrong, in words; on a narrow terminal without addresses."""
    console = Console(highlight=False)
    if not console.is_terminal:
        console = Console(highlight=False, width=WIDE)
    several = len({row.newsroom for row in rows}) > 1
    heads = ("source", "kind", "state", "changed", "last news", "found", "asked every", "address")
    lines = [heads, *(_cells(row, now) for row in rows)]
    if several:
        extra = ("newsroom", *(row.newsroom for row in rows))
        lines = [(*line, more) for line, more in zip(lines, extra, strict=True)]
    if sum(max(map(len, column)) + _GAP for column in zip(*lines, strict=True)) > console.width:
        lines = [(*line[:_ADDRESS], *line[_ADDRESS + 1 :]) for line in lines]
    table = Table(*lines[0], box=None, pad_edge=False)
    for cells in lines[1:]:
        table.add_row(*cells)
    console.print(table)
    for row in rows:
        for said in filter(None, (row.status.last_error, row.status.note)):
            console.print(f"source {row.source.name}: {said}", markup=False, soft_wrap=True)


def found_text(url: str, found: Found, configured: Sequence[SourceConfig]) -> str:
    """``[[source]]`` entries to paste, each after what was seen of it."""
    if not found.proposals:
        tried = "".join(
            "\n" + printable(f"  {address}: {problem}") for address, problem in found.failed
        )
        return (
            f"Nothing was found at {url}. If it has a page that lists articles, name that;"
            " docs/sources.md says how to write a source by hand."
            f" Tried:{tried or ' nothing else'}"
        )
    lines = [
        f"# Found at {url}",
        "# One source that has all articles is enough; the first are the best.",
        "",
    ]
    names = {source.name for source in configured}
    for proposal in found.proposals:
        known = next((one.name for one in configured if one.url == proposal.url), "")
        name = _name(proposal, names)
        names.add(name)
        lines += [*_seen_lines(proposal), *_source_lines(proposal, name, known), ""]
    if found.failed:
        lines.append("# Tried as well:")
    lines += [f"#   {address}: {problem}" for address, problem in found.failed]
    return "\n".join(map(printable, lines)).rstrip()


def printable(line: str) -> str:
    """``line`` without what would move a terminal's cursor: a site may be hostile."""
    return "".join(letter for letter in line if letter.isprintable())


def found_json(found: Found) -> str:
    """The same for machines."""
    proposals = [
        {**asdict(one), "newest": timestamp(one.newest) if one.newest else None}
        for one in found.proposals
    ]
    failed = [{"url": address, "problem": problem} for address, problem in found.failed]
    plain = {"proposals": proposals, "failed": failed}
    return json.dumps(plain, ensure_ascii=False, indent=2)


def _row_plain(row: Row) -> dict[str, object]:
    newest, status = row.state.habit.last, row.status
    return {
        "name": row.source.name,
        "kind": row.source.kind,
        "url": row.source.url,
        "newsroom": row.newsroom,
        "state": row.outcome,
        "last_change": timestamp(status.last_ok) if status.last_ok else None,
        "last_error": status.last_error,
        "failures": row.state.failures,
        "note": status.note,
        "last_news": timestamp(newest.replace(microsecond=0)) if newest else None,
        "found": status.found,
        "interval_s": row.source.interval.total_seconds(),
        "min_interval_s": row.source.min_interval.total_seconds(),
    }


def _cells(row: Row, now: datetime) -> tuple[str, ...]:
    status, source = row.status, row.source
    return (
        source.name,
        source.kind,
        row.outcome,
        _ago(status.last_ok, now) or "never",
        _ago(row.state.habit.last, now) or "-",
        str(status.found),
        _rhythm(source.min_interval, source.interval),
        source.url,
    )


def _rhythm(least: timedelta, most: timedelta) -> str:
    """``2m to 10m``: how often a source is asked, by its habit."""
    if least >= most:
        return duration_text(most)
    return f"{duration_text(least)} to {duration_text(most)}"


def _ago(moment: datetime | None, now: datetime) -> str:
    """``5 min ago``."""
    if moment is None:
        return ""
    seconds = (now - moment).total_seconds()
    return f"{span(seconds)} ago" if seconds >= 1 else "just now"


def _date(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M}" if moment else ""


def _name(proposal: Proposal, taken: Collection[str]) -> str:
    """A short name that none of ``taken`` is."""
    path = urlsplit(proposal.url).path
    steps = [] if proposal.kind == "wordpress" else re.findall(r"[A-Za-z0-9][\w-]*", path, re.ASCII)
    base = next((step for step in reversed(steps) if step not in _ENDINGS), proposal.kind)[:50]
    names = [base, *(f"{base}-{number}" for number in range(2, len(taken) + 3))]
    return next(name for name in names if name not in taken)


def _seen_lines(proposal: Proposal) -> Iterator[str]:
    count = "1 entry" if proposal.entries == 1 else f"{proposal.entries} entries"
    when = f", the newest of {_date(proposal.newest)} UTC" if proposal.newest else ", without dates"
    called = f"{_line(proposal.title)}: " if proposal.title else ""
    yield f"# {called}{count}{when}"
    if proposal.newest_title:
        yield f'#   "{_line(proposal.newest_title)}"'
    if proposal.remark:
        yield f"#   {proposal.remark}"


def _source_lines(proposal: Proposal, name: str, known: str) -> Iterator[str]:
    """The block; one that stands in the configuration already, under ``known``, as a comment."""
    if known:
        yield f'#   is in the configuration already, as "{known}"'
    mark = "# " if known else ""
    yield f"{mark}[[source]]"
    said = {
        "name": known or name,
        "kind": proposal.kind,
        "url": proposal.url,
        "selector": proposal.selector,
        "match": proposal.match,
    }
    for key, value in said.items():
        if value:
            yield f"{mark}{key} = {json.dumps(value, ensure_ascii=False)}"


def _line(text: str) -> str:
    return " ".join(text.split())[:120]
