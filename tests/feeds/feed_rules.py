"""What the rules of RSS 2.0, Atom 1.0 and JSON Feed 1.1 ask, as checks."""

import json
import re
from datetime import datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any, Final

from lxml import etree

DATA: Final = Path(__file__).parents[1] / "data" / "feeds"
ATOM: Final = "{http://www.w3.org/2005/Atom}"
CONTENT: Final = "{http://purl.org/rss/1.0/modules/content/}encoded"
DC: Final = "{http://purl.org/dc/elements/1.1/}"
MEDIA: Final = "{http://search.yahoo.com/mrss/}"
TOMBSTONE: Final = "{http://purl.org/atompub/tombstones/1.0}deleted-entry"

_GRAMMAR: Final = etree.RelaxNG(etree.parse(DATA / "atom.rng"))
_PARSER: Final = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True)


def xml(document: bytes) -> Any:  # noqa: ANN401  # an lxml element
    return etree.fromstring(document, _PARSER)


def check_atom(document: bytes) -> Any:  # noqa: ANN401  # an lxml element
    """The feed element, where RFC 4287 holds: its grammar, and its rules in prose."""
    feed = xml(document)
    assert _GRAMMAR.validate(feed), _GRAMMAR.error_log
    for element in (feed, *feed.iter(f"{ATOM}entry")):
        links = [
            (link.get("type"), link.get("hreflang"))
            for link in element.findall(f"{ATOM}link")
            if link.get("rel", "alternate") == "alternate"
        ]
        assert len(links) == len(set(links)), "4.1.1: two alternates of one type and language"
        assert links, "every entry and feed has its page"
        for link in element.findall(f"{ATOM}link"):
            assert re.fullmatch(r"https?://[!-~]+", link.get("href"))
    assert feed.find(f"{ATOM}author") is not None, "4.1.1: entries may have no author"
    assert any(link.get("rel") == "self" for link in feed.findall(f"{ATOM}link"))
    ids = [entry.findtext(f"{ATOM}id") for entry in feed.iter(f"{ATOM}entry")]
    assert len(ids) == len(set(ids)), "4.1.1: one entry twice"
    for moment in feed.iter(f"{ATOM}updated", f"{ATOM}published"):
        assert datetime.fromisoformat(moment.text).tzinfo is not None
    return feed


def check_rss(document: bytes) -> Any:  # noqa: ANN401  # an lxml element
    """The channel element, where RSS 2.0 holds."""
    root = xml(document)
    assert root.tag == "rss"
    assert root.get("version") == "2.0"
    (channel,) = root
    for name in ("title", "link", "description", "language", "lastBuildDate"):
        assert len(channel.findall(name)) == 1, name
    assert channel.find("generator") is None
    selves = [link for link in channel.findall(f"{ATOM}link") if link.get("rel") == "self"]
    assert len(selves) == 1
    guids = [guid.text for guid in channel.iter("guid")]
    assert len(guids) == len(set(guids)) == len(channel.findall("item"))
    for item in channel.findall("item"):
        for name in ("title", "link", "description", "guid", "pubDate"):
            assert len(item.findall(name)) == 1, name
        assert item.find("guid").get("isPermaLink") == "false"
    for date in channel.iter("pubDate", "lastBuildDate"):
        parsedate_to_datetime(date.text)
    for content in channel.iter(f"{MEDIA}content"):
        assert {"url", "type", "fileSize", "width", "height"} <= set(content.attrib)
    return channel


def check_json(document: bytes) -> Any:  # noqa: ANN401  # a parsed JSON object
    """The feed object, where JSON Feed 1.1 holds."""
    feed = json.loads(document)
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert feed["title"]
    for name in ("home_page_url", "feed_url"):
        assert feed[name].startswith("https://")
    known = {"version", "title", "home_page_url", "feed_url", "description", "language"}
    assert set(feed) <= known | {"authors", "hubs", "items", "_mirrors"}
    ids = [item["id"] for item in feed["items"]]
    assert len(ids) == len(set(ids))
    for item in feed["items"]:
        assert all(isinstance(item[name], str) for name in ("id", "url", "title", "content_html"))
        for name in ("date_published", "date_modified"):
            assert datetime.fromisoformat(item[name]).tzinfo is not None
        assert all(author["name"] for author in item.get("authors", ()))
        assert all(isinstance(tag, str) for tag in item.get("tags", ()))
    return feed
