from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from feeds.snapshot import Snapshot
from mirror.extract.judge import judge
from mirror.extract.page import parse_page
from mirror.extract.refusal import why_no_article
from tests.conftest import PROJECT

NOW = datetime(2026, 1, 2, 12, tzinfo=UTC)
TEXT = "The harbour board met on Monday and spoke for two hours about the ferry. " * 8
GOOD = Snapshot(
    source_url="https://news.example/a57677",
    fetched_at=NOW,
    title="Ferry Stays in Harbour",
    body_html=f"<p>{TEXT.strip()}</p>",
    published_at=NOW,
)


def test_an_ordinary_article_goes_out() -> None:
    verdict = judge(GOOD, NOW, feed_title="The ferry stays")

    assert (verdict.held, verdict.reasons, verdict.score) == (False, (), 0)


@pytest.mark.parametrize(
    ("article", "why"),
    [
        (replace(GOOD, body_html="<p>Short.</p>"), "only 6 characters"),
        (replace(GOOD, published_at=NOW + timedelta(days=2)), "published in the future"),
        (replace(GOOD, modified_at=NOW + timedelta(days=2)), "changed in the future"),
        (replace(GOOD, language="ru"), "Latin letters"),
        (replace(GOOD, body_html=f"<p>{'Паром остался в гавани. ' * 20}</p>"), "Cyrillic letters"),
        (
            replace(GOOD, body_html=f"<p>{TEXT}{'Subscribe to our newsletter. ' * 9}</p>"),
            "furniture",
        ),
        (
            replace(
                GOOD, language="fr", body_html=f"<p>{'Ã©tÃ© en mer, un jour de fÃªte ' * 20}</p>"
            ),
            "broken letters",
        ),
    ],
)
def test_what_looks_broken_is_held(article: Snapshot, why: str) -> None:
    verdict = judge(article, NOW)

    assert verdict.held
    assert why in " ".join(verdict.reasons)


def test_small_doubts_add_up() -> None:
    one = judge(GOOD, NOW, missed=("body",))
    two = judge(GOOD, NOW, missed=("body", "title"))
    other = judge(GOOD, NOW, missed=("body",), feed_title="Quite another thing")

    assert not one.held
    assert one.reasons == ("the rule for body matches nothing",)
    assert two.held
    assert other.held


def test_a_text_that_shrank_is_held() -> None:
    shorter = replace(GOOD, body_html=f"<p>{TEXT[:250].strip()}</p>")

    assert judge(shorter, NOW, earlier=GOOD).held
    assert not judge(GOOD, NOW, earlier=shorter).held


def test_a_russian_article_with_english_names_goes_out() -> None:
    text = "Компания Northern Diver сообщила, что паром не выйдет в море. " * 9

    assert not judge(replace(GOOD, language="ru", body_html=f"<p>{text.strip()}</p>"), NOW).held


REFUSALS = PROJECT / "tests/data/refusals"
LOREM = "<p>Words of an article, enough of them to be one. </p>" * 40


@pytest.mark.parametrize(
    ("page", "why"),
    [
        ("<title>Just a moment...</title><p>Checking your browser", "browser check"),
        ("<title>x</title><div id=cf-challenge-running></div>", "browser check"),
        ("<title>x</title><form><div class=g-recaptcha></div></form>", "browser check"),
        ("<title>Access Denied</title><h1>Access Denied</h1>", "block page"),
        ("<h1>Доступ ограничен</h1><p>по решению органов власти", "block page"),
        ("<title>404 - not found</title><p>Sorry", "error page"),
        ("<h1>Страница не найдена</h1>", "error page"),
        ("<title>Log in - The News</title><form><input type=password></form>", "login page"),
        ("<title>The News</title><form><input type=password></form>", "login page"),
        ("<title>Before you continue</title><p>cookies", "consent wall"),
        (
            "<div id=root></div><noscript>Please enable JavaScript</noscript><script>1</script>",
            "shell",
        ),
        ("<div id=app></div><script src=/app.js></script>", "shell"),
    ],
)
def test_pages_that_are_no_article_are_known(page: str, why: str) -> None:
    root = parse_page(f"<html><body>{page}</body></html>", "https://news.example/a").root

    assert why in why_no_article(root)


@pytest.mark.parametrize("page", sorted(REFUSALS.glob("*.html")), ids=lambda page: page.stem)
def test_whole_pages_of_each_kind_are_known(page: Path) -> None:
    url = "https://news.example/2026/11/24/story-1"
    why = {
        "block-page": "block page",
        "captcha": "CAPTCHA",
        "consent-wall": "consent wall",
        "empty-shell": "shell",
        "front-page": "front page",
        "login-wall": "login page",
        "maintenance": "error page",
        "soft-404": "error page",
    }

    told = why_no_article(parse_page(page.read_text(), url).root, url)

    assert next(words for kind, words in why.items() if page.stem.startswith(kind)) in told


@pytest.mark.parametrize(
    "page",
    [
        f"<title>Access Denied: how the site was blocked</title>{LOREM}",
        f"<title>x</title>{LOREM}<form><div class=g-recaptcha></div></form>",
        '<meta property="og:type" content="article"><h1>404 days in prison</h1><p>Short news.</p>',
        f"<title>We value your privacy, they said</title>{LOREM}<button>Share</button>",
        f"<h1>Cookies and consent</h1>{LOREM}<p>cookies consent privacy tracking</p><button>x",
        '<link rel="canonical" href="/2026/a"><h1>The Harbour</h1><p>Short.',
        "<title>Ferry stays</title><h1>Ferry stays</h1><p>It stays in harbour, the board said.",
    ],
)
def test_articles_about_such_things_are_articles(page: str) -> None:
    root = parse_page(f"<html><body>{page}</body></html>", "https://news.example/a").root

    assert why_no_article(root) == ""
