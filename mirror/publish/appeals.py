"""What the operator asks of readers, from the configuration to the ``Appeal`` of pages."""

from typing import Final

from feeds.appeal import NEWSLETTER, SUPPORT, Appeal
from mirror.config import Config

_HOW_OFTEN: Final = ("once", "monthly", "yearly")


def appeals_of(config: Config) -> tuple[Appeal, ...]:
    """Those of ``config``; one that names no language is for pages in every one."""
    support = (
        (SUPPORT, one, tuple((name, url) for name in _HOW_OFTEN if (url := getattr(one, name))))
        for one in config.support
    )
    newsletter = ((NEWSLETTER, one, (("newsletter link", one.url),)) for one in config.newsletter)
    return tuple(
        Appeal(
            kind=kind,
            text=one.text,
            language=one.language or config.site.language,
            everywhere=not one.language,
            links=links,
        )
        for kind, one, links in (*support, *newsletter)
    )
