"""A folder of pages to open in a browser: every kind, in several scripts."""

import io
from dataclasses import replace
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Final

from PIL import Image

from feeds.addresses import Address
from feeds.article import Article, Earlier, State
from feeds.pages import (
    AUTHORS,
    ListLink,
    MonthLink,
    Section,
    Shelf,
    alias_page,
    archive_page,
    article_files,
    find_page,
    front_page,
    list_page,
    mirrors_page,
    reading_scripts,
    section_page,
    shelf_page,
    shelves_page,
)
from feeds.snapshot import Media, Picture
from tests.feeds.pages_examples import ASKING as SITE
from tests.feeds.pages_examples import NOW, article, paragraphs

ALIAS: Final = "a/ff/ffffffffffffffff.html"
_LONG_WORD: Final = "рентгеноэлектрокардиографического высокопревосходительства "
_ARABIC: Final = "قال المتحدث باسم الرئاسة يوم الاثنين إنه لا توجد خطط لعقد لقاء خلال الزيارة. "
_EVERYTHING: Final = """<h2>What it means</h2>
<p>A <a href="https://other.example/page">link out</a>, <em>stressed</em>, <code>code</code>.</p>
<blockquote><p>“We never announce meetings like that.”</p></blockquote>
<ul><li>First</li><li>Second</li></ul><ol><li>One</li><li>Two</li></ol>
<table><thead><tr><th>Region</th><th>2023</th><th>2024</th><th>2025</th><th>Longest heading</th>
<th>And another</th></tr></thead><tbody><tr><td>Saint Petersburg</td><td>1,200,000</td><td>1</td>
<td>2</td><td>3</td><td>4</td></tr></tbody></table>
<pre>a line of preformatted text that goes on and on and on beyond the edge of a small screen</pre>
<figure><img src="../../{path}" alt="A square"><figcaption>Second picture.</figcaption></figure>
<p>https://example.example/abcdefghijklmnopqrstuvwxyz/abcdefghijklmnopqrstuvwxyz/abcdefgh</p>"""


def write_pages(folder: Path) -> dict[str, str]:
    """Write a small site below ``folder``; the paths of its pages by a short name."""

    def put(path: str, data: bytes) -> str:
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
        return path

    def picture(width: int, height: int, colour: str) -> Media:
        data = io.BytesIO()
        Image.new("RGB", (width, height), colour).save(data, "WEBP")
        digest = sha256(data.getvalue()).hexdigest()
        path = put(f"m/{digest[:2]}/{digest}.webp", data.getvalue())
        size = len(data.getvalue())
        return Media(path=path, media_type="image/webp", size=size, width=width, height=height)

    inside = picture(320, 240, "teal")
    lead = Picture(
        small=picture(400, 225, "orange"),
        large=picture(1200, 675, "orange"),
        alt="A square",
        caption="People on the square in the morning.",
        credit="A. Person / Agency",
    )
    names: dict[str, str] = {}
    articles = _articles(lead, inside)
    for name, known in articles.items():
        pages = article_files(known, SITE)
        for path, data in pages.files.items():
            put(path, data)
        names[name] = pages.path
    everything = list(articles.values())
    for path, data in reading_scripts(SITE, everything).items():
        put(path, data)
    names["alias"] = put(ALIAS, alias_page(articles["long"].id))
    names["front"] = put("index.html", front_page(SITE, everything * 5, NOW))
    section: Section = SITE.sections[0]
    names["section"] = put(section.path, section_page(SITE, section, everything, NOW))
    names["list"] = put(
        "l/all/2.html", list_page(SITE, "All", "all", 2, everything * 8, closed=True)
    )
    months = [MonthLink(date(2026, month, 1), "l/all/2.html") for month in (6, 7)]
    names["archive"] = put("l/index.html", archive_page(SITE, months, newest="l/all/2.html"))
    shelves = [ListLink(f"authors-{letter}", "l/authors-a/1.html") for letter in "abcdefgh0"]
    names["letters"] = put("l/authors.html", shelves_page(SITE, AUTHORS, shelves))
    authors = [ListLink(name, "l/all/2.html") for name in ("Ann Writer", _LONG_WORD * 2, _ARABIC)]
    shelf = Shelf("authors-a", 2, is_newest=False)
    names["names"] = put("l/authors-a/2.html", shelf_page(SITE, shelf, authors * 20))
    listed = [
        Address(url=f"https://m{n}.example/x7k2/", kind="web", since=date(2026, 3, n))
        for n in (1, 2)
    ]
    names["mirrors"] = put("mirrors.html", mirrors_page(SITE, listed))
    put("log/checkpoint", b"news.example/mirror\n1\nAA==\n")
    names["find"] = put("find.html", find_page(SITE))
    return names


def _articles(lead: Picture, inside: Media) -> dict[str, Article]:
    earlier = (Earlier(path=f"p/ab/{'ab' * 32}.html", until=NOW, change=("text", "title")),)
    articles = {
        "english": article(
            title="Nothing planned",
            lead="What it is about.",
            authors=("A. One", "B. Two"),
            section="News",
            body_html=paragraphs(4) + _EVERYTHING.format(path=inside.path),
            picture=lead,
            media=(inside,),
            tags=("One", "Two"),
            earlier=earlier,
        ),
        "long": article(title=("A long headline " * 30)[:299].strip(), body_html=paragraphs(200)),
        "russian": article(
            language="ru", title=_LONG_WORD * 3 + "и", body_html=f"<p>{_LONG_WORD * 40}</p>"
        ),
        "arabic": article(
            language="ar", title=_ARABIC.strip(), body_html=f"<p>{_ARABIC * 9}</p>", picture=lead
        ),
        "withdrawn": article(state=State.WITHDRAWN),
        "gone": article(state=State.GONE, authors=("x" * 200,)),
    }
    return {
        name: replace(known, id=f"{number:016x}")
        for number, (name, known) in enumerate(articles.items())
    }
