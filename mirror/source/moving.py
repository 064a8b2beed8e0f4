"""A source that says it moved for good (301, 308): believed after days, on its own host only."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlsplit

from mirror.source.response import Response
from mirror.source.state import SourceState

BELIEVED_AFTER: Final = timedelta(days=3)  # a mistake of a day is not remembered


def moved(state: SourceState, response: Response, now: datetime) -> SourceState:
    """``state`` with what the redirects before ``response`` say.

    What leads elsewhere only for now (302, 307) says nothing. On another host, it is only
    noted: the operator decides whose that is.
    """
    if not response.hops or not response.is_permanent:
        return replace(state, moved_to="", moved_since=None) if state.moved_to else state
    if response.url != state.moved_to or state.moved_since is None:
        return replace(state, moved_to=response.url, moved_since=now)
    if now - state.moved_since < BELIEVED_AFTER or is_elsewhere(state):
        return state
    return replace(state, at=response.url, moved_to="", moved_since=None)


def is_elsewhere(state: SourceState) -> bool:
    """Whether the source says that it moved to another host than the configured one."""
    return bool(state.moved_to) and _host(state.moved_to) != _host(state.url)


def _host(url: str) -> str:
    return (urlsplit(url).hostname or "").lower()
