"""When each mirror is pushed to, and when not."""

from datetime import datetime, timedelta

import pytest

from mirror.publish.carrier import Pace
from mirror.publish.outcome import Outcome, Trouble
from mirror.service import Service
from mirror.service.turns import Turns
from mirror.store.mirrors import MirrorRecord
from tests.publish.test_breaker import NOW as NOON
from tests.service.room import HOUR, NOW, Room, Site, Story, rounds

NIGHT = NOON.replace(hour=23)


def _outcome(
    from_size: int = 0,
    to_size: int = 0,
    problem: str | None = None,
    trouble: Trouble | None = None,
) -> Outcome:
    return Outcome(
        mirror="one",
        requests=1,
        puts=1,
        deletes=0,
        bytes=1,
        from_size=from_size,
        to_size=to_size,
        problem=problem,
        trouble=trouble,
    )


async def test_outside_of_its_windows_a_mirror_is_left_alone(room: Room, site: Site) -> None:
    room.change('name = "two"', 'name = "two"\nwindows = ["22:00-06:00"]')
    site.add(Story(1))

    at_noon = await rounds(room, NOON)
    assert not (room.mirror("two") / "index.html").exists()
    at_night = await rounds(room, NIGHT)

    assert "mirror two: waits for the time of day at which it may be written to" in at_noon
    assert any(line.startswith("mirror two: current at ") for line in at_night)
    room.check(NIGHT)


async def test_the_operator_s_word_counts_outside_of_windows_too(room: Room, site: Site) -> None:
    room.change('name = "two"', 'name = "two"\nwindows = ["22:00-06:00"]')
    site.add(Story(1))
    async with Service.open(room.config) as service:
        await service.round(NOON)
        assert service.pusher.turns.wait("two", NOON) == timedelta(hours=10)
        await service.push(["two"], NOON, forced=True)
    room.check(NOON)


async def test_a_push_ends_with_its_window(room: Room) -> None:
    room.change('name = "two"', 'name = "two"\nwindows = ["22:00-23:10"]')

    turns = Turns(room.config.mirrors)

    assert turns.pace("two", NIGHT).limit == timedelta(minutes=10)
    assert turns.pace("one", NIGHT).limit == timedelta(hours=1)


async def test_a_quota_is_kept_and_told_of_before_it_is_full(room: Room, site: Site) -> None:
    site.add(Story(1))
    await rounds(room, NOW)
    needed = sum(file.stat().st_size for file in room.tree.rglob("*") if file.is_file())
    for name, quota in (("one", needed * 100), ("two", needed + needed // 20)):
        room.change(f'name = "{name}"', f'name = "{name}"\nquota = {quota}')
    async with Service.open(room.config) as service:
        await service.round(NOW + HOUR)
        keys = [problem.key for problem in (await service.status(NOW)).problems]
    assert keys == ["quota/two"]

    room.change(f"quota = {needed + needed // 20}", "quota = 1000")
    site.add(Story(2))
    async with Service.open(room.config) as service:
        report = await service.round(NOW + 2 * HOUR)
        keys = [problem.key for problem in (await service.status(NOW)).problems]

    assert report.fell_short
    assert any("its quota is 1,000, so nothing was put" in line for line in report.lines)
    assert "mirror/two" in keys
    assert room.id(Story(2)) in (room.mirror("one") / "feeds/all.json").read_text()
    assert room.id(Story(2)) not in (room.mirror("two") / "feeds/all.json").read_text()


async def test_the_highest_priority_is_begun_and_named_first(
    room: Room, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    room.change('name = "two"', 'name = "two"\npriority = 9')
    site.add(Story(1))
    begun = []
    async with Service.open(room.config) as service:
        pace = service.pusher.turns.pace

        def noting(name: str, now: datetime) -> Pace:
            begun.append(name)
            return pace(name, now)

        monkeypatch.setattr(service.pusher.turns, "pace", noting)
        await service.round(NOW)

    assert begun[0] == "two"
    named = (room.tree / "mirrors.json").read_text()
    assert named.index("two.example") < named.index("one.example")


async def test_a_host_that_puts_old_files_back_again_and_again_is_told(room: Room) -> None:
    turns = Turns(room.config.mirrors, chance=lambda: 0.5)
    given = MirrorRecord(name="one", size=9)
    back = _outcome(from_size=4, to_size=9)

    first = turns.ended(back, given, NOW)
    again = turns.ended(back, given, NOW)

    assert first.problem is None
    assert again.trouble is Trouble.REFUSED
    assert "shows a head of 4 again, though it was given 9" in (again.problem or "")
    assert turns.wait("one", NOW) == timedelta(seconds=30)
    assert turns.ended(_outcome(from_size=9, to_size=9), given, NOW).problem is None
    assert turns.wait("one", NOW) == timedelta(0)


@pytest.mark.parametrize("trouble", list(Trouble))
async def test_only_what_is_merely_not_finished_is_no_failure(room: Room, trouble: Trouble) -> None:
    turns = Turns(room.config.mirrors)

    turns.ended(_outcome(problem="x", trouble=trouble), MirrorRecord(name="one"), NOW)

    assert bool(turns.wait("one", NOW)) == (trouble is not Trouble.UNFINISHED)
