from datetime import UTC, datetime
from html import escape

import pytest

from mirror.extract.extract import Extracted, extract
from mirror.extract.links import Links
from mirror.extract.page import parse_page
from mirror.extract.placing import finished
from mirror.extract.rules import NoRules
from tests.extract.seed import page_of, read_seed

URL = "https://www.themoscowtimes.com/2017/04/10/kremlin-a57677"
HOSTS = ("www.themoscowtimes.com", "www.moscowtimes.ru")
RULES = NoRules(
    title=".article__header h1",
    author=".byline__author__name",
    date="time.byline__datetime",
    body=".article__block--html",
    drop=("aside.article__related-article", ".donate-text", ".newsletterbanner"),
)


def read(html: str, rules: NoRules) -> Extracted:
    return extract(parse_page(html, URL), Links.of(URL, HOSTS), rules=rules)


@pytest.mark.parametrize("rules", [RULES, NoRules()], ids=["with rules", "without rules"])
def test_the_seed_page_gives_the_article_and_nothing_else(rules: NoRules) -> None:
    seed = read_seed()

    found = read(page_of(seed), rules)

    body, media = finished(found.body, found.pictures, {})
    assert found.metadata.title == seed.headline
    assert found.metadata.authors == ("Example Author",)
    assert found.metadata.published == datetime(2017, 4, 10, 11, 2, tzinfo=UTC)
    assert found.picture is not None
    assert (found.picture.caption, found.picture.credit) == (seed.caption, seed.credit)
    assert body == "".join(f"<p>{escape(text, quote=False)}</p>" for text in seed.paragraphs)
    assert media == ()
    assert found.by_rules == bool(rules.body)
    assert found.missed == ()


@pytest.mark.parametrize("rules", [RULES, NoRules()], ids=["with rules", "without rules"])
@pytest.mark.parametrize(
    "noise",
    [
        '<div class="donate-text"><p>Our journalism needs you. Please support us today.</p></div>',
        '<section class="newsletter-box"><h4>Sign up</h4><p>Every Friday.</p></section>',
        '<div class="social-share"><a href="/share">Share</a> <a href="/tweet">Post</a></div>',
        '<aside class="related"><h3>Read more</h3><a href="/x-y-z">Another</a></aside>',
        "<script>track()</script><style>p{color:red}</style><noscript>Enable scripts</noscript>",
        '<div class="ad ad-slot">Advertisement</div>',
        "<div hidden>secret words for robots only</div>",
    ],
)
def test_furniture_between_paragraphs_changes_nothing(noise: str, rules: NoRules) -> None:
    seed = read_seed()
    quiet, noisy = read(page_of(seed), rules), read(page_of(seed, noise=noise), rules)

    assert finished(noisy.body, (), {}) == finished(quiet.body, (), {})


def test_rules_that_match_nothing_are_named() -> None:
    found = read(page_of(read_seed()), NoRules(body=".gone", title=".also-gone", date="time"))

    assert found.missed == ("title", "body")
    assert not found.by_rules
    assert len(found.body) == len(read_seed().paragraphs)


def test_what_is_kept_is_no_furniture() -> None:
    seed = read_seed()
    note = '<div class="newsletter" id="note"><p>A correction was made.</p></div>'

    found = read(page_of(seed).replace("</article>", f"{note}</article>"), NoRules(keep=("#note",)))

    assert found.text.endswith("A correction was made.")
