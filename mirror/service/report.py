"""``Report``: what a round did, one line for each source and mirror."""

from dataclasses import dataclass, field


@dataclass(slots=True)
class Report:
    """Lines in the order of the round.

    Attributes:
        lines: What was done, or why not, in words.
        fell_short: Whether anything did.
    """

    lines: list[str] = field(default_factory=list)
    fell_short: bool = False

    def done(self, line: str) -> None:
        """Something went as it should."""
        self.lines.append(line)

    def short(self, line: str) -> None:
        """Something fell short; ``line`` says what and why."""
        self.lines.append(line)
        self.fell_short = True
