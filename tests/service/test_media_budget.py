"""How much pictures may take in a day, over restarts."""

from datetime import timedelta
from pathlib import Path

from tests.pictures import Pictures
from tests.service.room import HOUR, NOW, Story, make_room, prose, rounds, running

MORNING = NOW.replace(hour=8)  # a quarter of an hour later is the same day, whatever the clock says


async def test_pictures_stop_when_the_day_is_used_up_and_come_again_the_next_day(
    tmp_path: Path,
) -> None:
    async with running(Pictures()) as site:
        assert isinstance(site, Pictures)
        room = make_room(tmp_path / "room", site)
        room.change("[fetch]\n", '[fetch]\nmax_day_media = "1B"\n')
        stories = [Story(n, text=prose(n) + site.figure(n, f"Slope {n}")) for n in range(3)]
        site.add(stories[0])
        await rounds(room, MORNING)
        site.add(stories[1])
        await rounds(room, MORNING + timedelta(minutes=15))  # a new process knows what was used
        site.add(stories[2])
        await rounds(room, MORNING + 25 * HOUR)

    shown = ["<img" in room.page(room.id(story)) for story in stories]
    assert shown == [True, False, True]
    assert "Slope 1" in room.page(room.id(stories[1]))
    assert len(room.sql("select * from media_day")) == 1
