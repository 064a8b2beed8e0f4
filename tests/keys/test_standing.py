from dataclasses import replace

import pytest

from keys.checkpoint import Checkpoint
from keys.errors import BadSignatureError, NoteError
from keys.merkle import leaf_hash
from keys.note import Note
from keys.policy import Policy
from keys.standing import Ending, Former, Standing
from tests.keys.rings import (
    CLOCK,
    FIRST,
    LOG,
    NEW_CLOCK,
    NEW_LOG,
    POLICY,
    head,
    secret,
    tree_at,
)

ROTATED = replace(
    FIRST,
    version=2,
    policy=replace(POLICY, logs=(NEW_LOG.verifier,)),
    former=(Former(Ending.RETIRED, LOG.verifier, 6, tree_at(6).root),),
)
REVOKED = replace(ROTATED, former=(Former(Ending.REVOKED, LOG.verifier, 6, tree_at(6).root),))


def test_a_head_with_its_quorum_is_good_since_its_quorum_was_complete() -> None:
    judged = FIRST.judge(head(5, LOG, clock=300, b=100, a=200))

    assert judged.good
    assert judged.standing is Standing.CURRENT
    assert judged.tree == tree_at(5)
    assert judged.quorum_time == 200
    assert judged.fresh_time == 200
    assert judged.reasons == (
        "The head of 5 entries is signed by the log's present key.",
        "Witness clock saw it at 1970-01-01 00:05:00 UTC.",
        "Witness a saw it at 1970-01-01 00:03:20 UTC.",
        "Witness b saw it at 1970-01-01 00:01:40 UTC.",
        "Its quorum fresh was met at 1970-01-01 00:03:20 UTC.",
    )


def test_an_old_cosignature_beside_a_new_one_makes_no_head_fresh() -> None:
    judged = FIRST.judge(head(5, LOG, clock=300, b=100))

    assert (judged.quorum_time, judged.fresh_time) == (300, 100)


def test_a_head_short_of_its_quorum_is_not_good_and_says_who_is_missing() -> None:
    judged = FIRST.judge(head(5, LOG, clock=300))

    assert judged.log_ok
    assert not judged.good
    assert judged.quorum_time is None
    assert judged.reasons[-1] == "Its quorum fresh is not met; not signed by a, b."


def test_a_keyring_without_a_quorum_gives_no_time() -> None:
    keyring = replace(FIRST, policy=Policy((LOG.verifier,)))

    judged = keyring.judge(head(5, LOG, clock=300))

    assert judged.good
    assert judged.quorum_met
    assert judged.quorum_time is None
    assert "nothing shows when" in judged.reasons[-1]


def test_a_head_that_only_strangers_signed_is_unknown() -> None:
    judged = FIRST.judge(head(5, secret("news.example/mirror", number=5), clock=1, a=1))

    assert judged.standing is Standing.UNKNOWN
    assert not judged.good


def test_a_witness_is_no_log() -> None:
    assert FIRST.judge(head(5, clock=1, a=1)).standing is Standing.UNKNOWN


@pytest.mark.parametrize(
    ("keyring", "size", "standing", "good"),
    [
        (ROTATED, 5, Standing.RETIRED, True),
        (ROTATED, 6, Standing.RETIRED, True),
        (ROTATED, 7, Standing.OUTGROWN, False),
        (REVOKED, 6, Standing.DOUBTFUL, False),
        (REVOKED, 7, Standing.REVOKED, False),
    ],
)
def test_a_former_key_counts_up_to_its_last_tree(
    keyring: object, size: int, standing: Standing, *, good: bool
) -> None:
    assert isinstance(keyring, type(FIRST))
    judged = keyring.judge(head(size, LOG, clock=1, a=1))

    assert judged.standing is standing
    assert judged.good is good


def test_a_former_key_does_not_count_for_another_tree_of_its_last_size() -> None:
    text = Checkpoint(LOG.name, 6, leaf_hash(b"forked")).encode()

    assert ROTATED.judge(Note(text, (LOG.sign(text),))).standing is Standing.OUTGROWN
    assert REVOKED.judge(Note(text, (LOG.sign(text),))).standing is Standing.REVOKED


def test_during_a_rotation_the_present_key_is_what_counts() -> None:
    assert ROTATED.judge(head(9, NEW_LOG, LOG, clock=1, a=1)).standing is Standing.CURRENT
    assert FIRST.judge(head(9, NEW_LOG, LOG, clock=1, a=1)).standing is Standing.CURRENT


def test_a_retired_witness_counts_in_the_place_of_its_heir_up_to_its_last_tree() -> None:
    clock = replace(POLICY.witnesses[0], key=NEW_CLOCK.verifier)
    keyring = replace(
        FIRST,
        policy=replace(POLICY, witnesses=(clock, *POLICY.witnesses[1:])),
        former=(Former(Ending.RETIRED, CLOCK.verifier, 6, tree_at(6).root),),
    )
    revoked = replace(keyring, former=(Former(Ending.REVOKED, CLOCK.verifier, 6, tree_at(6).root),))

    assert keyring.judge(head(6, LOG, clock=5, a=1)).good
    assert keyring.judge(head(7, LOG, new_clock=5, a=1)).good
    assert not keyring.judge(head(7, LOG, clock=5, a=1)).good
    assert not revoked.judge(head(6, LOG, clock=5, a=1)).good
    assert keyring.judge(head(6, LOG, clock=5, new_clock=9)).quorum_time is None


def test_the_head_of_another_log_is_not_ours_whoever_signed_it() -> None:
    text = Checkpoint("other.example", 5, tree_at(5).root).encode()

    judged = FIRST.judge(Note(text, (LOG.sign(text), CLOCK.cosign(text, 1))))

    assert not judged.good
    assert judged.reasons == ("The head is of the log other.example, not of news.example/mirror.",)


def test_a_false_line_of_any_known_key_rejects_the_head() -> None:
    note = head(5, LOG, clock=1, a=1)
    false = replace(note.signatures[1], payload=bytes(72))

    with pytest.raises(BadSignatureError):
        FIRST.judge(Note(note.text, (note.signatures[0], false)))


def test_what_is_no_checkpoint_is_no_head() -> None:
    with pytest.raises(NoteError):
        FIRST.judge(Note("hello\n", (LOG.sign("hello\n"),)))


def test_a_time_after_all_calendars_is_still_said() -> None:
    judged = FIRST.judge(head(5, LOG, clock=2**63 - 1, a=1))

    assert judged.reasons[1] == f"Witness clock saw it at second {2**63 - 1} after 1970."
