"""Each ceremony after the first: roots and witnesses change, keys are rotated and revoked."""

import re
import shutil
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from feeds.verify import Pin, Verdict, verify_file
from keys.files import read_public, write_key
from keys.note import Kind, Note, SigningKey
from keys.proof import OfflineProof
from mirror.keystore import LOG, NEXT, key_path
from mirror.publish.renewal import PART
from mirror.service import Service
from tests.ceremonies.world import House, Root, two_of_three
from tests.passphrases import write_passphrase
from tests.service.room import NOW, Site, Story, begun, rounds

pytestmark = pytest.mark.real
MINUTE = timedelta(minutes=1)


def proofs(house: House, place: str = "one") -> list[Path]:
    folder = house.room.mirror(place) if place else house.room.tree
    return sorted((folder / "a").rglob("*.tlog-proof"))


@contextmanager
def watched(house: House, now: datetime) -> Iterator[set[Verdict]]:
    """The verdicts of somebody who looks at a mirror again and again meanwhile."""
    verdicts: set[Verdict] = set()
    alarms: list[str] = []
    over = threading.Event()

    def look() -> None:
        while not over.is_set():
            for _ in range(3):  # as the command does: a push may have come in between
                report = house.room.verify("one", now)
                if not report.pending or report.verdict.exit_status == 0:
                    break
                time.sleep(0.3)
            verdicts.add(report.verdict)
            alarms.extend(str(one) for one in report.findings if one.verdict is Verdict.NOT_GENUINE)

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield verdicts
    finally:
        over.set()
        thread.join()
    assert not alarms


def verdict_on(proof: Path, house: House) -> Verdict:
    """On the page and its proof alone, with the newest keyring."""
    page = proof.with_name(proof.name.removesuffix(".tlog-proof"))
    pin = Pin(keyring=house.newest.encode())
    return verify_file(page.read_bytes(), proof.read_bytes(), pin).verdict


async def test_a_root_is_replaced_by_the_old_ones_and_the_new(house: House, tmp_path: Path) -> None:
    await rounds(house.room, NOW)
    house.roots.append(Root.make(tmp_path / "roots", "d"))
    text = tmp_path / "keyring-2.txt"
    house.do(
        "keys",
        "keyring",
        "--out",
        text,
        "--remove-root",
        "a",
        "--add-root",
        "d=" + str(house.roots[3].public),
    )

    house.do("keys", "join", text, house.roots[3].sign(text), house.roots[1].sign(text), status=1)
    house.adopt(text, 1, 2)
    await rounds(house.room, NOW + MINUTE)

    names = [key.name.rpartition("/")[2] for key in house.newest.keyring.roots]
    assert names == ["b", "c", "d"]
    assert (house.room.mirror("one") / "log/keys/2").read_bytes() == house.newest.encode()
    house.room.check(NOW + MINUTE)


async def test_one_root_of_two_a_stranger_and_another_text_are_refused(
    house: House, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text, other = tmp_path / "keyring-2.txt", tmp_path / "other.txt"
    await rounds(house.room, NOW)
    house.do("keys", "keyring", "--out", text, "--max-age", "24h")
    house.do("keys", "keyring", "--out", other, "--max-age", "12h")
    stranger = Root.make(tmp_path / "elsewhere", "a")
    one = house.roots[0].sign(text)

    house.do("keys", "join", text, one, one, status=1)
    house.do("keys", "join", text, one, stranger.sign(text), status=2)
    house.do("keys", "join", text, one, house.roots[1].sign(other), status=2)

    assert house.newest.keyring.version == 1
    assert "no root of it made" in capsys.readouterr().err


async def test_our_own_command_signs_as_minisign_does(house: House, tmp_path: Path) -> None:
    await rounds(house.room, NOW)
    words = write_passphrase(tmp_path / "words", "correct horse\n")
    own = SigningKey.generate(f"{house.room.config.trust.origin}/root/e", Kind.ED25519)
    write_key(tmp_path / "e.pem", own, b"correct horse")
    (tmp_path / "e.pub").write_text(f"{own.verifier}\n")
    second, third = tmp_path / "keyring-2.txt", tmp_path / "keyring-3.txt"
    house.do("keys", "keyring", "--out", second, "--add-root", f"e={tmp_path / 'e.pub'}")
    house.adopt(second, 0, 1)

    house.do("keys", "keyring", "--out", third)
    sign = ("keys", "sign", third, "--key", tmp_path / "e.pem", "--passphrase-file", words)
    house.do_alone(*sign)
    house.do(
        "keys", "join", third, house.roots[2].sign(third), tmp_path / "keyring-3.txt.e.minisig"
    )

    assert house.newest.keyring.version == 3


async def test_a_holder_may_use_signify(
    house: House, tmp_path: Path, need: Callable[..., None]
) -> None:
    need("signify-openbsd")
    await rounds(house.room, NOW)
    public, secret = tmp_path / "f.pub", tmp_path / "f.sec"
    signify("-G", "-n", "-p", public, "-s", secret)
    second, third = tmp_path / "keyring-2.txt", tmp_path / "keyring-3.txt"
    house.do("keys", "keyring", "--out", second, "--add-root", f"f={public}")
    house.adopt(second, 0, 1)

    house.do("keys", "keyring", "--out", third)
    signify("-S", "-s", secret, "-m", third, "-x", tmp_path / "f.sig")
    house.do("keys", "join", third, house.roots[2].sign(third), tmp_path / "f.sig")

    assert house.newest.keyring.version == 3


def signify(*words: object) -> None:
    subprocess.run(
        ["signify-openbsd", *(str(word) for word in words)], check=True, capture_output=True
    )


async def test_a_first_keyring_is_not_replaced_once_something_is_published(
    house: House, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = tmp_path / "again.txt"
    await rounds(house.room, NOW)

    house.do("keys", "keyring", "--first", "--out", text)
    signatures = [root.sign(text) for root in house.roots]
    house.do("keys", "join", text, *signatures, status=2)

    assert "readers may have pinned it" in capsys.readouterr().err


async def test_a_rotated_log_key_leaves_every_proof_good(
    house: House, site: Site, tmp_path: Path
) -> None:
    await rounds(house.room, NOW)
    text = tmp_path / "keyring-2.txt"
    old = house.newest.keyring.policy.logs[0]

    house.do("keys", "rotate")
    house.do("keys", "rotate", status=1)  # no head bears both yet
    site.add(Story(3))
    await rounds(house.room, NOW + MINUTE)
    both = [line.key_id for line in house.head("one").signatures if line.name == old.name]
    assert both[0] == old.key_id
    assert len(both) == 2
    house.room.check(NOW + MINUTE)
    house.do("keys", "rotate", "--out", text)
    site.add(Story(4))  # the roots take their time, and publishing goes on
    await rounds(house.room, NOW + 2 * MINUTE)
    house.adopt(text, 1, 2)
    (new,) = house.newest.keyring.policy.logs
    for partner in house.partners:
        partner.stop()
        partner.change(str(old), str(new))
        partner.start()
    site.add(Story(5))
    with watched(house, NOW + 3 * MINUTE) as verdicts:
        await rounds(house.room, NOW + 3 * MINUTE)
    assert verdicts <= {Verdict.GENUINE, Verdict.UPDATING}, verdicts

    both = [line.key_id for line in house.head("one").signatures if line.name == old.name]
    assert both == [new.key_id, old.key_id]
    house.room.check(NOW + 3 * MINUTE)
    assert [verdict_on(proof, house) for proof in proofs(house)] == [Verdict.GENUINE] * 5
    (house.keys / "log-old.pem").unlink()
    site.add(Story(6))
    await rounds(house.room, NOW + 4 * MINUTE)
    assert [line.name for line in house.head("one").signatures].count(old.name) == 1
    house.room.check(NOW + 4 * MINUTE)


async def test_a_stolen_log_key_is_revoked_and_every_old_entry_proven_again(
    house: House, tmp_path: Path
) -> None:
    await rounds(house.room, NOW)
    text = tmp_path / "keyring-2.txt"
    stolen = house.newest.keyring.policy.logs[0]
    before = {proof: proof.read_bytes() for proof in proofs(house)}
    house.do("keys", "rotate")  # begun before, so that the thief has the next key as well
    known = read_public(key_path(house.room.config.trust.keys, f"{LOG}{NEXT}"))
    write_passphrase(house.room.folder / "passphrase", "new words, since the old are known too\n")

    house.do("keys", "revoke", "--machine", "--out", text)
    house.adopt(text, 0, 1)
    assert len(house.newest.keyring.revoked) == 2  # the log key and the clock's
    assert {verdict_on(proof, house) for proof in before} == {Verdict.COULD_NOT_TELL}
    (new,) = house.newest.keyring.policy.logs
    assert new != known
    for partner in house.partners:
        partner.stop()
        partner.change(str(stolen), str(new))
        partner.start()
    await rounds(house.room, NOW + MINUTE)

    assert stolen.key_id not in {line.key_id for line in house.head("one").signatures}
    for place in ("one", "two"):
        assert {verdict_on(proof, house) for proof in proofs(house, place)} == {Verdict.GENUINE}
    assert all(proof.read_bytes() != data for proof, data in before.items())
    house.room.check(NOW + MINUTE)
    state = house.room.rows()
    await rounds(house.room, NOW + 2 * MINUTE)  # and that was all
    assert house.room.rows() == state


async def test_proofs_are_made_anew_a_part_at_a_time_and_go_on_after_a_crash(
    house: House, site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mirror.publish.renewal.PART", 3)
    site.add(*(Story(number) for number in range(3, 9)))
    await rounds(house.room, NOW)
    text = tmp_path / "keyring-2.txt"
    stolen = house.newest.keyring.policy.logs[0]
    house.do("keys", "revoke", "--out", text)
    house.adopt(text, 0, 1)
    (new,) = house.newest.keyring.policy.logs
    for partner in house.partners:
        partner.stop()
        partner.change(str(stolen), str(new))
        partner.start()
    async with Service.open(house.room.config) as service:
        await service.publish(NOW + MINUTE)
        assert await service.renew()  # one part, then the power fails
    good = [by(proof) == new.key_id for proof in proofs(house, "")]
    assert 0 < good.count(True) < len(good)

    await rounds(house.room, NOW + 2 * MINUTE)

    assert {by(proof) for place in ("", "one", "two") for proof in proofs(house, place)} == {
        new.key_id
    }
    house.room.check(NOW + 2 * MINUTE)
    assert PART > 3


def by(proof: Path) -> bytes:
    """The id of the first key of the head in ``proof``."""
    head = OfflineProof.parse(proof.read_bytes()).checkpoint
    return Note.parse(head).signatures[0].key_id


async def test_who_began_with_the_clock_alone_gets_partners_and_no_reader_is_alarmed(
    tmp_path: Path, site: Site, need: Callable[..., None]
) -> None:
    need("minisign")
    house = two_of_three(tmp_path, site)
    alone(house)
    site.add(*(Story(number) for number in range(3, 30)))
    await rounds(house.room, NOW)
    assert house.signers("one") == {"news.example/mirror", "news.example/mirror/clock"}
    house.room.text += "".join(partner.section for partner in house.partners)
    text = tmp_path / "keyring-2.txt"
    house.save()
    try:
        house.start()
        house.do("keys", "keyring", "--out", text, "--quorum", 2, *house.witness_words())
        house.sign_as_init_did(text)
        site.add(Story(30))
        with watched(house, NOW + MINUTE) as verdicts:
            await rounds(house.room, NOW + MINUTE)
    finally:
        house.stop()

    assert house.newest.keyring.version == 2
    assert (house.room.mirror("one") / "log/keys/2").exists()
    assert verdicts <= {Verdict.GENUINE, Verdict.UPDATING}, verdicts
    assert {verdict_on(proof, house) for proof in proofs(house)} == {Verdict.GENUINE}
    house.room.check(NOW + MINUTE)


def alone(house: House) -> None:
    """As ``init`` leaves it: one root, and the clock as the only witness."""
    shutil.rmtree(house.room.data)
    shutil.copytree(begun() / "data", house.room.data)
    (log,) = house.newest.keyring.policy.logs
    for partner in house.partners:
        text = partner.settings.read_text()
        partner.settings.write_text(re.sub(r'keys = \["[^"]+"\]', f'keys = ["{log}"]', text))
        house.room.text = house.room.text.replace(partner.section, "")


async def test_a_partner_changes_its_key(house: House, site: Site, tmp_path: Path) -> None:
    await rounds(house.room, NOW)
    partner = house.partners[0]
    settings = partner.settings.read_text()
    old = partner.key
    log = str(house.newest.keyring.policy.logs[0])
    for path in (partner.settings, partner.folder / "witness.pem", partner.folder / "passphrase"):
        path.rename(path.with_name(f"old-{path.name}"))
    partner.stop()
    (partner.folder / "state").rename(partner.folder / "kept")
    partner.begin(log)
    shutil.rmtree(partner.folder / "state")
    (partner.folder / "kept").rename(partner.folder / "state")
    assert partner.settings.read_text() == settings
    partner.start()
    text = tmp_path / "keyring-2.txt"

    house.do("keys", "rotate", "--witness", "amber", "--new", partner.key, "--out", text)
    house.adopt(text, 0, 2)
    site.add(Story(3))
    await rounds(house.room, NOW + MINUTE)

    assert partner.key != old
    assert partner.key in house.newest.keyring.encode()
    house.room.check(NOW + MINUTE)
    assert {verdict_on(proof, house) for proof in proofs(house)} == {Verdict.GENUINE}


async def test_a_witness_without_a_network_signs_by_file(
    house: House, site: Site, tmp_path: Path
) -> None:
    await rounds(house.room, NOW)
    for partner in house.partners:
        partner.stop()
    site.add(Story(3))
    await rounds(house.room, NOW + MINUTE)
    assert house.size() < house.size_committed()
    request, answer = tmp_path / "request", tmp_path / "answer"

    house.do("witness", "request", "birch", "--out", request)
    settings = house.partners[1].settings
    house.do_alone("witness", "sign", "--request", request, "--out", answer, "--config", settings)
    house.do("witness", "import", answer)
    await rounds(house.room, NOW + 2 * MINUTE)

    assert house.size("one") == house.size_committed()
    assert "birch.example/w" in house.signers("one")
    house.room.check(NOW + 2 * MINUTE)
