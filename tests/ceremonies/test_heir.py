"""What a next keyring may not take from readers, and what is told where it guards them less."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest

from keys.ceremony import next_keyring, replace_key, revoke_retired
from keys.keyring import Keyring
from keys.merkle import EMPTY_ROOT
from keys.note import Kind
from keys.policy import Group, Policy, Witness
from keys.standing import Ending, Former
from mirror.ceremony.heir import check_heir, weakened
from mirror.errors import KeysError
from tests.keys.rings import CLOCK, FIRST, LOG, NEW_CLOCK, NEW_LOG, secret, tree_at

LATER = date(2028, 2, 24)
TREES = {size: tree_at(size).root for size in (5, 8)}
SECOND = replace_key(
    FIRST,
    LOG.verifier,
    NEW_LOG.verifier,
    last=tree_at(5),
    ending=Ending.RETIRED,
    expires=LATER,
)
THIRD_LOG = secret(LOG.name, number=2)


def heir(old: Keyring, **changes: object) -> Keyring:
    return replace(old, version=old.version + 1, **changes)  # type: ignore[arg-type]  # by name


def ended(ending: Ending, size: int = 5, root: bytes | None = None) -> Former:
    return Former(ending, LOG.verifier, size, tree_at(size).root if root is None else root)


def policy(witnesses: tuple[Witness, ...] = FIRST.policy.witnesses, rule: str = "2") -> Policy:
    names = tuple(one.name for one in witnesses)
    return Policy(FIRST.policy.logs, witnesses, (Group("fresh", rule, names),), "fresh")


REVOKED = revoke_retired(SECOND, LOG.verifier, last=tree_at(5), expires=LATER)


@pytest.mark.parametrize(
    ("before", "new"),
    [
        ([FIRST], next_keyring(FIRST, expires=LATER)),
        ([FIRST], SECOND),
        ([FIRST, SECOND], REVOKED),
        ([FIRST, SECOND], next_keyring(SECOND, expires=LATER)),
        ([FIRST], heir(FIRST, policy=policy(FIRST.policy.witnesses[:1], "1"))),
        ([FIRST], heir(FIRST, former=(Former(Ending.REVOKED, NEW_LOG.verifier, 0, EMPTY_ROOT),))),
    ],
    ids=["longer", "rotated", "revoked", "kept", "fewer witnesses", "never good"],
)
def test_what_the_ceremonies_write_is_a_lawful_heir(before: list[Keyring], new: Keyring) -> None:
    check_heir(before, new, TREES)


@pytest.mark.parametrize(
    ("size", "root", "said"),
    [
        (5, b"r" * 32, "at size 5 our log had another root"),
        (6, None, "no edition of ours has the size 6"),
        (10**9, b"r" * 32, "no edition of ours has the size 1000000000"),
    ],
)
@pytest.mark.parametrize("ending", Ending)
def test_a_last_tree_that_our_log_never_had_is_refused(
    ending: Ending, size: int, root: bytes | None, said: str
) -> None:
    made_up = heir(SECOND, former=(ended(ending, size, root),))

    with pytest.raises(KeysError, match=said):
        check_heir([FIRST, SECOND], made_up, TREES)


def test_a_stranger_s_key_can_t_have_been_retired() -> None:
    stranger = Former(Ending.RETIRED, THIRD_LOG.verifier, 5, tree_at(5).root)

    with pytest.raises(KeysError, match="no keyring of ours ever had that key"):
        check_heir([FIRST], heir(FIRST, former=(stranger,)), TREES)
    check_heir([FIRST], heir(FIRST, former=(replace(stranger, ending=Ending.REVOKED),)), TREES)


@pytest.mark.parametrize(
    "change",
    [
        lambda: heir(REVOKED, former=(ended(Ending.RETIRED),)),
        lambda: heir(REVOKED, former=(), policy=FIRST.policy),
        lambda: heir(REVOKED, former=()),
        lambda: heir(REVOKED, former=(), roots=(*FIRST.roots[:2], LOG.verifier)),
    ],
    ids=["retired", "log key", "forgotten", "root"],
)
def test_a_revoked_key_stays_revoked(change: Callable[[], Keyring]) -> None:
    with pytest.raises(KeysError, match="was revoked, and a revoked key stays in every keyring"):
        check_heir([FIRST, SECOND, REVOKED], change(), TREES)


def test_a_retired_key_is_not_forgotten_for_its_proofs_are_out_there() -> None:
    with pytest.raises(KeysError, match="every proof made under it would be called not genuine"):
        check_heir([FIRST, SECOND], heir(SECOND, former=()), TREES)


def test_a_log_key_goes_by_being_retired_or_revoked() -> None:
    swapped = replace(FIRST.policy, logs=(NEW_LOG.verifier,))

    with pytest.raises(KeysError, match="keys rotate") as caught:
        check_heir([FIRST], heir(FIRST, policy=swapped), TREES)

    assert str(LOG.verifier) in str(caught.value)


def test_a_witness_of_the_same_name_changes_its_key_by_rotate_or_revoke() -> None:
    clock, *others = FIRST.policy.witnesses
    changed = policy((replace(clock, key=NEW_CLOCK.verifier), *others))
    other_name = secret("other.example/w", Kind.COSIGNATURE).verifier

    with pytest.raises(KeysError, match="keys rotate --witness clock"):
        check_heir([FIRST], heir(FIRST, policy=changed), TREES)
    rotated = Former(Ending.RETIRED, CLOCK.verifier, 5, tree_at(5).root)
    check_heir([FIRST], heir(FIRST, policy=changed, former=(rotated,)), TREES)
    renamed = policy((replace(clock, key=other_name), *others))
    with pytest.raises(KeysError, match="give the new one another name"):
        check_heir([FIRST], heir(FIRST, policy=renamed, former=(rotated,)), TREES)


def test_a_keyring_that_keeps_its_guard_has_nothing_told_of_it() -> None:
    assert weakened(FIRST, SECOND) == ()
    assert weakened(FIRST, heir(FIRST, threshold=3, policy=policy(rule="all"), max_age=60)) == ()
    assert weakened(SECOND, REVOKED) == ()


@pytest.mark.parametrize(
    ("new", "said"),
    [
        (heir(FIRST, threshold=1), "1 of 3 roots can change the keyring; it took 2 of 3"),
        (heir(FIRST, policy=policy(rule="any")), "1 of 3 witnesses must cosign a head; it took 2"),
        (heir(FIRST, max_age=7 * 86_400), "a frozen mirror is noticed after 168 hours; it was 48"),
        (
            heir(FIRST, policy=Policy(FIRST.policy.logs, FIRST.policy.witnesses)),
            "no witness must cosign a head; it took 2",
        ),
    ],
)
def test_each_loss_of_guard_is_told(new: Keyring, said: str) -> None:
    assert any(line.startswith(said) for line in weakened(FIRST, new)), weakened(FIRST, new)


def test_the_clock_alone_is_told_even_where_the_number_stays() -> None:
    partner = Policy(
        FIRST.policy.logs, FIRST.policy.witnesses, (Group("fresh", "1", ("a", "b")),), "fresh"
    )
    old = replace(FIRST, policy=partner)

    (line,) = weakened(old, heir(old, policy=policy(FIRST.policy.witnesses[:1], "1")))

    assert line.startswith("the clock alone makes a head good")


def test_a_former_key_that_counts_for_more_is_told() -> None:
    (line,) = weakened(SECOND, heir(SECOND, former=(ended(Ending.RETIRED, 8),)))

    assert line == f"the retired key {LOG.verifier} counts up to size 8; it was 5"


def test_groups_of_groups_are_counted_by_the_fewest_witnesses_that_do() -> None:
    w = [Witness(name, secret(f"{name}.example", Kind.COSIGNATURE).verifier) for name in "abcd"]
    pairs = (Group("ab", "all", ("a", "b")), Group("cd", "any", ("c", "d")))
    old = replace(
        FIRST,
        policy=Policy(FIRST.policy.logs, tuple(w), (*pairs, Group("q", "all", ("ab", "cd"))), "q"),
    )
    new = heir(
        old,
        policy=Policy(FIRST.policy.logs, tuple(w), (*pairs, Group("q", "any", ("ab", "cd"))), "q"),
    )

    assert weakened(old, new) == ("1 of 4 witnesses must cosign a head; it took 3",)
