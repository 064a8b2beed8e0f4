"""The kind ``wordpress``: a WordPress site's own list of posts (REST API, ``wp/v2/posts``).

Asked at each poll for the newest posts by date; further pages follow while a page is new down
to its last post. Once an hour it is asked for older posts that were edited
(``modified_after``): those among the newest show in the first answer. One request by date of
change would not do for both: a post that waited for its hour comes out without a change.

The API gives a post's text too, but an article is read from its page all the same: there are
its picture with caption and credit, its author's name, and what a plugin puts in or holds back
when the page is shown. So every kind of source leads to one way of reading and one judge, and
what we sign is what a reader can compare with the original. The text is left out of the answers
(``_fields``), which makes them a hundredth of their size.
"""

import json
from dataclasses import astuple, dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Self

from mirror.config import SourceConfig
from mirror.errors import SourceChangedError, SourceError, SourceUnreachableError
from mirror.extract.dates import parse_date
from mirror.source.charset import decode
from mirror.source.item import Item
from mirror.source.kind import Look, Told
from mirror.source.response import Limits, Response
from mirror.source.texts import absolute, plain, summary

PER_PAGE: Final = 50  # WordPress gives 100 at most
EDITS_EVERY: Final = timedelta(hours=1)
_FIELDS: Final = "id,date_gmt,modified_gmt,link,title"
_LATEST: Final = 2**36  # seconds; in the year 4147
_SECOND: Final = timedelta(seconds=1)


class WordPressKind:
    """See the module."""

    limits: Limits = Limits.FEED

    def address(self, source: SourceConfig) -> str:
        """The newest posts."""
        return newest_posts(source.url)

    async def read(self, look: Look, response: Response) -> Told:
        """The newest posts, and once an hour those that were edited."""
        posts = read_posts(response.body, response.url)
        memory = Memory.decode(look.state.memory)
        if not memory.asked:  # the first time: what was edited before is archive
            edited = max((post.updated for post in posts if post.updated), default=look.now)
            memory = Memory(asked=_seconds(look.now), after=_seconds(edited))
        is_new = len(posts) == PER_PAGE and look.is_new_to_the_end(posts)
        return await _ask_on(look, posts, replace(memory, page=2 if is_new else memory.page))

    async def unchanged(self, look: Look) -> Told | None:
        """A page that could not be read at the last poll; once an hour, posts that were edited."""
        memory = Memory.decode(look.state.memory)
        return await _ask_on(look, (), memory) if memory.page or memory.is_due(look.now) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """What is remembered of a WordPress.

    Attributes:
        asked: When it was last asked for edits, Unix seconds; 0 for never.
        after: Up to which moment, by its own clock, edits are known; Unix seconds.
        page: One of the newest posts' pages that is still to be read, or 0.
    """

    asked: int = 0
    after: int = 0
    page: int = 0

    def encode(self) -> str:
        """JSON."""
        return json.dumps(astuple(self))

    @classmethod
    def decode(cls, text: str) -> Self:
        """What ``encode`` wrote; anything else is a memory of nothing."""
        try:
            asked, after, page = map(int, json.loads(text))
        except (ValueError, TypeError, OverflowError):
            return cls()
        is_sane = max(asked, after, page) < _LATEST and min(asked, after, page) >= 0
        return cls(asked=asked, after=after, page=page) if is_sane else cls()

    def is_due(self, now: datetime) -> bool:
        """Whether to ask for edits."""
        return bool(self.asked) and _seconds(now) >= self.asked + EDITS_EVERY.total_seconds()


def newest_posts(url: str) -> str:
    """The address of the newest posts, of the list at ``url``."""
    return _query(url, "orderby=date&order=desc")


def read_posts(body: bytes, url: str) -> tuple[Item, ...]:
    """The posts of the answer that ``url`` gave, in its order.

    Raises:
        SourceChangedError: It is no list of posts.
    """
    try:
        said = json.loads(decode(body, "application/json"))
    except (ValueError, RecursionError) as error:
        raise SourceChangedError(url, f"can't be read as JSON: {error}") from error
    if not isinstance(said, list):
        problem = "is JSON, but no list of WordPress posts; it should end in /wp-json/wp/v2/posts"
        raise SourceChangedError(url, problem)
    return tuple(_post(one, url) for one in said[:PER_PAGE] if isinstance(one, dict))


def _post(said: dict[str, Any], url: str) -> Item:
    address = absolute(url, _text(said, "link"))
    return Item(
        url=address,
        id=_text(said, "id") or address,
        title=_title(said.get("title")),
        published=parse_date(_text(said, "date_gmt")),
        updated=parse_date(_text(said, "modified_gmt")),
    )


def _text(said: dict[str, Any], name: str) -> str:
    value = said.get(name)
    return str(value) if isinstance(value, str | int) else ""


def _title(said: object) -> str:
    markup = _text(said, "rendered") if isinstance(said, dict) else ""
    return plain(summary(markup) if "<" in markup else markup)


def _query(url: str, query: str) -> str:
    return f"{url}{'&' if '?' in url else '?'}per_page={PER_PAGE}&_fields={_FIELDS}&{query}"


def _seconds(moment: datetime) -> int:
    return int(moment.timestamp())


async def _ask_on(look: Look, posts: tuple[Item, ...], memory: Memory) -> Told:
    """Further pages and edits, as far as ``memory`` says that they are due; ``posts`` before."""
    note, problem = "", None
    try:
        while memory.page:
            number = memory.page
            more = await _page(look, "orderby=date&order=desc", number)
            posts += more
            goes_on = len(more) == PER_PAGE and number < look.source.pages
            is_new = goes_on and look.is_new_to_the_end(more)
            memory = replace(memory, page=number + 1 if is_new else 0)
        if memory.is_due(look.now):
            edited, memory = await _edited(look, memory)
            posts += edited
    except SourceUnreachableError as error:
        problem = error  # and the next poll goes on
    except SourceError as error:
        note = f"not asked on: {error.problem}"  # many refuse some of it
        memory = replace(memory, page=0, asked=_seconds(look.now))
    return Told(items=posts, is_all=False, memory=memory.encode(), note=note, problem=problem)


async def _edited(look: Look, memory: Memory) -> tuple[tuple[Item, ...], Memory]:
    """Posts that were edited since, the longest ago first, and the memory then."""
    after = datetime.fromtimestamp(memory.after, UTC)
    query = f"orderby=modified&order=asc&modified_after={after - _SECOND:%Y-%m-%dT%H:%M:%SZ}"
    found: tuple[Item, ...] = ()
    for number in range(1, look.source.pages + 1):
        posts = await _page(look, query, number)
        edited = tuple(post for post in posts if post.updated and post.updated >= after)
        found += edited  # an old WordPress (before 5.7) knows no modified_after, and gives others
        if len(edited) < PER_PAGE:
            break
    newest = max((post.updated for post in found if post.updated), default=after)
    is_stuck = newest == after and len(found) == PER_PAGE * look.source.pages
    return found, replace(
        memory, asked=_seconds(look.now), after=_seconds(newest + _SECOND if is_stuck else newest)
    )


async def _page(look: Look, query: str, number: int) -> tuple[Item, ...]:
    url = f"{_query(look.source.url, query)}&page={number}"
    response = await look.get(url, kind=Limits.FEED)
    return read_posts(response.body, response.url)
