"""``Quorum``: the witnesses whose cosignatures a head needs, asked all at once (format 3.2)."""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

import structlog

from keys.checkpoint import Checkpoint
from keys.errors import FormatError
from keys.merkle import EMPTY_ROOT, consistency_proof
from keys.note import Note, Signature, VerifierKey, verify_note
from keys.tiles import tile_reader
from mirror.config import WitnessConfig
from mirror.errors import QuorumError, WitnessAheadError, WitnessError
from mirror.keystore import KeyStore
from mirror.publish import held
from mirror.publish.ask_witness import Asker
from mirror.store.database import Database
from mirror.witness.wire import Request

GRACE: Final = timedelta(seconds=2)  # for the others once there are enough
TOLERANCE: Final = timedelta(minutes=10)  # between a witness's clock and ours, as in format 6

ReadFile = Callable[[str], bytes]

_AHEAD: Final = (
    "says that it cosigned a tree of {theirs} entries, but ours has {ours}: another machine"
    " publishes with our keys, or the witness is broken"
)
_OTHER: Final = (
    "says that it cosigned another tree of {size} entries: somebody has our log key, or the"
    " witness is broken; ask its operator for that head"
)

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Failing:
    """A witness that gives no cosignature: since when, and why the last time."""

    since: datetime
    problem: str


@dataclass(frozen=True, slots=True)
class _Head:
    """What is asked of every witness: a head, its tiles, and the time here."""

    note: Note
    tree: Checkpoint
    read: ReadFile
    now: datetime


class Quorum:
    """The witnesses of one newsroom. One call at a time.

    Attributes:
        failing: By name, the witnesses that gave none when they were asked last.
    """

    def __init__(
        self, witnesses: Iterable[WitnessConfig], keys: KeyStore, database: Database
    ) -> None:
        """Of the newest keyring of ``keys``; those of ``witnesses`` that it names are asked."""
        self.failing: dict[str, Failing] = {}
        self._keys = keys
        self._database = database
        known = {one.name: one.key for one in keys.newest.keyring.policy.witnesses}
        self._askers: dict[str, tuple[Asker, VerifierKey]] = {}
        for one in witnesses:
            if one.name in known:
                self._askers[one.name] = (Asker(one), known[one.name])
            else:
                _log.warning("witness.not_in_keyring", witness=one.name)

    @property
    def names(self) -> tuple[str, ...]:
        """The witnesses that are asked."""
        return tuple(self._askers)

    async def look(self, size: int) -> None:
        """See that no witness has cosigned a larger tree of ours than ``size`` (format 2.7).

        They are shown the empty tree, which moves nothing on.

        Raises:
            WitnessAheadError: One has.
        """
        if not self._askers:
            return
        text = Checkpoint(self._keys.log.name, 0, EMPTY_ROOT).encode()
        request = Request(0, (), Note(text, (self._keys.log.sign(text),)))

        async def look_at(name: str) -> tuple[str, int | None]:
            try:
                answer = await self._askers[name][0].ask(request)
            except WitnessError as error:
                _log.warning("witness.silent", witness=name, problem=error.problem)
                return name, None
            return name, answer if isinstance(answer, int) else 0

        for name, theirs in await asyncio.gather(*map(look_at, self._askers)):
            if theirs is not None and theirs > size:
                raise WitnessAheadError(name, theirs, size)

    async def complete(self, note: Note, read: ReadFile, now: datetime) -> Note:
        """``note`` with the cosignatures of at least a quorum.

        Args:
            note: A head that the log, and the clock if there is one, signed.
            read: Gives the tiles of its tree.
            now: The time that answers are measured by.

        Raises:
            QuorumError: Too few answered. What came is remembered, and counts when it is asked
                for again.
        """
        async with self._database.begin() as connection:
            waiting = await held.read(connection)
            sizes = await held.sizes(connection)
        earlier = waiting is not None and waiting.note.text == note.text
        if waiting is not None and earlier:
            note = note.with_signatures(*_others(waiting.note, note))
        note, signed = await self._ask_all(note, read, sizes, now)
        if signed.items() - sizes.items():
            async with self._database.begin() as connection:
                await held.put_sizes(connection, signed)
        verdict = self._keys.newest.keyring.judge(note)
        if verdict.good and waiting is None:
            return note
        async with self._database.begin() as connection:
            if verdict.good:
                await held.clear(connection)
                return note
            kept = await held.add(connection, note, now)
        raise QuorumError(verdict.tree.size, verdict.reasons, kept.since, self._missing(note))

    async def _ask_all(
        self, note: Note, read: ReadFile, sizes: dict[str, int], now: datetime
    ) -> tuple[Note, dict[str, int]]:
        """``note`` with what came, and which witness cosigned which size now."""
        head = _Head(note, Checkpoint.parse(note.text), read, now)
        judge = self._keys.newest.keyring.judge
        tasks = {
            asyncio.create_task(self._ask(name, head, sizes.get(name, 0))): name
            for name in self._askers
        }
        signed: dict[str, int] = {}
        waiting = set(tasks)
        try:
            while waiting:
                patience = GRACE.total_seconds() if judge(note).good else None
                done, waiting = await asyncio.wait(
                    waiting, timeout=patience, return_when=asyncio.FIRST_COMPLETED
                )
                if not done:
                    break
                for task in done:
                    line = self._told(tasks[task], task, now)
                    if line is not None:
                        note = note.with_signatures(line)
                        signed[tasks[task]] = head.tree.size
        finally:
            for task in waiting:
                task.cancel()
            await asyncio.gather(*waiting, return_exceptions=True)
        for task in waiting:
            self._fail(tasks[task], "was slower than those that were enough", now)
        return note, signed

    def _told(self, name: str, task: "asyncio.Task[Signature]", now: datetime) -> Signature | None:
        try:
            line = task.result()
        except WitnessError as error:
            self._fail(name, error.problem, now)
            return None
        self.failing.pop(name, None)
        return line

    def _fail(self, name: str, problem: str, now: datetime) -> None:
        before = self.failing.get(name)
        self.failing[name] = Failing(before.since if before else now, problem)
        _log.warning("witness.missing", witness=name, problem=problem)

    async def _ask(self, name: str, head: "_Head", old: int) -> Signature:
        asker, key = self._askers[name]
        hashes = tile_reader(head.tree.size, head.read)
        for _ in range(2):
            if old > head.tree.size:
                raise WitnessError(name, _AHEAD.format(theirs=old, ours=head.tree.size))
            proof: tuple[bytes, ...] = ()
            if 0 < old < head.tree.size:
                proof = await asyncio.to_thread(consistency_proof, old, head.tree.size, hashes)
            answer = await asker.ask(Request(old, proof, head.note))
            if not isinstance(answer, int):
                return own_line(name, head.note.text, answer, key, head.now)
            if answer == old:
                raise WitnessError(name, _OTHER.format(size=old))
            old = answer
        raise WitnessError(name, "goes on naming other sizes: another machine publishes to it too")

    def _missing(self, note: Note) -> dict[str, str]:
        """By name, the witnesses that have not signed ``note``, and why as far as we know."""
        lines = {(line.name, line.key_id) for line in note.signatures}
        missing = {}
        for one in self._keys.newest.keyring.policy.witnesses:
            if (one.key.name, one.key.key_id) not in lines:
                failing = self.failing.get(one.name)
                word = "is asked by file: tamizdat witness request"
                if one.key == (self._keys.clock.verifier if self._keys.clock else None):
                    word = "did not sign"
                missing[one.name] = failing.problem if failing else word
        return missing


def own_line(
    name: str, text: str, answer: tuple[Signature, ...], key: VerifierKey, now: datetime | None
) -> Signature:
    """The line of ``key`` in a witness's answer, once it is shown to be over ``text``.

    It must be of ``now``; with None, of a time that is past.

    Raises:
        WitnessError: There is none, or it is false, or of another time.
    """
    lines = [one for one in answer if (one.name, one.key_id) == (key.name, key.key_id)]
    if not lines:
        raise WitnessError(name, "signed with another key than the keyring names")
    line = lines[-1]
    try:
        (verified,) = verify_note(Note(text, (line,)), (key,))
    except FormatError as error:
        raise WitnessError(name, f"answered with a false signature ({error})") from error
    here = now or datetime.now(UTC)
    gap = (verified.time or 0) - here.timestamp()
    if gap > TOLERANCE.total_seconds() or (now and -gap > TOLERANCE.total_seconds()):
        raise WitnessError(
            name,
            f"its clock, or ours, is wrong: it says {_moment(verified.time or 0)}, and here it is"
            f" {here.astimezone(UTC):%Y-%m-%d %H:%M} UTC",
        )
    return line


def _others(known: Note, note: Note) -> list[Signature]:
    """The lines of ``known`` by keys that have not signed ``note``."""
    fresh = {(line.name, line.key_id) for line in note.signatures}
    return [line for line in known.signatures if (line.name, line.key_id) not in fresh]


def _moment(seconds: int) -> str:
    try:
        return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M} UTC"
    except (OverflowError, ValueError):
        return f"second {seconds} after 1970"
