"""Articles to measure with: as long as real ones, in English and Russian, the same each time."""

import hashlib
import random
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Final

from feeds.article import State
from feeds.ids import article_id, normal_form
from feeds.snapshot import Snapshot
from mirror.store.versions import Ready

SITE: Final = "https://news.example/"
SECTIONS: Final = ("News", "Opinion", "Business", "Culture", "Regions", "Climate")
EVERY: Final = timedelta(minutes=105)  # between two articles: 100,000 in twenty years

_PARAGRAPHS: Final = {"en": 11, "ru": 7}  # of an article: 3 to 4 kB, as in the corpus
_WORDS: Final = {
    "en": "the river of morning said that council had harbour voted again after minister"
    " winter road people were told nothing would change before spring and many went home"
    " without an answer from regional office where a guard asked for papers",
    "ru": "утром совет порта снова голосовал после того как министр сказал что дорога зимой"
    " закрыта люди ждали ответа до весны но многие ушли домой без него из областной"
    " канцелярии где охранник просил показать бумаги",
}


def url_of(number: int) -> str:
    """Where article ``number`` stands on the site."""
    return f"{SITE}2026/story-{number}"


def language_of(number: int) -> str:
    """Every third is Russian."""
    return "ru" if number % 3 == 0 else "en"


def story(number: int, published: datetime) -> Snapshot:
    """Article ``number`` as it was read when it was published."""
    language = language_of(number)
    chance = random.Random(number)  # noqa: S311  # texts, not secrets
    paragraphs = _paragraphs(language)
    body = "".join(chance.sample(paragraphs, _PARAGRAPHS[language]))
    moment = published.astimezone(UTC).replace(microsecond=0)
    words = _WORDS[language].split()
    return Snapshot(
        source_url=url_of(number),
        fetched_at=moment,
        title=f"{' '.join(chance.sample(words, 7)).capitalize()} {number}",
        lead=f"{' '.join(chance.sample(words, 20)).capitalize()}.",
        authors=("Ann Author",),
        section=SECTIONS[number % len(SECTIONS)],
        language=language,
        body_html=body,
        published_at=moment,
    )


def ready(number: int, published: datetime) -> Ready:
    """The same as the store has it when it is to be published."""
    return Ready(
        article=id_of(number),
        number=1,
        snapshot=story(number, published),
        state=State.LIVE,
        published=0,
        before=None,
    )


def id_of(number: int) -> str:
    """Id of article ``number``."""
    return article_id(url_of(number))


def form_of(number: int) -> str:
    """The normal form of its address."""
    return normal_form(url_of(number))


@cache
def _paragraphs(language: str) -> tuple[str, ...]:
    chance = random.Random(language)  # noqa: S311  # texts, not secrets
    words = _WORDS[language].split()
    made = []
    for number in range(60):
        text = " ".join(chance.choices(words, k=45))
        mark = hashlib.sha256(f"{language}{number}".encode()).hexdigest()[:8]
        made.append(f"<p>{text.capitalize()}, {mark}.</p>")
    return tuple(made)
