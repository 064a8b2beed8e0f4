"""What the operator asks of readers: in his words, once per page, and absent by default."""

from dataclasses import replace
from typing import Any

import pytest

from feeds.appeal import SUPPORT, Appeal, appeals_in
from feeds.article import State
from feeds.errors import InvalidAppealError
from feeds.pages import article_files, front_page, list_page, section_page
from feeds.weight import fits
from tests.feeds.pages_examples import ASKING, NOW, PAY, SITE, article, paragraphs


def test_nothing_is_asked_by_default() -> None:
    pages = (article_files(article(), SITE).page, front_page(SITE, [article()], NOW))

    assert not any(b"appeal" in page for page in pages)


def test_a_front_page_has_words_and_links_once() -> None:
    sections = [section_page(ASKING, one, [article()]) for one in ASKING.sections]
    for data in (front_page(ASKING, [article()], NOW), *sections):
        page = data.decode()
        assert page.count('class="appeal"') == 2
        assert page.count("Help &lt;us&gt; go on.") == 1
        assert f'rel="noreferrer noopener nofollow external" href="{PAY}">Monthly</a>' in page
        assert '<a href="mailto:letters@news.example">Get the newsletter</a>' in page
        assert fits(data)


def test_an_article_has_the_words_and_no_address_that_may_change() -> None:
    page = article_files(article(), ASKING).page.decode()

    assert page.count("Help &lt;us&gt; go on.") == 1
    assert '<a href="../../index.html#support">Ways to help</a>' in page
    assert '<a href="../../index.html#newsletter">How to get it</a>' in page
    assert "pay.example" not in page
    assert "mailto:" not in page


def test_a_long_article_asks_on_its_first_page_and_stays_within_the_limit() -> None:
    rendered = article_files(article(body_html=paragraphs(200)), ASKING)

    asking = [b"Help &lt;us&gt;" in page for page in rendered.parts.values()]
    assert asking == [True] + [False] * (len(asking) - 1)
    assert len(asking) > 2
    assert all(fits(page) for page in rendered.parts.values())


def test_what_is_withdrawn_and_what_is_closed_asks_for_nothing() -> None:
    withdrawn = article(state=State.WITHDRAWN, body_html="")
    archive = list_page(ASKING, "All", "all", 1, [article()], closed=True)

    assert b"Help" not in article_files(withdrawn, ASKING).page
    assert b"Help" not in archive


@pytest.mark.parametrize(
    ("language", "texts"),
    [("ru", ["Помогите"]), ("ru-RU", ["Помогите"]), ("en", ["Help"]), ("ar", ["Help"])],
)
def test_a_page_shows_the_appeal_in_its_language(language: str, texts: list[str]) -> None:
    english = Appeal(kind=SUPPORT, text="Help", language="en", links=(("once", PAY),))
    russian = replace(english, text="Помогите", language="ru", everywhere=False)

    for order in ((english, russian), (russian, english)):
        assert [one.text for one in appeals_in(language, order)] == texts


def test_an_appeal_for_one_language_is_on_no_page_in_another() -> None:
    russian = Appeal(
        kind=SUPPORT, text="Помогите", language="ru", everywhere=False, links=(("once", PAY),)
    )

    assert appeals_in("en", [russian]) == ()


@pytest.mark.parametrize(
    "field",
    [
        {"kind": "advert"},
        {"text": ""},
        {"text": "x" * 401},
        {"links": ()},
        {"links": (("once", "javascript:x()"),)},
    ],
)
def test_what_must_not_be_asked_can_not_be_built(field: dict[str, Any]) -> None:
    known: dict[str, Any] = {
        "kind": SUPPORT,
        "text": "Help",
        "language": "en",
        "links": (("once", PAY),),
    }
    with pytest.raises(InvalidAppealError, match=next(iter(field))):
        Appeal(**(known | field))
