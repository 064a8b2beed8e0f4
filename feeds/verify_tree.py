"""``verify_tree``: the verdict on a whole mirror (format 6)."""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from feeds.edition import EditionError
from feeds.errors import FeedsError, MissingFileError, TreeError
from feeds.paths import CHECKPOINT, SUMS, proof_path
from feeds.verify_ahead import first_the_head, then_the_files, then_the_log
from feeds.verify_compare import Bases, Wrong, compare, read_bases
from feeds.verify_elsewhere import Elsewhere
from feeds.verify_extra import Expected, check_tiles, extra_files
from feeds.verify_head import check_minisig, read_head
from feeds.verify_history import Memory, NoMemory, by_log, by_memory, by_size
from feeds.verify_keyrings import walk_keyrings
from feeds.verify_log import Replay, read_bundles, tiles_of
from feeds.verify_newer import Newer, find_newer
from feeds.verify_proofs import DoubtError
from feeds.verify_proofs_beside import check_proofs, missing_proofs, proofs_due
from feeds.verify_reader import Listing, Reader, TooLargeError, read_one
from feeds.verify_report import Findings, Head, Report, Verdict
from feeds.verify_seen import Seen
from feeds.verify_settle import Place, settle
from feeds.verify_sums import pinned_sums
from feeds.verify_trust import Pin, Trust
from keys.errors import FormatError
from keys.note import MAX_NOTE_BYTES
from keys.tiles import TILE_WIDTH

MAX_AHEAD: Final = timedelta(minutes=10)  # between the clocks of a witness and a verifier
SAMPLED_PROOFS: Final = 100
_TRIES: Final = 10  # where the head moves while we read; each reads only what changed


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How a mirror is verified.

    Attributes:
        base: The address that the files came from, or None for canonical bytes.
        proofs: How many offline proofs are checked, chosen at random; None for all.
        sample: Compare only so many files, chosen at random; None for all.
        seed: What the choice is made from; must not be known to the mirror.
    """

    base: str | None = None
    proofs: int | None = SAMPLED_PROOFS
    sample: int | None = None
    seed: int = 0


def verify_tree(
    reader: Reader,
    pin: Pin,
    *,
    now: datetime,
    options: Options | None = None,
    memory: Memory | None = None,
    seen: Seen | None = None,
    elsewhere: Elsewhere | None = None,
) -> Report:
    """Say whether everything in ``reader`` is as the publisher signed it.

    Never raises: what could not be read or understood is in the report. Where the head moves
    while the files are read, or files seem to lack in an early listing, those that changed are
    read again. ``seen`` is what earlier looks
    at the same place left, and is added to. ``elsewhere`` is asked for keyrings that the tree
    lacks.
    """
    place = _Target(
        reader, pin, options or Options(), memory or NoMemory(), seen or Seen(), elsewhere
    )
    for attempt in range(_TRIES):
        check = _Check(place, now)
        report = check.run()
        done = report.verdict.exit_status == 0 or not report.head
        if done or attempt == _TRIES - 1 or not (check.early or check.head_moved()):
            break
    return report


@dataclass(frozen=True, slots=True)
class _Target:
    """What is verified, and with what."""

    reader: Reader
    pin: Pin
    options: Options
    memory: Memory
    seen: Seen
    elsewhere: Elsewhere | None


class _Check:
    """One reading of the tree; ``run`` once."""

    def __init__(self, target: _Target, now: datetime) -> None:
        options = target.options
        self.reader = target.reader
        self.pin = target.pin
        self.now = now
        self.options = options
        self.memory = target.memory
        self.seen = target.seen
        self.elsewhere = target.elsewhere
        self.chance = random.Random(options.seed)  # noqa: S311 - a sample; the seed is no secret of ours
        self.findings = Findings()
        self.log = Replay()
        self.head: Head | None = None
        self.leaves = b""
        self.evidence: tuple[bytes, ...] = ()
        self.files = 0
        self.sampled = False
        self.proofs = 0
        self.keyring = 0
        self.way: tuple[bytes, ...] = ()
        self.mirrors: tuple[str, ...] = ()
        self.pending = False
        self.early = False

    def run(self) -> Report:
        """Everything; whatever happens, a report."""
        try:
            self._run()
        except DoubtError as doubt:
            self.findings.add(doubt.verdict, doubt.path, doubt.problem)
        except (FeedsError, FormatError, OSError) as error:
            self.findings.add(Verdict.COULD_NOT_TELL, "", str(error))
        except Exception as error:  # noqa: BLE001 - a hostile tree must get a verdict, not a trace
            problem = f"an error that was not expected: {type(error).__name__}: {error}"
            self.findings.add(Verdict.COULD_NOT_TELL, "", problem)
        findings, more = self.findings.ordered()
        return Report(
            verdict=self.findings.verdict,
            findings=findings,
            more=more,
            head=self.head,
            files=self.files,
            sampled=self.sampled,
            proofs=self.proofs,
            keyring=self.keyring,
            evidence=self.evidence,
            leaves=self.leaves,
            pending=self.pending,
            keyrings=self.way,
            mirrors=self.mirrors,
        )

    def head_moved(self) -> bool:
        """Whether the head is another one by now."""
        try:
            note = read_one(self.reader, CHECKPOINT, max_bytes=MAX_NOTE_BYTES)
        except TreeError:
            return False
        return self.head is not None and note != self.head.note

    def _run(self) -> None:
        first_the_head(self.reader)
        trust = walk_keyrings(self.reader, self.pin, self.findings, self.elsewhere)
        self.keyring = trust.version
        self.way = tuple(signed.encode() for signed in trust.way)
        trust.check_expiry(self.now)
        head = self.head = read_head(self.reader, trust)
        if head.time and head.time > self.now + MAX_AHEAD:
            problem = f"is of {_utc(head.time)}, in the future: check this machine's clock"
            raise DoubtError(Verdict.COULD_NOT_TELL, problem, CHECKPOINT)
        known = self.memory.recall(head.origin)
        found, self.evidence = by_size(head, known)
        self.findings.extend((*by_memory(known), *found))
        self._replay(head)
        found, evidence = by_log(head, self.log, known)
        self.findings.extend(found)
        self.evidence = self.evidence or evidence
        self._check_age(self._compare(trust, head), trust)

    def _check_age(self, newest: datetime | None, trust: Trust) -> None:
        if newest is None:
            problem = "the keyring asks for no witness, so nothing shows whether this is current"
            self.findings.add(Verdict.COULD_NOT_TELL, "", problem)
        elif self.now - newest > trust.max_age:
            problem = f"nothing newer than {_utc(newest)} is here; look at another mirror"
            self.findings.add(Verdict.STALE, "", problem)

    def _replay(self, head: Head) -> None:
        try:
            self.log = self.seen.begin(head.size)
            then_the_log(self.reader, self.log.size, head.size)
            self._take(head.size)
            if self.log.root(head.size) != head.root and self.seen.log:
                self.seen.forget_log()
                self.log = Replay()
                self._take(head.size)
        except MissingFileError as error:
            problem = "is missing, so that no other file can be checked"
            raise DoubtError(Verdict.INCOMPLETE, problem, error.path) from error
        except TooLargeError as error:
            raise DoubtError(Verdict.NOT_GENUINE, error.problem, error.path) from error
        except (EditionError, FormatError) as error:
            raise DoubtError(Verdict.NOT_GENUINE, str(error)) from error
        if self.log.root(head.size) != head.root:
            problem = "the entries of the log are not those that were signed"
            raise DoubtError(Verdict.NOT_GENUINE, problem, "log/tile/entries")
        self.seen.keep(self.log)
        self.leaves = self.log.leaves
        if not self.log.sums:
            problem = "its last entry is not SHA256SUMS: it is no head of a whole edition"
            raise DoubtError(Verdict.NOT_GENUINE, problem, CHECKPOINT)

    def _take(self, size: int) -> None:
        known = self.log.size
        if known < size:
            for tile, _, entries in read_bundles(self.reader, known, size):
                self.log.take(entries[max(known - tile.index * TILE_WIDTH, 0) :])

    def _compare(self, trust: Trust, head: Head) -> datetime | None:
        """Compare all files; the time that the tree's newest valid head proves."""
        listing = self.reader.listing()
        self.early = listing is not None and listing.early
        listed = pinned_sums(self.reader, self.log.sums)
        files = {**self.log.current, SUMS: self.log.sums, **(listed or {})}
        self.mirrors = read_bases(self.reader, files)
        chosen = self._choose(files)
        then_the_files(self.reader, chosen, head.size, self.seen)
        bases = Bases(self.options.base, self.mirrors)
        compared = compare(self.reader, chosen, bases, self.seen)
        self.files = compared.count
        for base in sorted(self.seen.other_bases):
            self.findings.add(Verdict.GENUINE, "", f"feeds are as made for {base}")
        wrong = compared.wrong
        wrong |= check_tiles(self.reader, tiles_of(head.size), self.log, self.seen)
        wrong |= check_minisig(self.reader, head, trust)
        wrong |= self._check_proofs(files, wrong, trust, listing)
        if listing:
            expected = Expected(files, self.log, trust.version, complete=listed is not None)
            wrong |= extra_files(self.reader, listing, expected)
        if not wrong:
            return head.fresh
        newer = find_newer(self.reader, wrong, log=self.log, judge=trust.judge)
        if newer and not self.mirrors:  # this head's list has given way to the next one's
            self.mirrors = read_bases(self.reader, newer.expected)
            bases = Bases(self.options.base, self.mirrors)
        if listed is None and newer:
            wrong |= self._compare_next(newer, files, bases, listing)
        self.pending = newer is not None or any(item.extra for item in wrong.values())
        found = settle(Place(self.reader, trust, bases), wrong, newer, self.now)
        self.findings.merge(found)
        return newer.head.fresh if newer else head.fresh

    def _compare_next(
        self, newer: Newer, files: dict[str, str], bases: Bases, listing: Listing | None
    ) -> dict[str, Wrong]:
        """The mutable files, where only the next edition's ``SHA256SUMS`` is here to tell them."""
        if not newer.log or not newer.complete:
            return {}
        others = {path: sha for path, sha in newer.expected.items() if path not in files}
        wrong = compare(self.reader, others, bases).wrong
        self.files += len(others)
        if listing:
            expected = Expected(newer.expected, newer.log, self.keyring)
            wrong |= extra_files(self.reader, listing, expected)
        return wrong

    def _check_proofs(
        self, files: dict[str, str], wrong: dict[str, Wrong], trust: Trust, listing: Listing | None
    ) -> dict[str, Wrong]:
        due = [path for path in proofs_due(files) if path not in wrong]
        missing = missing_proofs(due, listing) if listing else {}
        known = self.seen.proofs
        there = [path for path in due if proof_path(path) not in missing]
        there = [path for path in there if known.get(path) != files[path]]
        limit = self.options.proofs
        left = len(there) if limit is None else max(limit - len(known), 0)
        if left < len(there):
            there = [*there[:1], *self.chance.sample(there[1:], min(left, len(there) - 1))]
        beside = check_proofs(self.reader, there, files, log=self.log, trust=trust)
        known.update((p, files[p]) for p in there if proof_path(p) not in beside.wrong)
        self.proofs = len(known) + len(beside.wrong)
        if beside.evidence and self.head:
            self.evidence = self.evidence or (*beside.evidence, self.head.note)
        return missing | beside.wrong

    def _choose(self, files: dict[str, str]) -> dict[str, str]:
        limit = self.options.sample
        others = sorted(files.keys() - {SUMS})
        if limit is None or limit >= len(others):
            return files
        self.sampled = True
        chosen = (*self.chance.sample(others, limit), SUMS)
        problem = f"only {len(chosen)} of {len(files)} files were compared"
        self.findings.add(Verdict.GENUINE, "", problem)
        return {path: files[path] for path in chosen}


def _utc(time: datetime) -> str:
    return f"{time:%Y-%m-%d %H:%M} UTC"
