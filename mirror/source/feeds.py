"""Reading feeds: RSS 0.9x, 1.0 and 2.0, Atom 0.3 and 1.0, JSON Feed.

lxml does it alone. fastfeedparser is faster, but bounds no items, takes a cut-off feed for a
whole one, and knows no bare ``entry`` and no ``origLink``; and a feed is read only when it changed.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import islice
from typing import Final
from urllib.parse import urljoin

from lxml import etree

from feeds.snapshot import one_line
from mirror.errors import SourceChangedError, SourceRefusedError
from mirror.extract.dates import parse_date
from mirror.source.charset import decode
from mirror.source.item import Item
from mirror.source.jsonfeed import json_items
from mirror.source.texts import MAX_ITEMS, absolute, plain, summary

_BASE: Final = "{http://www.w3.org/XML/1998/namespace}base"
_LANG: Final = "{http://www.w3.org/XML/1998/namespace}lang"
_ABOUT: Final = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}about"
_PROLOG: Final = re.compile(r"\A.*?(?=<[A-Za-z_])", re.DOTALL)
_DECLARATION: Final = re.compile(r"\A\s*<\?xml\b[^>]*\?>")
_READ: Final = frozenset(
    """
    id guid title link origLink published issued created pubDate date updated modified summary
    description category subject
    """.split()  # noqa: SIM905 - names, not strings
)
_ROOTS: Final = {"rss", "RDF", "feed", "entry"}


def parse_feed(body: bytes, url: str, content_type: str = "") -> tuple[Item, ...]:
    """The entries of the feed that ``url`` gave, at most ``MAX_ITEMS``, in the feed's order.

    Raises:
        SourceChangedError: It is no feed (a web page, for example), or can't be read as one.
        SourceRefusedError: It defines entities, or is nested too deeply: no honest feed does.
    """
    text = decode(body, content_type).lstrip()
    if text.startswith("{"):
        return json_items(text, url)
    root = _parse(text, url)
    if _name(root) not in _ROOTS:
        what = "a web page" if _name(root).lower() == "html" else f"<{_name(root)[:40]}>"
        raise SourceChangedError(url, f"is {what}, not a feed")
    entries = [root] if _name(root) == "entry" else list(_entries(root))
    language = _language(root)
    return tuple(_item(entry, url, language) for entry in entries)


def _parse(text: str, url: str) -> etree._Element:
    prolog = _PROLOG.match(text)
    if prolog is None:
        raise SourceChangedError(url, "is not a feed: it holds no XML")
    if "<!ENTITY" in prolog[0].upper():
        raise SourceRefusedError(url, "defines XML entities, as attacks do and feeds do not")
    parser = etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,  # libxml2's own bounds on depth and size hold
        remove_comments=True,
        remove_pis=True,
        recover=True,  # real feeds have stray ampersands
    )
    data = _DECLARATION.sub("", text).encode("utf-8", "replace")
    try:
        root: etree._Element | None = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise SourceChangedError(url, f"can't be read as XML: {error}") from error
    problems = [entry for entry in parser.error_log if entry.level_name == "FATAL"]
    if any(entry.type_name == "ERR_RESOURCE_LIMIT" for entry in problems):
        raise SourceRefusedError(url, "is nested too deeply, or holds a text too long, for a feed")
    if root is None:
        raise SourceChangedError(url, "is not a feed: it holds no XML")
    if problems and next(_entries(root), None) is None and _name(root) in _ROOTS:
        raise SourceChangedError(url, f"broke off or is damaged: {problems[0].message}")
    return root


def _entries(root: etree._Element) -> Iterator[etree._Element]:
    return islice(root.iter("{*}item", "{*}entry"), MAX_ITEMS)


def _name(node: etree._Element) -> str:
    tag = node.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def _language(root: etree._Element) -> str:
    said = root.get(_LANG) or _text(root, "language")
    return said or next((_text(channel, "language") for channel in root.iter("{*}channel")), "")


def _fields(entry: etree._Element) -> dict[str, list[etree._Element]]:
    """The entry's direct children by local name, those of media extensions left out."""
    fields: dict[str, list[etree._Element]] = {}
    for child in entry.iterchildren("*"):
        name = _field(str(child.tag))
        if name:
            fields.setdefault(name, []).append(child)
    return fields


@lru_cache(maxsize=1_000)
def _field(tag: str) -> str:
    """The local name that counts, or empty; a feed has few tags, and each of them often."""
    space, _, name = tag.rpartition("}")
    return name if name in _READ and "search.yahoo.com/mrss" not in space else ""


def _text(node: etree._Element, name: str) -> str:
    child = node.find(f"{{*}}{name}")
    return "" if child is None else _content(child)


def _content(node: etree._Element) -> str:
    if next(node.iterchildren(), None) is None:
        return (node.text or "").strip()
    return "".join(str(part) for part in node.itertext()).strip()


def _item(entry: etree._Element, url: str, language: str) -> Item:
    fields = _fields(entry)

    def first(*names: str) -> str:
        for name in names:
            for node in fields.get(name, ()):
                if text := _content(node):
                    return text
        return ""

    base = _base(entry, url)
    own_id = first("id", "guid") or one_line(entry.get(_ABOUT, ""))
    address = _address(fields, base) or _permalink(fields, own_id)
    return Item(
        url=address,
        id=own_id or address,
        title=plain(first("title")),
        published=parse_date(first("published", "issued", "created", "pubDate", "date")),
        updated=parse_date(first("updated", "modified")),
        section=_section(fields),
        language=entry.get(_LANG, language),
        summary=summary(first("summary", "description")),
    )


def _base(node: etree._Element, url: str) -> str:
    bases = [base for step in (node, *node.iterancestors()) if (base := step.get(_BASE))]
    for base in reversed(bases):
        url = urljoin(url, base)
    return url


def _address(fields: dict[str, list[etree._Element]], base: str) -> str:
    """The article's own address: what a feed proxy stands for, else the (alternate) link."""
    for node in fields.get("origLink", ()):
        return absolute(base, _content(node))
    links = fields.get("link", [])
    for node in links:
        if node.get("href") and node.get("rel", "alternate") == "alternate":
            return absolute(base, node.get("href", ""))
    return next((absolute(base, _content(node)) for node in links if _content(node)), "")


def _permalink(fields: dict[str, list[etree._Element]], own_id: str) -> str:
    guid = next(iter(fields.get("guid", ())), None)
    if guid is not None and guid.get("isPermaLink", "true").lower() == "false":
        return ""
    return absolute("", own_id)


def _section(fields: dict[str, list[etree._Element]]) -> str:
    for node in (*fields.get("category", ()), *fields.get("subject", ())):
        if label := plain(_content(node) or node.get("label") or node.get("term") or ""):
            return label
    return ""
