"""When a source is asked next. Pure: the schedule adds chance, so that sources don't march."""

from datetime import datetime, timedelta
from typing import Final

from mirror.config import SourceConfig
from mirror.source.state import SourceState

LONGEST_BACKOFF: Final = timedelta(hours=1)  # or the interval, where that is longer
_DOUBLINGS: Final = 16  # more make no difference, and no overflow


def wait(
    source: SourceConfig,
    state: SourceState,
    now: datetime,
    *,
    fresh_for: timedelta = timedelta(0),
    is_told: bool = False,
) -> timedelta | None:
    """How long after ``now`` to ask ``source`` again; None: never, it is gone for good.

    An interval of ``source.min_interval`` to ``source.interval``, by the source's habit.
    ``fresh_for`` is how long it says that its last answer holds: no request before that, but
    never less than one in an interval. After failures the interval doubles up to
    ``LONGEST_BACKOFF``. ``is_told``: a hub tells of news, so the interval is never shortened.
    """
    if state.gone:
        return None
    if state.failures:
        doubled: int = 2 ** min(state.failures - 1, _DOUBLINGS)
        pause = min(source.interval * doubled, max(source.interval, LONGEST_BACKOFF))
    else:
        usual = None if is_told else state.habit.wait(now)
        least = max(source.min_interval, fresh_for)
        pause = min(source.interval if usual is None else max(usual, least), source.interval)
    if state.not_before is not None:
        pause = max(pause, state.not_before - now)
    return pause
