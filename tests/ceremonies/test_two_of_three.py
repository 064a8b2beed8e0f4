"""From an empty folder to a verified mirror, with 2 of 3 roots and 2 of 3 witnesses."""

import shutil
import signal
from datetime import timedelta

import pytest

from mirror.cli.main import run
from mirror.errors import LogBehindError
from mirror.service import Service
from tests.ceremonies.world import House
from tests.service.room import NOW, Site, Story, rounds

pytestmark = pytest.mark.real
MINUTE = timedelta(minutes=1)


async def test_a_mirror_is_genuine_by_the_fingerprint_alone(
    house: House, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = await rounds(house.room, NOW)

    house.room.check()
    assert len(house.signers("one")) >= 3, lines
    fingerprint = house.newest.fingerprint
    assert house.newest.keyring.threshold == 2
    words = ["verify", str(house.room.mirror("one")), "--fingerprint", fingerprint]
    assert run([*words, "--base", house.room.base("one")]) == 0
    assert "genuine" in capsys.readouterr().out


async def test_with_one_witness_down_all_goes_on(house: House, site: Site) -> None:
    await rounds(house.room, NOW)
    house.partners[0].stop()
    site.add(Story(3))

    await rounds(house.room, NOW + MINUTE)

    house.room.check(NOW + MINUTE)
    assert "amber.example/w" not in house.signers()
    assert "birch.example/w" in house.signers()


async def test_with_two_down_the_head_is_held_until_one_is_back(house: House, site: Site) -> None:
    begun = NOW - 5 * MINUTE  # witnesses have the real time
    await rounds(house.room, begun)
    before = house.head("one")
    for partner in house.partners:
        partner.stop(signal.SIGKILL)
    site.add(Story(3))
    async with Service.open(house.room.config) as service:
        for minutes in (1, 12):
            report = await service.round(begun + minutes * MINUTE)
            assert report.fell_short
            told = {one.key for one in await service.parts.alerts.problems()}
            assert ("quorum" in told) == (minutes == 12)
        (problem,) = [p for p in await service.parts.alerts.problems() if p.key == "quorum"]
        assert "amber" in problem.what
        assert "birch" in problem.what
        assert "can't be reached" in problem.why
        size, root = service.parts.log.ledger.size, service.parts.log.ledger.root
    assert house.head("one") == before  # nothing was pushed
    assert house.head() == before
    house.room.check(begun + 12 * MINUTE)

    house.partners[1].start()
    async with Service.open(house.room.config) as service:
        report = await service.round(begun + 13 * MINUTE)

        assert not [line for line in report.lines if line.startswith("publish:")]
        assert "quorum" not in {one.key for one in await service.parts.alerts.problems()}
        assert service.parts.log.ledger.root == root  # the same size, the same tree
    assert house.size("one") == size
    house.room.check(begun + 13 * MINUTE)


async def test_the_head_is_cosigned_anew_by_the_witnesses_too(house: House) -> None:
    house.room.change("tag_year", 'max_age = "40m"\ntag_year')
    await rounds(house.room, NOW)
    first = house.head("one")

    await rounds(house.room, NOW + timedelta(minutes=2))  # nothing new, not due
    assert house.head("one") == first
    await rounds(house.room, NOW + timedelta(minutes=9))

    second = house.head("one")
    assert second.text == first.text
    assert second != first
    assert {line.name for line in second.signatures} == {line.name for line in first.signatures}


async def test_a_machine_restored_from_a_backup_learns_it_from_a_witness(
    house: House, site: Site
) -> None:
    await rounds(house.room, NOW)
    backup = house.room.folder / "backup"
    shutil.copytree(house.room.data, backup)
    site.add(Story(3))
    await rounds(house.room, NOW + MINUTE)
    shutil.rmtree(house.room.data)
    backup.rename(house.room.data)
    for name in ("one", "two"):  # mirrors that show nothing can tell nothing
        (house.room.mirror(name) / "log/checkpoint").unlink()
    site.add(Story(4))

    async with Service.open(house.room.config) as service:
        await service.poll(house.room.config.sources, NOW + 2 * MINUTE)
        await service.read(NOW + 2 * MINUTE)
        with pytest.raises(LogBehindError, match="says that it cosigned a tree"):
            await service.publish(NOW + 2 * MINUTE)


async def test_a_killed_witness_goes_on_where_it_was(house: House, site: Site) -> None:
    await rounds(house.room, NOW)
    for partner in house.partners:
        partner.stop(signal.SIGKILL)
        partner.start()
    site.add(Story(3))

    await rounds(house.room, NOW + MINUTE)

    house.room.check(NOW + MINUTE)
    assert {"amber.example/w", "birch.example/w"} & house.signers()
