"""Files that need absolute addresses: from canonical bytes to a mirror's, and back (format 1.5).

Canonical bytes use ``CANONICAL_BASE``. They hold no other ``http://`` or ``https://`` but the
XML namespace names, because ``seal`` writes the first letter of each as a character reference;
and no base that begins such a name is allowed. So what a mirror puts in can be found again,
whatever its base and whatever the text.
"""

import re
from typing import Final

from feeds.errors import FeedsError, InvalidAddressError

CANONICAL_BASE: Final = "https://mirror.invalid/"
LONGEST_BASE: Final = 96  # for which feeds keep to their sizes; an onion's with a path has 79

NAMESPACES: Final = (  # the only ones that canonical bytes write plainly; others are sealed too
    "http://backend.userland.com/creativeCommonsRssModule",
    "http://base.google.com/ns/1.0",
    "http://opml.org/spec2",
    "http://purl.org/atompub/tombstones/1.0",
    "http://purl.org/dc/elements/1.1/",
    "http://purl.org/dc/terms/",
    "http://purl.org/rss/1.0/",
    "http://purl.org/rss/1.0/modules/content/",
    "http://purl.org/rss/1.0/modules/slash/",
    "http://purl.org/rss/1.0/modules/syndication/",
    "http://purl.org/syndication/history/1.0",
    "http://purl.org/syndication/thread/1.0",
    "http://search.yahoo.com/mrss/",
    "http://wellformedweb.org/CommentAPI/",
    "http://www.georss.org/georss",
    "http://www.google.com/schemas/sitemap-image/1.1",
    "http://www.google.com/schemas/sitemap-news/0.9",
    "http://www.itunes.com/dtds/podcast-1.0.dtd",
    "http://www.sitemaps.org/schemas/sitemap/0.9",
    "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "http://www.w3.org/1999/xhtml",
    "http://www.w3.org/1999/xlink",
    "http://www.w3.org/2000/svg",
    "http://www.w3.org/2005/Atom",
    "http://www.w3.org/XML/1998/namespace",
    "https://podcastindex.org/namespace/1.0",
)

_BASE: Final = re.compile(
    r"https?://(?P<host>[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:.]+\])"
    r"(?::[1-9][0-9]{0,4})?/(?:[A-Za-z0-9._~-]+/)*"
)
_MAX_BASE_CHARS: Final = 500
_LOCALISED: Final = re.compile(r"feeds\.opml|404\.html|sitemap[^/]*\.xml")
_PLAIN: Final = re.compile(  # group 1: an `h` to be written as a reference
    rb"""xmlns(?::[A-Za-z_][\w.-]*)?=(?:"(?:NAMES)"|'(?:NAMES)')|https://mirror\.invalid/"""
    rb"""|(h)(?=ttps?://)""".replace(
        b"NAMES", "|".join(re.escape(name) for name in NAMESPACES).encode()
    )
)


def is_localised(path: str) -> bool:
    """Whether mirrors serve ``path`` with their own base in it."""
    if not path.startswith(("feeds", "sitemap", "404")):
        return False
    return path.startswith("feeds/") or _LOCALISED.fullmatch(path) is not None


def check_base(base: str) -> str:
    """``base`` as it is, if a mirror may have it.

    Raises:
        InvalidAddressError: It may not.
    """
    match = _BASE.fullmatch(base) if len(base) <= _MAX_BASE_CHARS else None
    if not match or {".", ".."} & set(base.split("/")):
        raise InvalidAddressError(
            base,
            "is no base for a mirror: write http(s)://host/ or http(s)://host:port/path/,"
            " host in lower case, path of A-Z a-z 0-9 . _ ~ -, and a slash at the end",
        )
    if match["host"] == "mirror.invalid" and base != CANONICAL_BASE:
        raise InvalidAddressError(base, "mirror.invalid stands for every mirror, and is none")
    if any(name.startswith(base) for name in NAMESPACES):
        raise InvalidAddressError(base, "begins an XML namespace name, so no mirror can be there")
    return base


def localise(data: bytes, base: str) -> bytes:
    """What a mirror at ``base`` serves for these canonical bytes.

    Raises:
        InvalidAddressError: No mirror may have that base.
    """
    return data.replace(CANONICAL_BASE.encode(), check_base(base).encode())


def served(path: str, data: bytes, base: str) -> bytes:
    """What a mirror at ``base`` serves at ``path``, whose canonical bytes are ``data``.

    Raises:
        InvalidAddressError: No mirror may have that base.
    """
    return localise(data, base) if is_localised(path) else data


def canonicalise(data: bytes, base: str) -> bytes:
    """The canonical bytes of what a mirror at ``base`` served.

    Undoes ``localise``; served bytes that still hold ``CANONICAL_BASE`` never came from it
    (``is_unreplaced``), and are for the caller to refuse.

    Raises:
        InvalidAddressError: No mirror may have that base.
    """
    return data.replace(check_base(base).encode(), CANONICAL_BASE.encode())


def is_unreplaced(data: bytes, base: str) -> bool:
    """Whether bytes served at ``base`` still hold the base that stands for every mirror."""
    return base != CANONICAL_BASE and CANONICAL_BASE.encode() in data


def seal(data: bytes, kind: str) -> bytes:
    """Finished bytes of a localised file as canonical bytes: nothing but the base looks like one.

    Idempotent. What a parser reads is the same before and after, where ``data`` is well-formed
    and has addresses only in text and attributes (not in scripts, styles, comments or a DTD).

    Args:
        data: UTF-8.
        kind: ``json``, ``xml`` or ``html``, or the file's path, whose ending says it.

    Raises:
        FeedsError: XML or HTML with CDATA, in which no reference can be written.
    """
    if kind.rpartition(".")[2] == "json":
        reference = rb"\u0068"
    elif b"<![CDATA[" in data:
        raise FeedsError(f"{kind}: canonical bytes use no CDATA; write escaped text instead")
    else:
        reference = b"&#104;"
    return _PLAIN.sub(lambda match: reference if match[1] else match[0], data)
