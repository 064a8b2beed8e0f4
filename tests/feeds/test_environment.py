"""Templates, with the styles of each page."""

from collections.abc import Callable

import pytest

from feeds.pages import front_page, list_page, section_page
from feeds.pages.environment import environment, template
from tests.feeds.pages_examples import ASKING, NOW, SITE, article

PAGES: dict[str, Callable[[], bytes]] = {
    "front": lambda: front_page(SITE, [article()], NOW),
    "front that asks": lambda: front_page(ASKING, [article()], NOW),
    "section": lambda: section_page(SITE, SITE.sections[0], [article()]),
    "section that asks": lambda: section_page(ASKING, ASKING.sections[0], [article()]),
    "list": lambda: list_page(SITE, "All", "all", 1, [article()], closed=False),
}


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_the_same_whatever_was_made_before_it(name: str) -> None:
    """They are made from one template with several sets of styles."""
    template.cache_clear()
    environment.cache_clear()
    alone = PAGES[name]()

    for other in PAGES.values():
        other()

    assert PAGES[name]() == alone
