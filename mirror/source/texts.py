"""Small texts of a feed's entries: plain, one line, bounded; and its addresses."""

import re
from html import unescape
from typing import Final
from urllib.parse import urljoin, urlsplit

from feeds.snapshot import MAX_LEAD_CHARS, MAX_TITLE_CHARS, one_line

MAX_ITEMS: Final = 500
MAX_SUMMARY_CHARS: Final = MAX_LEAD_CHARS
_ABSOLUTE: Final = re.compile(  # nothing in it that joining would change
    r"(?!.*/\.)https?://[a-z0-9.-]+(?:/[A-Za-z0-9/._~%?=&+,!$'()*-]*)?"
)
_MARKUP: Final = re.compile(  # a last tag may be cut off
    r"<!--.*?(?:-->|$)|<(script|style)\b.*?(?:</\1\s*>|$)|</?[a-z!?][^>]*(?:>|$)",
    re.DOTALL | re.IGNORECASE,
)
_LOOK_AT: Final = 4 * MAX_SUMMARY_CHARS


def plain(text: str) -> str:
    """``text`` as one line at most as long as a title, references resolved, tags left as text."""
    return one_line(unescape(text[: 2 * MAX_TITLE_CHARS]))[:MAX_TITLE_CHARS].strip()


def summary(markup: str) -> str:
    """The words of a short HTML text, as one bounded line."""
    markup = markup[:_LOOK_AT].strip()
    if "<" not in markup:
        return one_line(unescape(markup))[:MAX_SUMMARY_CHARS].strip()
    return one_line(unescape(_MARKUP.sub(" ", markup)))[:MAX_SUMMARY_CHARS].strip()


def absolute(base: str, address: str) -> str:
    """``address`` seen from ``base``, without white space around; empty if it is no http(s)."""
    if _ABSOLUTE.fullmatch(address):
        return address
    if not address.strip():
        return ""
    try:
        joined = urljoin(base, address.strip())
        parts = urlsplit(joined)
    except ValueError:
        return ""
    return joined if parts.scheme in {"http", "https"} and parts.hostname else ""
