"""The service's own reader on the sample newsroom, as the demo does it."""

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from aiohttp.test_utils import TestServer

from feeds.snapshot import words
from mirror.config import Config, load_text
from mirror.newsroom.agenda import CORRECTED, Agenda
from mirror.newsroom.app import Newsroom
from mirror.newsroom.rules import EXTRACT
from mirror.newsroom.story import (
    Block,
    Bullets,
    Embed,
    Heading,
    Inline,
    Linked,
    Paragraph,
    Quote,
    Story,
    Table,
)
from mirror.source.fetch import Fetcher
from mirror.source.item import Item
from mirror.source.poll import poll
from mirror.source.read import read_article
from mirror.source.state import SourceState

START = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
AGENDA = Agenda(7, START, timedelta(seconds=3))
NOW = START + timedelta(hours=1)
KINDS = (Linked, Heading, Quote, Bullets, Table, Embed, Inline)
CONFIG = """
[site]
title = "The Harbour Courier"
url = "{base}/"
[[source]]
name = "english"
url = "{base}/rss/all"
[[source]]
name = "russian"
url = "{base}/ru/rss/all"
language = "ru"
[fetch]
private_addresses = true
[trust]
origin = "courier.example/mirror"
tag_year = 2026
"""


@pytest.fixture
async def server() -> AsyncIterator[TestServer]:
    server = TestServer(Newsroom(AGENDA, lambda: NOW).app())
    await server.start_server()
    yield server
    await server.close()


def config_of(server: TestServer, folder: Path) -> Config:
    base = str(server.make_url("")).rstrip("/")
    return load_text(CONFIG.format(base=base) + EXTRACT, folder / "config.toml")


def one_of_each(language: str) -> list[Story]:
    """A story with each kind of block, and the corrected one."""
    stories = AGENDA.stories(NOW, language)
    chosen = [
        next(story for story in stories if any(isinstance(block, kind) for block in story.blocks))
        for kind in KINDS
    ]
    corrected = [story for story in stories if story.path == AGENDA.path(CORRECTED)]
    return list({story.path: story for story in (*chosen, *corrected)}.values())


def text_of(block: Block) -> str:
    match block:
        case Paragraph(text) | Heading(text):
            return text
        case Linked(before, _, label, after):
            return before + label + after
        case Quote(text, who):
            return text + who
        case Bullets(items):
            return "".join(items)
        case Table(head, rows):
            return "".join(("".join(head), *("".join(row) for row in rows)))
        case _:
            return ""


def letters(text: str) -> str:
    """Without white space, and without the label that stands for an embed."""
    plain = re.sub(r"(Embedded page|Встроенная страница): player\.example", "", text)
    return "".join(plain.split())


@pytest.mark.parametrize("language", ["en", "ru"])
async def test_every_kind_of_story_comes_out_word_for_word_and_none_is_held(
    server: TestServer, tmp_path: Path, language: str
) -> None:
    config = config_of(server, tmp_path)
    async with Fetcher(config.fetch) as fetcher:
        for story in one_of_each(language):
            url = str(server.make_url(story.path))
            item = Item(url=url, id=url, section=story.section, language=language)

            found = await read_article(fetcher, item, config, NOW)

            own = story.correction + "".join(map(text_of, story.blocks))
            assert letters(words(found.snapshot.body_html)) == letters(own), story.path
            assert found.snapshot.title == story.headline
            assert found.snapshot.authors == (story.author,)
            assert found.snapshot.language == language
            assert found.snapshot.published_at == story.published
            assert found.verdict.reasons == (), story.path
            assert found.problems == ()


async def test_a_second_poll_of_its_feeds_costs_one_request_and_finds_nothing(
    server: TestServer, tmp_path: Path
) -> None:
    config = config_of(server, tmp_path)
    async with Fetcher(config.fetch) as fetcher:
        for source, stories in zip(config.sources, (133, 66), strict=True):
            first = await poll(source, SourceState(), fetcher, NOW)
            again = await poll(source, first.state, fetcher, NOW)

            assert len(first.items) == stories
            assert (again.items, again.changed) == ((), False)
