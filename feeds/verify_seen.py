"""``Seen``: what earlier looks at the same place found right, so that it is not read again."""

from dataclasses import dataclass, field

from feeds.verify_log import Replay


@dataclass(slots=True)
class Seen:
    """What is known after some looks; a tree that moves on is followed, not begun anew.

    A verdict speaks of the whole time from the first look to the last.

    Attributes:
        files: By path, the digest that a file was read to have.
        other_bases: Bases of other mirrors that localised files were made for.
        tiles: Paths of the tiles that fit ``log``.
        proofs: By path of a file, the digest that its proof was found to be of.
        log: The largest log whose root was signed, or None.
    """

    files: dict[str, str] = field(default_factory=dict)
    other_bases: set[str] = field(default_factory=set)
    tiles: set[str] = field(default_factory=set)
    proofs: dict[str, str] = field(default_factory=dict)
    log: Replay | None = None

    def keep(self, log: Replay) -> None:
        """Keep a log whose root was signed; it may go on from the one before."""
        self.log = log

    def begin(self, size: int) -> Replay:
        """A log of at most ``size`` entries to go on from; empty where none is known."""
        if self.log is None or self.log.size > size:
            self.forget_log()
            return Replay()
        return self.log.copy()

    def forget_log(self) -> None:
        """What was seen is no beginning of what is here now."""
        self.log = None
        self.tiles.clear()
