"""The status page: ``Status`` values to one plain page without script."""

import base64
import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib.resources import files
from typing import Final

from jinja2 import Environment, PackageLoader, StrictUndefined

from mirror.status import Health, Status

REFRESH_S: Final = 10

WORDS: Final = {
    Health.UP: "up",
    Health.BEHIND: "behind",
    Health.FAILING: "failing",
    Health.PAUSED: "paused",
    Health.WAITING: "waiting",
}

_UNITS: Final = (("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1))
_SHOWN_UNITS: Final = 2


def status_page(statuses: Sequence[Status]) -> str:
    """The page of all newsrooms that this process looks after."""
    return (
        _environment()
        .get_template("status.html")
        .render(statuses=statuses, style=_style(), refresh=REFRESH_S)
    )


def content_policy() -> str:
    """What the page may do: show itself and its one style, nothing else."""
    digest = base64.b64encode(hashlib.sha256(_style().encode()).digest()).decode()
    return (
        f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none';"
        " form-action 'none'; frame-ancestors 'none'"
    )


def span(seconds: float | timedelta) -> str:
    """A span of time as a person says it: ``0 s``, ``4 min 5 s``, ``3 d 2 h``."""
    left = int(seconds.total_seconds() if isinstance(seconds, timedelta) else seconds)
    if left <= 0:
        return "0 s"
    parts = []
    for unit, size in _UNITS:
        count, left = divmod(left, size)
        parts.append((count, unit))
    first = next(index for index, (count, _) in enumerate(parts) if count)
    shown = parts[first : first + _SHOWN_UNITS]
    return " ".join(f"{count} {unit}" for count, unit in shown if count)


def clock(moment: datetime) -> str:
    """A moment as ``2026-11-24 09:30:05 UTC``."""
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("mirror.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"span": span, "clock": clock}
    environment.globals |= {"words": WORDS}
    return environment


@cache
def _style() -> str:
    return (files("mirror.web") / "templates" / "status.css").read_text(encoding="utf-8")
