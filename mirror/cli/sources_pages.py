"""Pages to try rules on: saved files, addresses, and what the service kept. Nothing is stored."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from mirror.cli.newsrooms import opened
from mirror.config import Config
from mirror.errors import ConfigError, SourceError
from mirror.extract.page import absolute, parse_page
from mirror.source.charset import decode
from mirror.source.fetch import Fetcher
from mirror.source.trial import SavedPage, Trial, not_had, try_page
from mirror.store import catalogue
from mirror.store.folders import Folders


async def trials_of(
    names: Sequence[str], tried: Config, live: Config | None, now: datetime
) -> list[Trial]:
    """Each of these files and addresses tried, in their order.

    Raises:
        ConfigError: A file can't be read.
    """
    trials = []
    async with Fetcher(tried.fetch) as fetcher:
        for name in names:
            try:
                page = await _page(name, tried, fetcher)
            except SourceError as error:
                trials.append(not_had(name, error))
            else:
                trials.append(try_page(page, tried, live, now))
    return trials


async def kept_pages(config: Config, limit: int) -> list[SavedPage]:
    """Pages of the newest articles as they were fetched: those held first.

    Raises:
        StoreError: There is no database yet, or a page is damaged.
    """
    folders = Folders(config.store.data)
    async with opened(config) as database, database.begin() as connection:
        pages = await catalogue.pages(connection, limit)
    return [
        SavedPage(name=one.url, url=one.url, body=folders.get_raw(one.raw), content_type=one.type)
        for one in pages
    ]


async def _page(name: str, config: Config, fetcher: Fetcher) -> SavedPage:
    if name.startswith(("http://", "https://")):
        response = await fetcher.get(name)
        return SavedPage(
            name=name, url=response.url, body=response.body, content_type=response.content_type
        )
    body = _saved(name, config.fetch.max_bytes)
    return SavedPage(name=name, url=_address_of(body, config.site.url), body=body)


def _saved(name: str, limit: int) -> bytes:
    try:
        with Path(name).open("rb") as file:
            return file.read(limit)
    except OSError as error:
        problem = f"can't be read: {error.strerror}; name a saved page, or a whole address"
        raise ConfigError(name, (problem,)) from error


def _address_of(body: bytes, site: str) -> str:
    """Where a saved page says that it is; the site where it doesn't say."""
    try:
        root = parse_page(decode(body), site).root
    except SourceError:
        return site  # said when it is tried
    said = [node.get("href", "") for node in root.iter("link") if node.get("rel") == "canonical"]
    said += [
        node.get("content", "") for node in root.iter("meta") if node.get("property") == "og:url"
    ]
    return next(filter(None, (absolute(site, one) for one in said)), site)
