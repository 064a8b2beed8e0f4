"""What a next keyring may not take from readers, and where it guards them less. Pure.

Verifiers ask for signatures alone (format 5.5). Whoever publishes knows the log and every
keyring before, so he can ask for more, and a slip of the roots is seen before readers see it.
"""

from collections.abc import Iterator, Mapping, Sequence

from keys.keyring import Keyring
from keys.note import VerifierKey
from keys.policy import NO_QUORUM, Policy
from keys.standing import Ending, Former
from mirror.errors import KeysError
from mirror.keystore import CLOCK

_HOUR_S = 3600


def check_heir(before: Sequence[Keyring], new: Keyring, trees: Mapping[int, bytes]) -> None:
    """Accept ``new`` as what may follow ``before`` (format 5.6).

    Args:
        before: Every keyring of ours, version 1 first.
        new: The one after them.
        trees: The root of our log at the size of each of its editions that ``new`` names.

    Raises:
        KeysError: It takes back a revocation, forgets or invents a former key, states a last
            tree that our log never had, or lets a key vanish without a word.
    """
    old = before[-1]
    _check_kept(old, new)
    _check_last_trees(before, new, trees)
    _check_logs(old, new)
    _check_witnesses(old, new)


def weakened(old: Keyring, new: Keyring) -> tuple[str, ...]:
    """Where ``new`` guards readers less than ``old``, a line for each loss."""
    return tuple(_losses(old, new))


def _check_kept(old: Keyring, new: Keyring) -> None:
    now = {item.key: item.ending for item in new.former}
    for item in old.former:
        if item.ending is Ending.REVOKED and now.get(item.key) is not Ending.REVOKED:
            raise KeysError(
                f"{item.key} was revoked, and a revoked key stays in every keyring as such: who"
                " stole it could sign again. Make the text anew with `tamizdat keys`"
            )
        if item.key not in now:
            raise KeysError(
                f"the {item.ending} key {item.key} is left out: every proof made under it would"
                " be called not genuine. Make the text anew with `tamizdat keys`"
            )


def _check_last_trees(before: Sequence[Keyring], new: Keyring, trees: Mapping[int, bytes]) -> None:
    ours = {key for keyring in before for key in keyring.policy.keys}
    kept = set(before[-1].former)
    for item in new.former:
        if item not in kept:
            _check_last_tree(item, trees)
        if item.ending is Ending.RETIRED and item.key not in ours:
            raise KeysError(
                f"it retires {item.key}, but no keyring of ours ever had that key: whoever holds"
                f" it could sign heads up to size {item.size}"
            )


def _check_last_tree(item: Former, trees: Mapping[int, bytes]) -> None:
    if not item.size or trees.get(item.size) == item.root:
        return
    problem = (
        f"at size {item.size} our log had another root"
        if item.size in trees
        else f"no edition of ours has the size {item.size}"
    )
    raise KeysError(
        f"the last tree of the {item.ending} key {item.key} is made up: {problem}. `tamizdat keys"
        " rotate` and `revoke` write the right one"
    )


def _check_logs(old: Keyring, new: Keyring) -> None:
    gone = set(old.policy.logs) - set(new.policy.logs) - _former(new)
    if gone:
        raise KeysError(
            f"the log key {gone.pop()} is gone, and no line `retired` or `revoked` says until"
            " where it was good: every proof made under it would be called not genuine. `tamizdat"
            " keys rotate` and `revoke` write that line"
        )


def _check_witnesses(old: Keyring, new: Keyring) -> None:
    """Proofs are made anew where witnesses come or go by name, not where one has another key."""
    now = {one.name: one.key for one in new.policy.witnesses}
    for one in old.policy.witnesses:
        key = now.get(one.name, one.key)
        if key == one.key or (one.key in _former(new) and key.name == one.key.name):
            continue
        raise KeysError(
            f"the witness {one.name} has another key: proofs that it cosigned would fall short."
            f" Use `tamizdat keys rotate --witness {one.name} --new KEY` for a new key by the"
            " name of the old, or take the witness out and give the new one another name"
        )


def _losses(old: Keyring, new: Keyring) -> Iterator[str]:
    if new.threshold < old.threshold:
        yield (
            f"{new.threshold} of {len(new.roots)} roots can change the keyring; it took"
            f" {old.threshold} of {len(old.roots)}"
        )
    yield from _lost_witnesses(old.policy, new.policy)
    if new.max_age > old.max_age:
        hours, were = (f"{ring.max_age / _HOUR_S:g}" for ring in (new, old))
        yield f"a frozen mirror is noticed after {hours} hours; it was {were}"
    before = {(item.ending, item.key): item.size for item in old.former}
    for item in new.former:
        size = before.get((item.ending, item.key), item.size)
        if item.size > size:
            yield f"the {item.ending} key {item.key} counts up to size {item.size}; it was {size}"


def _lost_witnesses(old: Policy, new: Policy) -> Iterator[str]:
    needed, were = _fewest(new), _fewest(old)
    if not needed and were:
        yield (
            f"no witness must cosign a head; it took {were}. Nothing shows then when a head was"
            " made, so every mirror is “could not tell” for its readers, and who has the log key"
            " alone can show each of them another history"
        )
    elif needed < were:
        yield f"{needed} of {len(new.witnesses)} witnesses must cosign a head; it took {were}"
    if needed and _is_met_by_clock(new) and not _is_met_by_clock(old):
        yield (
            "the clock alone makes a head good, and it lies beside the log key: who takes that"
            " machine can sign for any time"
        )


def _fewest(policy: Policy) -> int:
    """How many witnesses it takes at least."""
    takes = {NO_QUORUM: 0} | {one.name: 1 for one in policy.witnesses}
    for group in policy.groups:
        takes[group.name] = sum(sorted(takes[name] for name in group.members)[: group.needed])
    return takes[policy.quorum]


def _is_met_by_clock(policy: Policy) -> bool:
    return policy.quorum_time({CLOCK: 1}) is not None


def _former(keyring: Keyring) -> set[VerifierKey]:
    return {item.key for item in keyring.former}
