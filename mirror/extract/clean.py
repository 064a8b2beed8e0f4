"""The allow-list: what HTML may stand in a body, whatever came in; the only import of nh3."""

import re
from typing import Final

import nh3

from feeds.snapshot import clean_text

TAGS: Final = frozenset(
    """
    p h2 h3 h4 h5 h6 ul ol li dl dt dd blockquote pre code table caption thead tbody tfoot tr
    th td a em strong b i u s small mark del ins q cite abbr time kbd samp var sub sup br hr
    figure figcaption img bdi bdo ruby rt rp
    """.split()  # noqa: SIM905 - names, not strings
)
_GONE_WITH_TEXT: Final = frozenset(
    """
    script style template noscript iframe object embed applet svg math form input button
    select textarea option title head frameset frame noembed noframes plaintext xmp
    """.split()  # noqa: SIM905 - names, not strings
)
_EVERYWHERE: Final = frozenset({"dir", "lang"})
_ATTRIBUTES: Final = {
    "*": _EVERYWHERE,
    "a": frozenset({"href"}),
    "img": frozenset({"src", "alt", "width", "height"}),
    "abbr": frozenset({"title"}),
    "time": frozenset({"datetime"}),
    "ol": frozenset({"start", "type", "reversed"}),
    "li": frozenset({"value"}),
    "td": frozenset({"colspan", "rowspan", "headers"}),
    "th": frozenset({"colspan", "rowspan", "scope"}),
}
_IN_MIRROR: Final = re.compile(
    r"\.\./\.\./(?:a/[0-9a-f]{2}/[0-9a-f]{16}\.html|m/[0-9a-f]{2}/[0-9a-f]{64}\.[a-z0-9]{2,5})"
)
_PICTURE: Final = re.compile(r"\.\./\.\./m/[0-9a-f]{2}/[0-9a-f]{64}\.[a-z0-9]{2,5}")
_WEB: Final = re.compile(r"https?://[^\s/@?#\\]+(?:[/?#][^\s\\]*)?", re.IGNORECASE)
_SMALL_NUMBER: Final = re.compile(r"-?\d{1,5}")
_VALUES: Final = {
    "width": _SMALL_NUMBER,
    "height": _SMALL_NUMBER,
    "colspan": _SMALL_NUMBER,
    "rowspan": _SMALL_NUMBER,
    "start": _SMALL_NUMBER,
    "value": _SMALL_NUMBER,
    "type": re.compile(r"[1aAiI]"),
    "reversed": re.compile(r""),
    "dir": re.compile(r"ltr|rtl|auto"),
    "lang": re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8}){0,3}"),
    "scope": re.compile(r"row|col|rowgroup|colgroup"),
    "datetime": re.compile(r"[0-9A-Za-z:+. -]{1,40}"),
}


def _attribute(tag: str, name: str, value: str) -> str | None:
    """The value that may stand there, or None for no attribute."""
    if name == "src":
        return value if tag == "img" and _PICTURE.fullmatch(value) else None
    if name == "href":
        return value if _IN_MIRROR.fullmatch(value) or _WEB.fullmatch(value) else None
    if name in _VALUES:
        return value if _VALUES[name].fullmatch(value) else None
    return value


_CLEANER: Final = nh3.Cleaner(
    tags=TAGS,
    clean_content_tags=_GONE_WITH_TEXT,
    attributes=_ATTRIBUTES,
    attribute_filter=_attribute,
    url_schemes={"http", "https"},
    link_rel=None,
)
_NO_SOURCE: Final = re.compile(r"<img(?![^>]*\ssrc=)[^>]*>")
_NO_TARGET: Final = re.compile(r"<a(?:\s(?:dir|lang)=\"[^\"]*\")*>([^<]*)</a>")


def clean(html: str) -> str:
    """``html`` with nothing in it but what the allow-list has; cleaning it again changes nothing.

    Pictures stay only where they are files of the mirror (``../../m/…``), links only where
    they lead to http(s) or to an article or picture of the mirror.
    """
    cleaned = clean_text(_CLEANER.clean(clean_text(html)))
    return _NO_TARGET.sub(r"\1", _NO_SOURCE.sub("", cleaned)).strip()
