"""``Design``: the operator's own templates and styles, which stand in place of ours."""

from dataclasses import dataclass, field
from hashlib import sha256
from typing import Final

EXTRA: Final = "extra.css"  # stands after every page's own styles; there is none of ours


@dataclass(frozen=True, slots=True)
class Design:
    """What pages are made with, where the operator wants it another way.

    Attributes:
        own: Names and texts of the operator's files, sorted by name; a name is that of one of
            ours, or ``EXTRA``. ``feeds.pages.rehearsal`` says whether pages can be made with them.
        place: Where they were read, for messages.
    """

    own: tuple[tuple[str, str], ...] = ()
    place: str = field(default="", compare=False)

    @property
    def mark(self) -> str:
        """Changes with every file; empty where all are ours."""
        return sha256(repr(self.own).encode()).hexdigest() if self.own else ""

    def text(self, name: str) -> str | None:
        """The operator's file of that name, if there is one."""
        return dict(self.own).get(name)


OURS: Final = Design()
