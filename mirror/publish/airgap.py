"""Witnesses without a network: what they are to sign, and what they signed, as files."""

from datetime import UTC, datetime

from feeds.errors import MissingFileError
from keys.checkpoint import Checkpoint
from keys.errors import FormatError
from keys.merkle import consistency_proof
from keys.note import Note
from keys.tiles import tile_reader
from mirror.config import Config
from mirror.errors import KeysError, WitnessError
from mirror.keystore import read_keyrings
from mirror.publish import held
from mirror.publish.quorum import own_line
from mirror.publish.staging import Staging
from mirror.store import kept, ledger
from mirror.store.database import Database
from mirror.store.folders import Folders
from mirror.witness.errors import MalformedError
from mirror.witness.wire import Request, parse_answer


async def make_request(config: Config, name: str, size: int | None) -> bytes:
    """What the witness ``name`` is to sign: the head that waits, or else the newest one.

    Args:
        config: The newsroom's.
        name: As the newest keyring has it.
        size: What the witness signed last; None: what it signed for us, as far as we know.

    Raises:
        KeysError: The keyring has no such witness, or there is nothing to sign.
        StoreError: The log can't be read.
    """
    _key_of(config, name)
    database = await Database.open(config.store.database, config.store.data)
    try:
        note = await _newest(config, database)
        async with database.begin() as connection:
            old = (await held.sizes(connection)).get(name, 0) if size is None else size
    finally:
        await database.close()
    tree = Checkpoint.parse(note.text)
    if old > tree.size:
        raise KeysError(f"the head has {tree.size} entries, fewer than {old}; nothing to prove")
    read = Staging(Folders(config.store.data), tree.size).read
    try:
        hashes = tile_reader(tree.size, read)
        proof = consistency_proof(old, tree.size, hashes) if 0 < old < tree.size else ()
    except MissingFileError as error:
        raise KeysError(f"{error}, in {config.store.data}; run `tamizdat run --once`") from error
    return Request(old, proof, note).encode()


async def take_answer(config: Config, data: bytes) -> tuple[str, ...]:
    """Remember the cosignatures in ``data`` for the head they are of; whose they are.

    Raises:
        KeysError: They are not of a witness of the newest keyring, or not of the newest head.
        StoreError: They can't be remembered.
    """
    now = datetime.now(UTC)
    try:
        lines = parse_answer(data)
    except MalformedError as error:
        raise KeysError(f"no answer of a witness: {error.problem}") from error
    database = await Database.open(config.store.database, config.store.data)
    try:
        note = await _newest(config, database)
        tree = Checkpoint.parse(note.text)
        found = {}
        for one in read_keyrings(config.trust.keys)[-1].keyring.policy.witnesses:
            if any((line.name, line.key_id) == (one.key.name, one.key.key_id) for line in lines):
                found[one.name] = own_line(one.name, note.text, lines, one.key, now=None)
        if not found:
            raise KeysError("no witness of the newest keyring made this")
        async with database.begin() as connection:
            await held.add(connection, note.with_signatures(*found.values()), now)
            await held.put_sizes(connection, dict.fromkeys(found, tree.size))
            await kept.ask(connection)
    except WitnessError as error:
        raise KeysError(f"{error}; make the request anew: tamizdat witness request") from error
    finally:
        await database.close()
    return tuple(found)


async def _newest(config: Config, database: Database) -> Note:
    async with database.begin() as connection:
        at = await ledger.read(connection, config.trust.origin)
        waiting = await held.read(connection)
    try:
        if waiting is not None and Checkpoint.parse(waiting.note.text).size == at.size:
            return waiting.note
        if at.signed == at.size and at.head:
            return Note.parse(at.head)
    except FormatError as error:
        raise KeysError(f"the head in the database is damaged ({error})") from error
    raise KeysError("there is no head to sign yet; run `tamizdat run --once` first")


def _key_of(config: Config, name: str) -> None:
    known = [one.name for one in read_keyrings(config.trust.keys)[-1].keyring.policy.witnesses]
    if name not in known:
        raise KeysError(f"the newest keyring has no witness {name}; it has {', '.join(known)}")
