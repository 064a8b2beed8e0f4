from dataclasses import replace
from datetime import date

import pytest

from keys import minisign
from keys.ceremony import finish, join, lacking, next_keyring, replace_key, revoke_retired
from keys.checkpoint import Checkpoint
from keys.errors import BadSignatureError, FormatError, KeyringError
from keys.keyring import Keyring
from keys.note import Kind, Note
from keys.standing import Ending, Standing
from tests.keys.rings import (
    CLOCK,
    FIRST,
    LOG,
    NEW_CLOCK,
    NEW_LOG,
    ROOTS,
    head,
    secret,
    sign,
    tree_at,
)

LATER = date(2028, 2, 24)
SIGNED = sign(FIRST, *ROOTS[:2])
BOTH = (*FIRST.roots, ROOTS[3].verifier)


def _minisig(number: int, keyring: Keyring) -> bytes:
    return minisign.sign(ROOTS[number], keyring.encode()).encode()


def test_the_next_version_changes_only_what_is_given() -> None:
    after = next_keyring(FIRST, expires=LATER)

    assert after == replace(FIRST, version=2, expires=LATER)
    assert next_keyring(FIRST, expires=LATER, max_age=3_600).max_age == 3_600
    with pytest.raises(KeyringError):
        next_keyring(FIRST, expires=LATER, threshold=4)


def test_roots_are_replaced_by_signatures_of_minisign_from_both_sides() -> None:
    after = next_keyring(FIRST, expires=LATER, roots=tuple(root.verifier for root in ROOTS[1:4]))
    files = [_minisig(3, after), _minisig(2, after), _minisig(1, after)]

    note = join(after.encode(), files, roots=BOTH)
    signed = finish(note, SIGNED)

    assert [line.name for line in note.signatures] == [root.name for root in ROOTS[1:4]]
    assert signed.keyring == after


def test_what_is_lacking_is_named_for_both_sides() -> None:
    after = next_keyring(FIRST, expires=LATER, roots=tuple(root.verifier for root in ROOTS[1:4]))
    note = join(after.encode(), [_minisig(0, after), _minisig(1, after)], roots=BOTH)

    old, own = lacking(note, FIRST)

    assert (old.version, old.count, old.names) == (1, 0, (ROOTS[2].name,))
    assert (own.version, own.count, own.names) == (2, 1, (ROOTS[2].name, ROOTS[3].name))
    with pytest.raises(KeyringError, match="signed by 1 of its own"):
        finish(note, SIGNED)


def test_a_first_keyring_needs_only_its_own_roots() -> None:
    note = join(FIRST.encode(), [_minisig(0, FIRST), _minisig(2, FIRST)], roots=FIRST.roots)

    assert finish(note, None).keyring == FIRST
    assert [item.count for item in lacking(note, None)] == [0]
    with pytest.raises(KeyringError):
        finish(join(FIRST.encode(), [_minisig(0, FIRST)], roots=FIRST.roots), None)


def test_notes_that_went_different_ways_are_joined_too() -> None:
    one, other = sign(FIRST, ROOTS[2], ROOTS[3]), sign(FIRST, ROOTS[0])

    note = join(FIRST.encode(), [one.encode(), other.encode()], roots=FIRST.roots)

    assert [line.name for line in note.signatures] == [ROOTS[0].name, ROOTS[2].name]


def test_a_signature_by_a_stranger_or_of_another_text_is_not_joined() -> None:
    text = FIRST.encode()
    for data in (_minisig(3, FIRST), _minisig(0, next_keyring(FIRST, expires=LATER))):
        with pytest.raises(KeyringError, match="no root of it made"):
            join(text, [data], roots=FIRST.roots)
    with pytest.raises(KeyringError, match="of another text"):
        join(text, [sign(next_keyring(FIRST, expires=LATER), ROOTS[0]).encode()], roots=BOTH)
    with pytest.raises(FormatError):
        join(text, [b"hello"], roots=BOTH)
    false = replace(ROOTS[0].sign(text), payload=bytes(64))
    with pytest.raises(BadSignatureError):
        join(text, [Note(text, (false,)).encode()], roots=BOTH)


def test_a_rotated_log_key_stays_good_for_what_it_signed() -> None:
    after = replace_key(
        FIRST,
        LOG.verifier,
        NEW_LOG.verifier,
        last=tree_at(6),
        ending=Ending.RETIRED,
        expires=LATER,
    )

    assert after.version == 2
    assert after.judge(head(6, LOG, clock=1, a=1)).good
    assert not after.judge(head(7, LOG, clock=1, a=1)).good
    assert after.judge(head(7, NEW_LOG, LOG, clock=1, a=1)).good


def test_a_stolen_log_key_counts_for_nothing_that_it_signs_afterwards() -> None:
    after = replace_key(
        FIRST,
        LOG.verifier,
        NEW_LOG.verifier,
        last=tree_at(6),
        ending=Ending.REVOKED,
        expires=LATER,
    )

    assert after.judge(head(6, LOG, clock=1, a=1)).standing is Standing.DOUBTFUL
    assert after.judge(head(7, LOG, clock=1, a=1)).standing is Standing.REVOKED


def test_a_retired_key_that_is_stolen_later_is_revoked() -> None:
    rotated = replace_key(
        FIRST,
        LOG.verifier,
        NEW_LOG.verifier,
        last=tree_at(6),
        ending=Ending.RETIRED,
        expires=LATER,
    )

    after = revoke_retired(rotated, LOG.verifier, last=tree_at(4), expires=LATER)

    assert after.version == 3
    assert after.judge(head(5, LOG, clock=1, a=1)).standing is Standing.REVOKED
    with pytest.raises(KeyringError, match="no retired key"):
        revoke_retired(after, LOG.verifier, last=tree_at(4), expires=LATER)


def test_a_witness_gets_a_new_key_in_its_old_place() -> None:
    after = replace_key(
        FIRST,
        CLOCK.verifier,
        NEW_CLOCK.verifier,
        last=tree_at(6),
        ending=Ending.RETIRED,
        expires=LATER,
    )

    assert after.policy.witnesses[0].key == NEW_CLOCK.verifier
    assert after.judge(head(6, LOG, clock=1, a=1)).good
    assert after.judge(head(7, LOG, new_clock=1, a=1)).good


def test_a_key_is_replaced_only_by_one_of_its_name_and_kind_and_only_where_it_stands() -> None:
    def attempt(
        former: object = LOG, new: object = NEW_LOG, last: Checkpoint | None = None
    ) -> None:
        assert isinstance(former, type(LOG))
        assert isinstance(new, type(LOG))
        replace_key(
            FIRST,
            former.verifier,
            new.verifier,
            last=last or tree_at(6),
            ending=Ending.RETIRED,
            expires=LATER,
        )

    with pytest.raises(KeyringError, match="bears the name"):
        attempt(new=secret("other.example"))
    with pytest.raises(KeyringError, match="bears the name"):
        attempt(new=secret(LOG.name, Kind.COSIGNATURE))
    with pytest.raises(KeyringError, match="has no key"):
        attempt(former=NEW_LOG, new=LOG)
    with pytest.raises(KeyringError, match="the last tree is of"):
        attempt(last=Checkpoint("other.example", 6, tree_at(6).root))
