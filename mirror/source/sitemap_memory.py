"""What is remembered of a sitemap's files, and which of them the next poll asks for. Pure.

A file is asked for when its index gives it another ``lastmod``. One without (or with a mere
day, today's or yesterday's) is asked again by itself, conditionally: at the next poll, then
ever less often while it brings nothing, at least once a day.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final, Self

from mirror.extract.dates import parse_date
from mirror.source.sitemap_file import Entry, is_coarse

MAX_FILES: Final = 1_000  # of one index, that are known at a time
LEAST_OFTEN: Final = timedelta(days=1)
_LONGEST_WAIT: Final = 8  # doublings
_RECENT: Final = timedelta(days=2)  # a day that may still be going on somewhere
_LONG_AGO: Final = datetime.min.replace(tzinfo=UTC)
_NEVER: Final = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class FileMemory:
    """One file.

    Attributes:
        index: The address of the index that names it.
        told: Its ``lastmod`` as that index said last.
        taken: The one with which it was last read.
        etag: Of its last answer, verbatim.
        last_modified: Of its last answer, verbatim.
        read: When it was last asked for, Unix seconds; 0 for never.
        quiet: How often in a row it then brought nothing.
        is_old: It was there before we came and was not read then: what it holds is archive.
    """

    index: str
    told: str = ""
    taken: str = ""
    etag: str = ""
    last_modified: str = ""
    read: int = 0
    quiet: int = 0
    is_old: bool = False

    @property
    def is_changed(self) -> bool:
        """Whether its index says that there is more to read."""
        return self.told != self.taken or not (self.read or self.is_old)


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """A whole sitemap.

    Attributes:
        began: When it was first looked at, Unix seconds; 0 for never.
        files: By address; empty where the sitemap is one file.
    """

    began: int = 0
    files: Mapping[str, FileMemory] = field(default_factory=dict)

    def encode(self) -> str:
        """JSON; what is at its default is left out."""
        files = {
            url: {name: value for name, value in asdict(one).items() if value}
            for url, one in self.files.items()
        }
        return json.dumps({"began": self.began, "files": files}, separators=(",", ":"))

    @classmethod
    @lru_cache(maxsize=256)  # as most times nothing changed, it is the same text again
    def decode(cls, text: str) -> Self:
        """What ``encode`` wrote; anything else is a memory of nothing."""
        try:
            said = json.loads(text)
            files = {str(url): FileMemory(**one) for url, one in said["files"].items()}
            memory = cls(began=int(said["began"]), files=files)
        except (ValueError, TypeError, KeyError, AttributeError):
            return cls()
        return memory if memory.encode() == text else cls()

    def named_by(self, index: str, entries: Iterable[Entry], *, are_old: bool) -> Self:
        """With the files that ``index`` names now, and without those that it no longer does.

        ``are_old``: those that are not known yet are taken for archive.
        """
        files = {url: one for url, one in self.files.items() if one.index != index}
        for entry in newest_first(entries)[:MAX_FILES]:
            if entry.url in files or entry.url == index:
                continue  # two indexes name it, or one names itself: the first counts
            known = self.files.get(entry.url)
            if known is None:
                taken = entry.lastmod if are_old else ""
                known = FileMemory(index=index, taken=taken, is_old=are_old)
            files[entry.url] = replace(known, told=entry.lastmod)
        return replace(self, files=_held(files, self.files))

    def with_file(self, url: str, file: FileMemory) -> Self:
        """With what is known of one file now."""
        return replace(self, files={**self.files, url: file})


def _held(files: dict[str, FileMemory], before: Mapping[str, FileMemory]) -> dict[str, FileMemory]:
    """``files`` without those of an index that went with this change."""
    gone = before.keys() - files.keys()
    return {url: one for url, one in files.items() if one.index not in gone}


def newest_first(entries: Iterable[Entry]) -> list[Entry]:
    """Files in the order in which they are worth reading.

    By ``lastmod``; those without come after, by the numbers in their names, the highest first.
    """
    return sorted(entries, key=lambda entry: _newness(entry.url, entry.changed), reverse=True)


def due(memory: Memory, now: datetime, interval: timedelta) -> list[str]:
    """Addresses of the files that are to be asked for at ``now``, the most urgent first."""
    changed = [url for url, one in memory.files.items() if one.is_changed]
    again = [
        url
        for url, one in memory.files.items()
        if not one.is_changed and _is_open(one, now) and now >= _waits_until(one, interval)
    ]
    changed.sort(key=lambda url: _newness(url, parse_date(memory.files[url].told)), reverse=True)
    again.sort(key=lambda url: memory.files[url].read)
    return [*changed, *again]


@lru_cache(maxsize=256)
def is_due_from(memory: str, interval: timedelta) -> datetime:
    """No file of an encoded ``memory`` is due before this moment: asked at every poll."""
    files = Memory.decode(memory).files.values()
    moments = [_LONG_AGO] if any(one.is_changed for one in files) else []
    moments += [_waits_until(one, interval) for one in files if is_coarse(one.told)]
    return min(moments, default=_NEVER)


def _newness(url: str, changed: datetime | None) -> tuple[datetime, list[int], str]:
    numbers = [int(digits) for digits in re.findall(r"\d{1,15}", url)]
    return changed or _LONG_AGO, numbers, url


def _is_open(file: FileMemory, now: datetime) -> bool:
    """Whether it may change and its index not say so."""
    if not is_coarse(file.told):
        return False
    changed = parse_date(file.told)
    return changed is None or now - changed < _RECENT


def _waits_until(file: FileMemory, interval: timedelta) -> datetime:
    wait = min(interval * (1 << min(file.quiet, _LONGEST_WAIT)), LEAST_OFTEN)
    return datetime.fromtimestamp(file.read, UTC) + wait
