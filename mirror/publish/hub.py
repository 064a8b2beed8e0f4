"""Tell a WebSub hub which feeds have changed (W3C WebSub; PubSubHubbub 0.4, 7.1).

The specification leaves open how a publisher tells its hub. All known hubs take what is done
here: a form with ``hub.mode=publish``, and ``hub.url`` once for each feed.
"""

import asyncio
from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Final
from urllib.parse import urlsplit

import aiohttp

from feeds.edition import EMPTY_SHA
from mirror.errors import HubError
from mirror.tree import Mutable

AT_ONCE: Final = 50  # feeds in one request
TIMEOUT: Final = timedelta(seconds=10)

_FEEDS: Final = (".rss", ".atom", ".json")
_FIRST_GOOD: Final = 200
_FIRST_REDIRECT: Final = 300
_FIRST_BROKEN: Final = 500  # its fault, and may pass


def topics_of(base: str, changed: Iterable[Mutable]) -> tuple[str, ...]:
    """The addresses under ``base`` of the feeds among ``changed``: what subscribers know."""
    return tuple(
        base + item.path
        for item in changed
        if item.path.startswith("feeds/") and item.path.endswith(_FEEDS) and item.sha != EMPTY_SHA
    )


async def tell_hub(hub: str, topics: Sequence[str]) -> None:
    """Tell ``hub`` that the feeds at ``topics`` have changed.

    Raises:
        HubError: It does not answer, or refuses.
    """
    form = [("hub.mode", "publish"), *(("hub.url", topic) for topic in topics)]
    try:
        async with asyncio.timeout(TIMEOUT.total_seconds()):
            status = await _post(hub, form)
    except TimeoutError as error:
        problem = f"no answer within {TIMEOUT.total_seconds():.0f} s"
        raise HubError(_name(hub), problem, again=True) from error
    except (aiohttp.ClientError, OSError) as error:
        raise HubError(_name(hub), f"can't be reached: {error}", again=True) from error
    if not _FIRST_GOOD <= status < _FIRST_REDIRECT:
        raise HubError(_name(hub), f"refuses with status {status}", again=status >= _FIRST_BROKEN)


async def _post(hub: str, form: list[tuple[str, str]]) -> int:
    async with (
        aiohttp.ClientSession(trust_env=False, cookie_jar=aiohttp.DummyCookieJar()) as session,
        session.post(
            hub, data=form, headers={"User-Agent": "tamizdat"}, allow_redirects=False
        ) as answer,
    ):
        return answer.status


def _name(hub: str) -> str:
    """Its host: the rest may hold what is nobody's business."""
    return urlsplit(hub).hostname or "-"
