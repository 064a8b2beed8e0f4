"""``Taken``: what became of one address that waited to be read."""

from dataclasses import dataclass

from mirror.extract.drift import PageLook
from mirror.store.sources import Waiting


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What became of one address.

    Attributes:
        url: The address.
        outcome: ``new``, ``changed``, ``same``, ``held``, ``gone``, ``older``, ``put off``,
            ``given up``.
        why: In words, where there is something to say.
        look: What its page was like, where it is an article of its own.
    """

    url: str
    outcome: str
    why: str = ""
    look: PageLook | None = None


def withdrawn(one: Waiting) -> Taken:
    """The operator does not want the article that is there."""
    return Taken(url=one.item.url, outcome="same", why="withdrawn by the operator")
