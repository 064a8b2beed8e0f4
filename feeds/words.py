"""``Words``: what the pages say themselves, in the languages that readers have."""

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from markupsafe import Markup, escape

from feeds.words_en import ENGLISH
from feeds.words_ru import RUSSIAN

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


def _english(count: int) -> int:
    return 0 if count == 1 else 1


def _slavic(count: int) -> int:
    if count % 10 == 1 and count % 100 != 11:  # noqa: PLR2004  # CLDR: one
        return 0
    few = 2 <= count % 10 <= 4 and not 12 <= count % 100 <= 14  # noqa: PLR2004  # CLDR: few
    return 1 if few else 2


_PLURALS: Final[dict[str, Callable[[int], int]]] = {"en": _english, "ru": _slavic}
_CATALOGUES: Final = {
    language: {key: Markup(escape(text)) for key, text in catalogue.items()}  # noqa: S704  # escaped here
    for language, catalogue in (("en", ENGLISH), ("ru", RUSSIAN))
}
_MONTHS: Final = {
    language: tuple(str(catalogue["months"]).split()) for language, catalogue in _CATALOGUES.items()
}


@dataclass(frozen=True, slots=True)
class Words:
    """The interface texts of one language.

    Attributes:
        language: The catalogue's own tag, ``en`` or ``ru``.
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
        text = _CATALOGUES[self.language][key]
        if not values:
            return text
        safe = {name: escape(value) for name, value in values.items()}
        return Markup(str.format(text, **safe))  # noqa: S704  # each value is escaped

    def count(self, key: str, number: int) -> Markup:
        """The text ``key`` in the plural form that ``number`` asks for."""
        forms = _CATALOGUES[self.language][key].split("|")
        return forms[_PLURALS[self.language](number)].format(number=number)

    def change(self, parts: tuple[str, ...]) -> str:
        """Which parts were changed, such as ``title, text``; unknown names stay as they are."""
        catalogue = _CATALOGUES[self.language]
        return ", ".join(catalogue.get(f"part {part}", part) for part in parts)

    def date(self, day: dt.date) -> str:
        """``3 July 2026``."""
        return f"{day.day} {_MONTHS[self.language][day.month - 1]} {day.year}"

    def time(self, moment: dt.datetime, zone: dt.tzinfo) -> str:
        """``3 July 2026, 14:05 UTC``, by the clocks of ``zone``."""
        local = moment.astimezone(zone)
        name = local.strftime("%Z") or "UTC"
        if name[0] in "+-":  # zones without a name of their own
            name = f"UTC{name}"
        return f"{self.date(local)}, {local:%H:%M} {name}"


def words_for(*languages: str) -> Words:
    """The words of the first of ``languages`` (BCP 47) that has a catalogue, else English."""
    for language in languages:
        primary = language.partition("-")[0].lower()
        if primary in _CATALOGUES:
            return Words(primary)
    return Words("en")


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
