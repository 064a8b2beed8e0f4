"""When nothing may be signed, and that nothing is lost by it (format 2.7, 3.2)."""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import event, text
from sqlalchemy.engine import Connection

from feeds.article import State
from keys.checkpoint import Checkpoint
from keys.note import Note
from mirror.errors import (
    ClockError,
    LogBehindError,
    LogConflictError,
    PublishError,
    StoreDamagedError,
    StoreError,
    StoreFullError,
    StoreLockedError,
)
from mirror.publish.log import Log
from mirror.publish.staging import Staging
from mirror.service import Service
from mirror.store import versions
from tests.service.room import HOUR, NOW, Room, Site, Story, rounds

MINUTE = timedelta(minutes=1)


def size_of(folder: Path) -> int:
    """What the head there states."""
    return Checkpoint.parse(Note.parse((folder / "log/checkpoint").read_bytes()).text).size


@asynccontextmanager
async def published(room: Room, site: Site, count: int = 2) -> AsyncIterator[Service]:
    """A service that published ``count`` stories."""
    site.add(*(Story(number) for number in range(count)))
    async with Service.open(room.config) as service:
        report = await service.round(NOW)
        assert not report.fell_short, report.lines
        yield service


async def test_a_look_at_a_current_mirror_is_one_request(room: Room, site: Site) -> None:
    async with published(room, site) as service:
        outcomes = await service.push(["one", "two"], NOW + MINUTE)

    assert [(one.requests, one.puts) for one in outcomes.values()] == [(1, 0), (1, 0)]


async def test_a_head_is_cosigned_again_in_time_with_one_put_for_each_mirror(
    room: Room, site: Site
) -> None:
    async with published(room, site) as service:
        later = NOW + service.config.refresh + MINUTE
        files = room.files()
        await service.publish(later - 2 * MINUTE)
        assert room.files() == files
        await service.publish(later)
        outcomes = await service.push(["one", "two"], later)

    assert [(one.requests, one.puts) for one in outcomes.values()] == [(2, 1), (2, 1)]
    after = room.files()
    changed = {Path(path).name for path in after if files.get(path) != after[path]}
    assert changed == {"checkpoint"}
    room.check(later)
    assert (room.verify("one", later).head or pytest.fail("no head")).time == later


async def test_a_clock_that_went_back_stops_signing_and_loses_nothing(
    room: Room, site: Site
) -> None:
    async with published(room, site) as service:
        site.add(Story(5))
        head = (room.tree / "log/checkpoint").read_bytes()

        report = await service.round(NOW - HOUR)

        assert report.fell_short
        assert any("the clock says" in line and "timedatectl" in line for line in report.lines)
        assert (room.tree / "log/checkpoint").read_bytes() == head
        assert not (await service.round(NOW + MINUTE)).fell_short
        assert room.id(Story(5)) in room.feed()
    room.check(NOW + HOUR)


async def test_a_clock_that_all_servers_contradict_stops_signing(room: Room, site: Site) -> None:
    site.add(Story(1))
    site.ahead = timedelta(days=-2)
    async with Service.open(room.config) as service:
        with pytest.raises(ClockError, match="servers that were read say"):
            await service.poll(service.config.sources, NOW)
        with pytest.raises(ClockError, match="servers that were read say"):
            await service.publish(NOW)
        assert not (room.tree / "log/checkpoint").exists()

        site.ahead = timedelta(0)
        report = await service.round(NOW + MINUTE)

        assert not report.fell_short, report.lines
    assert set(room.feed()) == {room.id(Story(1))}
    room.check(NOW + HOUR)


async def test_an_expired_keyring_stops_signing_with_the_remedy(room: Room, site: Site) -> None:
    async with published(room, site) as service:
        site.add(Story(5))
        head = (room.tree / "log/checkpoint").read_bytes()

        report = await service.round(NOW + timedelta(days=100))

        assert any("keyring expired" in line and "tamizdat keys" in line for line in report.lines)
        assert (room.tree / "log/checkpoint").read_bytes() == head
        assert not (await service.round(NOW + MINUTE)).fell_short
    assert room.id(Story(5)) in room.feed()


async def test_a_machine_that_was_restored_signs_nothing(room: Room, site: Site) -> None:
    async with published(room, site):
        pass
    backup = room.folder / "backup"
    shutil.copytree(room.data, backup)
    site.add(Story(5))
    await rounds(room, NOW + MINUTE)
    newest = size_of(room.mirror("one"))
    shutil.rmtree(room.data)
    backup.rename(room.data)
    head = (room.tree / "log/checkpoint").read_bytes()
    site.add(Story(6))

    async with Service.open(room.config) as service:
        for minutes in (2, 3):
            report = await service.round(NOW + minutes * MINUTE)
            assert report.fell_short
            assert any("tamizdat recover --from" in line for line in report.lines)

    assert (room.tree / "log/checkpoint").read_bytes() == head
    assert size_of(room.mirror("one")) == size_of(room.mirror("two")) == newest
    room.check(NOW + HOUR)


async def test_a_larger_head_that_a_push_meets_stops_signing_too(room: Room, site: Site) -> None:
    async with published(room, site):
        pass
    twin = room.folder / "twin"
    shutil.copytree(room.data, twin)  # the same keys on another machine
    other = Room(room.folder, site, room.text.replace('data = "data"', 'data = "twin"'))
    async with Service.open(room.config) as service:
        site.add(Story(5))
        assert not (await service.round(NOW + MINUTE)).fell_short  # the mirrors were asked
        shutil.rmtree(room.mirror("one"))
        shutil.rmtree(room.mirror("two"))
        site.add(Story(6), Story(7), Story(8))
        await rounds(other, NOW + 2 * MINUTE)
        ours, theirs = size_of(room.tree), size_of(room.mirror("one"))
        assert theirs > ours
        with pytest.raises(LogBehindError):
            await service.push(["one"], NOW + 3 * MINUTE)

        report = await service.round(NOW + 4 * MINUTE)

        assert any("publish: mirror one shows a head" in line for line in report.lines)
        assert size_of(room.tree) == ours


async def test_when_no_mirror_answers_nothing_is_signed(room: Room, site: Site) -> None:
    async with published(room, site):
        pass
    whole = room.text
    for name in ("one", "two"):
        room.change(f"file://{room.mirror(name)}", f"dav://127.0.0.1:9/{name}/")
    site.add(Story(5))

    async with Service.open(room.config) as service:
        await service.poll(service.config.sources, NOW + MINUTE)
        await service.read(NOW + MINUTE)
        with pytest.raises(PublishError, match="no mirror answers"):
            await service.publish(NOW + MINUTE)
    room.text = whole
    lines = await rounds(room, NOW + 2 * MINUTE)

    assert room.id(Story(5)) in room.feed(), lines
    room.check(NOW + HOUR)


async def test_a_second_process_on_the_data_folder_is_refused(room: Room, site: Site) -> None:
    async with published(room, site):
        with pytest.raises(StoreLockedError, match="in use by another"):
            async with Service.open(room.config):
                pytest.fail("it opened")


async def test_of_two_writers_on_one_database_one_stops(room: Room, site: Site) -> None:
    async with published(room, site) as service:
        parts = service.parts
        second = Log(
            origin=parts.config.trust.origin,
            keys=parts.keys,
            database=parts.database,
            folders=parts.folders,
        )
        await second.open()
        site.add(Story(5))
        await service.poll(service.config.sources, NOW + MINUTE)
        await service.read(NOW + MINUTE)
        async with parts.database.begin() as connection:
            draft = await parts.composer.draft(connection, NOW + MINUTE)
        assert draft is not None
        await service.publish(NOW + MINUTE)
        head = (room.tree / "log/checkpoint").read_bytes()

        with pytest.raises(LogConflictError, match="another process publishes"):
            await second.publish(draft, NOW + 2 * MINUTE)

        assert (room.tree / "log/checkpoint").read_bytes() == head
        assert room.verify(now=NOW + HOUR).findings == ()


@pytest.mark.parametrize("point", ["place", "write_proofs", "_move", "_delete"])
@pytest.mark.parametrize("again", ["same process", "new process"])
async def test_an_edition_that_was_cut_short_is_finished(
    room: Room, site: Site, monkeypatch: pytest.MonkeyPatch, *, point: str, again: str
) -> None:
    async with published(room, site) as service:
        site.add(Story(5))

        def full(*_: object) -> None:
            raise StoreFullError("somewhere")

        with monkeypatch.context() as patched:
            patched.setattr(Staging, point, full)
            report = await service.round(NOW + MINUTE)
        assert any("no space left" in line for line in report.lines)
        assert room.verify("one", NOW + MINUTE).findings == ()
        if again == "same process":
            assert not (await service.round(NOW + 2 * MINUTE)).fell_short
    if again == "new process":
        await rounds(room, NOW + 2 * MINUTE)

    assert room.id(Story(5)) in room.feed()
    assert list((room.data / "staging").iterdir()) == []
    room.check(NOW + HOUR)


@pytest.mark.parametrize("again", ["same process", "new process"])
async def test_a_commit_that_fails_leaves_all_as_it_was(
    room: Room, site: Site, *, again: str
) -> None:
    async with published(room, site) as service:
        engine = service.parts.database.engine.sync_engine
        site.add(Story(5))
        await service.poll(service.config.sources, NOW + MINUTE)
        await service.read(NOW + MINUTE)

        def spoil(connection: Connection) -> None:
            moved = connection.execute(text("SELECT max(size) FROM edition")).scalar()
            if moved and moved > 3:
                connection.execute(text("INSERT INTO no_such_table VALUES (1)"))

        event.listen(engine, "commit", spoil)
        with pytest.raises(StoreError):
            await service.publish(NOW + MINUTE)
        event.remove(engine, "commit", spoil)
        if again == "same process":
            assert not (await service.round(NOW + 2 * MINUTE)).fell_short
    if again == "new process":
        await rounds(room, NOW + 2 * MINUTE)

    assert room.id(Story(5)) in room.feed()
    room.check(NOW + HOUR)


async def test_what_an_edition_that_failed_had_staged_is_not_in_the_next_one(
    room: Room, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with published(room, site) as service:
        site.add(Story(5))

        async def full(*_: object) -> None:
            raise StoreFullError("the database")

        with monkeypatch.context() as patched:
            patched.setattr("mirror.store.ledger.put_leaves", full)
            assert (await service.round(NOW + MINUTE)).fell_short
        async with service.parts.database.begin() as connection:
            await versions.set_state(connection, room.id(Story(5)), State.WITHDRAWN)
        site.add(Story(6))
        report = await service.round(NOW + 2 * MINUTE)
        assert not report.fell_short, report.lines

    assert not room.path(room.id(Story(5))).exists()
    room.check(NOW + HOUR)


async def test_a_tree_that_is_not_the_log_s_is_refused(room: Room, site: Site) -> None:
    async with published(room, site):
        pass
    [tile] = (room.tree / "log/tile/0/000.p").iterdir()
    good = tile.read_bytes()

    for bad in (good[:-1] + b"x", good[:32], None):
        if bad is None:
            tile.unlink()
        else:
            tile.write_bytes(bad)
        with pytest.raises(StoreDamagedError, match="nothing was signed"):
            async with Service.open(room.config):
                pytest.fail("it opened")
    tile.write_bytes(good)
    await rounds(room, NOW + MINUTE)
