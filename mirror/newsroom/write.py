"""Stories out of parts: the same seed gives the same two hundred, in any process.

The parts are in ``parts_en.toml`` and ``parts_ru.toml``; here they are chosen, filled in and
put in order. A ``Draft`` has no date and no address yet: ``agenda`` gives it both.
"""

import random
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final

from mirror.newsroom.story import (
    Block,
    Bullets,
    Embed,
    Heading,
    Inline,
    Paragraph,
    Photo,
    Quote,
    Table,
)

COUNT: Final = 200
MIN_PARAGRAPHS: Final = 5
MAX_PARAGRAPHS: Final = 10
MAX_TRIES: Final = 1_000
LANGUAGES: Final = ("en", "ru")
EMBED: Final = "https://player.example/embed/harbour-wall"

_HEADINGS: Final = {"en": "What is known", "ru": "Что известно"}
_ALTS: Final = {"en": "A drawing of the harbour.", "ru": "Рисунок: гавань."}
_SLUG_WORDS: Final = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A story before it is published.

    Attributes:
        number: From 0, in the order of publication.
        slug: The last part of its address.
        blocks: As it is first printed.
        corrected: The same, with one number put right.
        correction: What the newsroom says of it then.
        links_back: Whether it links to the story before it in its language.
    """

    number: int
    language: str
    section: str
    headline: str
    slug: str
    deck: str
    author: str
    tags: tuple[str, ...]
    photo: Photo | None
    blocks: tuple[Block, ...]
    corrected: tuple[Block, ...]
    correction: str
    links_back: bool


@cache
def parts(language: str) -> Mapping[str, Any]:
    """What stories of one language are made of."""
    source = files("mirror.newsroom") / f"parts_{language}.toml"
    return tomllib.loads(source.read_text(encoding="utf-8"))


@cache
def write_all(seed: int, count: int = COUNT) -> tuple[Draft, ...]:
    """``count`` drafts; every third is Russian, no two headlines are the same."""
    seen: set[str] = set()
    return tuple(_write(seed, number, seen) for number in range(count))


def _write(seed: int, number: int, seen: set[str]) -> Draft:
    language = "ru" if number % 3 == 2 else "en"  # noqa: PLR2004 - every third
    chance = random.Random(f"{seed}/{number}")  # noqa: S311 - stories, not secrets
    source = parts(language)
    beat, slots, headline = _subject(source, chance, seen)
    words = _text_parts(beat, chance)
    wrong = dict(slots, n=chance.choice([n for n in source["slots"]["n"] if n != slots["n"]]))
    extras = _extras(beat, language, number, chance)
    return Draft(
        number=number,
        language=language,
        section=beat["section"],
        headline=headline,
        slug="-".join([*_slug(headline), f"a{5_000 + number}"]),
        deck=chance.choice(beat["decks"]).format_map(slots),
        author=chance.choice(source["authors"]),
        tags=tuple(beat["tags"]),
        photo=_photo(source, slots, number, chance),
        blocks=_fill((words, extras), wrong),
        corrected=_fill((words, extras), slots),
        correction=source["correction"].format(wrong=wrong["n"], right=slots["n"]),
        links_back=number % 4 == 1,
    )


def _slots(choices: Mapping[str, Sequence[str]], chance: random.Random) -> dict[str, str]:
    slots = {name: chance.choice(values) for name, values in choices.items()}
    return slots | {"Years": slots["years"].capitalize()}


def _subject(
    source: Mapping[str, Any], chance: random.Random, seen: set[str]
) -> tuple[Mapping[str, Any], dict[str, str], str]:
    """A beat, what fills its slots, and a headline that is not in ``seen`` yet."""
    for _ in range(MAX_TRIES):
        beat = chance.choice(source["beat"])
        slots = _slots(source["slots"], chance)
        headline = chance.choice(beat["headlines"]).format_map(slots)
        if headline not in seen:
            seen.add(headline)
            return beat, slots, headline
    raise ValueError("the parts do not give that many different headlines")


def _text_parts(beat: Mapping[str, Any], chance: random.Random) -> list[str]:
    """Opening, a number of paragraphs in the order that they have in the beat, closing."""
    pool = beat["paragraphs"]
    wanted = chance.randint(MIN_PARAGRAPHS - 2, min(len(pool), MAX_PARAGRAPHS - 2))
    chosen = sorted(chance.sample(range(len(pool)), wanted))
    middle = [pool[index] for index in chosen]
    return [chance.choice(beat["opening"]), *middle, chance.choice(beat["closing"])]


def _extras(
    beat: Mapping[str, Any], language: str, number: int, chance: random.Random
) -> tuple[Block, ...]:
    """What stands between the paragraphs of some stories, by turns."""
    kind = number % 7
    if kind == 1:
        return (Heading(_HEADINGS[language]), Bullets(tuple(beat["bullets"])))
    if kind == 2:  # noqa: PLR2004 - by turns
        quote = chance.choice(beat["quotes"])
        return (Quote(quote["text"], quote["who"]),)
    if kind == 4:  # noqa: PLR2004 - by turns
        rows = tuple(tuple(row) for row in beat["table"]["rows"])
        return (Table(tuple(beat["table"]["head"]), rows),)
    if kind == 5:  # noqa: PLR2004 - by turns
        return (Embed(EMBED, parts(language)["embed"]),)
    if kind == 6:  # noqa: PLR2004 - by turns
        source = parts(language)
        caption = chance.choice(source["captions"])
        credit = chance.choice(source["photographers"])
        path = f"/media/{number}-b.jpg"
        return (Inline(Photo(path=path, alt=_ALTS[language], caption=caption, credit=credit)),)
    return ()


def _photo(
    source: Mapping[str, Any], slots: Mapping[str, str], number: int, chance: random.Random
) -> Photo | None:
    if number % 11 == 7:  # noqa: PLR2004 - now and then a story has no picture
        return None
    caption = chance.choice(source["captions"]).format_map(slots)
    return Photo(
        path=f"/media/{number}-a.jpg",
        alt=caption,
        caption=caption,
        credit=chance.choice(source["photographers"]),
    )


def _fill(
    material: tuple[Sequence[str], Sequence[Block]], slots: Mapping[str, str]
) -> tuple[Block, ...]:
    texts, extras = material
    paragraphs: list[Block] = [Paragraph(text.format_map(slots)) for text in texts]
    return (*paragraphs[:3], *(_filled(block, slots) for block in extras), *paragraphs[3:])


def _filled(block: Block, slots: Mapping[str, str]) -> Block:
    match block:
        case Bullets(items):
            return Bullets(tuple(item.format_map(slots) for item in items))
        case Quote(text, who):
            return Quote(text.format_map(slots), who.format_map(slots))
        case Table(head, rows):
            return Table(head, tuple(tuple(c.format_map(slots) for c in row) for row in rows))
        case Inline(photo):
            caption = photo.caption.format_map(slots)
            return Inline(
                Photo(path=photo.path, alt=photo.alt, caption=caption, credit=photo.credit)
            )
        case _:
            return block


def _slug(headline: str) -> list[str]:
    letters = "".join(c if c.isalnum() or c == " " else "" for c in headline.lower())
    return letters.split()[:_SLUG_WORDS]
