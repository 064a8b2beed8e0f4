"""``offered``: the WebSub hub that a source names, and what the hub calls the source.

W3C WebSub, 4: in ``Link`` headers, else in the feed: Atom's ``link`` in Atom and RSS, ``hubs`` in
JSON Feed.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final
from urllib.parse import urljoin, urlsplit

from lxml import etree

from mirror.source.response import Response

MAX_URL_CHARS: Final = 2_000
_LINK: Final = re.compile(r'<([^<>]*)>((?:\s*;\s*[\w*-]+\s*=\s*(?:"[^"]*"|[^",;\s]*))*)')
_REL: Final = re.compile(r';\s*rel\s*=\s*(?:"([^"]*)"|([^",;\s]*))', re.IGNORECASE)
_MAX_LINK_CHARS: Final = 8_000
_ATOM: Final = "{http://www.w3.org/2005/Atom}link"

Rels = Iterator[tuple[str, str]]  # what a link is, in lower case, and where it leads


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A hub that tells of news.

    Attributes:
        hub: Its address, http(s).
        topic: What it calls the source: the source's own ``self`` link, or where it answered.
    """

    hub: str
    topic: str


def offered(response: Response) -> Offer | None:
    """The first hub that the answer names, or None."""
    for rels in (_in_headers(response), _in_body(response)):
        found: dict[str, str] = {}
        for rel, url in rels:
            address = _absolute(response.url, url)
            if address:
                found.setdefault(rel, address)
        if "hub" in found:
            return Offer(hub=found["hub"], topic=found.get("self", response.url))
    return None


def _absolute(base: str, url: str) -> str:
    try:
        address = urljoin(base, url.strip())
        parts = urlsplit(address)
    except ValueError:
        return ""
    usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and "@" not in parts.netloc
    return address if usable and len(address) <= MAX_URL_CHARS else ""


def _in_headers(response: Response) -> Rels:
    values = (value for name, value in response.headers.items() if name.lower() == "link")
    for link in _LINK.finditer(", ".join(values)[:_MAX_LINK_CHARS]):
        rel = _REL.search(link[2])
        for name in ((rel[1] or rel[2] or "") if rel else "").lower().split():
            yield name, link[1]


def _in_body(response: Response) -> Rels:
    if b"hub" not in response.body:
        return iter(())
    if response.body.lstrip()[:1] == b"{":
        return _in_json(response.body)
    return _in_xml(response.body)


def _in_json(body: bytes) -> Rels:
    try:
        feed = json.loads(body)
        hubs = feed.get("hubs") or ()
        yield from (
            ("hub", str(hub["url"])) for hub in hubs if str(hub["type"]).lower() == "websub"
        )
        if isinstance(feed.get("feed_url"), str):
            yield "self", feed["feed_url"]
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return


def _in_xml(body: bytes) -> Rels:
    """The feed's own links, not those of its entries."""
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, recover=True
    )
    try:
        root: etree._Element | None = etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError):
        return
    if root is None:
        return
    for parent in (root, *root.findall("{*}channel")):
        for link in parent.findall(_ATOM):
            for rel in link.get("rel", "").lower().split():
                yield rel, link.get("href", "")
