"""``disagreement``: whether two routes to one page showed the same article. Pure.

Who answers on one route (a provider, an exit of Tor, a hijacked host) seldom holds both.
"""

import unicodedata
from itertools import zip_longest
from typing import Final

from mirror.extract.extract import Extracted

_SHOWN: Final = 6  # words on each side, where they part


def disagreement(first: Extracted, second: Extracted) -> str:
    """In what they differ, in words, or empty. Spaces and letter case don't count."""
    for what, one, other in (
        ("title", first.metadata.title, second.metadata.title),
        ("text", first.text, second.text),
    ):
        ours, theirs = _normalised(one), _normalised(other)
        if ours != theirs:
            at = _parting(ours, theirs)
            shown = (" ".join(words[at : at + _SHOWN]) or "nothing" for words in (ours, theirs))
            return "by the second route its {} differs: {!r}, and {!r} there".format(what, *shown)
    return ""


def _normalised(text: str) -> list[str]:
    return unicodedata.normalize("NFKC", text).casefold().split()


def _parting(ours: list[str], theirs: list[str]) -> int:
    pairs = enumerate(zip_longest(ours, theirs))
    return next(at for at, (one, other) in pairs if one != other)
