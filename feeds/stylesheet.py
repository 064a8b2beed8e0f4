"""What a feed looks like where a browser opens it: a style sheet of our own, without script.

Browsers drop XSLT, and know no feeds; but all of them show XML with CSS. The sheet says what a
feed is and how to subscribe, in the feed's language. It stands on the same mirror, holds no
address, and is the same on every one.
"""

from functools import cache
from importlib.resources import files
from typing import Final

from feeds.localise import CANONICAL_BASE
from feeds.words import words_for

_PLACE: Final = '"WHAT"'


def style_path(language: str) -> str:
    """Where the sheet for feeds in ``language`` (BCP 47) is in the tree."""
    return f"x/feed-{words_for(language).language}.css"


def style_instruction(language: str) -> bytes:
    """The line of a feed that names its sheet, canonical bytes."""
    href = CANONICAL_BASE + style_path(language)
    return f'<?xml-stylesheet type="text/css" href="{href}"?>\n'.encode()


@cache
def stylesheet(language: str) -> bytes:
    """The sheet for feeds in ``language`` (BCP 47)."""
    text = words_for(language).plain("what a feed is")
    sheet = files("feeds").joinpath("templates/feed.css").read_text("utf-8")
    return sheet.replace(_PLACE, _quoted(text)).encode()


def _quoted(text: str) -> str:
    """``text`` as a CSS string."""
    escaped = text.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\a ")
    return f'"{escaped}"'
