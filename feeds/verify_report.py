"""``Report``: what a verifier says, in the words of format 6."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

MAX_FINDINGS: Final = 200  # a wholly different tree must not fill memory or a screen
MAX_TEXT_CHARS: Final = 500


class Verdict(StrEnum):
    """One verdict; the order is that of weight, the heaviest first."""

    FORKED = "forked"
    ROLLED_BACK = "rolled back"
    NOT_GENUINE = "not genuine"
    COULD_NOT_TELL = "could not tell"
    INCOMPLETE = "incomplete"
    STALE = "stale"
    UPDATING = "updating"
    BEHIND = "behind"
    GENUINE = "genuine"

    @property
    def exit_status(self) -> int:
        """0 genuine (or said to be old or moving), 1 found wanting, 2 could not tell."""
        if self is Verdict.COULD_NOT_TELL:
            return 2
        return 0 if self in _GOOD else 1


_GOOD: Final = frozenset({Verdict.GENUINE, Verdict.UPDATING, Verdict.BEHIND, Verdict.STALE})
_WEIGHT: Final = {verdict: weight for weight, verdict in enumerate(Verdict)}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was noticed.

    Attributes:
        verdict: What it makes of the whole; ``GENUINE`` for a mere remark.
        path: The file that it is about, or empty.
        problem: Why, in words.
    """

    verdict: Verdict
    path: str
    problem: str

    def __str__(self) -> str:
        """One printable line."""
        text = f"{self.path}: {self.problem}" if self.path else self.problem
        return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text[:MAX_TEXT_CHARS])


@dataclass(frozen=True, slots=True)
class Head:
    """A head whose signatures and quorum hold.

    Attributes:
        origin: The log's name.
        size: Entries.
        root: 32 bytes.
        time: The quorum's time, UTC: no later was this head there. None where the keyring asks
            for no witness.
        note: The signed bytes.
        fresh: Since when a whole quorum has cosigned it, UTC; None likewise.
    """

    origin: str
    size: int
    root: bytes
    time: datetime | None
    note: bytes
    fresh: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What was found.

    Attributes:
        verdict: The heaviest of the findings.
        findings: What speaks against it and what is worth saying, the heaviest first; of too
            many, the first ``MAX_FINDINGS``.
        more: How many findings were left out.
        head: The head that counts, or None where none does.
        files: How many files were compared.
        sampled: They are not all that there are.
        proofs: How many offline proofs were checked.
        keyring: The version of the newest keyring; 0 where none was reached.
        path: For one file, the path that it was published at.
        evidence: The notes of two heads that contradict each other.
        leaves: Leaf hashes of the whole log, 32 bytes each, where they give the signed root.
        pending: Whether a push may be under way, so that another look may tell more.
        keyrings: The signed keyrings from the pinned one to the newest; none for a file.
        mirrors: The addresses in the tree's signed list of mirrors.
    """

    verdict: Verdict
    findings: tuple[Finding, ...] = ()
    more: int = 0
    head: Head | None = None
    files: int = 0
    sampled: bool = False
    proofs: int = 0
    keyring: int = 0
    path: str = ""
    evidence: tuple[bytes, ...] = ()
    leaves: bytes = field(default=b"", repr=False)
    pending: bool = False
    keyrings: tuple[bytes, ...] = field(default=(), repr=False)
    mirrors: tuple[str, ...] = ()

    @property
    def size(self) -> int:
        """The size of the head; 0 without one."""
        return self.head.size if self.head else 0


@dataclass(slots=True)
class Findings:
    """Findings as they come, bounded in number for each verdict."""

    kept: dict[Verdict, list[Finding]] = field(default_factory=dict)
    more: int = 0

    def add(self, verdict: Verdict, path: str, problem: str) -> None:
        """Note one."""
        same = self.kept.setdefault(verdict, [])
        if len(same) < MAX_FINDINGS:
            same.append(Finding(verdict, path, problem))
        else:
            self.more += 1

    def extend(self, findings: Iterable[Finding]) -> None:
        """Note those that another part found."""
        for finding in findings:
            self.add(finding.verdict, finding.path, finding.problem)

    def merge(self, other: "Findings") -> None:
        """Note all that ``other`` holds."""
        for findings in other.kept.values():
            self.extend(findings)
        self.more += other.more

    @property
    def verdict(self) -> Verdict:
        """The heaviest so far."""
        return min(self.kept, key=_WEIGHT.__getitem__, default=Verdict.GENUINE)

    def ordered(self) -> tuple[tuple[Finding, ...], int]:
        """The heaviest first, at most ``MAX_FINDINGS``, and how many more there are."""
        every = [
            item
            for verdict in sorted(self.kept, key=_WEIGHT.__getitem__)
            for item in self.kept[verdict]
        ]
        return tuple(every[:MAX_FINDINGS]), self.more + max(len(every) - MAX_FINDINGS, 0)
