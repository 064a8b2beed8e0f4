"""The text of the next keyring, which the roots sign where they are (format 5.4 to 5.6)."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from keys.ceremony import next_keyring, replace_key, revoke_retired
from keys.checkpoint import Checkpoint
from keys.errors import FormatError
from keys.files import read_public, write_key
from keys.keyring import Keyring
from keys.note import Note, SigningKey, VerifierKey
from keys.standing import Ending
from mirror.ceremony.aside import set_aside
from mirror.ceremony.heir import check_heir
from mirror.ceremony.wishes import Wishes, changed_policy, changed_roots, expiry
from mirror.config import Config
from mirror.errors import KeysError
from mirror.keystore import LOG, NEXT, key_path, read_keyrings
from mirror.store import ledger
from mirror.store.database import Database
from mirror.store.ledger import Ledger


def next_text(config: Config, wishes: Wishes, today: date, *, first: bool) -> Keyring:
    """The keyring after the newest; with ``first``, a first one in its place.

    Raises:
        KeysError: The wishes can't be met, or the outcome may not follow.
        KeyringError: The outcome is impossible.
    """
    keyrings = [signed.keyring for signed in read_keyrings(config.trust.keys)]
    old = keyrings[-1]
    if first and len(keyrings) > 1:
        raise KeysError("there is a second keyring already; leave --first out")
    policy = changed_policy(old.policy, wishes)
    age = None if wishes.max_age is None else round(wishes.max_age.total_seconds())
    made = next_keyring(
        old,
        expires=expiry(policy, wishes.expires, today),
        roots=changed_roots(old, wishes),
        threshold=wishes.threshold,
        policy=policy,
        max_age=age or round(config.trust.max_age.total_seconds()),
    )
    if first:
        return first_of(made)
    check_heir(keyrings, made, {})
    return made


def first_of(keyring: Keyring) -> Keyring:
    """``keyring`` as version 1: nothing was before it."""
    return Keyring(
        origin=keyring.origin,
        version=1,
        expires=keyring.expires,
        max_age=keyring.max_age,
        threshold=keyring.threshold,
        roots=keyring.roots,
        policy=keyring.policy,
    )


@dataclass(frozen=True, slots=True)
class Replaced:
    """A key that is to be replaced, and what it is to be replaced by."""

    former: VerifierKey
    new: VerifierKey


def next_key(config: Config, role: str, *, anew: bool = False) -> tuple[VerifierKey, bool]:
    """The public half of ``<role>-next.pem``, which is made if it is not there; whether it was.

    With ``anew``, what is there is set aside: whoever stole the present key has that one too.

    Raises:
        ConfigError: The passphrase can't be read.
        KeyFileError: The file can't be written or read.
        KeysError: The keyring has no key for that role.
    """
    path = key_path(config.trust.keys, f"{role}{NEXT}")
    if path.exists() and not anew:
        return read_public(path), False
    former = log_key(config) if role == LOG else witness_of(config, role)
    key = SigningKey.generate(former.name, former.kind)
    passphrase = config.trust.passphrase.read().encode()
    set_aside(config.trust.keys, role)
    write_key(path, key, passphrase)
    return key.verifier, True


def log_key(config: Config) -> VerifierKey:
    """The log key of the newest keyring.

    Raises:
        KeysError: There is no keyring.
    """
    return read_keyrings(config.trust.keys)[-1].keyring.policy.logs[0]


def witness_of(config: Config, name: str) -> VerifierKey:
    """The key of the witness ``name`` of the newest keyring.

    Raises:
        KeysError: It has none.
    """
    witnesses = read_keyrings(config.trust.keys)[-1].keyring.policy.witnesses
    for one in witnesses:
        if one.name == name:
            return one.key
    known = ", ".join(one.name for one in witnesses)
    raise KeysError(f"the newest keyring has no witness {name}; it has {known}")


def replaced_text(
    config: Config, every: Iterable[Replaced], *, last: Checkpoint, ending: Ending, expires: date
) -> Keyring:
    """The next keyring, in which keys give way to others.

    Raises:
        KeyringError: The outcome is impossible.
    """
    old = made = read_keyrings(config.trust.keys)[-1].keyring
    for one in every:
        made = replace_key(
            replace(made, version=old.version),
            one.former,
            one.new,
            last=last,
            ending=ending,
            expires=expires,
        )
    return made


def revoked_text(
    config: Config, former: VerifierKey, *, last: Checkpoint, expires: date
) -> Keyring:
    """The keyring in which a key that was retired before is revoked.

    Raises:
        KeyringError: The outcome is impossible.
    """
    old = read_keyrings(config.trust.keys)[-1].keyring
    return revoke_retired(old, former, last=last, expires=expires)


async def read_log(config: Config) -> Ledger:
    """Where the log stands.

    Raises:
        StoreError: The database can't be read.
    """
    database = await Database.open(config.store.database, config.store.data)
    try:
        async with database.begin() as connection:
            return await ledger.read(connection, config.trust.origin)
    finally:
        await database.close()


async def roots_at(config: Config, sizes: Iterable[int]) -> dict[int, bytes]:
    """The root of our log at each of ``sizes`` that an edition of ours has.

    Raises:
        StoreError: The database can't be read.
    """
    database = await Database.open(config.store.database, config.store.data)
    try:
        async with database.begin() as connection:
            found = [await ledger.edition(connection, size) for size in sizes]
    finally:
        await database.close()
    return {one.size: one.root for one in found if one is not None}


async def tree_at(config: Config, size: int | None) -> Checkpoint:
    """The tree of our edition of ``size``; None: of the newest that is signed.

    Raises:
        KeysError: There never was one.
        StoreError: The database can't be read.
    """
    database = await Database.open(config.store.database, config.store.data)
    try:
        async with database.begin() as connection:
            at = await ledger.read(connection, config.trust.origin)
            edition = await ledger.edition(connection, at.signed if size is None else size)
    finally:
        await database.close()
    if edition is None:
        if size is None:
            raise KeysError(
                "nothing was published yet, so no reader trusts these keys: make new ones with"
                " `tamizdat init DIR`"
            )
        raise KeysError(
            f"no edition has the size {size}; the second line of a mirror's `log/checkpoint` is"
            " the size of one"
        )
    return Checkpoint(config.trust.origin, edition.size, edition.root)


def is_signed_by(head: bytes, key: VerifierKey) -> bool:
    """Whether ``head`` has a line of ``key``."""
    if not head:
        return False
    try:
        lines = {(line.name, line.key_id) for line in Note.parse(head).signatures}
    except FormatError:
        return False
    return (key.name, key.key_id) in lines
