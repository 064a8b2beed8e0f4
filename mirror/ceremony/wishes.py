"""What the next keyring is to change: words of the command line to values. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final

from keys.errors import NoteError
from keys.keyring import Keyring
from keys.minisign import read_public
from keys.note import Kind, VerifierKey
from keys.policy import Group, Policy, Witness
from mirror.errors import KeysError
from mirror.keystore import CLOCK

QUORUM: Final = "fresh"
LIFE: Final = timedelta(days=365)
LIFE_WITH_CLOCK: Final = timedelta(days=90)  # where it is the only witness (format 5.4)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """Changes to a keyring.

    Attributes:
        add_roots: By the last part of their name; a key of that name is replaced.
        remove_roots: Last parts, or whole names.
        threshold: How many roots must sign; None: as it was.
        add_witnesses: By the name that the policy gives them.
        remove_witnesses: By that name.
        quorum: How many witnesses must cosign; None: as it was.
        max_age: None: as it was.
        expires: None: a life from today.
    """

    add_roots: Mapping[str, VerifierKey] = field(default_factory=dict)
    remove_roots: Iterable[str] = ()
    threshold: int | None = None
    add_witnesses: Mapping[str, VerifierKey] = field(default_factory=dict)
    remove_witnesses: Iterable[str] = ()
    quorum: int | None = None
    max_age: timedelta | None = None
    expires: date | None = None


def changed_roots(old: Keyring, wishes: Wishes) -> tuple[VerifierKey, ...]:
    """The roots after ``wishes``.

    Raises:
        KeysError: One that is to go is not there.
    """
    roots = {_last(key.name): key for key in old.roots}
    for name in wishes.remove_roots:
        if roots.pop(_last(name), None) is None:
            raise KeysError(f"no root is called {name}; there are {', '.join(roots)}")
    return tuple((roots | dict(wishes.add_roots)).values())


def changed_policy(old: Policy, wishes: Wishes) -> Policy:
    """The policy after ``wishes``: one group of all its witnesses.

    Raises:
        KeysError: A witness that is to go is not there, or the quorum must be said.
        KeyringError: The outcome is impossible.
    """
    witnesses = {one.name: one.key for one in old.witnesses}
    for name in wishes.remove_witnesses:
        if witnesses.pop(name, None) is None:
            raise KeysError(f"no witness is called {name}; there are {', '.join(witnesses)}")
    witnesses |= dict(wishes.add_witnesses)
    names = tuple(witnesses)
    if wishes.quorum is not None:
        rule = str(wishes.quorum)
    elif names == tuple(one.name for one in old.witnesses):
        return Policy(old.logs, _listed(witnesses), old.groups, old.quorum)
    else:
        raise KeysError("the witnesses change; say with --quorum how many of them must cosign")
    if (wishes.quorum or 0) > len(names):
        number = f"{len(names)} witness{'' if len(names) == 1 else 'es'}"
        raise KeysError(f"--quorum {wishes.quorum}: the keyring has {number}")
    if not wishes.quorum:
        return Policy(old.logs, _listed(witnesses))
    return Policy(old.logs, _listed(witnesses), (Group(QUORUM, rule, names),), QUORUM)


def expiry(policy: Policy, wished: date | None, today: date) -> date:
    """When the next keyring expires.

    Raises:
        KeysError: The wish is past.
    """
    if wished is not None:
        if wished <= today:
            raise KeysError(f"it would expire on {wished}, which is not after today")
        return wished
    alone = [one.name for one in policy.witnesses] in ([], [CLOCK])
    return today + (LIFE_WITH_CLOCK if alone else LIFE)


def root_key(origin: str, name: str, data: bytes) -> VerifierKey:
    """The root ``name`` of ``origin`` out of a public file of minisign, signify or our own.

    Raises:
        KeysError: ``data`` holds no public key, or one of another name.
    """
    text = data.decode("utf-8", "replace").strip()
    full = f"{origin}/root/{name}"
    try:
        if "+" in text and text.startswith(f"{origin}/root/") and "\n" not in text:
            key = VerifierKey.parse(text)
            if key.kind is Kind.ED25519 and key.name == full:
                return key
            raise KeysError(f"that is the key {key.name}, not {full}")
        return read_public(data, full)
    except NoteError as error:
        raise KeysError(f"root {name}: {error.problem}") from error


def witness_key(text: str) -> VerifierKey:
    """A witness's public key, as it prints it.

    Raises:
        KeysError: It is none.
    """
    try:
        key = VerifierKey.parse(text.strip())
    except NoteError as error:
        raise KeysError(error.problem) from error
    if key.kind is not Kind.COSIGNATURE:
        raise KeysError(f"{key.name} is no witness's key: it signs notes, it does not cosign")
    return key


def _listed(witnesses: Mapping[str, VerifierKey]) -> tuple[Witness, ...]:
    return tuple(Witness(name, key) for name, key in witnesses.items())


def _last(name: str) -> str:
    return name.rpartition("/")[2]
