import pytest

from mirror.extract.extract import extract
from mirror.extract.figures import FoundPicture
from mirror.extract.links import Links
from mirror.extract.page import parse_page
from mirror.extract.placing import finished
from mirror.extract.rules import NoRules

URL = "https://news.example/2020/01/02/a-story-here"


def flow(inner: str) -> tuple[str, tuple[FoundPicture, ...]]:
    page = parse_page(
        f"<html><body><h1>The headline</h1><div id=b>{inner}</div></body></html>", URL
    )
    links = Links.of(URL, ("news.example",))
    found = extract(page, links, rules=NoRules(body="#b"), language="en")
    pictures = ((found.picture,) if found.picture else ()) + found.pictures
    return finished(found.body, found.pictures, {})[0], tuple(dict.fromkeys(pictures))


LINK = '<p><a href="{}">{}</a></p>'
FLOWS: tuple[tuple[str, str], ...] = (
    ("<div><div>loose <b>text</b></div> more</div>", "<p>loose <b>text</b></p><p> more</p>"),
    ("one<br><br>two<br>three", "<p>one</p><p>two<br>three</p>"),
    ("<p>a <span class=x>b</span><u></u> c</p>", "<p>a b c</p>"),
    ("<h1>In the body</h1><p>x</p>", "<h2>In the body</h2><p>x</p>"),
    ("<ul><li><p>one</p></li><li></li><li>two</li></ul>", "<ul><li>one</li><li>two</li></ul>"),
    (
        "<blockquote>said<footer>who</footer></blockquote>",
        "<blockquote><p>said</p><p>who</p></blockquote>",
    ),
    ("<pre>  a\n   b</pre>", "<pre>  a\n   b</pre>"),
    (
        "<table><tr><td><div>x</div></td><td></td></tr></table>",
        "<table><tbody><tr><td>x</td><td></td></tr></tbody></table>",
    ),
    ("<div dir=rtl lang=ar><p>x</p></div>", '<p dir="rtl" lang="ar">x</p>'),
    (
        '<p><a href="https://x.example/">a <a href="/tag/x">b</a></a></p>',
        '<p><a href="https://x.example/">a </a>b</p>',
    ),
    ("<p>CO<sub>2</sub>&nbsp;x &lt;b&gt;</p>", "<p>CO<sub>2</sub>&nbsp;x &lt;b&gt;</p>"),
    (
        '<iframe src="https://www.youtube.com/embed/abcdefghijk?autoplay=1"></iframe>',
        LINK.format("https://www.youtube.com/watch?v=abcdefghijk", "Video on YouTube"),
    ),
    (
        '<iframe data-src="//t.me/channel/5?embed=1"></iframe>',
        LINK.format("https://t.me/channel/5", "Post on Telegram"),
    ),
    ('<iframe src="https://securepubads.doubleclick.net/x"></iframe>', ""),
    (
        '<video><source src="/clip.mp4"></video>',
        LINK.format("https://news.example/clip.mp4", "Video: news.example"),
    ),
)


@pytest.mark.parametrize(("inner", "html"), FLOWS)
def test_boxes_become_flowing_text(inner: str, html: str) -> None:
    assert flow(f"<p>first</p>{inner}<p>last</p>")[0] == f"<p>first</p>{html}<p>last</p>"


def test_a_heading_with_nothing_under_it_goes() -> None:
    assert flow("<p>first</p><h3>Read on</h3>")[0] == "<p>first</p>"


@pytest.mark.parametrize(
    ("inner", "url"),
    [
        ('<img src="/a.jpg">', "/a.jpg"),
        ('<img src="data:image/gif;base64,R0" data-src="/a.jpg">', "/a.jpg"),
        ('<img src="/placeholder.png" data-lazy-src="/a.jpg">', "/a.jpg"),
        ('<img src="/s.jpg" srcset="/s.jpg 320w, /m.jpg 1200w, /l.jpg 4000w">', "/m.jpg"),
        ('<img src="/s.jpg" srcset="/l.jpg 4000w,/xl.jpg 8000w">', "/l.jpg"),
        ('<img src="/s.jpg" data-srcset="/m,1.jpg 640w, /n,2.jpg 800w">', "/n,2.jpg"),
        ('<img src="/1.jpg" srcset="/1.jpg 1x, /2.jpg 2x">', "/2.jpg"),
        (
            "<picture><source type=image/avif srcset=/a><source srcset=/b.webp><img></picture>",
            "/b.webp",
        ),
        ('<img class=lazy src="data:,"><noscript><img src="/a.jpg"></noscript>', "/a.jpg"),
        ('<a href="/full.jpg"><img src="/a.jpg"></a>', "/a.jpg"),
        ('<p>text <img src="/a.jpg"> text</p>', "/a.jpg"),
    ],
)
def test_lazy_and_offered_pictures_are_found(inner: str, url: str) -> None:
    pictures = flow(f"<p>first</p><figure>{inner}</figure><p>last</p>")[1]

    assert [picture.url for picture in pictures] == [f"https://news.example{url}"]


@pytest.mark.parametrize(
    "inner",
    [
        '<img src="/pixel.gif" width=1 height=1>',
        '<img src="/img/icons/x.png">',
        '<img class=avatar src="/a.jpg">',
        '<img src="data:image/png;base64,AAAA">',
        '<img src="javascript:x">',
        "<img>",
    ],
)
def test_icons_and_trackers_are_no_pictures(inner: str) -> None:
    assert flow(f"<p>first</p>{inner}<p>last</p>") == ("<p>first</p><p>last</p>", ())


def test_caption_and_credit_are_told_apart() -> None:
    inner = (
        '<figure><img src="/a.jpg" alt="A harbour"><figcaption><p>The <b>harbour</b>.</p>'
        '<span class="image__credits">L. Marsh / Courier</span></figcaption></figure>'
    )

    html, (picture,) = flow(f"<p>first</p>{inner}<p>last</p>")

    assert (picture.alt, picture.caption) == ("A harbour", "The harbour.")
    assert picture.credit == "L. Marsh / Courier"
    assert "<figcaption>The harbour. L. Marsh / Courier</figcaption>" in html
    assert "<img" not in html


def test_deeply_nested_boxes_are_read_without_failing() -> None:
    html, _ = flow("<p>first</p>" + "<div>" * 5_000 + "deep" + "</div>" * 5_000 + "<p>last</p>")

    assert html.startswith("<p>first</p>")
