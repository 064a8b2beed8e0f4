"""``Marks``: what a page's markup says about itself, gathered in one pass and not yet weighed."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain
from typing import Final, cast

from lxml import etree
from lxml.html import HtmlElement

from feeds.snapshot import one_line
from mirror.extract.page import tag, text_of

_PROPS: Final = etree.XPath("descendant-or-self::*[@itemprop]")
_BY_CLASS: Final = etree.XPath(  # of which the classes are looked at: quicker than to ask for each
    "descendant-or-self::*[contains(@class, 'byline') or contains(@class, 'author')]"
)
_BYLINES: Final = frozenset({"byline__author__name", "byline-name", "author-name", "p-author"})
_DATED: Final = etree.XPath("descendant-or-self::*[self::time or contains(@class, 'entry-date')]")
_DATES: Final = frozenset({"published", "dt-published", "byline__datetime", "entry-date"})


_ASIDE: Final = frozenset({"aside", "nav", "footer"})


@dataclass(slots=True)
class Marks:
    """What was found, in the page's order.

    Attributes:
        root: The page.
        meta: Contents of ``<meta>`` by name or property, in lower case.
        links: ``rel``, split, and address of each ``<link>``.
        stated: ``<script type="application/ld+json">``.
        titles: ``<title>``.
        headlines: ``<h1>``.
        times: ``<time>``.
        props: What has an ``itemprop`` (microdata).
    """

    root: etree._Element

    meta: dict[str, list[str]] = field(default_factory=dict)
    links: list[tuple[list[str], str]] = field(default_factory=list)
    stated: list[etree._Element] = field(default_factory=list)
    titles: list[etree._Element] = field(default_factory=list)
    headlines: list[etree._Element] = field(default_factory=list)
    times: list[etree._Element] = field(default_factory=list)
    props: list[etree._Element] = field(default_factory=list)

    def said(self, *names: str) -> str:
        """The content of the first ``<meta>`` that has one of ``names``, or empty."""
        return next((text for name in names for text in self.meta.get(name, ()) if text), "")

    def bylines(self) -> Iterator[tuple[str, ...]]:
        """The names that links to an author give, then those in a class that says so."""
        links = (node for node in self.root.iter("a") if "author" in node.get("rel", "").split())
        yield tuple(map(text_of, links))
        named = cast("list[HtmlElement]", _BY_CLASS(self.root))
        yield tuple(text_of(node) for node in named if not _BYLINES.isdisjoint(_classes(node)))

    def dates(self) -> Iterator[str]:
        """Dates that a reader sees: those marked as the article's, then the first not aside."""
        aside = (
            node for node in self.times if not _ASIDE.isdisjoint(map(tag, node.iterancestors()))
        )
        others = set(aside)
        dated = cast("list[HtmlElement]", _DATED(self.root))
        for node in chain(filter(_is_marked, dated), self.times):
            if node not in others:
                yield node.get("datetime") or node.get("content") or text_of(node)


def _is_marked(node: etree._Element) -> bool:
    """Whether a ``<time>``, or an ``entry-date``, says that it is the article's own."""
    said = _DATES.intersection(_classes(node))
    return "entry-date" in said or (
        tag(node) == "time" and (bool(said) or "pubdate" in node.attrib)
    )


def _classes(node: etree._Element) -> list[str]:
    return node.get("class", "").split()


def read_marks(root: etree._Element) -> Marks:
    """The marks of the page under ``root``."""
    marks = Marks(root)
    by_tag = {"title": marks.titles, "h1": marks.headlines, "time": marks.times}
    for node in root.iter("meta", "link", "script", *by_tag):
        name = tag(node)
        if name == "meta":
            _take_meta(node, marks)
        elif name == "link":
            marks.links.append((node.get("rel", "").lower().split(), node.get("href", "")))
        elif name != "script":
            by_tag[name].append(node)
        elif node.get("type", "").strip().lower() == "application/ld+json":
            marks.stated.append(node)
    marks.props += cast("list[HtmlElement]", _PROPS(root))
    return marks


def _take_meta(node: etree._Element, marks: Marks) -> None:
    name = node.get("property") or node.get("name") or node.get("itemprop") or ""
    if name := name.strip().lower():
        marks.meta.setdefault(name, []).append(one_line(node.get("content", "")))
