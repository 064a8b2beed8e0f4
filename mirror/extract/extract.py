"""``extract``: from a page to its article: metadata, flowing body, pictures to fetch.

Where the operator's ``body`` rule matches, its pieces are the body and no general extractor
runs. Otherwise a general extractor says which text is the article's, and the page's own
blocks that hold it are taken, with what lies between them.
"""

import re
from dataclasses import dataclass
from datetime import UTC, tzinfo
from itertools import dropwhile, islice, takewhile
from typing import Final

from lxml import etree

from mirror.extract import rules as by_rules
from mirror.extract.article import main_text
from mirror.extract.body import MEDIA, common, in_teaser, pictures_among, prune, tight
from mirror.extract.figures import FoundPicture, read_picture, repair_noscript
from mirror.extract.flow import Flow
from mirror.extract.furniture import drop_furniture
from mirror.extract.gaps import fill_gaps, is_text, without_echoes
from mirror.extract.links import Links
from mirror.extract.matching import MainText, Words, matched, own_words, words_in
from mirror.extract.metadata import Metadata, read_metadata
from mirror.extract.page import Page, remove, select, tag, text_of
from mirror.extract.rules import NoRules, Rules

_LEAD_PICTURE: Final = re.compile(
    r"feature|lead|hero|main|cover|article|top|wp-post-image", re.IGNORECASE
)
_NO_PICTURE: Final = re.compile(r"logo|default|placeholder|social[-_]?share|icon", re.IGNORECASE)
_EMBEDS: Final = frozenset({"iframe", "video", "audio"})
_OPENING: Final = 4  # blocks: a deck or caption stands among them
_SHORTEST_DECK: Final = 6  # words
_DECKS: Final = frozenset({"p", "div", "h2", "h3", "h4"})
_HEADINGS: Final = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_ENDS: Final = _HEADINGS | {"hr"}  # that lead nowhere at the end


@dataclass(frozen=True, slots=True, kw_only=True)
class Extracted:
    """What was found on a page.

    Attributes:
        metadata: What the page says about the article.
        body: A ``<div>`` of flowing HTML, pictures as numbered empty figures.
        pictures: What ``data-picture`` numbers in ``body``.
        picture: The featured picture, which is not in ``body``.
        by_rules: Whether the operator's ``body`` rule found the body.
        missed: Rules that matched nothing, by name; not those to drop or keep.
    """

    metadata: Metadata
    body: etree._Element
    pictures: tuple[FoundPicture, ...]
    picture: FoundPicture | None
    by_rules: bool
    missed: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The body's words."""
        return text_of(self.body)


def extract(
    page: Page,
    links: Links,
    *,
    rules: Rules = NoRules(),  # noqa: B008 - a frozen value
    zone: tzinfo = UTC,
    language: str = "en",
) -> Extracted:
    """The article of ``page``, which is taken to pieces; ``language`` where it says none."""
    missed = tuple(_missed(page, rules))
    repair_noscript(page.root)
    metadata = read_metadata(page, rules, zone)
    by_rules.drop(page.root, rules)
    flow = Flow(links, metadata.language or language)
    pieces = by_rules.body(page.root, rules)
    kept = select(page.root, *rules.keep)
    if pieces:
        picture = _lead_before(page, set(pieces[:1]), metadata)
        for piece in pieces:
            drop_furniture(piece, kept)
            flow.add(piece)
    else:
        drop_furniture(page.root, kept)
        picture = _general(page, flow, metadata, kept)
    _polish(flow.root, metadata)
    picture = picture or _lead_of_body(flow, metadata)
    if picture is not None:
        _show_once(flow, picture)
    return Extracted(
        metadata=metadata,
        body=flow.root,
        pictures=tuple(flow.pictures),
        picture=picture,
        by_rules=bool(pieces),
        missed=missed,
    )


def _missed(page: Page, rules: Rules) -> list[str]:
    named = {"title": rules.title, "author": rules.author, "date": rules.date, "body": rules.body}
    return [name for name, rule in named.items() if rule and not select(page.root, rule)]


def _general(
    page: Page, flow: Flow, metadata: Metadata, kept: list[etree._Element]
) -> FoundPicture | None:
    own = own_words(next(page.root.iter("body"), page.root))
    deck = _deck(own, metadata)
    for heading in _forget_title(page.root, metadata.title):
        for node in heading.iter():
            own.pop(node, None)
    chosen = matched(page.root, MainText(main_text(page.root, page.url)), own)
    chosen = without_echoes(chosen, own)
    chosen = fill_gaps(page.root, chosen or _said_body(page.root, own), own)
    chosen |= deck
    chosen |= {inner for node in kept for inner in node.iter("*") if inner in own}
    root = common(chosen)
    if root is None:
        return None
    picture = _lead_before(page, chosen, metadata)
    home = tight(chosen, own)
    media = pictures_among(root, chosen, root if home is None else home)
    prune(root, chosen, media)
    flow.add(root)
    return picture


def _said_body(root: etree._Element, own: dict[etree._Element, Words]) -> set[etree._Element]:
    """Where the extractor found nothing: what the page's own markup calls its article."""
    for selector in ("[itemprop~=articleBody]", "article", "main"):
        for home in select(root, selector):
            inside = {node for node in home.iter("*") if node in own and is_text(node, own[node])}
            if inside:
                return inside
    return set()


def _deck(own: dict[etree._Element, Words], said: Metadata) -> set[etree._Element]:
    """The first block after the headline that says just what the page's description says."""
    title, lead = words_in(said.title), words_in(said.lead)
    if len(lead) < _SHORTEST_DECK:
        return set()
    blocks = own.items()  # in the page's order
    after = dropwhile(lambda block: tag(block[0]) not in _HEADINGS or block[1] != title, blocks)
    decks = (node for node, words in after if words == lead and tag(node) in _DECKS)
    return set(islice(decks, 1))


def _forget_title(root: etree._Element, title: str) -> list[etree._Element]:
    """The headline is shown apart; it is no part of the body. Gives what was taken out."""
    said = words_in(title)
    gone = [node for node in root.iter(*_HEADINGS) if words_in(text_of(node)) == said]
    for node in gone:
        remove(node)
    return gone


def _lead_before(
    page: Page, chosen: set[etree._Element], metadata: Metadata
) -> FoundPicture | None:
    """The featured picture where it stands before the body, in the same part of the page."""
    before: list[etree._Element] = []
    for node in next(page.root.iter("body"), page.root).iter("*"):
        if node in chosen:
            break
        if tag(node) in MEDIA:
            before.append(node)
    else:
        return None
    home = _part(node)
    best: FoundPicture | None = None
    for node in before:
        if tag(node) in _EMBEDS or in_teaser(node):
            continue
        if any(tag(above) in MEDIA for above in node.iterancestors()) or _part(node) is not home:
            continue
        found = read_picture(node, page.base)
        if found and (best is None or _same_file(found.url, metadata.image)):
            best = found
    return best


def _part(node: etree._Element) -> etree._Element | None:
    """The ``<article>`` or ``<main>`` around ``node``, or None."""
    return next(
        (above for above in node.iterancestors() if tag(above) in {"article", "main"}), None
    )


def _lead_of_body(flow: Flow, metadata: Metadata) -> FoundPicture | None:
    """The featured picture where the body begins with it, or where only the metadata name it."""
    first = next(iter(flow.root), None)
    if first is not None and tag(first) == "figure" and (number := first.get("data-picture")):
        flow.root.remove(first)
        return flow.pictures[int(number)]
    if not metadata.image or _NO_PICTURE.search(metadata.image.rpartition("/")[2]):
        return None
    if any(_same_file(found.url, metadata.image) for found in flow.pictures):
        return None
    return FoundPicture(url=metadata.image)


def _same_file(one: str, other: str) -> bool:
    return bool(other) and _file(one) == _file(other)


def _file(address: str) -> str:
    return address.partition("?")[0].rpartition("/")[2].lower()


def _shows(figure: etree._Element, flow: Flow, picture: FoundPicture) -> bool:
    number = figure.get("data-picture", "")
    return bool(number) and _same_file(flow.pictures[int(number)].url, picture.url)


def _polish(root: etree._Element, metadata: Metadata) -> None:
    """Take out what is said elsewhere on the mirror's page, and ends that lead nowhere."""
    _forget_title(root, metadata.title)
    lead = words_in(metadata.lead)
    for node in [node for node in list(root)[:_OPENING] if tag(node) in _HEADINGS]:
        if lead and words_in(text_of(node)) == lead:
            remove(node)
    for node in takewhile(lambda node: tag(node) in _ENDS, [*root.iterchildren(reversed=True)]):
        root.remove(node)
    for node in takewhile(lambda node: tag(node) == "hr", [*root]):
        root.remove(node)


def _show_once(flow: Flow, picture: FoundPicture) -> None:
    """Take the featured picture, and paragraphs that only repeat its caption, out of the body."""
    said = {words_in(picture.caption), words_in(f"{picture.caption} {picture.credit}")} - {()}
    for node in [node for node in list(flow.root)[:_OPENING] if tag(node) == "p"]:
        if words_in(text_of(node)) in said:
            remove(node)
    for node in [node for node in flow.root.iter("figure") if _shows(node, flow, picture)]:
        remove(node)
