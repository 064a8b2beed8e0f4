"""What becomes of files that do not fit the head: false, missing, or of the next head."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from feeds.edition import EMPTY_SHA
from feeds.errors import MissingFileError, TreeError
from feeds.paths import MINISIG, PROOF_ENDING, needs_proof, proof_path
from feeds.verify_compare import Bases, Wrong, compare
from feeds.verify_extra import BY_LOG, Expected, check_tiles, extra_files
from feeds.verify_head import check_minisig
from feeds.verify_log import Replay
from feeds.verify_newer import Newer
from feeds.verify_proofs import DoubtError, check_inclusion, parse_proof
from feeds.verify_proofs_beside import check_proofs
from feeds.verify_reader import Listing, Reader, read_one
from feeds.verify_report import Findings, Verdict
from feeds.verify_trust import Trust
from keys.proof import MAX_PROOF_BYTES
from keys.tiles import TILE_HEIGHT, TILE_WIDTH, Tile, parse_tile_path

MAX_PUSH: Final = timedelta(hours=1)  # longer, and a push has broken off (format 6)

_NOT_YET: Final = Wrong(
    Verdict.COULD_NOT_TELL,
    "does not fit the head, and a push is under way that may bring it: look again in a minute",
)


@dataclass(frozen=True, slots=True)
class Place:
    """The tree, and with what it is read: the same for every check of one run."""

    reader: Reader
    trust: Trust
    bases: Bases


def settle(
    place: Place, wrong: Mapping[str, Wrong], newer: Newer | None, now: datetime
) -> Findings:
    """Findings for ``wrong``; a push towards ``newer`` may be under way."""
    findings = Findings()
    if newer is None:
        for path, item in wrong.items():
            findings.add(item.verdict, path, item.problem)
        return findings
    broken_off = newer.head.time is not None and now - newer.head.time > MAX_PUSH
    verdict = Verdict.INCOMPLETE if broken_off else Verdict.UPDATING
    if newer.log:
        still = _by_log(place, wrong, newer, newer.log)
    else:
        still = {
            path: found
            for path, item in wrong.items()
            if (found := _alone(place, path, wrong, newer.head.size))
        }
    for path in wrong:
        if path in still:
            findings.add(still[path].verdict, path, still[path].problem)
        else:
            findings.add(verdict, path, f"belongs to the next head, of {newer.head.size} entries")
    if broken_off:
        problem = "a push that began more than an hour ago has not come to its end"
        findings.add(Verdict.INCOMPLETE, "", problem)
    return findings


def _by_log(
    place: Place, wrong: Mapping[str, Wrong], newer: Newer, log: Replay
) -> dict[str, Wrong]:
    """What is still wrong when the log of the next head is here, and says what that has."""
    files = dict(newer.expected)
    asked = {path: files[path] for path in wrong if path in files}
    again = compare(place.reader, asked, place.bases).wrong
    proofs = [path for path in map(_proven, wrong) if files.get(path, EMPTY_SHA) != EMPTY_SHA]
    again |= check_proofs(place.reader, proofs, files, log=log, trust=place.trust).wrong
    tiles = [path for path, item in wrong.items() if item.extra and parse_tile_path(path)]
    again |= _tiles_again(place, tiles, Expected(files, log, place.trust.version))
    decided = {*asked, *map(proof_path, proofs), *tiles, MINISIG}
    if MINISIG in wrong:
        again |= check_minisig(place.reader, newer.head, place.trust)
    still = {}
    for path, item in wrong.items():
        if path in decided:
            found = again.get(path)
        elif item.verdict is Verdict.INCOMPLETE and newer.may_lack(_proven(path) or path):
            found = None  # the next edition has it no more, as far as that is known
        else:
            mutable = not newer.complete and not path.startswith(BY_LOG)
            found = _NOT_YET if mutable else item
        if found:
            still[path] = found
    return still


def _tiles_again(place: Place, paths: Collection[str], expected: Expected) -> dict[str, Wrong]:
    tiles = [tile for tile in map(parse_tile_path, paths) if tile]
    wrong = extra_files(place.reader, Listing(frozenset(paths)), expected)
    return check_tiles(place.reader, tiles, expected.log) | wrong


def _alone(place: Place, path: str, wrong: Mapping[str, Wrong], size: int) -> Wrong | None:
    """What is wrong with a file when only a proof beside it can speak for it.

    ``size`` is that of the next head, whose log has not come yet.
    """
    item = wrong[path]
    if item.verdict is Verdict.INCOMPLETE:
        return _NOT_YET  # deletions come before the log that tells of them
    tile = parse_tile_path(path)
    if tile:
        return None if item.extra and _belongs(tile, size) else item
    if path.startswith("m/") and item.extra:
        named = path.rpartition("/")[2].partition(".")[0]
        return None if _sha(place.reader, path) == named else item
    proven_path = _proven(path) or path
    if needs_proof(proven_path):
        comes_next = path != proven_path and (item.extra or proven_path not in wrong)
        return _by_proof(place, proven_path, item, size if comes_next else None)
    return _NOT_YET if item.extra and not path.startswith(BY_LOG) else item


def _belongs(tile: Tile, size: int) -> bool:
    """Whether a log of ``size`` has that tile; no reader is shown it before all have come."""
    here = size >> TILE_HEIGHT * (tile.level or 0)
    reaches = tile.index * TILE_WIDTH + tile.width
    return reaches <= here and (tile.width == TILE_WIDTH or reaches == here)


def _by_proof(place: Place, path: str, item: Wrong, ahead: int | None) -> Wrong | None:
    """What is wrong with a file that has a proof beside it, or with that proof.

    A proof may come before its file: ``ahead`` is then the size of the head that it may bear.
    """
    try:
        data = read_one(place.reader, proof_path(path), max_bytes=MAX_PROOF_BYTES)
        proof = parse_proof(data)
        place.trust.judge(proof.checkpoint)
    except MissingFileError:
        return _NOT_YET if item.extra else item
    except (TreeError, DoubtError):
        return item
    if proof.path == path and proof.tree.size == ahead:
        return None
    found = _sha(place.reader, path)
    try:
        check_inclusion(proof, found, path)
    except DoubtError:
        return item
    return None


def _proven(path: str) -> str:
    """The file whose proof ``path`` is; empty where it is no proof."""
    return path.removesuffix(PROOF_ENDING) if path.endswith(PROOF_ENDING) else ""


def _sha(reader: Reader, path: str) -> str:
    found = dict(reader.hash_many((path,)))[path]
    return "" if isinstance(found, TreeError) else found
