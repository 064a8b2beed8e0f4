"""Links: without tracking, and inside the mirror where they lead to the newsroom's articles."""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Self
from urllib.parse import unquote, urlsplit

from feeds.errors import InvalidAddressError
from feeds.ids import article_id, is_tracking
from mirror.extract.page import absolute

_FILES: Final = re.compile(
    r"\.(?:jpe?g|png|gif|webp|avif|svg|pdf|mp[34]|m4a|ogg|webm|zip|xml|rss|atom|json|css|js|ics)$",
    re.IGNORECASE,
)
_LISTS: Final = frozenset(
    """
    about account advertise all archive archives author authors categories category columnist
    columnists contact contacts contributors donate events feed feeds help home hub index jobs
    latest login logout my newsletter newsletters page pages people person privacy
    profile register rss search section sections series sitemap staff subscribe support tag tags
    team terms topic topics user users wp-admin wp-login.php
    """.split()  # noqa: SIM905 - names, not strings
)
_KINDS: Final = frozenset({"live", "podcast", "podcasts", "video", "videos"})
_NUMBER: Final = re.compile(r"(?:^|\D)\d{4,}(?:\D|$)")
_DATE: Final = re.compile(r"/(?:19|20)\d\d/(?:0?[1-9]|1[0-2])/")
_IDS: Final = frozenset(
    {"p", "id", "article", "article_id", "artid", "story", "news", "newsid", "post"}
)
_SLUG_WORDS: Final = 3


def is_article_address(address: str) -> bool:
    """Whether an address of the site looks like one article's, not a front or section page's.

    A guess by the address alone. It is one if its query names an article by number, its path
    holds a date or a number of four digits or more, or its last part ends in ``.html`` or is
    at least three words long; never if its first part is the name of a kind of list (``tag``,
    ``author``, ``search`` …), or the last part that of a file (``.pdf``, ``.jpg`` …).
    """
    parts = urlsplit(address)
    steps = [unquote(step) for step in parts.path.split("/") if step]
    if any(_names_article(pair) for pair in parts.query.split("&")):
        return True
    if not steps or _FILES.search(steps[-1]) or _is_list(steps):
        return False
    slug, _, ending = steps[-1].rpartition(".")
    if slug and ending.lower() in {"html", "htm", "shtml", "php", "aspx"}:
        return slug.lower() not in _LISTS
    if _NUMBER.search(steps[-1]) or _DATE.search(f"{parts.path}/"):
        return not _is_date_only(steps)
    return len([word for word in re.split(r"[-_ ]+", steps[-1]) if word]) >= _SLUG_WORDS


def _is_list(steps: list[str]) -> bool:
    first, before = steps[0].lower(), steps[-2].lower() if len(steps) > 1 else ""
    return first in _LISTS or before in _LISTS or (len(steps) == 1 and first in _KINDS)


def _names_article(pair: str) -> bool:
    name, _, value = pair.partition("=")
    return name.lower() in _IDS and bool(re.fullmatch(r"\d+", value))


def _is_date_only(steps: list[str]) -> bool:
    """``/2017/04/10``: a day's list, not an article."""
    return all(step.isdigit() for step in steps) and len(steps[0]) == 4  # noqa: PLR2004 - a year


def without_tracking(address: str) -> str:
    """``address`` without the parameters that only follow the reader around."""
    parts = urlsplit(address)
    if not parts.query:
        return address
    kept = [
        pair for pair in parts.query.split("&") if not is_tracking(unquote(pair.partition("=")[0]))
    ]
    return parts._replace(query="&".join(kept)).geturl()


def mirror_path(identity: str) -> str:
    """The article with that id, seen from any page two folders deep."""
    return f"../../a/{identity[:2]}/{identity}.html"


@dataclass(frozen=True, slots=True)
class Links:
    """Where links lead from one page.

    Attributes:
        base: What relative addresses are seen from.
        hosts: The site's own hosts, lower case, without a leading ``www.`` or ``m.``.
    """

    base: str
    hosts: frozenset[str]

    @classmethod
    def of(cls, base: str, hosts: tuple[str, ...]) -> Self:
        """Links seen from ``base``, on a site with these ``hosts``."""
        return cls(base, frozenset(map(_bare, hosts)))

    def is_own(self, address: str) -> bool:
        """Whether an absolute address is on one of the site's hosts."""
        return _bare(urlsplit(address).hostname or "") in self.hosts

    def target(self, href: str) -> str | None:
        """What a link to ``href`` becomes, or None where only its text stays.

        An article of the site: its page in the mirror, also where that is not there yet.
        Another page of the site: None. Elsewhere: the address, absolute, without tracking.
        """
        if href.strip().startswith("#"):
            return None
        address = absolute(self.base, href)
        if not address:
            return None
        if not self.is_own(address):
            return without_tracking(address)
        if not is_article_address(address):
            return None
        try:
            return mirror_path(article_id(address))
        except InvalidAddressError:
            return None


@lru_cache(maxsize=1_000)
def _bare(host: str) -> str:
    return re.sub(r"^(?:www|m)\.(?=.)", "", host.lower().removesuffix("."))
