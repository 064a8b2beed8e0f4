"""The catalogues of ``feeds/locale``: what pages and feeds say themselves, by language.

``messages.pot`` has every text in English, under the name (``msgctxt``) by which templates ask
for it; ``<language>.po`` has its translation. They are read as they stand in the repository, so
that no step of building lies between a translator's editor and a page. That, and Babel itself, is
loaded with the first text: nothing that makes no page waits for it.
"""

import datetime as dt
from functools import cache, lru_cache
from gettext import GNUTranslations, NullTranslations
from importlib.resources import files
from importlib.resources.abc import Traversable
from io import BytesIO
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from babel.messages.catalog import Catalog

SOURCE: Final = "messages.pot"
SOURCE_LANGUAGE: Final = "en"
_ENDING: Final = ".po"


class Text(NamedTuple):
    """A text in English; ``many`` is its plural, and empty where nothing is counted."""

    one: str
    many: str = ""


def folder() -> Traversable:
    """Where the catalogues are."""
    return files("feeds").joinpath("locale")


@cache
def files_by_language() -> dict[str, str]:
    """The names of the translations, by language: a BCP 47 tag in lower case."""
    names = (file.name for file in folder().iterdir())
    return {_tag(name): name for name in sorted(names) if name.endswith(_ENDING)}


@cache
def languages() -> frozenset[str]:
    """English, and every language that has a translation; tags in lower case."""
    return frozenset((SOURCE_LANGUAGE, *files_by_language()))


@cache
def texts() -> dict[str, Text]:
    """Every text by its name, in English."""
    found = {}
    for message in read(SOURCE):
        if message.context:
            ids = (message.id,) if isinstance(message.id, str) else message.id
            found[message.context] = Text(*ids)
    return found


@cache
def translations(language: str) -> NullTranslations:
    """The translations into one of ``languages()``; what is not translated stays English."""
    if language == SOURCE_LANGUAGE:
        return NullTranslations()
    from babel.messages.mofile import write_mo

    compiled = BytesIO()
    write_mo(compiled, read(files_by_language()[language]))
    compiled.seek(0)
    return GNUTranslations(compiled)


@cache
def spoken(language: str) -> dict[str, str]:
    """Every text by its name, in one of ``languages()``; of what is counted, one of it."""
    found = translations(language)
    return {name: found.pgettext(name, english.one) for name, english in texts().items()}


def read(name: str) -> "Catalog":
    """The catalogue file ``name``.

    Raises:
        babel.messages.pofile.PoFileError: It is no catalogue.
    """
    from babel.messages.pofile import read_po

    with folder().joinpath(name).open("rb") as file:
        return read_po(file, abort_invalid=True)


@lru_cache(maxsize=1_024)
def day_text(year: int, month: int, day: int, pattern: str, language: str) -> str:
    """A day by a pattern of UTS 35, with the names that CLDR has for ``language``."""
    from babel.core import Locale
    from babel.dates import format_date

    return format_date(dt.date(year, month, day), pattern, Locale.parse(language, sep="-"))


@lru_cache(maxsize=64)
def language_name(language: str) -> str:
    """What speakers call ``language`` (BCP 47), by CLDR: ``русский``; else the tag itself."""
    from babel.core import Locale, UnknownLocaleError

    try:
        return Locale.parse(language, sep="-").get_display_name() or language
    except (UnknownLocaleError, ValueError):
        return language


def _tag(name: str) -> str:
    """``pt-br`` for ``pt_BR.po``."""
    return name.removesuffix(_ENDING).replace("_", "-").lower()
