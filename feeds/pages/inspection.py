"""What a page must not do, whoever wrote its template (format 1.6): each problem in words."""

import re
from base64 import b64encode
from collections.abc import Iterator
from hashlib import sha256
from typing import Final

from lxml import etree

from feeds.design import EXTRA
from feeds.localise import CANONICAL_BASE
from feeds.weight import LIMIT, fits, on_wire

Element = etree._Element  # noqa: SLF001  # lxml gives its element no public name

_LOADED: Final = {"action", "data", "formaction", "poster", "src", "srcset"}
_ELSEWHERE: Final = re.compile(r"^\s*(?:[a-z][a-z0-9+.-]*:)?//", re.IGNORECASE)

_OPENED: Final = re.compile(r"\*|https?:|'unsafe-")
_FETCHED: Final = re.compile(r"@import|url\(\s*[\"']?(?:[a-z]+:)?//", re.IGNORECASE)


def over_the_limit(page: bytes) -> Iterator[str]:
    """That ``page`` weighs more than it may, if it does."""
    if not fits(page):
        yield f"a page weighs {on_wire(page):,} bytes on the wire; {LIMIT:,} is the limit"


def asked_of_every(page: bytes) -> Iterator[str]:
    """What format 1.6 asks of every page, and this one does not do."""
    document = etree.fromstring(page, etree.HTMLParser(encoding="utf-8"))
    metas = {
        str(meta.get("http-equiv") or meta.get("name")).lower(): meta.get("content", "")
        for meta in document.iter("meta")
    }
    policy = metas.get("content-security-policy", "")
    if not policy.startswith("default-src 'none'"):
        yield "has no policy in its head; keep the meta with {{ policy }} (format 1.6)"
    else:
        yield from _refused(document, policy)
    if metas.get("referrer") != "no-referrer":
        yield 'tells other sites where the reader came from; keep <meta name="referrer">'
    for element in document.iter("*"):
        for name, value in element.items():
            yield from _attribute(str(element.tag), name, value)


def _refused(document: Element, policy: str) -> Iterator[str]:
    if _OPENED.search(policy):
        yield "has a policy that lets a page ask other sites; keep {{ policy }} as it is"
    for element in document.iter("style", "script"):
        text = element.text or ""
        digest = b64encode(sha256(text.encode()).digest()).decode()
        if not element.get("src") and digest not in policy:
            yield (
                f"has its own <{element.tag!s}>, which browsers refuse here; styles go to"
                f" {EXTRA}, and scripts of your own can't be added"
            )
        if _FETCHED.search(text):
            yield "has a style that loads something from elsewhere, which browsers refuse here"


def _attribute(tag: str, name: str, value: str) -> Iterator[str]:
    if name == "style" or name.startswith("on"):
        yield f'has an attribute {name}="{value[:40]}", which browsers refuse here'
    loads = name in _LOADED or (name == "href" and tag == "link")
    if loads and _ELSEWHERE.match(value) and not value.startswith(CANONICAL_BASE):
        yield f"loads {value[:80]}: no page asks another site for anything (format 1.6)"
