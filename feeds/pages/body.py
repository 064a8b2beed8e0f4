"""What a page adds to a body's links and pictures, and how it is taken away again."""

import re
from collections.abc import Mapping
from html import unescape
from typing import Final

from feeds.outline import ATTRIBUTE, TAG
from feeds.snapshot import Media

REL: Final = "noreferrer noopener nofollow external"

_LINK: Final = f' rel="{REL}"'
_LAZY: Final = ' loading="lazy"'
_FOCUS: Final = ' tabindex="0"'  # what scrolls sideways can be reached by keyboard (WCAG 2.1.1)
_WIDE: Final = ("<table", "<pre")
_OURS: Final = frozenset(
    {"decoding", "loading", "ping", "rel", "sizes", "srcset", "tabindex", "target"}
)
_VALUE: Final = r"""\s{name}=(?:"([^"]*)"|'([^']*)'|([^\s>"']+))"""
_HREF: Final = re.compile(_VALUE.format(name="href"))
_SRC: Final = re.compile(_VALUE.format(name="src"))
_WIDTH: Final = re.compile(r"\swidth=")
_PICTURE: Final = re.compile(r"<img\b")
_MEDIA: Final = re.compile(r"m/[0-9a-f]{2}/[0-9a-f]{64}\.[a-z0-9]{2,5}")


def attribute(tag: str, pattern: re.Pattern[str]) -> str:
    """The value of the attribute that ``pattern`` finds in ``tag``, or empty."""
    match = pattern.search(tag)
    return unescape(next((value for value in match.groups() if value), "")) if match else ""


def dress(html: str, media: Mapping[str, Media]) -> str:
    """``html`` as pages carry it: links out are marked, pictures load late and keep their place.

    What may scroll sideways takes the focus, so that a keyboard scrolls it too.

    Dressing twice changes nothing more.
    """
    if not any(name in html for name in ("<a", "<img", *_WIDE)):
        return html
    return TAG.sub(lambda match: _dressed(match[0], media), html)


def undress(html: str) -> str:
    """``html`` without what ``dress`` and ``first_at_once`` put in."""
    html = html.replace(f"<a{_LINK}", "<a").replace(f"<img{_LAZY}", "<img")
    for name in _WIDE:
        html = html.replace(f"{name}{_FOCUS}", name)
    return html


def first_at_once(html: str) -> str:
    """``html`` with its first picture loading at once."""
    return html.replace(f"<img{_LAZY}", "<img", 1)


def first_picture(html: str, media: Mapping[str, Media]) -> Media | None:
    """The first picture of ``html``, where it is known."""
    match = _PICTURE.search(html)
    tag = TAG.match(html, match.start()) if match else None
    path = _MEDIA.search(attribute(tag[0], _SRC)) if tag else None
    return media.get(path[0]) if path else None


def _dressed(tag: str, media: Mapping[str, Media]) -> str:
    if tag[:2] == "<a" and tag[2:3].isspace():
        out = attribute(tag, _HREF).lower().startswith(("http:", "https:"))
        return f"<a{_LINK if out else ''}{_without_ours(tag[2:])}"
    if tag[:4] == "<img" and not tag[4:5].isalnum():
        rest = _without_ours(tag[4:])
        path = _MEDIA.search(attribute(tag, _SRC))
        item = media.get(path[0]) if path else None
        size = ""
        if item is not None and not _WIDTH.search(rest):
            size = f' width="{item.width}" height="{item.height}"'
        return f"<img{_LAZY}{size}{rest}"
    for name in _WIDE:
        if tag.startswith(name) and not tag[len(name)].isalnum():
            return f"{name}{_FOCUS}{_without_ours(tag[len(name) :])}"
    return tag


def _without_ours(attributes: str) -> str:
    return ATTRIBUTE.sub(lambda match: "" if match[1].lower() in _OURS else match[0], attributes)
