import base64
import hashlib
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keys.errors import BadSignatureError, FormatError, KeyringError
from keys.keyring import (
    Keyring,
    SignedKeyring,
    check_first,
    check_own,
    check_update,
    fingerprint,
    keyring_path,
)
from keys.merkle import EMPTY_ROOT
from keys.note import Kind, Note
from keys.policy import Group, Policy, Witness
from keys.standing import Ending, Former
from tests.keys.rings import (
    ALL_THREE,
    CLOCK,
    FIRST,
    LOG,
    NEW_LOG,
    ORIGIN,
    PARTNERS,
    POLICY,
    ROOTS,
    secret,
    sign,
    tree_at,
    verifier,
)

RETIRED = Former(Ending.RETIRED, NEW_LOG.verifier, 4, tree_at(4).root)
FULL = replace(
    FIRST, former=(RETIRED, Former(Ending.REVOKED, verifier(ORIGIN, number=7), 0, EMPTY_ROOT))
)


def test_the_text_is_that_of_the_format() -> None:
    lines = FULL.encode().split("\n")

    assert lines[:5] == [
        "news.example/mirror/keys",
        "version 1",
        "expires 2027-02-24",
        "max-age 172800",
        "threshold 2",
    ]
    assert lines[5] == f"root {ROOTS[0].verifier}"
    assert lines[8].startswith(f"retired {NEW_LOG.verifier} 4 ")
    assert base64.b64decode(lines[8].split(" ")[3]) == tree_at(4).root
    assert lines[9].startswith("revoked news.example/mirror+")
    assert lines[10:] == [
        "",
        f"log {LOG.verifier}",
        f"witness clock {CLOCK.verifier}",
        f"witness a {PARTNERS[0].verifier}",
        f"witness b {PARTNERS[1].verifier}",
        "group fresh 2 clock a b",
        "quorum fresh",
        "",
    ]


def test_a_signed_keyring_is_read_back_with_its_inner_empty_line() -> None:
    signed = sign(FULL, ROOTS[0], ROOTS[1])

    assert SignedKeyring.parse(signed.encode()) == signed
    assert signed.keyring.path == "log/keys/1" == keyring_path(1)
    assert signed.keyring.retired == (RETIRED,)
    assert [item.ending for item in signed.keyring.revoked] == [Ending.REVOKED]


def test_the_fingerprint_is_what_sha256sum_prints() -> None:
    data = sign(FIRST, *ROOTS[:2]).encode()

    assert fingerprint(data) == hashlib.sha256(data).hexdigest()
    assert SignedKeyring.parse(data).fingerprint == fingerprint(data)


@pytest.mark.parametrize(
    "dress", [str, str.upper, lambda text: f" {text[:4]} {text[4:8]}:{text[8:]}\n"]
)
def test_the_pinned_keyring_is_known_by_its_fingerprint_however_it_is_written(
    dress: Callable[[str], str],
) -> None:
    signed = sign(FIRST, *ROOTS[:2])

    check_first(signed, dress(signed.fingerprint))


def test_another_keyring_is_not_the_pinned_one() -> None:
    signed, other = sign(FIRST, *ROOTS[:2]), sign(FIRST, *ROOTS[1:3])

    with pytest.raises(KeyringError, match="this is not the one you trust"):
        check_first(other, signed.fingerprint)


def test_a_pinned_keyring_needs_its_own_threshold() -> None:
    signed = sign(FIRST, ROOTS[0], ROOTS[3])

    with pytest.raises(KeyringError, match="signed by 1 of its own 3 roots, but it takes 2"):
        check_first(signed, signed.fingerprint)


def test_one_root_does_not_count_twice() -> None:
    signed = sign(FIRST, ROOTS[0], ROOTS[0])

    with pytest.raises(KeyringError, match="signed by 1 of"):
        check_own(signed)


def _second(**changes: Any) -> Keyring:  # noqa: ANN401  # of any field
    return replace(FIRST, version=2, **changes)


def test_the_next_version_follows_when_enough_old_and_new_roots_signed() -> None:
    after = _second(roots=tuple(root.verifier for root in ROOTS[1:4]), threshold=2)

    check_update(sign(FIRST), sign(after, ROOTS[1], ROOTS[2]))


@pytest.mark.parametrize(
    ("signing", "problem"),
    [
        ((1, 3), "signed by 1 of version 1's 3 roots"),
        ((0, 1), "signed by 1 of its own 3 roots"),
        ((), "signed by 0 of version 1's"),
    ],
)
def test_roots_of_one_side_alone_change_nothing(signing: tuple[int, ...], problem: str) -> None:
    after = _second(roots=tuple(root.verifier for root in ROOTS[1:4]))

    with pytest.raises(KeyringError, match=problem):
        check_update(sign(FIRST), sign(after, *(ROOTS[number] for number in signing)))


@pytest.mark.parametrize("version", [1, 3])
def test_no_version_is_skipped_or_repeated(version: int) -> None:
    with pytest.raises(KeyringError, match=f"version {version} does not follow version 1"):
        check_update(sign(FIRST), sign(replace(FIRST, version=version), *ROOTS[:3]))


def test_a_keyring_of_another_log_does_not_follow() -> None:
    other = "other.example"
    policy = Policy((verifier(other),))
    after = _second(origin=other, policy=policy)

    with pytest.raises(KeyringError, match=r"is of other\.example"):
        check_update(sign(FIRST), sign(after, *ROOTS[:3]))


def test_a_false_line_of_a_root_rejects_the_whole_keyring() -> None:
    signed = sign(_second(), *ROOTS[:2])
    false = replace(signed.note.signatures[0], payload=bytes(64))
    note = Note(signed.note.text, (*signed.note.signatures, false))

    with pytest.raises(BadSignatureError):
        check_update(sign(FIRST), SignedKeyring(note, signed.keyring))


def test_it_expires_on_its_day() -> None:
    assert not FIRST.expired(date(2027, 2, 23))
    assert FIRST.expired(date(2027, 2, 24))


CLOCK_NAME = "news.example/clock"


@pytest.mark.parametrize(
    "changes",
    [
        {"version": 0},
        {"max_age": 0},
        {"max_age": 10**9},
        {"threshold": 0},
        {"threshold": 4},
        {"roots": ()},
        {"roots": (*ALL_THREE, ALL_THREE[0])},
        {"roots": (*ALL_THREE, LOG.verifier)},
        {"roots": (*ALL_THREE, verifier("w", Kind.COSIGNATURE))},
        {"roots": tuple(verifier(f"r{n}") for n in range(17))},
        {"origin": "two words", "policy": Policy((verifier("x"),))},
        {"origin": "other.example"},
        {"former": (Former(Ending.RETIRED, LOG.verifier, 4, bytes(32)),)},
        {"former": (Former(Ending.RETIRED, verifier("other.example"), 4, bytes(32)),)},
        {"former": (RETIRED, RETIRED)},
        {"former": tuple(replace(RETIRED, key=verifier(ORIGIN, number=n)) for n in range(9, 74))},
    ],
)
def test_an_impossible_keyring_cannot_be_made(changes: dict[str, Any]) -> None:
    with pytest.raises(KeyringError):
        replace(FIRST, **changes)


@pytest.mark.parametrize(
    "changes",
    [
        {"logs": ()},
        {"logs": (LOG.verifier, LOG.verifier)},
        {"logs": (verifier(ORIGIN, Kind.COSIGNATURE),)},
        {"logs": tuple(verifier(ORIGIN, number=number) for number in range(33))},
        {"witnesses": (Witness("clock", verifier(CLOCK_NAME)),)},
        {"witnesses": (*POLICY.witnesses, Witness("more", CLOCK.verifier))},
        {"witnesses": (*POLICY.witnesses, Witness("a", verifier("w", Kind.COSIGNATURE)))},
        {"witnesses": (*POLICY.witnesses, Witness("none", verifier("w", Kind.COSIGNATURE)))},
        {"witnesses": (*POLICY.witnesses, Witness("a b", verifier("w", Kind.COSIGNATURE)))},
        {"groups": ()},
        {"groups": (Group("fresh", "any", ("fresh",)),)},
        {"groups": (Group("fresh", "any", ("none",)),)},
        {"groups": (Group("fresh", "any", ("clock", "clock")),)},
        {"groups": (Group("fresh", "any", ("later",)), Group("later", "any", ("a",)))},
        {"groups": (Group("x", "any", ("a",)), Group("fresh", "any", ("a",)))},
        {"groups": (Group("fresh", "any", ("a",)), Group("a", "any", ("b",)))},
        {"quorum": "nobody"},
    ],
)
def test_an_impossible_policy_cannot_be_made(changes: dict[str, Any]) -> None:
    with pytest.raises(KeyringError):
        replace(POLICY, **changes)


@pytest.mark.parametrize(
    ("rule", "members"),
    [("0", ("a",)), ("2", ("a",)), ("01", ("a",)), ("some", ("a",)), ("all", ())],
)
def test_a_group_asks_for_one_to_all_of_its_members(rule: str, members: tuple[str, ...]) -> None:
    with pytest.raises(KeyringError):
        Group("g", rule, members)


def test_a_former_key_has_a_last_tree() -> None:
    for size, root in ((-1, bytes(32)), (4, b"short"), (4, EMPTY_ROOT), (0, bytes(32))):
        with pytest.raises(KeyringError):
            Former(Ending.RETIRED, NEW_LOG.verifier, size, root)


TEXT = FULL.encode()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hello\n",
        "<!doctype html>\n<title>Not found</title>\n",
        TEXT[:-1],
        f"{TEXT}\n",
        TEXT.replace("mirror/keys", "mirror"),
        TEXT.replace("version 1\n", "version 01\n"),
        TEXT.replace("version 1\n", ""),
        TEXT.replace("version 1\n", "version 1\nversion 1\n"),
        TEXT.replace("version 1\n", "version  1\n"),
        TEXT.replace("version 1\n", "version 1 \n"),
        TEXT.replace("2027-02-24", "20270224"),
        TEXT.replace("2027-02-24", "2027-02-30"),
        TEXT.replace("2027-02-24", "2027-W08-3"),
        TEXT.replace("threshold 2\n", "threshold 4\n"),
        TEXT.replace("threshold 2\n", "threshold 2\n# a comment\n"),
        TEXT.replace("threshold 2\n", "threshold two\n"),
        TEXT.replace(
            "expires 2027-02-24\nmax-age 172800\n", "max-age 172800\nexpires 2027-02-24\n"
        ),
        TEXT.replace("retired ", "resting "),
        TEXT.replace(" 4 ", " 04 "),
        TEXT.replace("\n\nlog", "\nlog"),
        TEXT.replace("\n\nlog", "\n\n\nlog"),
        TEXT.replace("group fresh 2", "group fresh 02"),
        TEXT.replace("group fresh 2", "group fresh 5"),
        TEXT.replace("quorum fresh", "quorum fresh\nquorum fresh"),
        TEXT.replace("quorum fresh", "quorum none "),
        TEXT.replace("quorum fresh\n", ""),
        TEXT.replace(f"log {LOG.verifier}", f"log {LOG.verifier} https://news.example/"),
        TEXT.replace("+", "-"),
        TEXT.replace("root", "roots"),
    ],
)
def test_what_is_no_keyring_is_refused(text: str) -> None:
    with pytest.raises(KeyringError):
        Keyring.parse(text)


names = st.from_regex(r"[a-z][a-z0-9-]{0,8}", fullmatch=True).filter(lambda name: name != "none")


@st.composite
def policies(draw: st.DrawFn) -> Policy:
    """Any policy whose groups take what is left over of the names before them."""
    labels = draw(st.lists(names, unique=True, max_size=8))
    split = draw(st.integers(0, len(labels)))
    witnesses = tuple(
        Witness(label, verifier(f"w{label}", Kind.COSIGNATURE)) for label in labels[:split]
    )
    free, groups = list(labels[:split]), []
    for label in labels[split:]:
        if not free:
            break
        members = free[: draw(st.integers(1, len(free)))]
        free = [*free[len(members) :], label]
        rule = draw(st.sampled_from(["any", "all", *map(str, range(1, len(members) + 1))]))
        groups.append(Group(label, rule, tuple(members)))
    defined = [*labels[:split], *(group.name for group in groups), "none"]
    return Policy((LOG.verifier,), witnesses, tuple(groups), draw(st.sampled_from(defined)))


formers = st.builds(
    lambda ending, number, size: Former(
        ending, verifier(ORIGIN, number=number), size, bytes(32) if size else EMPTY_ROOT
    ),
    st.sampled_from(Ending),
    st.integers(2, 99),
    st.integers(0, 2**63 - 1),
)
keyrings = st.builds(
    Keyring,
    origin=st.just(ORIGIN),
    version=st.integers(1, 2**31 - 1),
    expires=st.dates(),
    max_age=st.integers(1, 366 * 86_400),
    threshold=st.integers(1, 3),
    roots=st.permutations(ALL_THREE).map(tuple),
    policy=policies(),
    former=st.lists(formers, max_size=4, unique_by=lambda item: item.key).map(tuple),
)


@given(keyrings)
def test_parse_undoes_encode(keyring: Keyring) -> None:
    assert Keyring.parse(keyring.encode()) == keyring


@given(st.text(max_size=200), st.integers(0, len(TEXT)), st.integers(0, 30))
def test_parse_takes_only_what_encode_writes(text: str, at: int, gone: int) -> None:
    changed = TEXT[:at] + text + TEXT[at + gone :]
    for candidate in (text, changed):
        try:
            keyring = Keyring.parse(candidate)
        except FormatError:
            continue
        assert keyring.encode() == candidate


SIGNED = sign(FIRST, ROOTS[0], ROOTS[2])
DATA = SIGNED.encode()


@given(st.integers(0, len(DATA) - 1), st.integers(1, 255))
def test_a_keyring_with_one_other_byte_is_never_followed(at: int, flip: int) -> None:
    data = bytearray(DATA)
    data[at] ^= flip

    with pytest.raises(FormatError):
        check_own(SignedKeyring.parse(bytes(data)))


@given(policies(), st.data())
def test_a_quorum_is_complete_at_the_time_of_the_last_witness_it_needed(
    policy: Policy, data: st.DataObject
) -> None:
    times = _drawn_times(policy, data)

    expected = next(
        (
            now
            for now in range(10)
            if _met(policy, policy.quorum, {name for name, time in times.items() if time <= now})
        ),
        None,
    )
    assert policy.quorum_time(times) == expected


@given(policies(), st.data())
def test_a_quorum_is_as_fresh_as_the_last_moment_since_when_a_whole_one_has_cosigned(
    policy: Policy, data: st.DataObject
) -> None:
    times = _drawn_times(policy, data)

    expected = next(
        (
            since
            for since in range(9, -1, -1)
            if _met(policy, policy.quorum, {name for name, time in times.items() if time >= since})
        ),
        None,
    )
    met = policy.quorum_time(times, newest=True)
    assert met == (0 if policy.quorum == "none" else expected)


def _drawn_times(policy: Policy, data: st.DataObject) -> dict[str, int]:
    """When each witness cosigned, of those that did."""
    drawn = {one.name: data.draw(st.none() | st.integers(1, 9)) for one in policy.witnesses}
    return {name: time for name, time in drawn.items() if time is not None}


def _met(policy: Policy, name: str, signed: set[str]) -> bool:
    for group in policy.groups:
        if group.name == name:
            count = sum(_met(policy, member, signed) for member in group.members)
            return count >= {"any": 1, "all": len(group.members)}.get(group.rule, group.needed)
    return name in signed or name == "none"


def test_the_largest_keyring_fits_into_a_note() -> None:
    roots = tuple(secret(f"{ORIGIN}/root/{number}") for number in range(16))
    witnesses = tuple(
        Witness(f"w{n}", verifier(f"witness-{n}.example", Kind.COSIGNATURE)) for n in range(32)
    )
    group = Group("fresh", "all", tuple(witness.name for witness in witnesses))
    keyring = replace(
        FIRST,
        roots=tuple(root.verifier for root in roots),
        policy=Policy((LOG.verifier,), witnesses, (group,), "fresh"),
        former=tuple(replace(RETIRED, key=verifier(ORIGIN, number=n)) for n in range(2, 66)),
    )
    signed = sign(keyring, *roots)

    assert SignedKeyring.parse(signed.encode()) == signed
