"""The seed article in its newsroom's markup, furniture and all."""

from dataclasses import dataclass
from html import escape
from pathlib import Path

import pytest

CORPUS = Path(__file__).parents[2] / "../shared/corpus"


@dataclass(frozen=True)
class Seed:
    """The seed's lines by what they are."""

    appeal: tuple[str, ...]
    headline: str
    caption: str
    credit: str
    paragraphs: tuple[str, ...]
    newsletter: tuple[str, ...]
    message: tuple[str, ...]


def corpus(*parts: str) -> Path:
    """A file or folder of the corpus; skips the test where it is missing."""
    path = CORPUS.joinpath(*parts)
    if not path.exists():
        pytest.skip(f"{path} is missing: put the corpus beside the project")
    return path


def read_seed() -> Seed:
    """The seed text, taken apart."""
    text = corpus("seed", "moscow-times-article.txt").read_text("utf-8")
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    start = next(at for at, line in enumerate(lines) if line.startswith("Kremlin:"))
    letter = next(at for at, line in enumerate(lines) if line.startswith("Sign up"))
    message = next(at for at, line in enumerate(lines) if line.startswith("A Message"))
    caption, name, agency = lines[start + 1].partition("Kevin Lamarque")
    return Seed(
        appeal=tuple(lines[:start]),
        headline=lines[start],
        caption=caption.strip(),
        credit=name + agency,
        paragraphs=tuple(lines[start + 2 : letter]),
        newsletter=tuple(lines[letter:message]),
        message=tuple(lines[message:]),
    )


def page_of(seed: Seed, *, noise: str = "") -> str:
    """The seed as a page; ``noise`` stands between its paragraphs."""
    blocks = [
        f'<div data-id="article-block-type-{at}" class="article__block article__block--html'
        f' article__block--column"><p>{escape(text)}</p></div>{noise}'
        for at, text in enumerate(seed.paragraphs)
    ]
    blocks.insert(
        2,
        '<aside class="article__related-article"><a href="/2017/04/06/other-a57000">'
        "<h4>Read more: Tillerson to Visit Moscow</h4></a></aside>",
    )
    return f"""<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">
<title>{escape(seed.headline)} - The Moscow Times</title>
<meta property="og:title" content="{escape(seed.headline)} - The Moscow Times">
<meta property="og:type" content="article">
<meta property="article:section" content="News">
<link rel="canonical" href="https://www.themoscowtimes.com/2017/04/10/kremlin-a57677">
<script>window.dataLayer = [];</script></head><body class="article-item">
<div class="container"><div class="banner-message js-banner">{_lines(seed.appeal)}</div></div>
<header class="site-header"><nav><ul><li><a href="/news">News</a></li></ul></nav></header>
<div class="article-container"><article class="article article--news">
<header class="article__header"><h1><a href="/2017/04/10/kremlin-a57677">{escape(seed.headline)}</a>
</h1></header>
<div class="article__byline byline"><div class="byline__details">
<a href="/author/tmt" class="byline__author__name">Example Author</a>
<time class="byline__datetime timeago" datetime="2017-04-10T14:02:00+03:00">April 10, 2017</time>
</div></div>
<figure class="article__featured-image featured-image">
<img src="https://static.themoscowtimes.com/image/article_1360/44/tillerson.jpg" alt="">
<figcaption class=""><span class="article__featured-image__caption featured-image__caption">
{escape(seed.caption)}</span>
<span class="article__featured-image__credits featured-image__credits">{escape(seed.credit)}</span>
</figcaption></figure>
<div class="article__content-container"><div class="article__content">{"".join(blocks)}</div></div>
<div class="newsletterbanner">{_lines(seed.newsletter)}</div>
<div class="donate-text donate-text--bottom">{_lines(seed.message)}</div>
<div class="social"><a href="https://x.com/share?url=1">Share</a></div>
</article></div><footer class="footer"><p>© The Moscow Times</p></footer></body></html>"""


def _lines(lines: tuple[str, ...]) -> str:
    return "".join(f"<p>{escape(line)}</p>" for line in lines)
