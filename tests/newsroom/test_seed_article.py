"""A real article with a real newsroom's furniture, through the sample newsroom's templates.

The mirror must keep exactly the article: every word of it, and no word of the furniture.
"""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from feeds.snapshot import Snapshot, words
from mirror.config import load_text
from mirror.newsroom.pages import render_story
from mirror.newsroom.pictures import picture
from mirror.newsroom.rules import EXTRACT
from mirror.newsroom.story import Furniture, Paragraph, Photo, Story
from mirror.source.fetch import Fetcher
from mirror.source.item import Item
from mirror.source.read import ReadArticle, read_article

PUBLISHED = datetime(2017, 4, 10, 11, 9, tzinfo=UTC)
NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
PATH = "/2017/04/10/kremlin-no-meeting-planned-a57677"
CREDIT = "Kevin Lamarque / Reuters"
CONFIG = """
[site]
title = "The Moscow Times"
url = "{base}/"
[[source]]
name = "news"
url = "{base}/rss"
[fetch]
private_addresses = true
[trust]
origin = "news.example/mirror"
tag_year = 2026
"""


def parse_seed(text: str) -> tuple[Story, Furniture]:
    """The article, and every other line of the text as the furniture that it was."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    at = {name: index for index, name in enumerate(lines)}
    headline = next(line for line in lines if line.startswith("Kremlin: No Meeting"))
    letter, message = (
        at["Sign up for our free weekly newsletter"],
        at["A Message from The Moscow Times:"],
    )
    choices, end = at["Once"], at["Read more"]
    top, body = lines[: at[headline]], lines[at[headline] + 1 : letter]
    story = Story(
        path=PATH,
        language="en",
        section="News",
        headline=headline,
        author="Anna Correspondent",
        published=PUBLISHED,
        photo=Photo(path="/p.jpg", caption=body[0].removesuffix(CREDIT).strip(), credit=CREDIT),
        blocks=tuple(Paragraph(text) for text in body[1:]),
    )
    around = Furniture(
        newsroom="The Moscow Times",
        support=tuple(top[1:-1]),
        banner=top[-1],
        related_title=lines[end],
        related=(("Another Story Altogether", "/2017/04/09/other-a57676"),),
        newsletter=tuple(lines[letter:message]),
        donation=tuple(lines[message:choices]),
        donation_choices=tuple(lines[choices : at["Continue"] + 1]),
        donation_after=tuple(lines[at["Continue"] + 1 : end]),
        cookies=("We use cookies.", "Accept"),
        share=("Share on Chirper",),
        more=lines[end],
        sections=(("News", "/news"),),
    )
    return story, around


@pytest.fixture(scope="module")
def text(corpus: Path) -> str:
    return (corpus / "seed" / "moscow-times-article.txt").read_text(encoding="utf-8")


@pytest.fixture
async def server(text: str) -> AsyncIterator[TestServer]:
    story, around = parse_seed(text)

    async def page(request: web.Request) -> web.Response:
        base = f"http://{request.host}"
        return web.Response(text=render_story(story, around, base=base), content_type="text/html")

    async def photo(_: web.Request) -> web.Response:
        return web.Response(body=picture("seed"), content_type="image/jpeg")

    app = web.Application()
    app.router.add_get(PATH, page)
    app.router.add_get("/p.jpg", photo)
    server = TestServer(app)
    await server.start_server()
    yield server
    await server.close()


async def read(server: TestServer, tmp_path: Path, rules: str) -> ReadArticle:
    base = str(server.make_url("")).rstrip("/")
    config = load_text(CONFIG.format(base=base) + rules, tmp_path / "config.toml")
    async with Fetcher(config.fetch) as fetcher:
        item = Item(url=base + PATH, id="1", section="News")
        return await read_article(fetcher, item, config, NOW)


def test_every_line_of_the_text_is_on_the_newsrooms_page(text: str) -> None:
    page = words(
        render_story(*parse_seed(text)).replace("<figure", "<div").replace("</figure", "</div")
    )

    missing = [line for line in text.splitlines() if " ".join(line.split()) not in page]

    assert [line for line in missing if CREDIT not in line] == []


@pytest.mark.parametrize("rules", [EXTRACT, ""], ids=["with the operator's rules", "without rules"])
async def test_the_mirror_shows_exactly_the_article_and_none_of_the_furniture(
    server: TestServer, tmp_path: Path, text: str, rules: str
) -> None:
    story, _ = parse_seed(text)

    found = await read(server, tmp_path, rules)

    snapshot: Snapshot = found.snapshot
    paragraphs = [block.text for block in story.blocks if isinstance(block, Paragraph)]
    assert len(paragraphs) == 6
    assert words(snapshot.body_html) == " ".join(paragraphs)
    assert snapshot.body_html.count("<p>") == len(paragraphs)
    assert snapshot.title == story.headline
    assert snapshot.authors == ("Anna Correspondent",)
    assert snapshot.published_at == PUBLISHED
    assert snapshot.section == "News"
    assert snapshot.lead == "" or snapshot.lead in paragraphs[0]
    assert found.verdict.reasons == ()


async def test_the_picture_keeps_caption_and_credit_apart_and_loses_its_exif(
    server: TestServer, tmp_path: Path
) -> None:
    found = await read(server, tmp_path, EXTRACT)

    shown = found.snapshot.picture
    assert shown is not None
    assert shown.caption == "U.S. Secretary of State Rex Tillerson"
    assert shown.credit == CREDIT
    for data in found.media.values():
        assert b"Lena Marsh" not in data
