"""What the command line wishes, as a keyring; and when proofs must be made anew. Pure."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from keys.ceremony import replace_key
from keys.keyring import Keyring
from keys.minisign import public_file
from keys.note import Kind
from keys.policy import Policy, Witness
from keys.standing import Ending
from mirror.ceremony.wishes import (
    Wishes,
    changed_policy,
    changed_roots,
    expiry,
    root_key,
    witness_key,
)
from mirror.errors import KeysError
from mirror.publish.renewal import Mark, wanted
from tests.keys.rings import (
    CLOCK,
    FIRST,
    LOG,
    NEW_CLOCK,
    NEW_LOG,
    ORIGIN,
    ROOTS,
    secret,
    tree_at,
    verifier,
)

TODAY = date(2026, 11, 24)
DANA = verifier("dana.example/w", Kind.COSIGNATURE)


def names(policy: Policy) -> list[str]:
    return [one.name for one in policy.witnesses]


def test_roots_come_go_and_are_replaced_by_the_last_part_of_their_name() -> None:
    new = secret(ROOTS[1].name, number=7).verifier
    wishes = Wishes(add_roots={"b": new, "d": ROOTS[3].verifier}, remove_roots=("a",))

    roots = changed_roots(FIRST, wishes)

    assert roots == (new, ROOTS[2].verifier, ROOTS[3].verifier)
    with pytest.raises(KeysError, match="no root is called z; there are a, b, c"):
        changed_roots(FIRST, Wishes(remove_roots=("z",)))


def test_whoever_changes_the_witnesses_must_say_how_many_sign() -> None:
    with pytest.raises(KeysError, match="--quorum"):
        changed_policy(FIRST.policy, Wishes(add_witnesses={"dana": DANA}))
    with pytest.raises(KeysError, match="no witness is called x"):
        changed_policy(FIRST.policy, Wishes(remove_witnesses=("x",), quorum=1))

    more = changed_policy(FIRST.policy, Wishes(add_witnesses={"dana": DANA}, quorum=3))
    fewer = changed_policy(FIRST.policy, Wishes(remove_witnesses=("a",), quorum=1))

    assert names(more) == ["clock", "a", "b", "dana"]
    assert more.groups[0].needed == 3
    assert names(fewer) == ["clock", "b"]
    assert changed_policy(FIRST.policy, Wishes()) == FIRST.policy
    assert changed_policy(FIRST.policy, Wishes(quorum=0)).quorum == "none"


def test_a_keyring_lives_a_year_and_with_the_clock_alone_90_days() -> None:
    alone = Policy((LOG.verifier,), (Witness("clock", CLOCK.verifier),))

    assert expiry(FIRST.policy, None, TODAY) == TODAY + timedelta(days=365)
    assert expiry(alone, None, TODAY) == TODAY + timedelta(days=90)
    assert expiry(alone, date(2027, 1, 1), TODAY) == date(2027, 1, 1)
    with pytest.raises(KeysError, match="not after today"):
        expiry(alone, TODAY, TODAY)


def test_a_root_s_public_key_is_read_in_every_form() -> None:
    key = verifier(f"{ORIGIN}/root/a")
    file = public_file(key)

    assert root_key(ORIGIN, "a", file) == key
    assert root_key(ORIGIN, "a", file.split(b"\n", 1)[1]) == key
    assert root_key(ORIGIN, "a", f"{key}\n".encode()) == key
    for data in (b"", b"hello\n", f"{key}".encode()[:-2], b"\xff\xfe\n"):
        with pytest.raises(KeysError):
            root_key(ORIGIN, "a", data)
    with pytest.raises(KeysError, match="not news"):
        root_key(ORIGIN, "b", f"{key}".encode())


def test_only_a_witness_s_key_is_one() -> None:
    assert witness_key(f" {DANA}\n") == DANA
    with pytest.raises(KeysError, match="signs notes"):
        witness_key(str(LOG.verifier))
    with pytest.raises(KeysError):
        witness_key("dana")


def ended(ending: Ending) -> Keyring:
    return replace_key(
        FIRST,
        LOG.verifier,
        NEW_LOG.verifier,
        last=tree_at(6),
        ending=ending,
        expires=date(2028, 1, 1),
    )


def test_proofs_are_made_anew_where_a_key_was_revoked_or_other_witnesses_are_asked_for() -> None:
    longer = replace(FIRST, version=2, expires=date(2028, 1, 1))
    clock = replace_key(
        FIRST,
        CLOCK.verifier,
        NEW_CLOCK.verifier,
        last=tree_at(6),
        ending=Ending.RETIRED,
        expires=date(2028, 1, 1),
    )
    policy = changed_policy(FIRST.policy, Wishes(quorum=3))
    stricter = replace(FIRST, version=2, policy=policy)

    assert wanted([FIRST]) == (0, False)
    assert wanted([FIRST, longer]) == (0, False)
    assert wanted([FIRST, ended(Ending.RETIRED)]) == (0, False)
    assert wanted([FIRST, clock]) == (0, False)
    assert wanted([FIRST, stricter]) == (2, True)  # new proofs first
    assert wanted([FIRST, ended(Ending.REVOKED)]) == (2, False)  # the keyring first
    assert wanted([FIRST, stricter, replace(stricter, version=3)]) == (2, True)


def test_a_mark_comes_back() -> None:
    assert Mark.parse(Mark(2, 1_000, 5_000).encode()) == Mark(2, 1_000, 5_000)
    assert Mark.parse("") == Mark()
    assert Mark().done
    assert not Mark(2, 0, 1).done
