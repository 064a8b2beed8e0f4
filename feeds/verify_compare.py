"""Which files of a tree differ from what an edition says of them."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, Self

from feeds.edition import EMPTY_SHA
from feeds.errors import InvalidAddressError, MissingFileError, TreeError
from feeds.localise import CANONICAL_BASE, canonicalise, check_base, is_localised, is_unreplaced
from feeds.verify_reader import Reader, TooLargeError, read_one
from feeds.verify_report import Verdict
from feeds.verify_seen import Seen

MAX_LOCALISED_BYTES: Final = 16 * 2**20  # a feed; read whole, so that the base can be put back
MAX_MIRRORS_BYTES: Final = 2**20
MIRRORS: Final = "mirrors.json"
_MAX_BASES: Final = 50


@dataclass(slots=True)
class Bases:
    """Which bases a localised file may have been made for (format 1.5).

    Attributes:
        given: The address that the files came from, or None for a folder with canonical bytes.
        others: Those of the signed list of mirrors.
    """

    given: str | None = None
    others: tuple[str, ...] = ()

    def fits(self, data: bytes, sha: str) -> tuple[str | None, bool]:
        """The base with which ``data`` has that digest, or None; and if it was left unreplaced."""
        for base in self._tried():
            if hashlib.sha256(canonicalise(data, base)).hexdigest() == sha:
                where = self.given or base
                return base, is_unreplaced(data, base) or is_unreplaced(data, where)
        return None, False

    def _tried(self) -> tuple[str, ...]:
        first = self.given or CANONICAL_BASE
        return (first, *(base for base in self.others if base != first), CANONICAL_BASE)


@dataclass(frozen=True, slots=True)
class Wrong:
    """One file that is not as the edition says.

    Attributes:
        verdict: What that is called.
        problem: Why.
        extra: Whether no edition that is known has it.
    """

    verdict: Verdict
    problem: str
    extra: bool = False

    @classmethod
    def of(cls, error: TreeError) -> Self:
        """What it means that a file which must be there could not be read."""
        if isinstance(error, MissingFileError):
            return cls(Verdict.INCOMPLETE, "is missing")
        if isinstance(error, TooLargeError):
            return cls(Verdict.NOT_GENUINE, error.problem)
        return cls(Verdict.COULD_NOT_TELL, error.problem)


@dataclass(slots=True)
class Compared:
    """What a comparison gave.

    Attributes:
        seen: What was found right, now and at earlier looks.
        wrong: By path, the files that are not as the edition says.
        count: Files compared.
    """

    seen: Seen
    wrong: dict[str, Wrong] = field(default_factory=dict)
    count: int = 0


def compare(
    reader: Reader, expected: Mapping[str, str], bases: Bases, seen: Seen | None = None
) -> Compared:
    """Say which files of ``expected`` (path to hex SHA-256) differ; reads what is not ``seen``."""
    compared = Compared(seen or Seen(), count=len(expected))
    known = compared.seen.files
    left = [path for path, sha in expected.items() if known.get(path) != sha]
    plain = [path for path in left if not is_localised(path)]
    for path, found in _differing(reader, plain, expected, known):
        _note(compared, path, expected[path], found)
    localised = sorted(set(left) - set(plain))
    for path, data in reader.read_many(localised, max_bytes=MAX_LOCALISED_BYTES):
        _compare_localised(compared, path, expected[path], data, bases)
    return compared


def _differing(
    reader: Reader, paths: Iterable[str], expected: Mapping[str, str], known: dict[str, str]
) -> Iterator[tuple[str, str | TreeError]]:
    """The files that are not as expected, and their digests; the others are added to ``known``.

    One that differs is read once more, now that the head is known.
    """
    differ = []
    for path, found in reader.hash_many(paths):
        if found == expected[path]:
            known[path] = found
        elif isinstance(found, TreeError):
            yield path, found
        else:
            differ.append(path)
    for path, found in reader.hash_many(differ) if differ else ():
        if found == expected[path]:
            known[path] = found
        else:
            yield path, found


def read_bases(reader: Reader, files: Mapping[str, str]) -> tuple[str, ...]:
    """The addresses in the signed list of mirrors; none where it is not as ``files`` says."""
    if MIRRORS not in files:
        return ()
    try:
        data = read_one(reader, MIRRORS, max_bytes=MAX_MIRRORS_BYTES)
    except TreeError:
        return ()
    return bases_in(data) if hashlib.sha256(data).hexdigest() == files[MIRRORS] else ()


def bases_in(data: bytes) -> tuple[str, ...]:
    """The addresses in a list of mirrors, at most 50; none where it is no such list."""
    try:
        listed = json.loads(data)["mirrors"]
        urls = [item["url"] for item in listed[:_MAX_BASES]]
    except (ValueError, TypeError, KeyError, RecursionError):
        return ()
    return tuple(url for url in urls if isinstance(url, str) and _is_base(url))


def _compare_localised(
    compared: Compared, path: str, sha: str, data: bytes | TreeError, bases: Bases
) -> None:
    if isinstance(data, TreeError) or sha == EMPTY_SHA:
        found = data if isinstance(data, TreeError) else hashlib.sha256(data).hexdigest()
        if found != sha:
            _note(compared, path, sha, found)
        return
    base, unreplaced = bases.fits(data, sha)
    if base is None:
        _note(compared, path, sha, "")
    elif unreplaced:
        problem = f"still holds {CANONICAL_BASE}, which stands for this mirror's own address"
        compared.wrong[path] = Wrong(Verdict.NOT_GENUINE, problem)
    else:
        compared.seen.files[path] = sha
        if base not in {bases.given, CANONICAL_BASE}:
            compared.seen.other_bases.add(base)


def _note(compared: Compared, path: str, sha: str, found: str | TreeError) -> None:
    if isinstance(found, MissingFileError) and sha == EMPTY_SHA:
        return  # gone, as it should be (format 1.3)
    if isinstance(found, TreeError):
        compared.wrong[path] = Wrong.of(found)
    elif sha == EMPTY_SHA:
        problem = "was withdrawn altogether, and still stands here"
        compared.wrong[path] = Wrong(Verdict.NOT_GENUINE, problem)
    else:
        compared.wrong[path] = Wrong(Verdict.NOT_GENUINE, "is not what was published")


def _is_base(url: str) -> bool:
    try:
        check_base(url)
    except InvalidAddressError:
        return False
    return True
