"""How appeals stand on pages: with their links where these can change, else with a link there.

An article's page is made once and stays (format 1.3). An address for payments on it would
outlive the account, and whoever gets that name next would collect under a good signature. So an
article's page has the words, and leads to the front page, where the addresses are those of today.
"""

from dataclasses import dataclass
from typing import Final

from markupsafe import Markup

from feeds.appeal import SUPPORT, Appeal, appeals_in
from feeds.pages.body import REL
from feeds.pages.site import Site
from feeds.words import Words, direction, words_for

STYLE: Final = "appeal"


@dataclass(frozen=True, slots=True)
class Link:
    """Where an appeal leads; ``rel`` is empty inside the mirror."""

    text: Markup
    url: str
    rel: str = ""


@dataclass(frozen=True, slots=True)
class Shown:
    """An appeal on a page; ``kind`` names its place there and the text that labels it."""

    kind: str
    text: str
    language: str
    direction: str
    links: tuple[Link, ...]


def on_article(site: Site, w: Words, root: str) -> tuple[Shown, ...]:
    """The appeals for an article's page, each with one link to the front page."""
    return tuple(
        _shown(one, (Link(w(_more(one)), f"{root}index.html#{one.kind}"),))
        for one in appeals_in(w.language, site.appeals)
    )


def on_front(site: Site, w: Words) -> tuple[Shown, ...]:
    """The appeals for a page that changes, each with its own links."""
    return tuple(_shown(one, _links(one)) for one in appeals_in(w.language, site.appeals))


def _shown(appeal: Appeal, links: tuple[Link, ...]) -> Shown:
    language = appeal.language
    return Shown(appeal.kind, appeal.text, language, direction(language), links)


def _links(appeal: Appeal) -> tuple[Link, ...]:
    say = words_for(appeal.language)
    return tuple(
        Link(say(name), url, "" if url.startswith("mailto:") else REL) for name, url in appeal.links
    )


def _more(appeal: Appeal) -> str:
    return "support more" if appeal.kind == SUPPORT else "newsletter more"
