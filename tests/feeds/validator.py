"""What the W3C feed validator documents as errors and warnings, as far as feeds of ours could.

Its engine can be had from no registry (the package on npm asks the web service), so its
documented rules are checked one by one. Each is called as its page in the documentation is.
Left out are UnknownNamespace for RFC 6721, which the validator does not know, and which must be;
DuplicateUpdated, since two articles may well change in one second; and what it says of text that
looks like markup, since a title may be about that.
"""

import re
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any, Final
from urllib.parse import urlsplit

from lxml import etree, html

from tests.feeds.feed_rules import ATOM, CONTENT, DC, MEDIA, TOMBSTONE, check_atom, check_rss, xml

Element = Any  # an lxml element

_FH: Final = "{http://purl.org/syndication/history/1.0}"
_CHANNEL: Final = {
    *("title", "link", "description", "language", "lastBuildDate", "item"),
    *(f"{ATOM}link", f"{_FH}archive", f"{_FH}complete"),
}
_ITEM: Final = {
    *("title", "link", "description", "guid", "category", "pubDate"),
    *(CONTENT, f"{DC}creator", f"{ATOM}link", f"{ATOM}updated", f"{MEDIA}content"),
}
_MANY: Final = {"category", f"{DC}creator", f"{ATOM}link", "item"}
_RELS: Final = {  # registered with IANA, or by the validator's own list
    *("alternate", "self", "related", "via", "hub"),
    *("current", "prev-archive"),
}
_UNSAFE_TAGS: Final = {
    *("script", "style", "object", "embed", "applet", "iframe", "frame", "frameset"),
    *("form", "input", "button", "meta", "link", "base", "noscript", "plaintext"),
}
_HISTORY_RELS: Final = {"current", "prev-archive"}
_ATTRIBUTES: Final = {  # of elements that have any; the namespace of XML itself apart
    "rss": {"version"},
    "guid": {"isPermaLink"},
    "link": {"href", "rel", "type"},
    "category": {"term"},
    "content": {"type", "url", "fileSize", "medium", "width", "height"},
    "thumbnail": {"url", "width", "height"},
    "deleted-entry": {"ref", "when"},
}
_FILLED: Final = {"title", "subtitle", "summary", "name", "id", "guid", "category", "creator"}
_SNIFFED: Final = 512  # bytes in which the validator looks for the root element
_MEDIUMS: Final = {"image", "audio", "video", "document", "executable"}
_RFC822: Final = re.compile(
    r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d "
    r"(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4} \d\d:\d\d:\d\d (\+0000|GMT)"
)
_RFC3339: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|\+00:00)")
_TAG: Final = re.compile(r"tag:[a-z0-9][a-z0-9.-]*,\d{4}(-\d\d){0,2}:[!-~]+")
_LANGUAGE: Final = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_URI: Final = re.compile(  # the validator's own idea of RFC 2396, which has no brackets
    r"[a-zA-Z][0-9a-zA-Z+.-]*:(//)?[0-9a-zA-Z;/?:@&=+$.\-_!~*'()%,#]+"
)
_MEDIA_TYPE: Final = re.compile(r"[a-z]+/[a-z0-9.+-]+")


def complaints(document: bytes, address: str) -> list[str]:
    """What the validator would say of a feed that it was served at ``address``."""
    root = xml(document)
    found = _rss(root, address) if root.tag == "rss" else _atom(root, address)
    return [*_everywhere(document, root), *found]


def _everywhere(document: bytes, root: Element) -> Iterator[str]:
    if b"<!DOCTYPE" in document or b"<!ENTITY" in document:
        yield "ContainsSystemEntity"
    if not re.match(
        rb"<\?xml version=['\"]1\.0['\"] encoding=['\"]UTF-8['\"]\?>\n<[?a-z]", document
    ):
        yield "ObscureEncoding"
    if not re.search(b"<rss|<feed", document[:_SNIFFED]):
        yield "NonSpecificMediaType"
    for prefix, namespace in root.nsmap.items():
        if prefix and not re.fullmatch("atom|content|dc|media|fh|at", prefix):
            yield f"NonstdPrefix {prefix} {namespace}"
    for element in root.iter(etree.Element):
        text = "".join([element.text or "", *element.attrib.values()])
        if re.search("[\x80-\x9f]", text):
            yield f"BadCharacters in {element.tag}"
        yield from _plain(element)
        for name in ("href", "url"):
            if name in element.attrib:
                yield from _uri(element.get(name))


def _plain(element: Element) -> Iterator[str]:
    name = etree.QName(element).localname
    attributes = {one for one in element.attrib if not one.startswith("{")}
    if not attributes <= _ATTRIBUTES.get(name, set()):
        yield f"UnexpectedAttribute {attributes} of {element.tag}"
    if name in _FILLED and not (element.text or element.get("term")):
        yield f"NotBlank {element.tag}"


def _uri(uri: str) -> Iterator[str]:
    parts = urlsplit(uri)
    if not _URI.fullmatch(uri) or parts.scheme not in ("http", "https"):
        yield f"InvalidURI {uri}"
    if parts.netloc != parts.netloc.lower() or not parts.path or parts.netloc.endswith(":80"):
        yield f"NonCanonicalURI {uri}"


def _rss(root: Element, address: str) -> Iterator[str]:
    channel = check_rss(etree.tostring(root))
    yield from _children(channel, _CHANNEL)
    yield from _links(channel, address)
    if not _LANGUAGE.fullmatch(channel.findtext("language")):
        yield "InvalidLanguage"
    for item in channel.findall("item"):
        yield from _children(item, _ITEM)
        names = [child.tag for child in item]
        if CONTENT in names and names.index("description") > names.index(CONTENT):
            yield "NeedDescriptionBeforeContent"
        if not _TAG.fullmatch(item.findtext("guid")):
            yield "InvalidTAG"
        yield from _html(item.findtext(CONTENT) or "")
        yield from _html(item.findtext("description"))
    for date in root.iter("pubDate", "lastBuildDate"):
        if not _RFC822.fullmatch(date.text):
            yield f"InvalidRFC2822Date {date.text}"
        elif f"{parsedate_to_datetime(date.text):%a}" != date.text[:3]:
            yield f"ProblematicalRFC822Date {date.text}"
    for content in root.iter(f"{MEDIA}content"):
        yield from _media(content)


def _children(element: Element, known: set[str]) -> Iterator[str]:
    for name, count in Counter(child.tag for child in element).items():
        if name not in known:
            yield f"UndefinedElement {name}"
        if count > 1 and name not in _MANY:
            yield f"DuplicateElement {name}"


def _media(content: Element) -> Iterator[str]:
    if not _MEDIA_TYPE.fullmatch(content.get("type", "")):
        yield "InvalidMIMEType"
    if content.get("medium") not in _MEDIUMS:
        yield "InvalidMediaMedium"
    for element in (content, *content):
        for name in {"fileSize", "width", "height"} & set(element.attrib):
            if not re.fullmatch("[1-9][0-9]*", element.get(name)):
                yield f"InvalidPositiveInteger {name}"
        if not {"url", "width", "height"} <= set(element.attrib):
            yield "MissingAttribute"


def _atom(root: Element, address: str) -> Iterator[str]:
    feed = check_atom(etree.tostring(root))
    yield from _links(feed, address)
    for element in (feed, *feed.iter(f"{ATOM}entry")):
        language = element.get("{http://www.w3.org/XML/1998/namespace}lang")
        if not _LANGUAGE.fullmatch(language):
            yield "InvalidLanguage"
        if not _TAG.fullmatch(element.findtext(f"{ATOM}id")):
            yield "InvalidTAG"
    yield from _history(feed)
    for entry in feed.iter(f"{ATOM}entry"):
        content = entry.find(f"{ATOM}content")
        if content.get("type") != "html":
            yield "InvalidContentType"
        yield from _html(content.text)
        dates = [entry.findtext(f"{ATOM}{name}") for name in ("published", "updated")]
        if not all(map(_RFC3339.fullmatch, dates)):
            yield f"InvalidRFC3339Date {dates}"
        elif datetime.fromisoformat(dates[0]) > datetime.fromisoformat(dates[1]):
            yield "ImplausibleDate"
    for gone in feed.iter(TOMBSTONE):
        if not _TAG.fullmatch(gone.get("ref")) or not _RFC3339.fullmatch(gone.get("when")):
            yield "InvalidTombstone"


def _history(feed: Element) -> Iterator[str]:
    rels = {link.get("rel") for link in feed.findall(f"{ATOM}link")}
    if feed.find(f"{_FH}archive") is not None and "current" not in rels:
        yield "MissingCurrentInArchive"
    if feed.find(f"{_FH}complete") is not None and rels & _HISTORY_RELS:
        yield "FeedRelInCompleteFeed"
    for link in feed.iterfind(f"{ATOM}entry/{ATOM}link"):
        if link.get("rel") in _HISTORY_RELS:
            yield "FeedHistoryRelInEntry"


def _links(feed: Element, address: str) -> Iterator[str]:
    links = feed.findall(f"{ATOM}link")
    for link in feed.iter(f"{ATOM}link"):
        if link.get("rel", "alternate") not in _RELS:
            yield f"UnregisteredAtomLinkRel {link.get('rel')}"
        if len(link) or (link.text or "").strip():
            yield "AtomLinkNotEmpty"
        if link.get("rel") == "self" and not re.fullmatch(
            r"application/(atom|rss)\+xml", link.get("type")
        ):
            yield "SelfNotAtom"
    own = [link.get("href") for link in links if link.get("rel") == "self"]
    if not own:
        yield "MissingAtomSelfLink"
    if own != [address]:
        yield f"SelfDoesntMatchLocation {own}"


def _html(text: str) -> Iterator[str]:
    if not text.strip():
        return
    for element in html.fragment_fromstring(text, create_parent="div").iter(etree.Element):
        if element.tag in _UNSAFE_TAGS:
            yield f"SecurityRisk {element.tag}"
        for name, value in element.attrib.items():
            if name.startswith("on") or name in ("style", "class", "id"):
                yield f"SecurityRiskAttr {name}"
            if name in ("href", "src") and not re.match("(https?|mailto|tel):", value):
                yield f"ContainsRelRef {value}"
