"""``read_article``: from a feed's entry to a snapshot that can be stored, or the reason why not."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from typing import Final
from urllib.parse import urlsplit

from feeds.errors import InvalidAddressError, InvalidSnapshotError
from feeds.ids import normal_form
from feeds.snapshot import MAX_TITLE_CHARS, Picture, Snapshot, one_line, words
from mirror.config import Config
from mirror.errors import SourceChangedError, SourceError, SourceRefusedError
from mirror.extract.agreement import disagreement
from mirror.extract.drift import PageLook
from mirror.extract.extract import Extracted, extract
from mirror.extract.figures import FoundPicture
from mirror.extract.judge import Judgement, Limits, judge
from mirror.extract.links import Links, is_article_address, without_tracking
from mirror.extract.narrow import page_for
from mirror.extract.placing import finished
from mirror.extract.refusal import why_no_article
from mirror.extract.rules import Rules
from mirror.source.charset import decode
from mirror.source.fetch import Fetcher
from mirror.source.item import Item
from mirror.source.pictures import Budget, Had, fetch_pictures
from mirror.source.response import Response

_HTML: Final = ("text/html", "application/xhtml+xml", "")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadArticle:
    """An article as it was read.

    Attributes:
        snapshot: What can be stored and, where nothing is held against it, published.
        addresses: Other addresses of the same article (asked for, redirects, canonical, AMP),
            on the site's own hosts, none equal to ``snapshot.source_url`` in normal form.
        raw: The page as it came, decoded from its transfer, for the record.
        raw_type: Its Content-Type.
        response_headers: As they came.
        media: Bytes of every file under ``m/`` that the snapshot names, by path.
        verdict: Whether a person must look first, and why.
        problems: Pictures that could not be had, in words.
        look: What the page was like, beside others of its host.
    """

    snapshot: Snapshot
    addresses: tuple[str, ...]
    raw: bytes
    raw_type: str
    response_headers: dict[str, str]
    media: dict[str, bytes]
    verdict: Judgement
    problems: tuple[str, ...] = ()
    look: PageLook | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """A page that came, and what its extraction needs to know. Goes to other processes."""

    body: bytes
    content_type: str
    url: str
    hosts: frozenset[str]
    rules: Rules
    zone: tzinfo
    language: str


Extractor = Callable[[Work], Awaitable[Extracted]]  # raises SourceError


async def in_thread(work: Work) -> Extracted:
    """``extracted`` beside the loop."""
    return await asyncio.to_thread(extracted, work)


async def read_article(
    fetcher: Fetcher,
    item: Item,
    config: Config,
    now: datetime,
    *,
    earlier: Snapshot | None = None,
    second: Fetcher | None = None,
    extractor: Extractor = in_thread,
    budget: Budget | None = None,
) -> ReadArticle:
    """Fetch and read the article that ``item`` names; ``earlier`` is what is known of it.

    With ``second`` it is read by that way too, and held where it differs there, or is not there.
    ``budget`` is what its pictures may take; by default as much as a day's.

    Raises:
        SourceUnreachableError: It could not be fetched now.
        SourceRefusedError: It is refused (404, 403, a block page, our own limits).
        SourceChangedError: What came is no page with an article.
    """
    response = await fetcher.get(item.url)
    links = Links.of(response.url, config.site.own_hosts)
    if problem := _led_away(item, response, links):
        raise SourceRefusedError(response.url, problem)
    work = _work(response, config, item.language)
    found = await extractor(work)
    doubt = await _doubt(second, work, found, item, extractor) if second else ""
    limit = config.fetch.max_article_media
    budget = Budget(limit, config.fetch.max_day_media) if budget is None else budget
    had = await fetch_pictures(fetcher, found.picture, found.pictures, budget)
    read = assemble(response, item, found, had, config=config, now=now, earlier=earlier)
    return replace(read, verdict=read.verdict.also(doubt)) if doubt else read


def read_saved(response: Response, config: Config, now: datetime) -> ReadArticle:
    """The article of a page that was saved, as it would be read by ``config``.

    Nothing is asked for, so its pictures leave only their captions.

    Raises:
        SourceRefusedError: It is a block page, or the like.
        SourceChangedError: It is no page with an article.
    """
    found = extracted(_work(response, config, ""))
    item = Item(url=response.url, id=response.url)
    return assemble(response, item, found, Had({}, {}, ()), config=config, now=now)


def _work(response: Response, config: Config, language: str) -> Work:
    return Work(
        body=response.body,
        content_type=response.content_type,
        url=response.url,
        hosts=Links.of(response.url, config.site.own_hosts).hosts,
        rules=config.rules_for(urlsplit(response.url).hostname or ""),
        zone=config.site.zone,
        language=language or config.site.language,
    )


async def _doubt(
    second: Fetcher, first: Work, found: Extracted, item: Item, extractor: Extractor
) -> str:
    """Why the second route speaks against the article, or empty."""
    try:
        response = await second.get(item.url)
        there = await extractor(
            replace(
                first,
                body=response.body,
                content_type=response.content_type,
                url=response.url,
            )
        )
    except SourceError as error:
        return f"by the second route it can't be read: {error.problem}"
    return disagreement(found, there)


def _led_away(item: Item, response: Response, links: Links) -> str:
    """Why redirects led to no article: a provider's block page, or home where a page is gone.

    Many addresses lead to such a page, so it must never be taken for one of the articles.
    """
    if not response.hops:
        return ""
    parts = urlsplit(response.url)
    if links.is_own(item.url) and not links.is_own(response.url):
        return f"led to {parts.hostname}; if that is the site's own, name it under [site] hosts"
    if parts.path in {"", "/"} and not parts.query and urlsplit(item.url).path != parts.path:
        return "led to the front page; the article may be gone, or refused to us"
    return ""


def extracted(work: Work) -> Extracted:
    """The article of a page that came.

    Raises:
        SourceChangedError: It is no web page.
        SourceRefusedError: It is a page that refuses us, or says that there is nothing.
    """
    kind = work.content_type.partition(";")[0].strip().lower()
    if kind not in _HTML:
        raise SourceChangedError(work.url, f"is {kind}, not a web page")
    page = page_for(decode(work.body, work.content_type), work.url, work.rules)
    if reason := why_no_article(page.root, work.url):
        raise SourceRefusedError(work.url, reason)
    links = Links(page.base, work.hosts)
    return extract(page, links, rules=work.rules, zone=work.zone, language=work.language)


def assemble(
    response: Response,
    item: Item,
    extracted: Extracted,
    had: Had,
    *,
    config: Config,
    now: datetime,
    earlier: Snapshot | None = None,
) -> ReadArticle:
    """What was read, in the one shape that the store takes.

    Raises:
        SourceChangedError: No title, or a body past the limits of a snapshot.
    """
    snapshot = _snapshot(response, item, extracted, had, config.site.language)
    named = {file.path for file in snapshot.all_media}
    return ReadArticle(
        snapshot=snapshot,
        addresses=other_addresses(item, response, extracted, config),
        raw=response.body,
        raw_type=response.content_type,
        response_headers=dict(response.headers),
        media={path: data for path, data in had.files.items() if path in named},
        verdict=judge(
            snapshot,
            now,
            limits=_limits(config),
            feed_title=item.title,
            missed=extracted.missed,
            is_free=extracted.metadata.is_free,
            earlier=earlier,
        ),
        problems=had.problems,
        look=_look(snapshot, extracted, earlier),
    )


def _look(snapshot: Snapshot, extracted: Extracted, earlier: Snapshot | None) -> PageLook:
    return PageLook(
        host=(urlsplit(snapshot.source_url).hostname or "").lower(),
        missed=extracted.missed,
        chars=None if earlier else len(words(snapshot.body_html)),
    )


def _snapshot(
    response: Response, item: Item, extracted: Extracted, had: Had, language: str
) -> Snapshot:
    """What stands on the page, and in the feed where the page does not say it."""
    said = extracted.metadata
    title = said.title or one_line(item.title)[:MAX_TITLE_CHARS].strip()
    if not title:
        raise SourceChangedError(response.url, "has no title; name one with title under [extract]")
    body, media = finished(extracted.body, extracted.pictures, had.pictures)
    try:
        return Snapshot(
            source_url=without_tracking(response.url),
            fetched_at=response.fetched_at,
            title=title,
            body_html=body,
            lead=said.lead or item.summary,
            authors=said.authors,
            section=item.section or said.section,
            tags=said.tags,
            language=item.language or said.language or language,
            published_at=said.published or item.published,
            modified_at=said.modified,
            picture=_lead(extracted.picture, had),
            media=media,
        )
    except InvalidSnapshotError as error:
        raise SourceChangedError(response.url, str(error)) from error


def _lead(found: FoundPicture | None, had: Had) -> Picture | None:
    return had.pictures.get(found.url) if found else None


def _limits(config: Config) -> Limits:
    publish = config.publish
    return Limits(
        hold_shorter=publish.hold_shorter,
        hold_shrunk=publish.hold_shrunk,
        hold_ahead=publish.hold_ahead,
    )


def other_addresses(
    item: Item, response: Response, extracted: Extracted, config: Config
) -> tuple[str, ...]:
    """Addresses that lead to this article too, as far as the page may say so (format 1.1)."""
    links = Links.of(response.url, config.site.own_hosts)
    claimed = [url for url in extracted.metadata.addresses if url and is_article_address(url)]
    known = {normal_form(response.url)}
    others: list[str] = []
    for url in (item.url, *response.hops, *claimed):
        try:
            form = normal_form(url)
        except InvalidAddressError:
            continue
        if form not in known and links.is_own(url):
            known.add(form)
            others.append(url)
    return tuple(others)
