"""``Appeal``: what the operator asks of readers, in his own words."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from feeds.errors import InvalidAppealError

MAX_APPEAL_CHARS: Final = 400  # an article's page has 12,000 bytes for everything
SUPPORT: Final = "support"
NEWSLETTER: Final = "newsletter"

_ORDER: Final = (SUPPORT, NEWSLETTER)


@dataclass(frozen=True, slots=True, kw_only=True)
class Appeal:
    """A request for support, or a newsletter.

    Attributes:
        kind: ``SUPPORT`` or ``NEWSLETTER``; a page shows one of each.
        text: Plain text, at most ``MAX_APPEAL_CHARS``.
        language: BCP 47 tag of the text.
        everywhere: Whether pages in other languages show it where there is none in theirs.
        links: At least one address, ``http(s):`` or ``mailto:``; each after the name of the text
            that leads there: ``once``, ``monthly``, ``yearly``, ``newsletter link``.

    Raises:
        InvalidAppealError: A field is outside these limits.
    """

    kind: str
    text: str
    language: str
    everywhere: bool = True
    links: tuple[tuple[str, str], ...]

    def __post_init__(self) -> None:
        if self.kind not in _ORDER:
            raise InvalidAppealError("kind", f"is {self.kind!r}, not one of {', '.join(_ORDER)}")
        if not 0 < len(self.text) <= MAX_APPEAL_CHARS:
            raise InvalidAppealError("text", f"is empty, or longer than {MAX_APPEAL_CHARS} signs")
        if not self.links:
            raise InvalidAppealError("links", "are none; an appeal leads somewhere")
        for _, url in self.links:
            if not url.startswith(("https://", "http://", "mailto:")):
                raise InvalidAppealError("links", f"have {url[:80]!r}, which is no address")


def appeals_in(language: str, appeals: Iterable[Appeal]) -> tuple[Appeal, ...]:
    """Those for a page in ``language``, one of each kind at most, support first."""
    chosen: dict[str, Appeal] = {}
    for one in appeals:
        if _primary(one.language) == _primary(language):
            chosen[one.kind] = one
        elif one.everywhere:
            chosen.setdefault(one.kind, one)
    return tuple(chosen[kind] for kind in _ORDER if kind in chosen)


def _primary(tag: str) -> str:
    return tag.lower().partition("-")[0]
