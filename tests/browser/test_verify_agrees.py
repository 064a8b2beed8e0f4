"""The page's verdicts are those of ``feeds.verify``, whatever comes in."""

import itertools
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from feeds.edition import Entry
from feeds.localise import localise
from feeds.verify import Options, Pin, Verdict, verify_file, verify_tree
from keys.checkpoint import Checkpoint
from keys.keyring import SignedKeyring
from keys.merkle import inclusion_proof, leaf_hash, node_hash
from keys.minisign import sign
from keys.note import Note, Signature, SigningKey
from keys.policy import Group, Policy, Witness
from keys.proof import OfflineProof
from keys.standing import Ending, Former
from keys.tiles import Appended, append, tile_reader
from keys.verifier import Kind
from tests.browser.node import Checker, FilesReader, checker, packed
from tests.feeds.tree import BASE, ORIGIN, SignedTree, article, feed, key, picture, sha

pytestmark = pytest.mark.real

PATH, PAGE = article(1)
NOW = datetime(2026, 11, 24, 13, 0, tzinfo=UTC)
MANY = settings(
    deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=100
)


@pytest.fixture(scope="module", params=["own", "plain"])
def page(
    project: Path, need: Callable[..., None], request: pytest.FixtureRequest
) -> Iterator[Checker]:
    need("node")
    if not (project / "web/verify/node_modules").is_dir():
        pytest.skip("needs: npm ci --prefix web/verify (`make test` does it)")
    with checker(project, *(["--plain"] if request.param == "plain" else [])) as started:
        yield started


@pytest.fixture(scope="module")
def tree() -> SignedTree:
    return SignedTree().fill()


def same_of_file(page: Checker, data: bytes, proof: bytes | None, pin: Pin) -> Verdict:
    """The verdict on a file, once both have said the same."""
    ours = verify_file(data, proof, pin)
    theirs = page.file(data, proof, pin)

    assert theirs["verdict"] == ours.verdict, (theirs, ours.findings)
    if ours.verdict is Verdict.GENUINE:
        assert theirs["path"] == ours.path
        assert ours.head
        assert theirs["time"] == (ours.head.time.timestamp() if ours.head.time else None)
    return ours.verdict


def same_of_tree(page: Checker, files: dict[str, bytes], pin: Pin, now: datetime = NOW) -> Verdict:
    """The verdict on a folder, once both have said the same, and of the same files."""
    ours = verify_tree(FilesReader(files), pin, now=now, options=Options(proofs=None))
    theirs = page.tree(files, pin, now)

    assert theirs["verdict"] == ours.verdict, (theirs, ours.findings)
    if ours.verdict is Verdict.GENUINE:
        assert theirs["files"] == ours.files
    told = {(item["verdict"], _where(item["path"])) for item in theirs["findings"]}
    assert told == {(str(item.verdict), _where(item.path)) for item in ours.findings}
    return ours.verdict


def _where(path: str) -> str:
    """Ours name no path where a bundle of entries can't be read."""
    return "" if path.startswith("log/tile/entries") else path


@st.composite
def changed(draw: st.DrawFn, data: bytes) -> bytes:
    """``data`` with one small change, or none."""
    at = draw(st.integers(0, len(data)))
    until = draw(st.integers(at, min(len(data), at + 40)))
    kind = draw(st.sampled_from(["none", "cut", "flip", "put", "copy", "end", "case"]))
    part = data[at:until]
    put = {
        "none": part,
        "cut": b"",
        "flip": bytes(byte ^ draw(st.sampled_from([1, 32, 128])) for byte in part[:1]) + part[1:],
        "put": draw(st.sampled_from([b"\n", b" ", b"\0", b"0", b"+", b"=", b"\xff", b"\r"])) + part,
        "copy": part * 2,
        "end": part,
        "case": part.swapcase(),
    }[kind]
    return data[:at] + put + (b"" if kind == "end" else data[until:])


@given(data=st.data())
@MANY
def test_a_file_and_what_was_changed_in_it(
    page: Checker, tree: SignedTree, data: st.DataObject
) -> None:
    proof = tree.files[f"{PATH}.tlog-proof"]
    whole = PAGE + b"<!--\n" + proof + b"-->\n"
    form = data.draw(st.sampled_from(["beside", "inside", "both"]))
    body = data.draw(changed(PAGE if form == "beside" else whole))
    beside = None if form == "inside" else data.draw(changed(proof))
    keyring = data.draw(st.one_of(st.just(tree.keyring), changed(tree.keyring)))

    same_of_file(page, body, beside, Pin(keyring=keyring))


@given(data=st.data())
@MANY
def test_a_keyring_that_is_signed_and_written_otherwise(
    page: Checker, tree: SignedTree, data: st.DataObject
) -> None:
    text = Note.parse(tree.keyring).text.encode()
    try:
        note = Note(data.draw(changed(text)).decode())
    except Exception:  # noqa: BLE001 - what can't be signed is another test's
        return
    keyring = note.with_signatures(tree.roots[0].sign(note.text)).encode()

    same_of_file(page, PAGE, tree.files[f"{PATH}.tlog-proof"], Pin(keyring=keyring))


@given(data=st.data())
@MANY
def test_a_head_that_is_signed_and_written_otherwise(
    page: Checker, tree: SignedTree, data: st.DataObject
) -> None:
    proof = tree.files[f"{PATH}.tlog-proof"]
    before, _, head = proof.partition(b"\n\n")
    try:
        note = Note(data.draw(changed(Note.parse(head).text.encode())).decode())
    except Exception:  # noqa: BLE001 - what can't be signed is another test's
        return
    time = data.draw(st.sampled_from([0, 1, 2**62, 2**63 - 1, 253_402_300_800]))
    lines = [
        tree.log.sign(note.text),
        tree.clock.cosign(note.text, time),
        tree.clock.cosign(note.text, 5),
        key("stranger").sign(note.text),
    ]
    lines = data.draw(st.lists(st.sampled_from(lines), min_size=1, unique=True))
    signed = "\n".join([note.text, *map(str, lines), ""]).encode()

    same_of_file(page, PAGE, before + b"\n\n" + signed, Pin(keyring=tree.keyring))


@given(data=st.data())
@settings(MANY, max_examples=80)
def test_a_folder_and_what_was_changed_in_it(
    page: Checker, tree: SignedTree, data: st.DataObject
) -> None:
    files = dict(tree.files)
    for _ in range(data.draw(st.integers(1, 2))):
        path = data.draw(st.sampled_from(sorted(files)))
        other = data.draw(st.sampled_from([*sorted(files), "x/y", "log/keys/2", "a/00/x.html"]))
        match data.draw(st.sampled_from(["change", "drop", "swap", "copy"])):
            case "change":
                files[path] = data.draw(changed(files[path]))
            case "drop":
                del files[path]
            case "swap" if other in files:
                files[path], files[other] = files[other], files[path]
            case _:
                files[other] = files[path]

    same_of_tree(page, files, Pin(keyring=tree.keyring))
    same_of_tree(page, files, Pin(fingerprint=tree.fingerprint))


def test_a_keyring_has_one_form(page: Checker, tree: SignedTree) -> None:
    lines = Note.parse(tree.keyring).text.splitlines(keepends=True)
    proof = tree.files[f"{PATH}.tlog-proof"]
    said = []
    for at, line in enumerate(lines):
        for changed_lines in (
            [*lines[:at], *lines[at + 1 :]],
            [*lines[:at], line, *lines[at:]],
            [*lines[:at], *lines[at + 1 : at + 2], line, *lines[at + 2 :]],
            [*lines[:at], f" {line}", *lines[at + 1 :]],
            [*lines[:at], line.replace(" ", "  ", 1), *lines[at + 1 :]],
            [*lines[:at], line.replace("1", "01", 1), *lines[at + 1 :]],
        ):
            note = Note("".join(changed_lines))
            keyring = note.with_signatures(tree.roots[0].sign(note.text)).encode()
            said.append(same_of_file(page, PAGE, proof, Pin(keyring=keyring)))

    assert said.count(Verdict.COULD_NOT_TELL) > 4 * len(lines)


@pytest.mark.parametrize("change", ["as it is", "twice", "order", "crlf", "itself", "path", "end"])
def test_sums_have_one_form(page: Checker, tree: SignedTree, change: str) -> None:
    lines = tree.files["SHA256SUMS"].splitlines(keepends=True)
    listed = {
        "as it is": lines,
        "twice": [lines[0], *lines],
        "order": lines[::-1],
        "crlf": [line.replace(b"\n", b"\r\n") for line in lines],
        "itself": [b"0" * 64 + b"  SHA256SUMS\n", *lines],
        "path": [b"0" * 64 + b"  ../x\n", *lines],
        "end": [*lines, b"x"],
    }[change]
    data = b"".join(listed)
    entry = Entry(sha(data), "SHA256SUMS").encode()
    grown = append(tree.size, [entry], tree.files.__getitem__)
    head = tree.sign_head(grown.size, grown.root)
    hashes = inclusion_proof(tree.size, grown.size, tile_reader(grown.size, _either(grown, tree)))
    proof = OfflineProof("SHA256SUMS", tree.size, hashes, head).encode()
    files = {**tree.files, **grown.files, "SHA256SUMS": data, "SHA256SUMS.tlog-proof": proof}
    minisig = sign(tree.log, Note.parse(head).text).encode()
    files |= {"log/checkpoint": head, "log/checkpoint.minisig": minisig}

    found = same_of_tree(page, files, Pin(keyring=tree.keyring))
    assert found is (Verdict.GENUINE if change == "as it is" else Verdict.COULD_NOT_TELL)


def _either(grown: Appended, tree: SignedTree) -> Callable[[str], bytes]:
    return lambda path: grown.files.get(path) or tree.files[path]


def test_pictures_inside(page: Checker, tree: SignedTree) -> None:
    path, data = picture(b"a picture of some length, so that its text is not all padding")
    body = f'<img src="../../{path}"><link rel="icon" href="data:,">\n'.encode()
    tree = SignedTree().publish({"a/00/0011223344556677.html": body, path: data})
    proof = tree.files["a/00/0011223344556677.html.tlog-proof"]
    pin = Pin(keyring=tree.keyring)
    encoded = packed(data).encode()
    for text in (encoded, encoded[:-1], encoded + b"=", encoded + b"==", b"A" + encoded, b"abcde"):
        for kind in (b"image/webp", b"image/png", b"image/x", b"text/html"):
            inside = b"data:" + kind + b";base64," + text
            saved = body.replace(f"../../{path}".encode(), inside)
            same_of_file(page, saved, proof, pin)
    good = body.replace(f"../../{path}".encode(), b"data:image/webp;base64," + encoded)
    assert same_of_file(page, good, proof, pin) is Verdict.GENUINE


def test_every_office_needs_its_own_key(page: Checker, tree: SignedTree) -> None:
    text = Note.parse(tree.keyring).text
    root, log, clock = (str(one.verifier) for one in (tree.roots[0], tree.log, tree.clock))
    proof = tree.files[f"{PATH}.tlog-proof"]
    tail = f" 1 {packed(b'r' * 32)}\n\n"
    vkeys = {
        "right": vkey("x", 4, b"w" * 32),
        "a root's": vkey("x", 4, tree.roots[0].verifier.public),
        "no kind": vkey("x", 2, b"w" * 32),
        "another log's": vkey("x", 1, b"w" * 32),
        "the log's old": vkey(ORIGIN, 1, b"w" * 32),
        "the log's new": vkey(ORIGIN, 1, tree.log.verifier.public),
    }
    said = []
    for one in vkeys.values():
        for changed_text in (
            text.replace("\n\n", f"\nretired {one}{tail}", 1),
            text.replace("\n\n", f"\nrevoked {one}{tail}", 1),
            text.replace(root, f"{root}\nroot {one}"),
            text.replace(log, f"{log}\nlog {one}"),
            text.replace(clock, f"{clock}\nwitness second {one}"),
            text.replace(clock, one),
        ):
            note = Note(changed_text)
            keyring = note.with_signatures(tree.roots[0].sign(note.text)).encode()
            said.append(same_of_file(page, PAGE, proof, Pin(keyring=keyring)))

    assert set(said) == {Verdict.GENUINE, Verdict.NOT_GENUINE, Verdict.COULD_NOT_TELL}


def vkey(name: str, kind: int, public: bytes) -> str:
    """A verifier key of any kind, with its right id."""
    material = bytes([kind]) + public
    key_id = sha(b"%s\n%s" % (name.encode(), material))[:8]
    return f"{name}+{key_id}+{packed(material)}"


@pytest.mark.parametrize("ending", list(Ending))
@pytest.mark.parametrize("beyond", [-1, 0, 1])
def test_a_former_witness(page: Checker, tree: SignedTree, ending: Ending, beyond: int) -> None:
    head = Checkpoint.parse(Note.parse(tree.editions[tree.size]).text)
    former = Former(ending, tree.clock.verifier, head.size + beyond, head.root)
    later = SignedTree()
    later.clock = SigningKey(tree.clock.name, tree.clock.kind, b"c" * 32)
    pin = Pin(keyring=later.make_keyring(2, former=[former]))

    found = same_of_file(page, PAGE, tree.files[f"{PATH}.tlog-proof"], pin)
    good = ending is Ending.RETIRED and beyond >= 0
    assert found is (Verdict.GENUINE if good else Verdict.NOT_GENUINE)


def test_former_keys(page: Checker, tree: SignedTree) -> None:
    head = Checkpoint.parse(Note.parse(tree.editions[tree.size]).text)
    rotated = SignedTree()
    rotated.log = SigningKey(ORIGIN, tree.log.kind, b"n" * 32)
    proof = tree.files[f"{PATH}.tlog-proof"]
    said = set()
    for ending in Ending:
        for size, root in (
            (head.size, head.root),
            (head.size, b"r" * 32),
            (head.size - 1, b"r" * 32),
            (head.size + 1, b"r" * 32),
        ):
            former = [Former(ending, tree.log.verifier, size, root)]
            keyring = rotated.make_keyring(2, former=former)
            said.add(same_of_file(page, PAGE, proof, Pin(keyring=keyring)))
            rotated.keyring = rotated.make_keyring(1)
            files = {**tree.files, "log/keys/1": tree.keyring, "log/keys/2": keyring}
            same_of_tree(page, files, Pin(keyring=tree.keyring))
    assert said == {Verdict.GENUINE, Verdict.NOT_GENUINE, Verdict.COULD_NOT_TELL}


def test_a_proof_is_as_long_as_the_log_asks(page: Checker, tree: SignedTree) -> None:
    leaf = leaf_hash(Entry(sha(PAGE), PATH).encode())
    other = b"o" * 32
    both = node_hash(leaf, other)
    pin = Pin(keyring=tree.keyring)

    def verdict(size: int, root: bytes, *hashes: bytes) -> Verdict:
        proof = OfflineProof(PATH, 0, hashes, tree.sign_head(size, root))
        return same_of_file(page, PAGE, proof.encode(), pin)

    assert verdict(1, leaf) is verdict(2, both, other) is Verdict.GENUINE
    assert verdict(2, leaf) is verdict(1, both, other) is Verdict.NOT_GENUINE
    assert verdict(1, node_hash(other, leaf), other) is Verdict.NOT_GENUINE
    assert verdict(2, node_hash(both, other), other, other) is Verdict.NOT_GENUINE


@pytest.mark.parametrize("time", [2**63 - 1, 2**63, 2**64 - 1])
def test_a_time_that_no_clock_shows(page: Checker, tree: SignedTree, time: int) -> None:
    before, _, head = tree.files[f"{PATH}.tlog-proof"].partition(b"\n\n")
    note = Note.parse(head)
    seen = tree.clock.sign_bytes(f"cosignature/v1\ntime {time}\n{note.text}".encode())
    line = Signature(tree.clock.name, tree.clock.verifier.key_id, time.to_bytes(8, "big") + seen)
    signed = Note(note.text, (note.signatures[0], line)).encode()

    found = same_of_file(page, PAGE, before + b"\n\n" + signed, Pin(keyring=tree.keyring))
    assert found is (Verdict.GENUINE if time < 2**63 else Verdict.NOT_GENUINE)


@pytest.mark.parametrize("rule", ["any", "1", "2", "all"])
@pytest.mark.parametrize("quorum", ["some", "both", "a", "none"])
def test_the_quorum_and_when_it_was_met(
    page: Checker, tree: SignedTree, rule: str, quorum: str
) -> None:
    names = ["a", "b", "c"]
    keys = [key(f"{name}.example/witness", Kind.COSIGNATURE) for name in names]
    policy = Policy(
        logs=(tree.log.verifier,),
        witnesses=tuple(Witness(name, one.verifier) for name, one in zip(names, keys, strict=True)),
        groups=(Group("some", rule, ("a", "b")), Group("both", "all", ("some", "c"))),
        quorum=quorum,
    )
    ring = replace(SignedKeyring.parse(tree.keyring).keyring, policy=policy)
    note = Note(ring.encode())
    pin = Pin(keyring=note.with_signatures(tree.roots[0].sign(note.text)).encode())
    before, _, head = tree.files[f"{PATH}.tlog-proof"].partition(b"\n\n")
    text = Note.parse(head).text
    said = set()
    for times in itertools.product([0, 1_000, 3_000], [0, 2_000], [0, 500, 9_000]):
        lines = [one.cosign(text, time) for one, time in zip(keys, times, strict=True) if time]
        signed = Note(text).with_signatures(tree.log.sign(text), *lines).encode()
        said.add(same_of_file(page, PAGE, before + b"\n\n" + signed, pin))

    assert said == {Verdict.GENUINE, *([Verdict.NOT_GENUINE] if quorum != "none" else [])}


@pytest.mark.parametrize("signers", [[0], [0, 1], [1, 2], []])
def test_a_chain_of_keyrings(page: Checker, signers: list[int]) -> None:
    tree = SignedTree()
    tree.roots = [key(f"news.example/root/{name}") for name in "abc"]
    tree.threshold = 2
    first = tree.keyring = tree.make_keyring(1)
    tree.fill()
    second = b""
    if signers:
        second = tree.make_keyring(2, signers=[tree.roots[number] for number in signers])
        tree.keyring = second
        tree.publish({}, {"log/keys/1": None})
    files = dict(tree.files) | {"log/keys/1": first}
    files |= {"log/keys/2": second} if signers else {"log/keys/2": b"<html>no such page"}

    for pin in (Pin(keyring=first), Pin(keyring=second) if signers else Pin(keyring=first)):
        same_of_tree(page, files, pin)
        same_of_tree(page, {**files, "log/keys/1": b""}, pin)
        same_of_tree(page, {path: files[path] for path in files if path != "log/keys/1"}, pin)


def test_no_keyring_is_skipped(page: Checker, tree: SignedTree) -> None:
    files = {**tree.files, "log/keys/2": tree.make_keyring(3)}

    assert same_of_tree(page, files, Pin(keyring=tree.keyring)) is Verdict.NOT_GENUINE


def test_a_head_in_the_middle_of_an_edition(page: Checker, tree: SignedTree) -> None:
    grown = append(tree.size, [Entry(sha(PAGE), PATH).encode()], tree.files.__getitem__)
    head = tree.sign_head(grown.size, grown.root)
    files = {**tree.files, **grown.files, "log/checkpoint": head}

    assert same_of_tree(page, files, Pin(keyring=tree.keyring)) is Verdict.NOT_GENUINE
    found = page.tree(files, Pin(keyring=tree.keyring), NOW)["findings"]
    assert [item["why"] for item in found] == [["no edition"]]


def test_expired_future_and_stale(page: Checker, tree: SignedTree) -> None:
    pin = Pin(keyring=tree.keyring)
    said = [
        same_of_tree(page, tree.files, pin, now)
        for now in (
            tree.time - timedelta(minutes=9),
            tree.time - timedelta(minutes=11),
            tree.time + timedelta(days=2),
            tree.time + timedelta(days=2, seconds=1),
            datetime(2027, 2, 23, 23, 59, tzinfo=UTC),
            datetime(2027, 2, 24, tzinfo=UTC),
        )
    ]

    assert said[0] is Verdict.GENUINE
    assert said[1] is said[5] is Verdict.COULD_NOT_TELL
    assert said[2] is Verdict.GENUINE
    assert said[3] is said[4] is Verdict.STALE


def test_feeds_of_an_address(page: Checker, tree: SignedTree) -> None:
    pin = Pin(keyring=tree.keyring)
    for base, verdict in ((BASE, Verdict.GENUINE), ("https://x.example/", Verdict.NOT_GENUINE)):
        copied = localise(tree.files["feeds/all.atom"], base)
        assert same_of_tree(page, {**tree.files, "feeds/all.atom": copied}, pin) is verdict
    half = tree.files["feeds/all.atom"].replace(b"https://mirror.invalid/", BASE.encode(), 1)
    assert same_of_tree(page, {**tree.files, "feeds/all.atom": half}, pin) is Verdict.NOT_GENUINE


def test_a_push_at_every_moment(page: Checker) -> None:
    tree = SignedTree().fill(4)
    before = dict(tree.files)
    pin = Pin(keyring=tree.keyring)
    writes = tree.plan(
        dict([article(1, "corrected"), article(9), picture(b"new")]) | {article(2)[0]: None},
        {"feeds/all.atom": feed("three"), "index.html": b"new", "s/new.html": b"section"},
    )
    for when in (tree.time, tree.time + timedelta(hours=2)):
        files = dict(before)
        for path, data in writes:
            if data is None:
                files.pop(path, None)
            else:
                files[path] = data
            same_of_tree(page, files, pin, when)


@pytest.mark.parametrize("path", [article(3)[0], article(1)[0], article(9)[0], "index.html"])
def test_a_forgery_while_a_push_is_under_way(page: Checker, path: str) -> None:
    tree = SignedTree().fill(4)
    files = dict(tree.files)
    pin = Pin(keyring=tree.keyring)
    for written, data in tree.plan(dict([article(1, "new"), article(9)]), {"index.html": b"new"}):
        assert data is not None
        files[written] = data
        if path in files:
            forged = {**files, path: b"forged"}
            assert same_of_tree(page, forged, pin, tree.time) is not Verdict.GENUINE


def test_a_log_of_many_tiles(page: Checker) -> None:
    tree = SignedTree().fill()
    for batch in range(3):
        leaves = {f"x/{batch}/{number}": b"%d" % number for number in range(220)}
        tree.publish(leaves, {"index.html": b"%d" % batch})
    pin = Pin(keyring=tree.keyring)

    assert same_of_tree(page, tree.files, pin) is Verdict.GENUINE
    for path in sorted(path for path in tree.files if path.startswith("log/tile/")):
        same_of_tree(page, {**tree.files, path: tree.files[path][:-1] + b"!"}, pin)
        same_of_tree(page, {one: tree.files[one] for one in tree.files if one != path}, pin)


def test_two_histories_are_told(page: Checker) -> None:
    tree, other = SignedTree().fill(3), SignedTree().fill(4)
    proof = other.files[f"{PATH}.tlog-proof"]
    files = {**tree.files, f"{PATH}.tlog-proof": proof}

    same_of_tree(page, files, Pin(keyring=tree.keyring))
    tree.publish({"x/1": b"1"}).publish({"x/2": b"2"})
    files = {**tree.files, f"{PATH}.tlog-proof": proof}
    assert same_of_tree(page, files, Pin(keyring=tree.keyring)) is Verdict.FORKED


@given(seed=st.binary(min_size=32, max_size=32), message=st.binary(max_size=200), data=st.data())
@settings(MANY, max_examples=60)
def test_signatures_are_judged_alike(
    page: Checker, seed: bytes, message: bytes, data: st.DataObject
) -> None:
    signer = SigningKey("x", Kind.ED25519, seed)
    good = signer.sign_bytes(message)
    order = 2**252 + 27742317777372353535851937790883648493
    wrapped = int.from_bytes(good[32:], "little") + order
    signature = data.draw(
        st.one_of(st.just(good), st.just(good[:32] + wrapped.to_bytes(32, "little")), changed(good))
    )
    facts: dict[str, Any] = {"key": packed(signer.verifier.public), "message": packed(message)}

    found = page.ask("signature", signature=packed(signature), **facts)["verdict"]
    assert found == str(signer.verifier.accepts(signature, message)).lower()


def test_a_keyring_expires_on_a_real_day(page: Checker, tree: SignedTree) -> None:
    text = Note.parse(tree.keyring).text
    for day in ("2027-02-29", "2028-02-29", "0000-01-01", "20270224", "2027-W08-3", "2027-13-01"):
        note = Note(text.replace(date(2027, 2, 24).isoformat(), day))
        keyring = note.with_signatures(tree.roots[0].sign(note.text)).encode()
        same_of_file(page, PAGE, tree.files[f"{PATH}.tlog-proof"], Pin(keyring=keyring))
