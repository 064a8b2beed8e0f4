"""One edition of a whole archive, signed in bulk."""

import asyncio
import hashlib
import os
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Final

from sqlalchemy import insert

from feeds.edition import Entry, sums
from feeds.errors import MissingFileError
from feeds.paths import CHECKPOINT, MINISIG, SUMS, needs_proof
from keys import minisign
from keys.checkpoint import Checkpoint
from keys.note import Note
from keys.tiles import append
from mirror.publish.newsroom import Newsroom
from mirror.publish.proofs import offline_proofs
from mirror.store.database import Database
from mirror.store.tables import EDITIONS, LEAVES, LOGS, MUTABLES
from mirror.tree import Leaf

WORKERS: Final = 2


async def sign_all(
    database: Database,
    newsroom: Newsroom,
    site: Path,
    leaves: list[tuple[str, str]],
    mutable: dict[str, str],
) -> None:
    """One edition of it all, as ``Log`` would have made it."""
    keys = newsroom.keys
    leaves.append((SUMS, write_file(site, SUMS, sums(mutable))))
    tree = append(0, [Entry(sha, path).encode() for path, sha in leaves], _no_file)
    for path, data in tree.files.items():
        write_file(site, path, data)
    text = Checkpoint(keys.log.name, tree.size, tree.root).encode()
    moment = int(time.time())
    note = Note(text, (keys.log.sign(text),))
    if keys.clock is not None:
        note = note.with_signatures(keys.clock.cosign(text, moment))
    head = note.encode()
    proven = [
        Leaf(path, sha, index, index)
        for index, (path, sha) in enumerate(leaves)
        if needs_proof(path)
    ]
    with ProcessPoolExecutor(WORKERS, mp_context=get_context("fork")) as pool:
        parts = [proven[at : at + 5_000] for at in range(0, len(proven), 5_000)]
        for job in [pool.submit(_prove, site, part, tree.size, head) for part in parts]:
            await asyncio.wrap_future(job)
    write_file(site, MINISIG, minisign.sign(keys.log, text).encode())
    write_file(site, CHECKPOINT, head)
    root = tree.root.hex()
    log = {"size": tree.size, "root": root, "signed": tree.size, "time": moment, "head": head}
    async with database.begin() as connection:
        await connection.execute(insert(LOGS), [{"origin": keys.log.name, **log}])
        edition = {"size": tree.size, "before": 0, "root": root, "time": moment}
        await connection.execute(insert(EDITIONS), [edition])
        rows = [
            {"path": path, "sha": sha, "index": index, "first": index}
            for index, (path, sha) in enumerate(leaves)
        ]
        await connection.execute(insert(LEAVES), rows)
        changed = [{"path": path, "sha": sha, "since": tree.size} for path, sha in mutable.items()]
        await connection.execute(insert(MUTABLES), changed)


def _no_file(path: str) -> bytes:
    raise MissingFileError(path)


def _prove(site: Path, part: Sequence[Leaf], size: int, head: bytes) -> None:
    """Runs in a worker."""
    proofs = offline_proofs(part, size, head, lambda path: (site / path).read_bytes())
    for path, data in proofs.items():
        write_file(site, path, data)


def write_file(site: Path, path: str, data: bytes) -> str:
    """Put a file into the tree, whatever happens to it later; its hash."""
    place = f"{site}/{path}"
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
    try:
        descriptor = os.open(place, flags, 0o644)
    except FileNotFoundError:
        os.makedirs(os.path.dirname(place), exist_ok=True)  # noqa: PTH103, PTH120  # hundreds of thousands
        descriptor = os.open(place, flags, 0o644)
    os.write(descriptor, data)
    os.close(descriptor)
    return hashlib.sha256(data).hexdigest()
