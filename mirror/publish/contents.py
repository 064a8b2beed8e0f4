"""``l/index.html``: which lists there are, and where each of them is newest.

It changes with the first article of a list, and when a list goes on to its next page. The lists
of authors and tags have contents of their own, which it leads to.
"""

from collections.abc import Sequence
from datetime import datetime

from feeds.pages import ARCHIVE_PATH, MonthLink, archive_page, list_path, shelves_link
from mirror.publish.lists import MONTH, Arrivals, list_at
from mirror.publish.material import Material
from mirror.publish.newsroom import ALL
from mirror.store import ledger


async def contents_page(
    made: Material, comes: Arrivals, kinds: Sequence[str], *, begins: bool
) -> dict[str, bytes]:
    """The page, where this edition changes it; ``kinds`` of names have lists, one ``begins``.

    What it is made of are the mutable files: of each list one, however long it is.
    """
    if not made.renewed and not begins and not any(map(comes.goes_on, comes.new)):
        return {}
    newest = dict(list_at(path) for path in sorted(await ledger.listed(made.connection)))
    newest |= {name: comes.newest_page(name) for name in (ALL, *comes.new)}
    paths = {name: list_path(name, page) for name, page in newest.items() if name}
    page = archive_page(
        made.site,
        [
            MonthLink(datetime.strptime(name, f"{MONTH}%Y-%m").date(), path)  # noqa: DTZ007  # a day
            for name, path in paths.items()
            if name.startswith(MONTH)
        ],
        newest=paths[ALL],
        shelves=[shelves_link(made.site, kind) for kind in kinds],
    )
    return {ARCHIVE_PATH: page}
