"""What must hold of a home after a crash, and after the start that follows."""

import json
import shutil
import sqlite3
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path

import brotli  # type: ignore[import-untyped]  # has no types

from feeds.edition import EMPTY_SHA, Entry
from feeds.folder import FolderReader
from feeds.ids import article_id
from feeds.localise import canonicalise, is_localised
from feeds.paths import CHECKPOINT, SUMS, SUMS_AHEAD
from feeds.verify import Options, Pin, Report, Verdict, verify_tree
from keys.checkpoint import Checkpoint
from keys.errors import FormatError
from keys.merkle import root
from keys.note import Note
from keys.tiles import bundle_path, decode_bundle, tile_reader
from mirror.store.database import SQLITE_FILE
from tests.crash.home import Home
from tests.crash.site import Stage, Story

_SOME = 20  # proofs, at random, right after a crash; at the end it is all
_MOVING = frozenset({Verdict.GENUINE, Verdict.UPDATING, Verdict.BEHIND})


@dataclass(frozen=True, slots=True)
class Shown:
    """What readers get at one place right after a crash.

    Attributes:
        size: That its head states; 0 where it has none.
        files: Hex SHA-256 of the canonical bytes of each file but those under ``log/``.
        listed: What its ``SHA256SUMS`` lists, by path.
    """

    size: int
    files: dict[str, str]
    listed: dict[str, str]


def state_of(home: Home) -> str:
    """A digest of all that a round left; names of half-written files don't count."""
    state = sha256()
    for path in sorted(home.folder.rglob("*")):
        name = path.relative_to(home.folder).as_posix()
        if path.name.startswith("."):
            name = f"{name.rpartition('/')[0]}/."
        if path.is_dir():
            state.update(f"{name}/\n".encode())
        elif SQLITE_FILE not in name:
            state.update(f"{name} {sha256(path.read_bytes()).hexdigest()}\n".encode())
    state.update(_dump(home.data / SQLITE_FILE).encode())
    return state.hexdigest()


def _dump(database: Path) -> str:
    """What a start would find in the database, which stays as it is."""
    if not database.exists():
        return ""
    with tempfile.TemporaryDirectory(dir=database.parent.parent.parent) as folder:
        for path in database.parent.glob(f"{SQLITE_FILE}*"):
            if not path.name.endswith("-shm"):
                shutil.copy(path, folder)
        with closing(sqlite3.connect(Path(folder) / SQLITE_FILE)) as copy:
            return "\n".join(copy.iterdump())


def shown_at(home: Home) -> dict[str, Shown]:
    """What readers get at every place."""
    return {name: _shown(folder, base) for name, (folder, base) in home.trees.items()}


def _shown(folder: Path, base: str | None) -> Shown:
    head = folder / CHECKPOINT
    files = {}
    for path in folder.rglob("*"):
        name = path.relative_to(folder).as_posix()
        if path.is_file() and not path.name.startswith("."):
            data = path.read_bytes()
            if base and is_localised(name):
                data = canonicalise(data, base)
            files[name] = sha256(data).hexdigest()
    size = _size(folder) if head.exists() else 0
    return Shown(size, files, _listed(folder) if size else {})


def wrong_after_the_crash(home: Home, now: datetime) -> list[str]:
    """What a verifier says at any place with a head: nothing false, or that a push is under way."""
    wrong = []
    for name, (folder, base) in home.trees.items():
        if (folder / CHECKPOINT).exists():
            report = _verified(home, folder, base, now, proofs=_SOME)
            if report.verdict not in _MOVING and not report.pending:
                said = "; ".join(map(str, report.findings[:3]))
                wrong.append(f"{name} after the crash is {report.verdict}: {said}")
    return wrong


def wrong_in_what_was_shown(home: Home, before: Home, shown: dict[str, Shown]) -> Iterator[str]:
    """Where a head was shown, every file that it pins was there, or already the next one.

    ``before`` is the home before the round that crashed, ``home`` after the start that followed.
    """
    site = home.data / "site"
    entries = list(_entries(site, _size(site)))
    old, new = _listed(before.data / "site"), _listed(site)
    for name, place in shown.items():
        pinned = {entry.path: entry.sha for entry in entries[: place.size]}
        later: dict[str, set[str]] = {}
        for entry in entries[place.size :]:
            later.setdefault(entry.path, set()).add(entry.sha)
        if place.size:
            for path, sha in (*old.items(), *new.items()):
                later.setdefault(path, set()).add(sha)
            pinned |= place.listed
        for path, sha in pinned.items():
            right = {sha, *later.get(path, ())}
            there = place.files.get(path, EMPTY_SHA)
            if there not in right:
                how = "was missing" if there == EMPTY_SHA else "was neither the old nor the new"
                yield f"{name} showed a head of {place.size}, and {path} {how}"


def _verified(
    home: Home, folder: Path, base: str | None, now: datetime, *, proofs: int | None = None
) -> Report:
    return verify_tree(
        FolderReader(folder),
        Pin(keyring=home.keyring),
        now=now,
        options=Options(base=base, proofs=proofs),
    )


def wrong_at_the_end(home: Home, stage: Stage, signed: Path, now: datetime) -> list[str]:
    """What is not as it would be without a crash."""
    return [
        *_not_genuine(home, now),
        *_incomplete(home, stage),
        *_database(home),
        *_signed_false(home, signed),
        *_left_over(home),
    ]


def traces_of(home: Home, story: Story) -> Iterator[str]:
    """Where anything that an erased story said can still be read."""
    for folder in (home.data, home.folder / "mirrors"):
        for path in folder.rglob("*"):
            data = path.read_bytes() if path.is_file() else b""
            if path.parent.parent.name == "raw":
                data = brotli.decompress(data)
            if story.sentence.encode() in data or story.title.encode() in data:
                yield f"the erased story can be read in {path.relative_to(home.folder)}"


def _not_genuine(home: Home, now: datetime) -> Iterator[str]:
    heads = set()
    for name, (folder, base) in home.trees.items():
        report = _verified(home, folder, base, now)
        heads.add((folder / CHECKPOINT).read_bytes())
        if report.verdict is not Verdict.GENUINE or report.findings:
            said = "; ".join(map(str, report.findings[:3]))
            yield f"{name} is {report.verdict}: {said}"
    if len(heads) != 1:
        yield f"{len(heads)} different heads are shown"


def _incomplete(home: Home, stage: Stage) -> Iterator[str]:
    for name, (folder, _) in home.trees.items():
        feed = json.loads((folder / "feeds/all.json").read_bytes())
        entries = {item["id"].rpartition(":")[2]: item for item in feed["items"]}
        if len(entries) != len(feed["items"]):
            yield f"{name}: an article stands in the feed twice"
        for story in stage:
            one = article_id(f"{home.site}{story.path}")
            page = folder / f"a/{one[:2]}/{one}.html"
            if not page.exists():
                yield f"{name}: story {story.number} is missing"
                continue
            text = page.read_text()
            if not story.gone and story.sentence not in text:
                yield f"{name}: story {story.number} is not its newest version"
            if not story.gone and text.count("<figure") < story.pictures:
                yield f"{name}: story {story.number} lacks pictures"
            shown = entries.get(one, {}).get("content_html", "")
            if not story.gone and len(stage) <= 50 and story.sentence not in shown:
                yield f"{name}: story {story.number} is not in the feed as it is"
            listed = sum(one in page.read_text() for page in folder.glob("l/all/*.html"))
            if listed != 1:
                yield f"{name}: story {story.number} is on {listed} pages of the list of all"


def _database(home: Home) -> Iterator[str]:
    site = home.data / "site"
    head = Checkpoint.parse(Note.parse((site / CHECKPOINT).read_bytes()).text)
    with closing(sqlite3.connect(home.data / SQLITE_FILE)) as database:
        log = database.execute("SELECT size, root, signed, head FROM log").fetchall()
        leaves = dict(database.execute("SELECT path, sha FROM leaf"))
        indexes = dict(database.execute('SELECT path, "index" FROM leaf'))
        listed = dict(
            database.execute("SELECT path, sha FROM mutable WHERE sha != ?", (EMPTY_SHA,))
        )
        editions = database.execute("SELECT size, before, root FROM edition").fetchall()
        waiting = database.execute("SELECT count(*) FROM version WHERE status = 'ready'").fetchone()
        unlogged = database.execute("SELECT count(*) FROM address WHERE logged = 0").fetchone()
        owed = database.execute("SELECT count(*) FROM owed").fetchone()
        verdict = database.execute("PRAGMA integrity_check").fetchone()
    if verdict != ("ok",):
        yield f"SQLite says {verdict}"
    if log != [(head.size, head.root.hex(), head.size, (site / CHECKPOINT).read_bytes())]:
        yield f"the database has the log at {log}, the tree has {head}"
    if (waiting, unlogged, owed) != ((0,), (0,), (0,)):
        yield f"{waiting} versions, {unlogged} aliases, {owed} deletions still wait"
    entries = list(_entries(site, head.size))
    current = {entry.path: (entry.sha, index) for index, entry in enumerate(entries)}
    if {path: (sha, indexes[path]) for path, sha in leaves.items()} != current:
        yield "the leaves in the database are not those of the log"
    if _listed(site) != listed:
        yield "the mutable files in the database are not those of SHA256SUMS"
    ends = [index + 1 for index, entry in enumerate(entries) if entry.path == SUMS]
    if sorted(size for size, _, _ in editions) != ends:
        yield f"editions {sorted(editions)} are not those of the log, {ends}"
    for size, _, sha in editions:
        if _root_at(site, head.size, size).hex() != sha:
            yield f"the edition of {size} has another root in the database"


def _signed_false(home: Home, signed: Path) -> Iterator[str]:
    """Every head that was ever signed must be a prefix of the log, and only one of its size."""
    site = home.data / "site"
    size = _size(site)
    for line in signed.read_text().splitlines():
        text = bytes.fromhex(line.split()[1]).decode()
        try:
            head = Checkpoint.parse(text)
        except FormatError:
            continue  # the trusted comment of a minisign signature
        if head.size > size:
            yield f"a head of size {head.size} was signed, and the log ends at {size}"
        elif _root_at(site, size, head.size) != head.root:
            yield f"another tree of size {head.size} was signed once"


def _left_over(home: Home) -> Iterator[str]:
    for folder in (home.data / "staging", home.data / "incoming"):
        for path in folder.rglob("*"):
            if path.is_file() or folder.name == "staging":
                yield f"left over: {path.relative_to(home.folder)}"
    for path in home.data.rglob(".*"):
        if path.name not in {".lock", SUMS_AHEAD}:
            yield f"left over: {path.relative_to(home.folder)}"
    with closing(sqlite3.connect(home.data / SQLITE_FILE)) as database:
        raw = {sha for (sha,) in database.execute("SELECT raw FROM version")}
    for path in (home.data / "raw").rglob("*"):
        if path.is_file() and path.name not in raw:
            yield f"left over: {path.relative_to(home.folder)}, which no version names"


def _size(folder: Path) -> int:
    return Checkpoint.parse(Note.parse((folder / CHECKPOINT).read_bytes()).text).size


def _listed(folder: Path) -> dict[str, str]:
    file = folder / SUMS
    lines = file.read_text().splitlines() if file.exists() else []
    return {line[66:]: line[:64] for line in lines}


def _entries(site: Path, size: int) -> Iterator[Entry]:
    for path in _bundles(size):
        for entry in decode_bundle((site / path).read_bytes()):
            yield Entry.parse(entry)


def _bundles(size: int) -> Iterable[str]:
    for index in range(size // 256):
        yield bundle_path(index)
    if size % 256:
        yield bundle_path(size // 256, size % 256)


def _root_at(site: Path, size: int, at: int) -> bytes:
    """The root of the first ``at`` entries, by the tiles of the tree of ``size``."""
    read = tile_reader(size, lambda path: (site / path).read_bytes())
    return root(at, read)
