"""The sample newsroom as a web site: pages, pictures, feeds, sitemap; conditional requests."""

import hashlib
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from functools import cache
from importlib.resources import files
from typing import Final
from urllib.parse import quote

from aiohttp import web

from mirror.newsroom import pages
from mirror.newsroom.agenda import Agenda
from mirror.newsroom.api import posts
from mirror.newsroom.furniture import RELATED, furniture
from mirror.newsroom.pictures import picture
from mirror.newsroom.story import Story
from mirror.newsroom.write import COUNT

FEED_ITEMS: Final = COUNT  # all of them, so that a demo which stood still for an hour misses none
FRONT_ITEMS: Final = 40

_PIXEL: Final = bytes.fromhex(
    "47494638396101000100800000ffffff00000021f90401000000002c00000000010001000002024401003b"
)
_STATIC: Final = {"courier.css": "text/css", "courier.js": "text/javascript"}


class Newsroom:
    """Answers requests from the agenda and the clock; holds nothing else."""

    def __init__(self, agenda: Agenda, now: Callable[[], datetime]) -> None:
        self._agenda = agenda
        self._now = now

    def app(self) -> web.Application:
        """The site; it links to itself by the address that it is asked under."""
        app = web.Application()
        app.router.add_get("/", self._front)
        app.router.add_get("/robots.txt", self._robots)
        app.router.add_get("/news-sitemap.xml", self._sitemap)
        app.router.add_get("/wp-json/wp/v2/posts", self._posts)
        app.router.add_get("/pixel.gif", self._pixel)
        app.router.add_get("/static/{name}", self._static)
        app.router.add_get(r"/media/{number:\d+}-{kind:[ab]}.jpg", self._picture)
        app.router.add_get("/rss/{slug}", self._feed)
        app.router.add_get("/{language:ru}/rss/{slug}", self._feed)
        app.router.add_get("/{language:ru}", self._front)
        app.router.add_get(r"/{language:ru}/{slug:[a-z]+}", self._front)
        app.router.add_get(r"/{slug:[a-z]+}", self._front)
        app.router.add_get(r"/{path:.*}", self._story)
        return app

    async def _front(self, request: web.Request) -> web.Response:
        language, slug, now = _language(request), request.match_info.get("slug", ""), self._now()
        heading = pages.section_name(language, slug)
        if slug and not heading:
            return _missing(404)
        stories = [
            story for story in self._agenda.stories(now, language) if heading in {"", story.section}
        ]
        page = _page(request)
        shown = stories[(page - 1) * FRONT_ITEMS : page * FRONT_ITEMS]
        if page != 1 and not shown:
            return _missing(404)
        older = page + 1 if len(stories) > page * FRONT_ITEMS else 0
        text = pages.front_page(language, shown, heading=heading, older=older)
        return self._answer(request, text.encode(), "text/html", self._agenda.changed(stories, now))

    async def _story(self, request: web.Request) -> web.Response:
        path, now = f"/{request.match_info['path']}", self._now()
        if self._agenda.is_gone(path, now):
            return _missing(410)
        story = self._agenda.find(path, now)
        if story is None:
            return _missing(404)
        around = furniture(story.language, self._earlier(story, now))
        text = pages.render_story(story, around, base=_base(request))
        return self._answer(request, text.encode(), "text/html", self._agenda.changed([story], now))

    def _earlier(self, story: Story, now: datetime) -> Sequence[Story]:
        """What a story's page points to: stories before it, so that the page stays the same."""
        stories = self._agenda.stories(now, story.language)
        index = [other.path for other in stories].index(story.path)
        return stories[index + 1 : index + 1 + RELATED]

    async def _feed(self, request: web.Request) -> web.Response:
        language, slug, now = _language(request), request.match_info["slug"], self._now()
        section = pages.section_name(language, slug)
        if slug != "all" and not section:
            return _missing(404)
        stories = [
            story for story in self._agenda.stories(now, language) if section in {"", story.section}
        ][:FEED_ITEMS]
        text = pages.rss(language, stories, base=_base(request), own=request.path, section=section)
        return self._answer(
            request, text.encode(), "application/rss+xml", self._agenda.changed(stories, now)
        )

    async def _sitemap(self, request: web.Request) -> web.Response:
        now = self._now()
        stories = self._agenda.stories(now)
        name = furniture("en").newsroom
        text = pages.sitemap(stories, base=_base(request), newsroom=name)
        return self._answer(
            request, text.encode(), "application/xml", self._agenda.changed(stories, now)
        )

    async def _posts(self, request: web.Request) -> web.Response:
        now = self._now()
        stories = self._agenda.stories(now)
        try:
            text, headers = posts(stories, request.query, _base(request))
        except ValueError:
            problem = {"code": "rest_invalid_param", "data": {"status": 400}}
            return web.json_response(problem, status=400)
        changed = self._agenda.changed(stories, now)
        answer = self._answer(request, text.encode(), "application/json", changed)
        answer.headers.update(headers)
        return answer

    async def _picture(self, request: web.Request) -> web.Response:
        number, kind = int(request.match_info["number"]), request.match_info["kind"]
        if number >= self._agenda.count:
            return _missing(404)
        data = picture(f"{number}-{kind}")
        return self._answer(request, data, "image/jpeg", self._agenda.start, max_age=86_400)

    async def _static(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]
        if name not in _STATIC:
            return _missing(404)
        return self._answer(request, _read(name), _STATIC[name], self._agenda.start, max_age=600)

    async def _robots(self, request: web.Request) -> web.Response:
        text = f"User-agent: *\nAllow: /\nSitemap: {_base(request)}/news-sitemap.xml\n"
        return self._answer(request, text.encode(), "text/plain", self._agenda.start)

    async def _pixel(self, _: web.Request) -> web.Response:
        return web.Response(body=_PIXEL, content_type="image/gif")

    def _answer(
        self,
        request: web.Request,
        body: bytes,
        media_type: str,
        changed: datetime,
        *,
        max_age: int = 0,
    ) -> web.Response:
        """``body``, or 304 where the reader has it already."""
        tag = hashlib.sha256(body).hexdigest()[:16]
        headers = {
            "ETag": f'"{tag}"',
            "Last-Modified": format_datetime(_whole(changed), usegmt=True),
            "Cache-Control": f"public, max-age={max_age}",
        }
        if _has_it(request, tag, changed):
            return web.Response(status=304, headers=headers)
        charset = "utf-8" if media_type.startswith(("text/", "application/")) else None
        return web.Response(body=body, content_type=media_type, charset=charset, headers=headers)


def make_newsroom(
    *,
    start: datetime,
    every: timedelta = timedelta(seconds=3),
    seed: int = 7,
    count: int = COUNT,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> web.Application:
    """The site of a newsroom that opened at ``start`` and prints a story every ``every``."""
    return Newsroom(Agenda(seed, start, every, count), now).app()


def _has_it(request: web.Request, tag: str, changed: datetime) -> bool:
    """By If-None-Match where it is there, else by If-Modified-Since (RFC 9110, 13.2.2)."""
    tags = request.if_none_match
    if tags is not None:
        return any(known.value in {tag, "*"} for known in tags)
    since = request.headers.get("If-Modified-Since")
    if since is None:
        return False
    try:
        return _whole(changed) <= parsedate_to_datetime(since)
    except (TypeError, ValueError):
        return False


def _language(request: web.Request) -> str:
    return request.match_info.get("language", "en")


def _page(request: web.Request) -> int:
    """The page of a front that is asked for, from 1; a number that is none is the first."""
    text = request.query.get("page", "1")[:4]
    return max(int(text), 1) if text.isascii() and text.isdigit() else 1


def _base(request: web.Request) -> str:
    return f"http://{quote(request.host, safe=':[].')}"


def _missing(status: int) -> web.Response:
    words = {404: "There is no such page.", 410: "This story was withdrawn."}
    return web.Response(
        status=status,
        text=f"<!DOCTYPE html><title>{status}</title><h1>{words[status]}</h1>\n",
        content_type="text/html",
    )


def _whole(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(microsecond=0)


@cache
def _read(name: str) -> bytes:
    return (files("mirror.newsroom") / "static" / name).read_bytes()
