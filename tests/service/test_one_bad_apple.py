"""One article, page or source that we can't cope with never keeps the others."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from feeds.article import Earlier
from feeds.pages import Site as PageSite
from mirror.config import Config, SourceConfig
from mirror.errors import StoreError
from mirror.publish.articles import Outgoing, outgoing
from mirror.service import Service
from mirror.source.fetch import Fetcher
from mirror.source.item import Item
from mirror.source.poll import Polled, poll
from mirror.source.read import ReadArticle, read_article
from mirror.source.state import SourceState
from mirror.store import versions
from mirror.store.versions import Ready
from tests.service.room import HOUR, NOW, Room, Site, Story, make_room

MINUTE = timedelta(minutes=1)


async def test_a_page_that_breaks_the_reader_is_put_off(
    room: Room, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad, good = Story(1), Story(2)
    site.add(bad, good)

    async def breaking(
        fetcher: Fetcher,
        item: Item,
        config: Config,
        now: datetime,
        **rest: Any,  # noqa: ANN401 - passed on
    ) -> ReadArticle:
        if item.url.endswith(bad.path):
            raise ZeroDivisionError("some library")
        return await read_article(fetcher, item, config, now, **rest)

    async with Service.open(room.config) as service:
        with monkeypatch.context() as patched:
            patched.setattr("mirror.service.reading.read_article", breaking)
            report = await service.round(NOW)
        assert report.fell_short
        assert any("put off" in line and "ZeroDivisionError" in line for line in report.lines)
        assert set(room.feed()) == {room.id(good)}
        await service.round(NOW + HOUR)
    assert set(room.feed()) == {room.id(good), room.id(bad)}


async def test_a_source_that_breaks_the_reader_spares_the_others(
    tmp_path: Path, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.feeds["/rss/more"] = []
    room = make_room(tmp_path / "room", site, sources=("/rss", "/rss/more"))
    site.add(Story(1))
    site.add(Story(2), feed="/rss/more")

    async def breaking(
        source: SourceConfig, state: SourceState, fetcher: Fetcher, now: datetime
    ) -> Polled:
        if source.name == "news":
            raise RecursionError("some library")
        return await poll(source, state, fetcher, now)

    monkeypatch.setattr("mirror.service.polling.poll", breaking)
    async with Service.open(room.config) as service:
        report = await service.round(NOW)

    assert any("source news: a mistake" in line for line in report.lines)
    assert set(room.feed()) == {room.id(Story(2))}


async def test_an_article_that_cannot_be_rendered_is_held_with_the_reason(
    room: Room, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad, good = Story(1), Story(2)
    site.add(bad, good)

    def breaking(
        ready: Ready, earlier: Sequence[Earlier], site: PageSite, now: datetime
    ) -> Outgoing:
        if ready.article == room.id(bad):
            raise KeyError("some template")
        return outgoing(ready, earlier, site, now)

    async with Service.open(room.config) as service:
        with monkeypatch.context() as patched:
            patched.setattr("mirror.publish.compose.outgoing", breaking)
            await service.round(NOW)
            await service.round(NOW + MINUTE)
        assert set(room.feed()) == {room.id(good)}
        status = await service.status(NOW)
        assert [one.title for one in status.held] == [bad.title]
        assert "some template" in status.held[0].reasons[0]
        assert [problem.key for problem in status.problems] == ["held"]
        async with service.parts.database.begin() as connection:
            await versions.decide(connection, room.id(bad), "ready")
        await service.round(NOW + 2 * MINUTE)
    assert set(room.feed()) == {room.id(good), room.id(bad)}
    room.check(NOW + HOUR)


async def test_what_was_held_is_told_after_a_publication_that_failed(
    room: Room, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.add(Story(1))

    def breaking(*_: object) -> Outgoing:
        raise KeyError("some template")

    async def failing() -> None:
        raise StoreError("some query")

    async with Service.open(room.config) as service:
        composer = service.parts.composer
        assert not composer.held_some()
        with monkeypatch.context() as patched:
            patched.setattr("mirror.publish.compose.outgoing", breaking)
            patched.setattr(service._publisher, "refresh", lambda _: failing())  # noqa: SLF001
            await service.round(NOW)
        await service.round(NOW + MINUTE)

        assert [one.key for one in (await service.status(NOW)).problems] == ["held"]
