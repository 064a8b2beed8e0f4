from hypothesis import given

from feeds.localise import CANONICAL_BASE, canonicalise, localise, seal
from feeds.opml import OPML_PATH, feeds_opml, mirrors_opml
from tests.feeds.feed_examples import CHANNEL, LISTED, RUSSIAN, TITLES
from tests.feeds.feed_rules import xml


def test_the_list_holds_every_feed_full_and_lite_on_the_mirrors_own_base() -> None:
    data = feeds_opml("The Sample Times", (CHANNEL, RUSSIAN))

    root = xml(data)
    assert root.get("version") == "2.0"
    assert root.findtext("head/title") == "The Sample Times"
    outlines = root.findall("body/outline")
    assert [outline.get("xmlUrl") for outline in outlines] == [
        f"{CANONICAL_BASE}feeds/{name}.rss" for name in ("all", "all-lite", "ru", "ru-lite")
    ]
    for outline in outlines:
        assert outline.get("type") == "rss"
        assert outline.get("text")
        assert outline.get("htmlUrl") == f"{CANONICAL_BASE}index.html"


def test_the_full_and_the_lite_form_can_be_told_apart_by_their_names() -> None:
    root = xml(feeds_opml("t", (CHANNEL,)))

    names = [outline.get("text") for outline in root.iter("outline")]
    assert len(set(names)) == len(names)


def test_another_list_holds_one_feed_on_every_listed_mirror() -> None:
    ((path, data),) = mirrors_opml(LISTED).items()

    outlines = xml(data).findall("body/outline")
    assert path == "feeds/all-mirrors.opml"
    assert [outline.get("xmlUrl") for outline in outlines] == [
        f"{other.url}feeds/all.rss" for other in LISTED.addresses
    ]
    assert mirrors_opml(CHANNEL) == {}


@given(TITLES)
def test_any_title_comes_through_and_any_base(title: str) -> None:
    data = feeds_opml(title, (CHANNEL,))

    assert xml(data).findtext("head/title") == title
    assert seal(data, OPML_PATH) == data
    base = "https://one.example/x7k2/"
    assert canonicalise(localise(data, base), base) == data
