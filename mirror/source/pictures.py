"""Fetching an article's pictures: bounded, a few at a time, none of them ever in the way."""

import asyncio
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Final, Protocol

from feeds.snapshot import Picture
from mirror.errors import SourceError
from mirror.extract.figures import FoundPicture
from mirror.extract.media import BODY_BYTES, LEAD_BYTES, PictureError, Shrunk, shrink
from mirror.source.response import Limits, Response

MAX_PICTURES: Final = 40  # of one article; the others leave their captions
_OVER_ARTICLE: Final = "left out: more than [fetch] max_article_media"
_OVER_DAY: Final = "left out: today's pictures reached [fetch] max_day_media"
_AT_ONCE: Final = 3  # pictures of one article in memory as they came
_DECODERS: Final = ThreadPoolExecutor(2, "pictures")  # a large one needs 200 MB while decoded


@dataclass(slots=True)
class Budget:
    """How many bytes of pictures, as published, may still be had. Shared by calls that overlap.

    Attributes:
        article: Of one article.
        day: Of all of today's, what is left; 0 or less: no more are fetched.
        used: Of ``day``, since this was made.
    """

    article: int
    day: int
    used: int = 0

    @property
    def is_spent(self) -> bool:
        """Whether nothing is left of today's."""
        return self.used >= self.day


class Getter(Protocol):
    """What pictures are fetched with; a ``Fetcher``."""

    async def get(self, url: str, *, kind: Limits) -> Response:
        """As ``Fetcher.get``."""
        ...


@dataclass(frozen=True, slots=True)
class Had:
    """What could be had.

    Attributes:
        pictures: By the address on the page.
        files: The bytes of every file that ``pictures`` name, by path.
        problems: What could not be had, in words.
    """

    pictures: dict[str, Picture]
    files: dict[str, bytes]
    problems: tuple[str, ...]


async def fetch_pictures(
    getter: Getter, lead: FoundPicture | None, others: Iterable[FoundPicture], budget: Budget
) -> Had:
    """The pictures of one article, the featured one first. Raises nothing of its own.

    What is over ``budget`` leaves its caption; what came is counted in it.
    """
    wanted = {} if lead is None else {lead.url: lead}
    for found in others:
        wanted.setdefault(found.url, found)
    chosen = list(wanted.values())[:MAX_PICTURES]
    turn = asyncio.Semaphore(_AT_ONCE)
    limits = [LEAD_BYTES if found is lead else BODY_BYTES for found in chosen]
    results = await asyncio.gather(
        *(
            _one(getter, found.url, limit, turn, budget)
            for found, limit in zip(chosen, limits, strict=True)
        )
    )
    pictures: dict[str, Picture] = {}
    files: dict[str, bytes] = {}
    problems: list[str] = []
    room = budget.article
    for found, result in zip(chosen, results, strict=True):
        if isinstance(result, str):
            problems.append(result)
            continue
        size = sum(map(len, result.files.values()))
        if size > room:
            problems.append(f"{found.url}: {_OVER_ARTICLE}")
            continue
        room -= size
        budget.used += size
        files.update(result.files)
        pictures[found.url] = described(found, result)
    return Had(pictures, files, tuple(problems))


def described(found: FoundPicture, shrunk: Shrunk) -> Picture:
    """The files with what the page says about them."""
    return Picture(
        small=shrunk.small,
        large=shrunk.large,
        alt=found.alt,
        caption=found.caption,
        credit=found.credit,
    )


async def _one(
    getter: Getter, url: str, max_bytes: int, turn: asyncio.Semaphore, budget: Budget
) -> Shrunk | str:
    loop = asyncio.get_running_loop()
    try:
        async with turn:
            if budget.is_spent:
                return f"{url}: {_OVER_DAY}"
            response = await getter.get(url, kind=Limits.PICTURE)
            work = partial(shrink, response.body, max_small_bytes=max_bytes)
            return await loop.run_in_executor(_DECODERS, work)
    except SourceError as error:
        return str(error)
    except PictureError as error:
        return f"{url}: {error}"
