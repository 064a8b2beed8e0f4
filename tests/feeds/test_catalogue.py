import re
from pathlib import Path
from string import Formatter

import pytest

import feeds
from feeds import catalogue

FOLDER = Path(feeds.__file__).parent
ASKED = re.compile(r"""\b(?:w|words|texts|words_for\([^)]*\))(?:\.plain|\.count)?\(["']([^"']+)""")
TRANSLATED = sorted(catalogue.files_by_language())


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_language_says_all_that_english_says(language: str) -> None:
    translated = catalogue.read(catalogue.files_by_language()[language])
    for name, english in catalogue.texts().items():
        message = translated.get(english.one, name)
        assert message is not None, name
        assert not message.fuzzy, name
        forms = [message.string] if isinstance(message.string, str) else message.string or ()
        assert len(forms) == (translated.num_plurals if english.many else 1), name
        for form in forms:
            assert form, name
            assert placeholders(form) == placeholders(english.one), name


def test_every_text_that_is_asked_for_is_there() -> None:
    asked = {
        name
        for ending in ("*.py", "*.html")
        for file in FOLDER.rglob(ending)
        for name in ASKED.findall(file.read_text("utf-8"))
    }

    assert asked - catalogue.texts().keys() == set()
    assert len(asked) > 60  # or the pattern above finds none


@pytest.mark.parametrize(
    ("language", "name"), [("ru", "русский"), ("en", "English"), ("qq", "qq"), ("x-!", "x-!")]
)
def test_a_language_has_the_name_that_its_speakers_give_it(language: str, name: str) -> None:
    assert catalogue.language_name(language) == name


def test_what_is_not_translated_stays_english() -> None:
    assert catalogue.languages() >= {"en", "ru"}
    assert catalogue.translations("ru").pgettext("no such", "Left alone") == "Left alone"
