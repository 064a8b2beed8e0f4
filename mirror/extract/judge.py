"""``judge``: whether what was extracted may go out under our signature, or a person looks first.

Better late than garbage: each doubt has a weight, and an article is held where they add up.
"""

import re
import string
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, Self

from feeds.snapshot import Snapshot, words

HOLD_AT: Final = 1.0
_FURNITURE: Final = re.compile(  # of text in lower case: to ignore case costs ten times as much
    r"subscrib|newsletter|sign up|cookies?\b|donat|support us|log ?in|read more|advertis|share this"
    r"|подпис(?:ка|ать|ыв)|рассылк|поддерж(?:ите|ать нас)|пожертвован|читайте также|реклама"
)
_MUCH_FURNITURE: Final = 0.02  # of the words; an article about donations has less
_CYRILLIC: Final = b"\xd0\xd1\xd2\xd3"  # what letters from U+0400 to U+04FF begin with in UTF-8
_LATIN: Final = string.ascii_letters.encode()
_CYRILLIC_LANGUAGES: Final = frozenset(
    {"ru", "uk", "be", "bg", "kk", "ky", "mk", "mn", "sr", "tg", "tt"}
)
_BOTH: Final = frozenset({"sr", "kk", "tt", "mn"})
_LATIN_LANGUAGES: Final = frozenset(
    {"en", "de", "fr", "es", "pt", "it", "pl", "cs", "nl", "sv", "fi", "tr"}
)
_BROKEN: Final = re.compile("\ufffd|\u00d0[\u00b0-\u00bf]|\u00c3[\u00a0-\u00bf]|\u00e2\u20ac")


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """Whether an article is held for a person, with each doubt in words, and their sum."""

    held: bool = False
    reasons: tuple[str, ...] = ()
    score: float = 0.0

    def also(self, reason: str) -> Self:
        """Held for that ``reason`` too, which is enough by itself."""
        return replace(self, held=True, reasons=(*self.reasons, reason), score=self.score + HOLD_AT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """As in [publish]: characters, share of the earlier length, and time ahead of the clock."""

    hold_shorter: int = 200
    hold_shrunk: float = 0.5
    hold_ahead: timedelta = timedelta(days=1)


def judge(
    snapshot: Snapshot,
    now: datetime,
    *,
    limits: Limits = Limits(),
    feed_title: str = "",
    missed: tuple[str, ...] = (),
    is_free: bool = True,
    earlier: Snapshot | None = None,
) -> Judgement:
    """What is doubtful about ``snapshot``.

    ``feed_title`` is what the feed calls it, ``missed`` names rules that matched nothing,
    ``earlier`` is the version that it would replace.
    """
    text = words(snapshot.body_html)
    doubts = (
        *_length(text, limits, earlier),
        *_furniture(text),
        *_dates(snapshot, now, limits),
        *_script(text, snapshot.language),
        *((0.6, f"the rule for {name} matches nothing") for name in missed),
        *_title(snapshot.title, feed_title),
        *([] if is_free else [(0.5, "the page says that its text is for subscribers only")]),
    )
    score = round(sum(weight for weight, _ in doubts), 2)
    return Judgement(held=score >= HOLD_AT, reasons=tuple(why for _, why in doubts), score=score)


def _length(text: str, limits: Limits, earlier: Snapshot | None) -> Iterator[tuple[float, str]]:
    if len(text) < limits.hold_shorter:
        yield 1.0, f"the text has only {len(text)} characters"
    before = len(words(earlier.body_html)) if earlier else 0
    if len(text) < limits.hold_shrunk * before:
        yield 1.0, f"the text shrank from {before} to {len(text)} characters"


def _furniture(text: str) -> Iterator[tuple[float, str]]:
    found = len(_FURNITURE.findall(text.lower()))
    if found > max(2, _MUCH_FURNITURE * len(text.split())):
        yield 1.0, f"the text speaks like the site's furniture ({found} times)"


def _dates(snapshot: Snapshot, now: datetime, limits: Limits) -> Iterator[tuple[float, str]]:
    for name, moment in (("published", snapshot.published_at), ("changed", snapshot.modified_at)):
        if moment is not None and moment > now + limits.hold_ahead:
            yield 1.0, f"it says that it was {name} in the future, on {moment:%Y-%m-%d %H:%M} UTC"


def _script(text: str, language: str) -> Iterator[tuple[float, str]]:
    main = language.partition("-")[0].lower()
    data = text.encode()
    cyrillic, latin = (len(data) - len(data.translate(None, kind)) for kind in (_CYRILLIC, _LATIN))
    if main in _CYRILLIC_LANGUAGES - _BOTH and latin > 3 * cyrillic:
        yield 1.0, f"the text is in Latin letters, the article is said to be in {language!r}"
    if main in _LATIN_LANGUAGES and cyrillic > latin:
        yield 1.0, f"the text is in Cyrillic letters, the article is said to be in {language!r}"
    if len(_BROKEN.findall(text)) > max(2, len(text) // 500):
        yield 1.0, "the text has broken letters: its encoding was read wrongly"


def _title(title: str, feed_title: str) -> Iterator[tuple[float, str]]:
    if not feed_title:
        return
    ours, theirs = (set(re.findall(r"\w{3,}", text.casefold())) for text in (title, feed_title))
    if ours and theirs and not ours & theirs:
        yield 0.5, f"the page's title has no word of the feed's ({feed_title[:80]!r})"
