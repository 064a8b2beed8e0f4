from hypothesis import given
from hypothesis import strategies as st

from feeds.pages.body import dress, first_at_once, undress
from feeds.snapshot import words
from tests.feeds.pages_examples import media
from tests.feeds.test_recall import BODY

ONE = media(2_000)
KNOWN = {ONE.path: ONE}
TAG = st.sampled_from(
    [
        '<a href="https://x.example/?a=1&amp;b=2" title="a &gt; b" target=_blank rel=\'opener\'>',
        "<a href='http://x.example/'>",
        '<a href="../../a/00/0000000000000000.html" rel="next">',
        '<a id="note">',
        '<abbr title="a > b">',
        "<article>",
        f'<img src="../../{ONE.path}" loading="eager" srcset="a 1x, b 2x" alt="rel=x">',
        '<img alt="" width="3" height="2" src="../../m/ff/unknown.png"/>',
    ]
)


@given(st.lists(TAG | BODY).map("".join))
def test_dressing_twice_is_dressing_once_and_leaves_the_words(html: str) -> None:
    dressed = dress(html, KNOWN)

    assert dress(dressed, KNOWN) == dressed
    assert dress(undress(dressed), KNOWN) == dressed
    assert dress(undress(first_at_once(dressed)), KNOWN) == dressed
    assert words(dressed) == words(html)


def test_an_attribute_that_looks_like_one_of_ours_inside_a_text_stays() -> None:
    html = '<a href="../../x" title="see target=_blank rel=next there">x</a>'

    assert dress(html, {}) == html


def test_a_picture_without_a_known_file_keeps_what_it_says() -> None:
    assert (
        dress('<img src="../../m/ff/x.png">', {}) == '<img loading="lazy" src="../../m/ff/x.png">'
    )
