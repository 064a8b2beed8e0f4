"""What a page says of its article in microdata (``itemprop``), in the shape of JSON-LD's.

https://html.spec.whatwg.org/multipage/microdata.html: a property belongs to the nearest
element around it with ``itemscope``. A property outside every item is taken for the article's,
as sites write it; one of a comment, a teaser or a publisher is not.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Final

from lxml import etree

from feeds.snapshot import one_line
from mirror.extract.jsonld import ARTICLES, Stated
from mirror.extract.page import tag, text_of

_ADDRESSES: Final = {"a": "href", "link": "href", "img": "src", "source": "src", "object": "data"}
_MAX_PROPERTIES: Final = 500


def read_microdata(props: Iterable[etree._Element]) -> Stated:
    """What ``props``, the page's elements with ``itemprop``, say of its article."""
    found: dict[str, list[etree._Element]] = {}
    for node, _ in zip(props, range(_MAX_PROPERTIES), strict=False):
        if _is_of_article(node):
            for name in node.get("itemprop", "").split():
                found.setdefault(name, []).append(node)
    if not found:
        return Stated()

    def first(*names: str) -> str:
        nodes = (node for name in names for node in found.get(name, ()))
        return next((text for node in nodes if (text := _value(node))), "")

    return Stated(
        headline=first("headline"),
        authors=tuple(dict.fromkeys(_names(found.get("author", ())))),
        section=next(_tags(found.get("articleSection", ())), ""),
        tags=tuple(_tags(found.get("keywords", ()))),
        language=first("inLanguage"),
        description=first("description", "abstract"),
        published=first("datePublished", "dateCreated"),
        modified=first("dateModified"),
        image=first("image", "thumbnailUrl"),
        url=first("url", "mainEntityOfPage"),
        is_free=first("isAccessibleForFree").lower() != "false",
    )


def _is_of_article(node: etree._Element) -> bool:
    item = next(
        (above for above in node.iterancestors() if above.get("itemscope") is not None), None
    )
    return item is None or any(map(ARTICLES.search, item.get("itemtype", "").split()))


def _value(node: etree._Element) -> str:
    """The value of a property as HTML defines it; of an item, its address or name."""
    if node.get("itemscope") is not None:
        inner = _inner(node, "url", "contentUrl", "name")
        return _value(inner) if inner is not None and inner.get("itemscope") is None else ""
    said = node.get("content")
    if said is None and tag(node) == "time":
        said = node.get("datetime")
    if said is None and tag(node) in _ADDRESSES:
        said = node.get(_ADDRESSES[tag(node)])
    return one_line(text_of(node) if said is None else said)


def _inner(node: etree._Element, *names: str) -> etree._Element | None:
    """The first element of the item ``node`` with one of these properties."""
    inner = [one for one in node.iterdescendants() if one.get("itemprop")]
    return next(
        (one for name in names for one in inner if name in one.get("itemprop", "").split()), None
    )


def _names(nodes: Iterable[etree._Element]) -> Iterator[str]:
    for node in nodes:
        named = _inner(node, "name")
        holder = node if named is None else named
        text = holder.get("content") or text_of(holder)
        if text and not re.match(r"https?:|@", text):
            yield one_line(text)


def _tags(nodes: Iterable[etree._Element]) -> Iterator[str]:
    """Each topic; of "Posted in News" with a link on "News" that alone."""
    for node in nodes:
        links = [text_of(link) for link in node.iterdescendants("a")]
        said = node.get("content") or ",".join(links) or text_of(node)
        yield from (one_line(part) for part in said.split(",") if part.strip())
