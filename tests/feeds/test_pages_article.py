import re
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256

import pytest
from hypothesis import given
from lxml import etree

from feeds.article import Article, Earlier, State
from feeds.pages import FeedLink, alias_page, article_files, reading_path
from feeds.snapshot import Picture
from feeds.weight import LIMIT, on_wire, picture_on_wire
from tests.feeds.pages_examples import ID, NOW, SITE, article, media, paragraphs, picture
from tests.feeds.test_recall import ARTICLE

EARLIER = f"p/ab/{'ab' * 32}.html"


def rendered(known: Article) -> str:
    return article_files(known, SITE).page.decode()


def tree(page: bytes) -> "etree._Element":
    return etree.fromstring(page, etree.HTMLParser(encoding="utf-8"))


def with_class(page: bytes, name: str) -> list["etree._Element"]:
    return [item for item in tree(page).iter("*") if name in item.get("class", "").split()]


def test_an_article_page_is_an_h_entry() -> None:
    known = article(
        title="A <b> & c",
        lead="Lead.",
        authors=("A. One", "B. Two"),
        section="News",
        body_html="<p>Text.</p>",
    )
    page = article_files(known, SITE).page

    (entry,) = with_class(page, "h-entry")
    assert entry.tag == "article"
    assert [item.text for item in with_class(page, "p-name")] == ["A <b> & c"]
    assert [item.text for item in with_class(page, "p-author")] == ["A. One", "B. Two"]
    assert [item.text for item in with_class(page, "p-category")] == ["News"]
    assert [item.text for item in with_class(page, "p-summary")] == ["Lead."]
    assert [item.get("href") for item in with_class(page, "u-url")] == [known.snapshot.source_url]
    assert [item.get("datetime") for item in with_class(page, "dt-published")] == [
        "2026-07-03T13:05:09Z"
    ]
    assert [item.get("datetime") for item in with_class(page, "dt-updated")] == [
        "2026-07-03T14:05:09Z"
    ]
    (content,) = with_class(page, "e-content")
    assert etree.tostring(content, with_tail=False) == b'<div class="e-content"><p>Text.</p></div>'


@given(ARTICLE)
def test_every_page_stays_within_the_limit(known: Article) -> None:
    for page in article_files(known, SITE).parts.values():
        assert on_wire(page) <= LIMIT


@pytest.mark.parametrize("size", [2_900, 3_900, 40_000])
@pytest.mark.parametrize("count", [5, 25, 60, 300])
def test_a_page_and_its_first_small_picture_stay_within_the_limit(size: int, count: int) -> None:
    inside = [media(size, str(number)) for number in range(20)]
    pictures = [f'<figure><img src="../../{item.path}" alt=""></figure>' for item in inside]
    texts = paragraphs(count).split("</p>")
    body = "</p>".join(
        f"{text}</p>{pictures[n // 4 % 20]}" if n % 4 == 3 else text for n, text in enumerate(texts)
    )
    body = body.replace("</p></p>", "</p>")
    known = article(body_html=body, picture=picture(), media=tuple(inside))

    files = article_files(known, SITE).parts

    for number, page in enumerate(files.values()):
        shown = 2_900 if number == 0 else size if b"<img" in page else 0
        assert on_wire(page) + picture_on_wire(shown) <= LIMIT
        eager = [image for image in tree(page).iter("img") if image.get("loading") is None]
        assert len(eager) <= 1


def test_a_long_header_is_shortened_so_that_text_fits() -> None:
    hard = "".join(chr(0x4E00 + number * 7_919 % 20_000) for number in range(4_900))
    known = article(
        lead=hard,
        authors=tuple(hard[n * 90 : n * 90 + 90] for n in range(50)),
        body_html=paragraphs(60),
    )

    for page in article_files(known, SITE).parts.values():
        assert on_wire(page) <= LIMIT


def test_each_page_of_a_long_article_names_the_next_by_its_hash() -> None:
    files = article_files(article(body_html=paragraphs(300)), SITE).parts

    paths = list(files)
    assert paths[0] == f"a/0d/{ID}.html"
    assert len(paths) > 2
    for path, following in zip(paths, [*paths[1:], ""], strict=True):
        links = [item for item in tree(files[path]).iter("a") if item.get("rel") == "next"]
        assert [item.get("href") for item in links] == ([f"../../{following}"] if following else [])
        if path != paths[0]:
            digest = sha256(files[path]).hexdigest()
            assert path == f"p/{digest[:2]}/{digest}.html"
            assert f"../../a/0d/{ID}.html" in files[path].decode()


def test_a_long_article_is_also_offered_whole() -> None:
    known = article(body_html=paragraphs(300), picture=picture())
    rendered = article_files(known, SITE)
    whole = rendered.files[rendered.whole]

    (link,) = with_class(rendered.page, "whole")
    assert link.get("href") == f"../../{rendered.whole}"
    assert f"{round(on_wire(whole) / 1_000)} kB" in str(link.text)
    assert sha256(whole).hexdigest() in rendered.whole
    assert rendered.whole not in rendered.continued
    (content,) = with_class(whole, "e-content")
    assert etree.tostring(content, with_tail=False).decode() == (
        f'<div class="e-content">{known.snapshot.body_html}</div>'
    )
    assert with_class(whole, "whole") == []


def test_a_short_article_is_one_file() -> None:
    rendered = article_files(article(body_html=paragraphs(5)), SITE)

    assert len(rendered.files) == 1
    assert rendered.whole == ""


def test_a_page_does_not_depend_on_what_stands_on_mutable_pages() -> None:
    known = article(body_html=paragraphs(100), section="News")
    changed = replace(
        SITE,
        fingerprint="00" * 32,
        minisign_key="",
        feeds=(FeedLink("Other", "feeds/other"),),
        find=True,
        tag_year=1999,
    )

    assert article_files(known, changed) == article_files(known, SITE)


def test_a_correction_says_what_changed_and_leads_to_the_earlier_version() -> None:
    page = rendered(article(earlier=(Earlier(path=EARLIER, until=NOW, change=("text", "title")),)))

    assert "Corrected" in page
    assert ">text, title</data> changed." in page
    assert f'href="../../{EARLIER}"' in page


def test_an_erased_earlier_version_is_said_to_be_gone() -> None:
    page = rendered(article(earlier=(Earlier(path="", until=NOW),)))

    assert "The earlier version was removed." in page


def test_the_newest_ten_corrections_stand_first() -> None:
    earlier = tuple(
        Earlier(path=EARLIER, until=NOW + timedelta(days=number)) for number in range(12)
    )
    page = rendered(article(earlier=earlier))

    times = re.findall(r'class="until" datetime="([\dT:-]+)', page)
    assert times == sorted(times, reverse=True)
    assert len(times) == 10
    assert "stand on the earlier versions" in page


def test_a_withdrawn_page_says_so_and_holds_no_text() -> None:
    known = article(
        state=State.WITHDRAWN,
        body_html="<p>Secret.</p>",
        lead="Secret.",
        picture=picture(),
        tags=("Secret",),
        authors=("Secret",),
        section="Secret",
    )

    page = rendered(known)

    assert "was withdrawn on" in page
    assert "Secret" not in page
    assert "<img" not in page


def test_a_copy_of_what_is_gone_says_so() -> None:
    assert "No longer on the original site." in rendered(article(state=State.GONE))


def test_links_out_are_marked_and_tell_nothing() -> None:
    body = (
        '<p><a target="_blank" rel="opener" href="https://x.example/">x</a> '
        '<a href="../../a/00/0000000000000000.html">y</a></p>'
    )
    page = rendered(article(body_html=body))

    assert '<a rel="noreferrer noopener nofollow external" href="https://x.example/">' in page
    assert '<a href="../../a/00/0000000000000000.html">y</a>' in page
    assert "_blank" not in page


def test_pictures_keep_their_place_and_come_late_but_the_first() -> None:
    one, two = media(2_900, "one"), media(2_900, "two", width=300, height=200)
    body = (
        f'<img src="../../{one.path}" srcset="x 2x" alt="1">'
        f'<img src="../../{two.path}" alt="2" width="30" height="20">'
    )
    page = rendered(article(body_html=body, media=(one, two)))

    assert f'<img width="320" height="180" src="../../{one.path}" alt="1">' in page
    assert f'<img loading="lazy" src="../../{two.path}" alt="2" width="30" height="20">' in page


def test_the_lead_picture_opens_larger_and_has_caption_and_credit() -> None:
    page = rendered(article(picture=picture()))

    assert "Larger picture: 1200 × 675 px, 84 kB" in page
    assert '<span class="credit">A. Person / Agency</span>' in page


def test_a_lead_that_the_text_begins_with_is_not_shown_twice() -> None:
    page = rendered(article(lead="One.", body_html="<p>One.</p><p>Two.</p>"))

    assert '<p class="p-summary" hidden>One.</p>' in page


@pytest.mark.parametrize(
    "known",
    [
        article(picture=Picture(small=media(2_000)), body_html=paragraphs(200)),
        article(earlier=(Earlier(path=EARLIER, until=NOW),)),
        article(state=State.WITHDRAWN),
    ],
)
def test_nothing_names_the_software_or_comes_from_elsewhere(known: Article) -> None:
    for page in article_files(known, SITE).files.values():
        text = page.decode()
        assert "<!--" not in text
        assert re.findall("<script.*?</script>", text) == [
            f'<script defer src="../../{reading_path("en")}"></script>'
        ]
        assert "generator" not in text
        assert "tamizdat" not in text
        assert re.findall(r'(?:src|srcset)="https?:', text) == []
        assert '<link rel="icon" href="data:,">' in text


def test_a_russian_article_has_a_russian_page() -> None:
    page = rendered(article(language="ru", title="Заголовок", body_html="<p>Текст.</p>"))

    assert '<html lang="ru" dir="ltr">' in page
    assert "3 июля 2026, 13:05 UTC" in page


def test_an_arabic_article_runs_from_right_to_left_within_an_english_page() -> None:
    page = rendered(article(language="ar", title="عنوان"))

    assert '<html lang="en" dir="ltr">' in page
    assert '<article class="h-entry" lang="ar" dir="rtl">' in page


def test_an_alias_page_is_small_and_leads_to_the_article() -> None:
    page = alias_page(ID)

    assert len(page) < 400
    assert page.count(f"../../a/0d/{ID}.html".encode()) == 2
