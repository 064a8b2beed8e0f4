from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.article import Article, Earlier, State
from feeds.errors import MissingFileError, UnreadableError
from feeds.pages import alias_page, article_files
from feeds.recall import alias_target, recall
from feeds.snapshot import clean_text, one_line
from tests.feeds.pages_examples import ID, NOW, SITE, article, media, paragraphs, picture

TEXT = st.text(
    st.characters(exclude_categories=["Cs"]) | st.sampled_from("<>&\"' \u0301"), max_size=60
).map(clean_text)
LINE = TEXT.map(one_line)
INLINE = st.sampled_from(["b", "i", "em", "span", "code"])
BLOCK = st.sampled_from(["p", "blockquote", "div", "pre", "h2", "ul", "ol", "figure"])


def escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def wrapped(tag: str, parts: list[str]) -> str:
    if tag in {"ul", "ol"}:
        return f"<{tag}>{''.join(f'<li>{part}</li>' for part in parts)}</{tag}>"
    return f"<{tag}>{''.join(parts)}</{tag}>"


LEAF = TEXT.map(escaped) | st.builds(
    lambda tag, text, times: f"<{tag}>{escaped(text) * times}</{tag}>",
    INLINE,
    TEXT,
    st.sampled_from([1, 1, 1, 400]),
)
LINK = st.builds(
    lambda host, text: f'<a href="https://{host}/" title="x">{escaped(text)}</a>',
    st.sampled_from(["a.example", "b.example"]),
    TEXT,
)
NODE = st.recursive(
    LEAF | LINK,
    lambda inner: st.builds(wrapped, BLOCK, st.lists(inner, max_size=5)),
    max_leaves=25,
)
BODY = st.lists(NODE, max_size=8).map("".join)


def reader(files: dict[str, bytes]) -> Callable[[str], bytes]:
    def read(path: str) -> bytes:
        if path.startswith("m/"):
            return b"x" * (84_000 if path == media(1, "large").path else 2_900)
        if path not in files:
            raise MissingFileError(path)
        return files[path]

    return read


def again(given_article: Article) -> Article:
    rendered = article_files(given_article, SITE)
    return recall(rendered.page, reader(rendered.files))


ARTICLE = st.builds(
    article,
    body_html=BODY,
    title=LINE.filter(bool),
    lead=LINE,
    authors=st.lists(LINE.filter(bool), max_size=3).map(tuple),
    section=st.sampled_from(["", "News", "Новости", "A & B"]),
    language=st.sampled_from(["en", "ru", "ar", "zh-Hant"]),
    state=st.sampled_from([State.LIVE, State.GONE]),
)


@given(ARTICLE)
def test_an_article_comes_back_from_its_pages(known: Article) -> None:
    recalled = again(known)

    assert recalled.snapshot.text_digest == known.snapshot.text_digest
    assert recalled.snapshot == replace(known.snapshot, published_at=known.published)
    assert recalled == replace(known, snapshot=recalled.snapshot)


def test_what_comes_back_renders_to_the_same_pages() -> None:
    inside = media(2_900, "inside")
    known = article(
        body_html=f'{paragraphs(60)}<p><a href="https://other.example/">out</a></p>'
        f'<img src="../../{inside.path}" alt="x">{paragraphs(90)}',
        media=(inside,),
        picture=picture(2_900),
        tags=("One", "Two"),
        lead="What it is about.",
        earlier=(Earlier(path=f"p/ab/{'ab' * 32}.html", until=NOW, change=("title", "text")),),
    )
    rendered = article_files(known, SITE)

    recalled = recall(rendered.page, reader(rendered.files))

    assert len(rendered.files) > 1
    assert recalled.earlier == known.earlier
    assert recalled.snapshot.tags == known.snapshot.tags
    assert recalled.snapshot.picture is not None
    assert recalled.snapshot.picture.credit == "A. Person / Agency"
    assert recalled.snapshot.media == (inside,)
    assert article_files(recalled, SITE) == rendered


def test_a_withdrawn_article_comes_back_withdrawn_and_without_text() -> None:
    recalled = again(article(state=State.WITHDRAWN, body_html="<p>Secret.</p>", lead="Secret."))

    assert recalled.state is State.WITHDRAWN
    assert recalled.snapshot.body_html == ""
    assert recalled.snapshot.lead == ""


def test_more_corrections_than_a_page_shows_are_read_off_the_earlier_versions() -> None:
    earlier: list[Earlier] = []
    files: dict[str, bytes] = {}
    for number in range(25):
        version = article(title=f"Version {number}", earlier=tuple(earlier))
        path = f"p/{number:02}/{number:064}.html"
        files[path] = article_files(version, SITE).page
        earlier.append(Earlier(path=path, until=NOW + timedelta(hours=number), change=("title",)))
    last = article(title="Version 25", earlier=tuple(earlier))

    recalled = recall(article_files(last, SITE).page, reader(files))

    assert recalled.earlier == last.earlier


def test_the_page_with_all_of_it_is_asked_for_too() -> None:
    rendered = article_files(article(body_html=paragraphs(200)), SITE)
    asked: list[str] = []

    def read(path: str) -> bytes:
        asked.append(path)
        return rendered.files[path]

    recall(rendered.page, read)

    assert set(asked) == set(rendered.files) - {rendered.path}


def test_a_false_continuation_page_is_refused() -> None:
    rendered = article_files(article(body_html=paragraphs(200)), SITE)
    files = dict(rendered.files)
    files[rendered.continued[0]] += b" "

    with pytest.raises(UnreadableError, match="is not the file that its name says"):
        recall(rendered.page, reader(files))


@pytest.mark.parametrize("data", [b"", b"<!doctype html><p>Hello", b"\xff\x00", b"<a href='"])
def test_other_files_are_no_article(data: bytes) -> None:
    with pytest.raises(UnreadableError):
        recall(data, reader({}))


def test_an_alias_page_says_where_it_leads() -> None:
    assert alias_target(alias_page(ID)) == ID
    assert alias_target(article_files(article(), SITE).page) == ""
