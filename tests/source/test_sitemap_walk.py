from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from mirror.config import FetchConfig
from mirror.errors import SourceError, SourceRefusedError, SourceUnreachableError
from mirror.source.fetch import Fetcher
from mirror.source.sitemap_file import SitemapFile
from mirror.source.sitemap_walk import Bounds, walk
from tests.source.friendly_server import Friendly, friendly_server
from tests.source.sitemaps import index, urlset


@pytest.fixture
async def site() -> AsyncIterator[Friendly]:
    """An index of four files, one of them an index."""
    async with friendly_server() as server:
        server.files["/index.xml"] = index(
            (server.url("/2024.xml"), "2024-12-31"),
            (server.url("/2026.xml"), "2026-11-27T10:00:00Z"),
            (server.url("/more.xml"), "2025-12-31"),
            server.url("/undated.xml"),
        )
        server.files["/more.xml"] = index(server.url("/2025-1.xml"), server.url("/2025-12.xml"))
        dates = {"2024": "2024-12-31", "2025-1": "2025-01-02", "2025-12": "2025-12-31"}
        for name, day in {**dates, "2026": "2026-11-27", "undated": ""}.items():
            server.files[f"/{name}.xml"] = urlset((server.url(f"/story-{name}"), day))
        yield server


@pytest.fixture
async def fetcher() -> AsyncIterator[Fetcher]:
    config = FetchConfig.model_validate(
        {"private_addresses": True, "robots": False, "timeout": "2s"}
    )
    async with Fetcher(config) as fetcher:
        yield fetcher


async def test_it_gives_file_after_file_the_newest_first(site: Friendly, fetcher: Fetcher) -> None:
    files = [file async for file in walk(site.url("/index.xml"), fetcher.get)]

    names = [file.url.rpartition("/")[2] for file in files]
    assert names == ["2026.xml", "2025-12.xml", "2025-1.xml", "2024.xml", "undated.xml"]
    assert [len(file.entries) for file in files] == [1] * 5


async def test_it_asks_for_no_more_than_was_taken(site: Friendly, fetcher: Fetcher) -> None:
    async for _ in walk(site.url("/index.xml"), fetcher.get):
        break

    assert site.paths() == ["/index.xml", "/2026.xml"]


async def test_what_is_older_is_not_asked_for_and_what_was_done_is_skipped(
    site: Friendly, fetcher: Fetcher
) -> None:
    since = datetime(2025, 12, 31, 12, tzinfo=UTC)
    done = {site.url("/2026.xml")}

    files = [
        file async for file in walk(site.url("/index.xml"), fetcher.get, since=since, skip=done)
    ]

    assert site.paths() == [
        "/index.xml",
        "/more.xml",
        "/2025-12.xml",
        "/2025-1.xml",
        "/undated.xml",
    ]
    assert [len(file.entries) for file in files] == [1, 0, 1]  # a day counts to its end


async def test_a_file_that_fails_is_told_and_the_rest_comes(
    site: Friendly, fetcher: Fetcher
) -> None:
    site.files["/2026.xml"] = 503
    problems: list[SourceError] = []

    files = [
        file async for file in walk(site.url("/index.xml"), fetcher.get, failed=problems.append)
    ]

    assert len(files) == 4
    assert [type(problem) for problem in problems] == [SourceUnreachableError]
    with pytest.raises(SourceUnreachableError):
        _ = [file async for file in walk(site.url("/index.xml"), fetcher.get)]


@pytest.mark.parametrize("bounds", [Bounds(files=3), Bounds(depth=1)])
async def test_more_than_the_bounds_is_said_after_what_lies_within(
    site: Friendly, fetcher: Fetcher, bounds: Bounds
) -> None:
    files: list[SitemapFile] = []

    async def take_all() -> None:
        async for file in walk(site.url("/index.xml"), fetcher.get, bounds=bounds):
            files.append(file)  # noqa: PERF401 - it raises in the middle

    with pytest.raises(SourceRefusedError, match="holds more than"):
        await take_all()
    assert files


async def test_a_circle_ends(site: Friendly, fetcher: Fetcher) -> None:
    site.files["/more.xml"] = index(site.url("/index.xml"), site.url("/more.xml"))

    assert len([file async for file in walk(site.url("/index.xml"), fetcher.get)]) == 3
