"""A mirror's folder with its ``verify.html``, for browsers and for the page's own code."""

from dataclasses import replace
from datetime import datetime
from pathlib import Path

from feeds.pages import verify_page
from tests.feeds.pages_examples import SITE
from tests.feeds.tree import BEGIN, SignedTree, article

PAGE = "verify.html"
STORY, _ = article(1)
PROOF = f"{STORY}.tlog-proof"


def mirror(folder: Path | None = None, language: str = "en", time: datetime = BEGIN) -> SignedTree:
    """A genuine mirror of a few articles as of ``time``; written to ``folder``."""
    tree = SignedTree(folder, time=time)
    site = replace(SITE, language=language, fingerprint=tree.fingerprint)
    tree.publish({}, {PAGE: verify_page(site, [tree.keyring])})
    return tree.fill()
