"""``Report``: what a round did, one line for each source and mirror."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from mirror.publish.outcome import Outcome
from mirror.service.taken import Taken


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


def tell_of_reading(report: Report, taken: Iterable[Taken]) -> None:
    """Say what became of the articles that were due."""
    counts: dict[str, int] = {}
    for one in taken:
        counts[one.outcome] = counts.get(one.outcome, 0) + 1
        if one.outcome in ("held", "gone", "put off", "given up"):
            tell = report.done if one.outcome == "gone" else report.short
            tell(f"article {one.url}: {one.outcome}: {one.why}")
    if counts:
        parts = ", ".join(f"{number} {word}" for word, number in sorted(counts.items()))
        report.done(f"articles: {parts}")


def carried(outcome: Outcome) -> str:
    """What a push that went well came to."""
    if not outcome.puts and not outcome.deletes:
        return f"current at {outcome.to_size}, nothing to do"
    gone = f", {outcome.deletes} deleted" if outcome.deletes else ""
    return (
        f"current at {outcome.to_size}, {counted(outcome.puts, 'file')} put{gone}"
        f" in {outcome.seconds:.1f} s"
    )


def counted(number: int, word: str) -> str:
    """``1 file``, ``2 files``."""
    return f"{number} {word}" if number == 1 else f"{number} {word}s"
