"""The kind ``listing``: a page with links to articles, named by a CSS selector.

For a site without a feed. Further pages are followed (``next``) only while a page is new down to
its last link, and at most ``pages`` at a poll: where one article came, one page is asked for.
A list says nothing of edits; these are found when articles are looked at again.
"""

from urllib.parse import urlsplit

from mirror.config import SourceConfig
from mirror.errors import SourceChangedError, SourceError
from mirror.extract.links import Links
from mirror.extract.page import Page, absolute, parse_page, select
from mirror.source.charset import decode
from mirror.source.item import Item
from mirror.source.kind import Look, Told
from mirror.source.response import Limits, Response
from mirror.source.texts import MAX_ITEMS


class ListingKind:
    """See the module. What it remembers is the address of a page that could not be read."""

    limits: Limits = Limits.PAGE

    def address(self, source: SourceConfig) -> str:
        """The list's first page."""
        return source.url

    async def read(self, look: Look, response: Response) -> Told:
        """The links of the first page, and of further ones as far as they are new."""
        items, following = read_page(response, look.source)
        is_new = look.is_new_to_the_end(items)
        return await _go_on(look, items, following if is_new else look.state.memory, response.url)

    async def unchanged(self, look: Look) -> Told | None:
        """The page that could not be read at the last poll, if there was one, and what follows."""
        if not look.state.memory:
            return None
        return await _go_on(look, (), look.state.memory, look.source.url)


def read_page(response: Response, source: SourceConfig) -> tuple[tuple[Item, ...], str]:
    """The entries of one page of the list, and the address of the next one, or empty.

    Raises:
        SourceChangedError: It is no web page, or ``selector`` names no link on it.
    """
    page = parse_page(decode(response.body, response.content_type), response.url)
    found = _links(page, source.selector, MAX_ITEMS, is_anywhere=bool(source.match))
    if not found:
        problem = f'holds no link that selector = "{source.selector}" names; look at it, mend that'
        raise SourceChangedError(response.url, problem)
    following = _links(page, source.next, 1) if source.next else ()
    return tuple(Item(url=url, id=url) for url in found), "".join(following)


def _links(page: Page, selector: str, limit: int, *, is_anywhere: bool = False) -> tuple[str, ...]:
    """Addresses that ``selector`` names, each once, in the page's order.

    An element that is no link stands for the links in it. Those to other hosts count only if
    ``is_anywhere``.
    """
    own = Links.of(page.base, (urlsplit(page.url).hostname or "",))
    named = select(page.root, selector)
    nodes = [link for node in named for link in (node.iter("a") if node.tag != "a" else (node,))]
    urls = (absolute(page.base, node.get("href", "")).partition("#")[0] for node in nodes)
    found = dict.fromkeys(url for url in urls if url and (is_anywhere or own.is_own(url)))
    return tuple(found)[:limit]


async def _go_on(look: Look, items: tuple[Item, ...], following: str, first: str) -> Told:
    """The page at ``following`` and those after it, while they are new; ``items`` come before."""
    asked, problem = {first}, None
    while following and following not in asked and len(asked) < look.source.pages:
        asked.add(following)
        try:
            response = await look.get(following, kind=Limits.PAGE)
            more, further = read_page(response, look.source)
        except SourceError as error:
            problem = error
            break
        items += more
        following = further if look.is_new_to_the_end(more) else ""
    return Told(
        items=items,
        is_all=False,
        memory=following if problem else "",
        note=f"{len(asked)} pages" if len(asked) > 1 else "",
        problem=problem,
    )
