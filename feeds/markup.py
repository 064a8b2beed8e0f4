"""Text in the clothes of XML, JSON and HTML, as canonical feeds need it.

``xml_text`` and ``json_text`` give finished canonical bytes: every address but the canonical
base has its first letter escaped (format 1.5), so that they can be put into a finished
document as they are.
"""

import json
import re
from html import escape, unescape
from typing import Final
from urllib.parse import quote

from feeds.localise import CANONICAL_BASE

_OTHER_ADDRESS: Final = re.compile(rf"h(?=ttps?://)(?!{re.escape(CANONICAL_BASE[1:])})")
_XML: Final = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"}
_UNSAFE_IN_URL: Final = re.compile(r"[^!#-;=?-\[\]_a-z~]|%(?![0-9A-Fa-f]{2})")
_TAG: Final = re.compile(r'<[A-Za-z][^<>"]*(?:"[^"]*"[^<>"]*)*>')
_FIGURE: Final = re.compile(r"<figure\b.*?(?:</figure>|\Z)", re.DOTALL)
_BLOCK: Final = re.compile(
    r"</?(?:address|article|aside|blockquote|br|dd|details|div|dl|dt|figcaption|footer|h[1-6]"
    r"|header|hr|li|ol|p|pre|section|summary|table|td|th|tr|ul)\b[^>]*>",
    re.IGNORECASE,
)
_ANY_TAG: Final = re.compile(r"<[^>]*>")


def xml_text(text: str) -> bytes:
    """``text`` as the text of an XML element."""
    for sign, reference in _XML.items():
        if sign in text:
            text = text.replace(sign, reference)
    return _OTHER_ADDRESS.sub("&#104;", text).encode()


def json_text(text: str) -> bytes:
    """``text`` as a JSON string, quotes included."""
    return _OTHER_ADDRESS.sub(r"\\u0068", json.dumps(text, ensure_ascii=False)).encode()


def html_text(text: str) -> str:
    """``text`` for the text, or a quoted attribute, of an HTML element."""
    return escape(text)


def safe_url(url: str) -> str:
    """``url`` with everything percent-encoded that can't stand in a URI (RFC 3986)."""
    return _UNSAFE_IN_URL.sub(lambda found: quote(found[0]), url)


def absolute(body_html: str, base: str, page: str) -> str:
    """``body_html`` with every address in it absolute.

    Args:
        body_html: A snapshot's body: its addresses are absolute, begin with ``../../``,
            or are a place in the page itself (``#note``).
        base: What stands for ``../../``.
        page: Address of the article's page.
    """
    if '="../../' not in body_html and '="#' not in body_html:
        return body_html

    def rebase(tag: re.Match[str]) -> str:
        return tag[0].replace('="../../', f'="{base}').replace(' href="#', f' href="{page}#')

    return _TAG.sub(rebase, body_html)


def paragraphs(html: str) -> tuple[str, ...]:
    """The plain text of an HTML fragment by paragraphs, without figures; none is empty."""
    blocks = _BLOCK.split(_FIGURE.sub(" ", html))
    texts = (" ".join(unescape(_ANY_TAG.sub("", block)).split()) for block in blocks)
    return tuple(text for text in texts if text)


def opening(html: str, limit: int) -> str:
    """The beginning of an HTML fragment, about ``limit`` characters, without half a tag."""
    head = html[:limit]
    if head.rfind("<") > head.rfind(">"):
        return head[: head.rfind("<")]
    return head


def shorten(text: str, limit: int) -> str:
    """``text``, or its beginning up to a word's end with an ellipsis: ``limit`` characters."""
    if len(text) <= limit:
        return text
    cut = text[: limit - 1]
    head, space, _ = cut.rpartition(" ")
    return (head if space and len(head) > limit // 2 else cut).rstrip() + "…"
