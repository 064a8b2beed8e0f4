"""``Words``: what the pages say themselves, in the languages that readers have."""

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Final

from markupsafe import Markup, escape

from feeds import catalogue

_RIGHT_TO_LEFT: Final = frozenset(
    [
        "ar",
        "arc",
        "ckb",
        "dv",
        "fa",
        "he",
        "iw",
        "khw",
        "ks",
        "nqo",
        "ps",
        "sd",
        "syr",
        "ug",
        "ur",
        "yi",
    ]
)
_RTL_SCRIPTS: Final = frozenset(
    ["adlm", "arab", "hebr", "mand", "nkoo", "rohg", "samr", "syrc", "thaa"]
)
_WORDS_A_MINUTE: Final = 200
_SIGNS_A_MINUTE: Final = 450  # of scripts that put no spaces between words
_UNSPACED: Final = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")


@dataclass(frozen=True, slots=True)
class Words:
    """The interface texts of one language.

    Attributes:
        language: The catalogue's own tag, such as ``en`` or ``pt-br``.
    """

    language: str

    @property
    def direction(self) -> str:
        """``rtl`` or ``ltr``."""
        return direction(self.language)

    def __call__(self, key: str, **values: object) -> Markup:
        """The text ``key`` with its ``{values}`` put in, and escaped where they are no markup.

        Raises:
            KeyError: No such text: a mistake in a template.
        """
        text = _safe_texts(self.language)[key]
        if not values:
            return text
        safe = {name: escape(value) for name, value in values.items()}
        return Markup(str.format(text, **safe))  # noqa: S704  # each value is escaped

    def plain(self, key: str) -> str:
        """The text ``key`` as it stands in the catalogue: no markup, and nothing put in.

        Raises:
            KeyError: No such text.
        """
        return catalogue.spoken(self.language)[key]

    def count(self, key: str, number: int) -> Markup:
        """The text ``key`` in the plural form that ``number`` asks for."""
        spoken = catalogue.translations(self.language)
        text = spoken.npgettext(key, *catalogue.texts()[key], number)
        return escape(text).format(number=number)

    def change(self, parts: tuple[str, ...]) -> str:
        """Which parts were changed, such as ``title, text``; unknown names stay as they are."""
        known = catalogue.texts()
        return ", ".join(
            self.plain(key) if (key := f"part {part}") in known else part for part in parts
        )

    def date(self, day: dt.date) -> str:
        """``3 July 2026``."""
        return catalogue.day_text(day.year, day.month, day.day, self.plain("date"), self.language)

    def month(self, day: dt.date) -> str:
        """``July 2026``, as a heading has it: with a capital."""
        text = catalogue.day_text(day.year, day.month, 1, self.plain("month"), self.language)
        return text[:1].upper() + text[1:]

    def time(self, moment: dt.datetime, zone: dt.tzinfo) -> str:
        """``3 July 2026, 14:05 UTC``, by the clocks of ``zone``."""
        local = moment.astimezone(zone)
        name = local.strftime("%Z") or "UTC"
        if name[0] in "+-":  # zones without a name of their own
            name = f"UTC{name}"
        date = self.date(local)
        return self.plain("moment").format(date=date, time=f"{local:%H:%M}", zone=name)


def words_for(*languages: str) -> Words:
    """The words of the first of ``languages`` (BCP 47) that has a catalogue, else English.

    Of ``pt-BR`` the catalogue may be that of ``pt``.
    """
    known = catalogue.languages()
    found = (tag for language in languages for tag in _widening(language) if tag in known)
    return Words(next(found, catalogue.SOURCE_LANGUAGE))


def _widening(language: str) -> Iterator[str]:
    """``zh-hant-tw``, ``zh-hant``, ``zh``."""
    tag = language.lower()
    while tag:
        yield tag
        tag = tag.rpartition("-")[0]


@cache
def _safe_texts(language: str) -> dict[str, Markup]:
    return {key: escape(text) for key, text in catalogue.spoken(language).items()}


def direction(language: str) -> str:
    """``rtl`` or ``ltr``, by the BCP 47 tag's script or language."""
    primary, *rest = language.lower().split("-")
    script = next((part for part in rest if len(part) == 4 and part.isalpha()), "")  # noqa: PLR2004  # ISO 15924
    if script:
        return "rtl" if script in _RTL_SCRIPTS else "ltr"
    return "rtl" if primary in _RIGHT_TO_LEFT else "ltr"


def reading_minutes(text: str) -> int:
    """About how many minutes ``text`` takes to read, 1 or more."""
    signs = len(_UNSPACED.findall(text))
    minutes = len(text.split()) / _WORDS_A_MINUTE + signs / _SIGNS_A_MINUTE
    return max(1, round(minutes))
