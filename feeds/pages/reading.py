"""The script that pages name: ``x/<hash>.js``, one for each language of the interface.

Pages promise nothing that needs it. A page is made once and names the script of its day, so a
script is a leaf and never changes; another one has another name.
"""

import json
from collections.abc import Iterable
from functools import cache
from hashlib import sha256
from typing import Final

from feeds.article import Article
from feeds.pages.environment import script, stylesheet
from feeds.pages.site import Site
from feeds.paths import MEDIA_TYPES
from feeds.words import words_for

_PARTS: Final = ("wire", "leave", "plain", "save", "age", "pass", "page")
_WORDS: Final = (
    *("leave", "my clock", "age confirmed", "age old", "age clock"),
    *("pass on", "pass link", "pass text", "pass share", "pass save", "pass risk", "pass busy"),
    *("pass copied", "pass uncopied", "pass part", "pass saved", "pass without", "pass folder"),
    *("pass unfit", "pass unreached"),
)


def reading_path(language: str) -> str:
    """Where the script for pages in ``language`` (BCP 47) is in the tree."""
    return _path(words_for(language).language)


def reading_script(language: str) -> bytes:
    """The script for pages in ``language`` (BCP 47): see ``feeds/templates/reading``."""
    return _script(words_for(language).language)


def reading_scripts(site: Site, articles: Iterable[Article]) -> dict[str, bytes]:
    """The scripts, by path, that the pages of ``articles`` and those of ``site`` name."""
    languages = {words_for(one.snapshot.language, site.language).language for one in articles}
    languages.add(site.language)
    return {reading_path(one): reading_script(one) for one in sorted(languages)}


@cache
def _path(language: str) -> str:
    return f"x/{sha256(_script(language)).hexdigest()[:16]}.js"


@cache
def _script(language: str) -> bytes:
    w = words_for(language)
    words = {key: w.plain(key) for key in _WORDS}
    types = {end: kind for end, kind in MEDIA_TYPES.items() if kind.startswith("image/")}
    values = {"types": _json(types), "style": _json(stylesheet("reading/page"))}
    parts = [script("digest"), f"const WORDS = {_json(words)};\n"]
    parts += [script(f"reading/{name}", **values) for name in _PARTS]
    return ('(() => {\n"use strict";\n' + "".join(parts) + "})();\n").encode()


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
