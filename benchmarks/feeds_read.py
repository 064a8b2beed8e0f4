"""Reading feeds: ours beside feedparser, fastfeedparser and lxml's bare parsing, in one run.

    python -m benchmarks.feeds_read [--json]

CPU time for 100 items, once with summaries and once with full texts, each parser in turn. Ours
gives what the service needs, checked and bounded; the peers give all that stands there.
"""

import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Final

import fastfeedparser
import feedparser
from lxml import etree

from benchmarks._measure import Results, arguments, median
from mirror.source.feeds import parse_feed

URL: Final = "https://news.example/rss"
_ITEMS: Final = 100
_TURNS: Final = 7
_SUMMARY: Final = "A summary of what the article says, in <b>two</b> lines or three. " * 8
_TEXT: Final = "<p>A paragraph with <a href='/a'>a link</a>, long enough to be one.</p>" * 80
_PARSERS: Final[dict[str, Callable[[bytes], object]]] = {
    "ours": lambda body: parse_feed(body, URL, "application/rss+xml"),
    "feedparser": feedparser.parse,
    "fastfeedparser": fastfeedparser.parse,
    "lxml alone": etree.fromstring,
}


def feed(*, has_texts: bool) -> bytes:
    """An RSS feed as WordPress writes it."""
    begun = datetime(2026, 1, 2, tzinfo=UTC)
    items = "".join(_item(number, begun, has_texts=has_texts) for number in range(_ITEMS))
    return (
        '<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"'
        ' xmlns:content="http://purl.org/rss/1.0/modules/content/"'
        ' xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>The News</title>'
        f"<link>https://news.example/</link><language>en</language>{items}</channel></rss>"
    ).encode()


def _item(number: int, begun: datetime, *, has_texts: bool) -> str:
    text = f"<content:encoded><![CDATA[{_TEXT}]]></content:encoded>" if has_texts else ""
    when = format_datetime(begun + timedelta(minutes=number), usegmt=True)
    return (
        f"<item><title>What was said of harbour {number}</title>"
        f"<link>https://news.example/2026/01/02/what-was-said-{number}</link>"
        f'<guid isPermaLink="false">https://news.example/?p={number}</guid>'
        f"<pubDate>{when}</pubDate><dc:creator>A. Author</dc:creator><category>News</category>"
        f"<description><![CDATA[{_SUMMARY}]]></description>{text}</item>"
    )


def main() -> int:
    """Exit status."""
    chosen = arguments(__doc__).parse_args()
    results = Results("feeds_read")
    for what in ("summaries", "full texts"):
        body = feed(has_texts=what == "full texts")
        times: dict[str, list[float]] = {name: [] for name in _PARSERS}
        for _ in range(_TURNS):
            for name, parse in _PARSERS.items():
                begun = time.process_time()
                parse(body)
                times[name].append(1_000 * (time.process_time() - begun))
        medians = {name: median(found) for name, found in times.items()}
        for name, found in medians.items():
            results.figure(f"{_ITEMS} items, {what}, {len(body) // 1_000} kB: {name}, ms", found)
        ratio = medians["ours"] / medians["feedparser"]
        results.target(f"{what}: ours / feedparser", ratio, 0.25)
    return results.say(as_json=chosen.json)


if __name__ == "__main__":
    sys.exit(main())
