"""``Appeal``: what the operator asks of readers, in his own words."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

MAX_APPEAL_CHARS: Final = 400  # an article's page has 12,000 bytes for everything
SUPPORT: Final = "support"
NEWSLETTER: Final = "newsletter"


@dataclass(frozen=True, slots=True, kw_only=True)
class Appeal:
    """A request for support, or a newsletter.

    Attributes:
        kind: ``SUPPORT`` or ``NEWSLETTER``; a page shows one of each.
        text: Plain text, at most ``MAX_APPEAL_CHARS``.
        language: BCP 47 tag of the text.
        everywhere: Whether pages in other languages show it where there is none in theirs.
        links: Addresses, ``http(s):`` or ``mailto:``, each after the name of the text that
            leads there: ``once``, ``monthly``, ``yearly``, ``newsletter link``.
    """

    kind: str
    text: str
    language: str
    everywhere: bool = True
    links: tuple[tuple[str, str], ...]


def appeals_in(language: str, appeals: Iterable[Appeal]) -> tuple[Appeal, ...]:
    """Those for a page in ``language``, one of each kind at most, support first."""
    chosen: dict[str, Appeal] = {}
    for one in appeals:
        if _primary(one.language) == _primary(language):
            chosen[one.kind] = one
        elif one.everywhere:
            chosen.setdefault(one.kind, one)
    return tuple(chosen[kind] for kind in (SUPPORT, NEWSLETTER) if kind in chosen)


def _primary(tag: str) -> str:
    return tag.lower().partition("-")[0]
