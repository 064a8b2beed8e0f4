import pytest

from feeds.ids import article_id
from mirror.extract.links import Links, is_article_address, mirror_path

BASE = "https://www.news.example/2020/01/02/here-we-are"
LINKS = Links.of(BASE, ("www.news.example", "news.example.ru"))


ARTICLES = """
    /2017/04/10/kremlin-no-meeting-planned-a57677 /a57677 /news/57677 /story.html
    /world/story.htm /politics/a-few-words-here /video/2020/01/02/clip /?p=123
    /index.php?id=77 /news/?article=5 /ru/2026/11/24/вода-у-лестницы-a5197
    /live/long-running-live-blog /2020/1/2/x /articles/c0ffee1234
"""
LISTS = """
    / /news /news/ /ru /tag/a-long-tag-name /author/mara-van-der-berg
    /section/politics/page/2 /search?q=long-words-in-here /rss /about-us /2017/04/10 /2017
    /a/b.pdf /images/2020/01/02/x.jpg /index.html /topics/war-in-ukraine
    /subscribe/monthly-plan-for-you /feed.xml /login?next=/a57677
"""


@pytest.mark.parametrize("path", ARTICLES.split())
def test_these_look_like_articles(path: str) -> None:
    assert is_article_address(f"https://news.example{path}")


@pytest.mark.parametrize("path", LISTS.split())
def test_these_do_not(path: str) -> None:
    assert not is_article_address(f"https://news.example{path}")


@pytest.mark.parametrize(
    ("href", "target"),
    [
        ("/2017/04/10/a57677", mirror_path(article_id("https://news.example/2017/04/10/a57677"))),
        (
            "http://NEWS.example.ru/x-y-z?utm_source=1#c",
            mirror_path(article_id("https://news.example.ru/x-y-z")),
        ),
        ("/", None),
        ("/tag/russia", None),
        ("#top", None),
        ("", None),
        ("mailto:tips@news.example", None),
        ("javascript:void(0)", None),
        ("https://user:pw@x.example/", None),
        ("https://x.example/a?utm_source=f&q=1&fbclid=2", "https://x.example/a?q=1"),
        ("//x.example/a", "https://x.example/a"),
        ("https://x.example/a?a=%D0%B9&b=1", "https://x.example/a?a=%D0%B9&b=1"),
        ("  https://x.example/\n", "https://x.example/"),
    ],
)
def test_where_links_lead(href: str, target: str | None) -> None:
    assert LINKS.target(href) == target
