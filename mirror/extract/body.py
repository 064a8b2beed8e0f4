"""From the page to the article's own piece of it: chosen blocks, and the pictures among them."""

from collections.abc import Iterable, Mapping, Sized
from typing import Final

from lxml import etree

from mirror.extract.furniture import is_named_furniture
from mirror.extract.page import INLINE, remove, tag

MEDIA: Final = frozenset({"figure", "picture", "img", "video", "audio", "iframe"})
_MOST: Final = 0.8  # of the article's text: the element that holds it is the article's own


def common(nodes: Iterable[etree._Element]) -> etree._Element | None:
    """The innermost element that holds all of ``nodes``."""
    shared: list[etree._Element] | None = None
    for node in nodes:
        path = [node, *node.iterancestors()][::-1]
        shared = (
            path if shared is None else [a for a, b in zip(shared, path, strict=False) if a is b]
        )
    return shared[-1] if shared else None


def tight(
    chosen: set[etree._Element], own: Mapping[etree._Element, Sized]
) -> etree._Element | None:
    """The innermost element that holds most of the chosen text; ``own`` has each block's words."""
    weights = {node: len(own[node]) for node in chosen}
    total = sum(weights.values())
    below: dict[etree._Element, int] = {}
    best: etree._Element | None = None
    depth = -1
    for node in chosen:
        for level in (node, *node.iterancestors()):
            below[level] = below.get(level, 0) + weights[node]
    for node, weight in below.items():
        if weight >= _MOST * total:
            at = sum(1 for _ in node.iterancestors())
            if at > depth:
                best, depth = node, at
    return best


def pictures_among(
    root: etree._Element, chosen: set[etree._Element], home: etree._Element
) -> list[etree._Element]:
    """Pictures and embeds between the first and the last chosen block, or inside ``home``."""
    order = {node: at for at, node in enumerate(root.iter("*"))}
    places = [order[node] for node in chosen if node in order]
    first, last = min(places, default=0), max(places, default=0)
    inside = set(home.iter(*MEDIA))
    return [
        node
        for node in root.iter(*MEDIA)
        if (first <= order[node] <= last or node in inside)
        and not any(above in MEDIA for above in map(tag, node.iterancestors()))
        and not in_teaser(node)
    ]


def in_teaser(node: etree._Element) -> bool:
    """Whether a picture is part of a link to another page, or of furniture by its name."""
    for above in (node, *node.iterancestors()):
        name = tag(above)
        if name in {"body", "article", "main"}:
            return False
        if name == "a" and above.get("href") and not _leads_to_picture(above.get("href", "")):
            return True
        if name in {"aside", "footer", "nav"} or (name not in MEDIA and is_named_furniture(above)):
            return True
    return False


def _leads_to_picture(address: str) -> bool:
    path = address.partition("?")[0].lower()
    return path.startswith("#") or path.endswith(
        (".jpg", ".jpeg", ".png", ".webp", ".gif", ".avif")
    )


def prune(root: etree._Element, chosen: set[etree._Element], media: list[etree._Element]) -> None:
    """Leave under ``root`` only the chosen blocks' own text, ``media``, and what holds them."""
    whole = {inner for node in media for inner in node.iter("*")}
    spared = {
        above for node in (*chosen, *media) for above in (node, *node.iterancestors())
    } | whole
    owner: dict[etree._Element, etree._Element] = {}
    for node in list(root.iter("*")):
        parent = node.getparent()
        block = node if tag(node) not in INLINE or parent is None else owner.get(parent, node)
        owner[node] = block
        text_stays = block in chosen or node in whole
        if node is not root and not text_stays and node not in spared:
            _forget(node, keep_tail=_tail_stays(node, owner, chosen, whole))
        elif not text_stays:
            node.text = None
        if node is not root and not _tail_stays(node, owner, chosen, whole):
            node.tail = None


def _tail_stays(
    node: etree._Element,
    owner: dict[etree._Element, etree._Element],
    chosen: set[etree._Element],
    whole: set[etree._Element],
) -> bool:
    parent = node.getparent()
    return parent is not None and (owner.get(parent) in chosen or parent in whole)


def _forget(node: etree._Element, *, keep_tail: bool) -> None:
    if not keep_tail:
        node.tail = None
    remove(node)
