"""``Drift``: what changed on a host's pages at large, seen over its last articles. Pure.

One page may lack a byline or be short. When several in a row do, the site changed.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from statistics import median
from typing import Final, Self

MISSES: Final = 3  # articles in a row on which a rule matches nothing, before somebody is told
_NEWEST: Final = 5  # articles whose length is compared
_EARLIER: Final = 15  # with at least so many before them
_KEPT: Final = 40
_MUCH: Final = 2.5  # times longer, or shorter


@dataclass(frozen=True, slots=True, kw_only=True)
class PageLook:
    """What one article's page was like.

    Attributes:
        host: It was read from, lower case.
        missed: The operator's rules that matched nothing: ``title``, ``body`` …
        chars: Length of the text, or None where it was read before: a correction tells nothing.
    """

    host: str
    missed: tuple[str, ...] = ()
    chars: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """What is remembered of one host.

    Attributes:
        misses: For each rule, on how many articles in a row it matched nothing; sorted, none 0.
        lengths: Characters of the last new articles, the newest last.
    """

    misses: tuple[tuple[str, int], ...] = ()
    lengths: tuple[int, ...] = ()

    def after(self, look: PageLook) -> Self:
        """Once that page was read. A rule that was taken out is forgotten."""
        before = dict(self.misses)
        missed = ((name, before.get(name, 0) + 1) for name in sorted(look.missed))
        lengths = self.lengths if look.chars is None else (*self.lengths, look.chars)[-_KEPT:]
        return replace(self, misses=tuple(missed), lengths=lengths)

    @property
    def failing(self) -> Iterator[tuple[str, int]]:
        """Rules that stopped matching, and for how many articles in a row."""
        return ((name, times) for name, times in self.misses if times >= MISSES)

    @property
    def length_change(self) -> tuple[int, int] | None:
        """Usual length before and now, where articles became much shorter or longer at once."""
        earlier, newest = self.lengths[:-_NEWEST], self.lengths[-_NEWEST:]
        if len(earlier) < _EARLIER:
            return None
        usual, now = median(earlier), median(newest)
        if usual <= _MUCH * now and now <= _MUCH * usual:
            return None
        return round(usual), round(now)

    def encode(self) -> str:
        """JSON."""
        return json.dumps({"lengths": self.lengths, "misses": dict(self.misses)}, sort_keys=True)

    @classmethod
    def decode(cls, text: str) -> Self:
        """What ``encode`` wrote; anything else remembers nothing."""
        try:
            told = json.loads(text)
            misses = {str(name): int(times) for name, times in told["misses"].items()}
            lengths = tuple(map(int, told["lengths"]))
        except (ValueError, TypeError, KeyError, AttributeError):
            return cls()
        return cls(misses=tuple(sorted(misses.items())), lengths=lengths)


def after_all(known: dict[str, Drift], looks: Iterable[PageLook]) -> dict[str, Drift]:
    """The drift of each host among ``looks``, once they were read."""
    found: dict[str, Drift] = {}
    for look in looks:
        before = found.get(look.host) or known.get(look.host) or Drift()
        found[look.host] = before.after(look)
    return found
