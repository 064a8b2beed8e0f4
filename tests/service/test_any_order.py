"""Whatever happens in whatever order: the tree verifies everywhere, and ids stay."""

import tempfile
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from feeds.article import State
from mirror.errors import StoreFullError
from mirror.publish.staging import Staging
from mirror.service import Service
from mirror.store import versions
from mirror.store.addresses import article_at
from tests.service.room import NOW, Room, Site, Story, make_room, prose, running

RUSSIAN = (
    "<p>В истории номер {n} городской совет открыл новый мост через гавань, и жители вышли"
    " на набережную встречать первый поезд.</p><p>Капитан порта сказал, что зимой движение"
    " будет идти по расписанию, а летом добавят вечерние рейсы до острова.</p>"
)
CHANGES = (
    ('title = "The News"', 'title = "The Other News"'),
    ('kind = "feed"\n', 'kind = "feed"\nsection = "Front"\n'),
    ("https://two.example/x7/", "https://three.example/y/"),
    ("\n[fetch]\n", "\n[feeds]\nsections = false\nentries = 7\n\n[fetch]\n"),
    ('name = "two"\n', 'name = "two"\nlisted = false\n'),
)
SECTIONS = ("", "News", "Opinion", "Con")

_which = st.integers(min_value=0, max_value=40)
OPERATIONS = st.one_of(
    st.tuples(st.just("new"), st.integers(min_value=1, max_value=60)),
    st.tuples(st.just("russian"), st.just(1)),
    st.tuples(st.just("moved"), _which),
    st.tuples(st.just("corrected"), _which),
    st.tuples(st.just("retitled"), _which),
    st.tuples(st.just("bad"), _which),
    st.tuples(st.just("gone"), _which),
    st.tuples(st.just("back"), _which),
    st.tuples(st.just("withdrawn"), _which),
    st.tuples(st.just("released"), st.just(0)),
    st.tuples(st.just("config"), st.integers(min_value=0, max_value=len(CHANGES) - 1)),
    st.tuples(st.just("restart"), st.just(0)),
    st.tuples(st.just("full"), st.sampled_from([0, 1, 2])),
    st.tuples(st.just("nothing"), st.just(0)),
)


@dataclass
class World:
    """A newsroom and its site, while things happen to them."""

    room: Room
    site: Site
    stack: AsyncExitStack
    service: Service | None = None
    now: datetime = NOW
    stories: list[Story] = field(default_factory=list)
    known: dict[str, dict[str, Any]] = field(default_factory=dict)
    revision: int = 1_000

    async def open(self) -> None:
        await self.stack.aclose()
        self.service = await self.stack.enter_async_context(Service.open(self.room.config))

    def add(self, language: str = "en", text: str = "", title: str = "") -> None:
        number = len(self.stories)
        section = SECTIONS[number % len(SECTIONS)]
        story = Story(number, language=language, text=text, title=title, section=section)
        self.stories.append(story)
        self.site.add(story)

    async def happen(self, what: str, which: int) -> None:
        story = self.stories[which % len(self.stories)] if self.stories else None
        self.revision += 1
        match what:
            case "new":
                for _ in range(which):
                    self.add()
            case "russian":
                text = RUSSIAN.format(n=self.revision)
                self.add(language="ru", text=text, title="Открыт новый мост")
            case "config":
                old, new = CHANGES[which]
                there = new in self.room.text
                self.room.change(new if there else old, old if there else new)
                await self.open()
            case "restart":
                await self.open()
            case "released" if self.service:
                async with self.service.parts.database.begin() as connection:
                    for held in await versions.held(connection):
                        await versions.decide(connection, held.article, "ready")
            case _ if story:
                await self.happen_to(story, what)

    async def happen_to(self, story: Story, what: str) -> None:
        match what:
            case "corrected":
                story.text = prose(self.revision)
            case "retitled":
                story.title = f"{story.title.partition(':')[0]}: {self.revision}"
            case "moved":
                story.section, story.text = "Opinion", prose(self.revision)
            case "bad":
                story.text = "<p>Come back later.</p>"
            case "gone":
                story.status = 410
            case "back":
                story.status, story.text = 200, prose(self.revision)
            case "withdrawn" if self.service:
                async with self.service.parts.database.begin() as connection:
                    article = await article_at(connection, self.room.id(story)) or ""
                    await versions.set_state(connection, article, State.WITHDRAWN)

    async def round(self, full: str) -> None:
        assert self.service
        self.now += timedelta(hours=2, minutes=self.revision % 50)
        if full:
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(Staging, full, _no_space)
                await self.service.round(self.now)
            self.now += timedelta(minutes=1)
        report = await self.service.round(self.now)
        short = [line for line in report.lines if line.startswith(("publish", "push", "mirror"))]
        assert all("current at" in line or "nothing to push" in line for line in short), short
        if (self.room.tree / "log/checkpoint").exists():
            self.room.check(self.now)
            self.check_feed()

    def check_feed(self) -> None:
        feed = self.room.feed()
        published = {row[0] for row in self.room.sql("SELECT id FROM article WHERE version > 0")}
        assert set(feed) <= published
        assert len(feed) == min(len(published), self.room.config.feeds.entries)
        assert published >= set(self.known)
        for article, entry in feed.items():
            before = self.known.get(article, entry)
            assert entry["id"] == before["id"]
            assert entry["date_published"] == before["date_published"]
            assert entry.get("date_modified", "") >= before.get("date_modified", "")
            self.known[article] = entry


def _no_space(*_: object) -> None:
    raise StoreFullError("somewhere")


@settings(
    max_examples=5,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@example([("new", 60), ("config", 4), ("config", 2), ("config", 3), ("gone", 1), ("back", 1)])
@example([("new", 3), ("withdrawn", 1), ("restart", 0), ("corrected", 1), ("config", 0)])
@example([("new", 3), ("bad", 1), ("released", 0), ("full", 0), ("full", 1), ("full", 2)])
@given(st.lists(OPERATIONS, min_size=1, max_size=8))
async def test_the_tree_verifies_whatever_happens(operations: list[tuple[str, int]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        async with running(Site()) as site, AsyncExitStack() as stack:
            world = World(make_room(Path(folder) / "room", site), site, stack)
            await world.open()
            for what, which in operations:
                full = ""
                if what == "full":
                    world.add()
                    full = ("begin", "place", "write_proofs")[which]
                else:
                    await world.happen(what, which)
                await world.round(full)
