"""One feed in three formats, beside feedgen's own RSS and Atom of the same entries.

Cold is the first time that a process makes the feed; changed is one new article in a feed that
it made before, as the service does it. Lite feeds, archives and what stands around entries
(categories, pictures, other mirrors) are ours alone, and feedgen's peer has what it has words for.
"""

import gc
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from feedgen.feed import FeedGenerator

from benchmarks._measure import Results, arguments
from feeds import entries, json_feed, lite, rss_atom
from feeds.article import Article
from feeds.channel import Channel
from feeds.documents import archive_document, documents, full_feed
from feeds.snapshot import Snapshot

ENTRIES: Final = 50
BODY_BYTES: Final = 5_000
MOST: Final = 1.3  # of feedgen's time

_BEGUN: Final = datetime(2026, 1, 1, tzinfo=UTC)
_CHANNEL: Final = Channel(
    title="The News",
    description="All articles",
    language="en",
    stem="feeds/all",
    home="index.html",
    origin="news.example/mirror",
    tag_year=2026,
    begun=_BEGUN,
    max_entries=ENTRIES,
)


def main() -> int:
    """Measure, and say."""
    parser = arguments(__doc__)
    parser.add_argument("--rounds", type=int, default=40)
    chosen = parser.parse_args()
    results = Results("feeds")
    articles = [_article(number) for number in range(ENTRIES + chosen.rounds + 1)]
    newest = articles[:ENTRIES]
    cold, warm, lite_s, document, peer = [], [], [], [], []
    for number in range(chosen.rounds):
        _forget()
        cold.append(_timed(lambda: full_feed(_CHANNEL, newest)))
        changed = articles[number + 1 : number + 1 + ENTRIES]
        full_feed(_CHANNEL, articles[number : number + ENTRIES])
        documents(_CHANNEL, articles[number : number + ENTRIES])
        warm.append(_timed(lambda one=changed: full_feed(_CHANNEL, one)))  # type: ignore[misc]
        lite_s.append(_timed(lambda one=changed: documents(_CHANNEL, one)))  # type: ignore[misc]
        document.append(_timed(lambda: archive_document(_CHANNEL, 1, newest)))
        peer.append(_timed(lambda: _feedgen(newest)))
    theirs = statistics.median(peer)
    for name, times in (
        ("feedgen: RSS and Atom", peer),
        ("ours: RSS, Atom and JSON, cold", cold),
        ("ours: one new entry", warm),
        ("ours: one new entry, full and lite", lite_s),
        ("ours: an archive document", document),
    ):
        results.figure(f"{name}, ms", statistics.median(times) * 1_000)
    ratios = (ours / peers for ours, peers in zip(cold, peer, strict=True))
    results.figure("cold, beside feedgen, x", statistics.median(ratios))
    results.target("RSS, Atom and JSON, one new entry", statistics.median(warm) / theirs, MOST)
    return results.say(as_json=chosen.json)


def _article(number: int) -> Article:
    paragraph = f"<p>Story {number} says that it rained, and that it had not rained before.</p>"
    body = paragraph * (BODY_BYTES // len(paragraph))
    moment = _BEGUN + timedelta(hours=number)
    return Article(
        id=f"{number:016x}",
        snapshot=Snapshot(
            source_url=f"https://news.example/{number}",
            fetched_at=moment,
            title=f"Story {number} & what came of it",
            body_html=body,
            lead=f"It rained {number} times.",
            authors=("Ann Writer",),
        ),
        published=moment,
        updated=moment,
    )


def _feedgen(articles: Sequence[Article]) -> None:
    """What feedgen itself takes for the same entries."""
    feed: Any = FeedGenerator()
    feed.id(_CHANNEL.id)
    feed.title(_CHANNEL.title)
    feed.description(_CHANNEL.description)
    feed.author({"name": _CHANNEL.title})
    feed.language(_CHANNEL.language)
    feed.link({"href": _CHANNEL.home_url, "rel": "alternate"})
    feed.updated(_BEGUN)
    for article in articles:
        item = feed.add_entry(order="append")
        item.id(_CHANNEL.entry_id(article.id))
        item.title(article.snapshot.title)
        item.link(href=_CHANNEL.home_url)
        item.author({"name": article.snapshot.authors[0], "email": "-"})
        item.summary(article.snapshot.lead)
        item.description(article.snapshot.lead)
        item.content(article.snapshot.body_html, type="html")
        item.updated(article.updated)
        item.published(article.published)
    feed.rss_str()
    feed.atom_str()


def _forget() -> None:
    """As in a new process: nothing that was made is remembered."""
    for module in (entries, json_feed, rss_atom, lite):
        for thing in vars(module).values():
            if callable(clear := getattr(thing, "cache_clear", None)):
                clear()


def _timed(work: Callable[[], object]) -> float:
    gc.collect()
    begun = time.process_time()
    work()
    return time.process_time() - begun


if __name__ == "__main__":
    sys.exit(main())
