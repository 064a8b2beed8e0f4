"""Which lists of authors and tags an article comes to."""

from hypothesis import given
from hypothesis import strategies as st

from feeds.pages import list_path
from feeds.paths import check_path
from feeds.snapshot import one_line
from mirror.publish.names import LONGEST, MOST, floor_of, is_named, names_of, shelved
from mirror.store.names import Name

_names = st.lists(st.text(max_size=LONGEST + 20), max_size=50).map(tuple)


@given(_names, _names)
def test_any_names_make_sound_paths_and_not_too_many(
    authors: tuple[str, ...], tags: tuple[str, ...]
) -> None:
    found = names_of(authors, tags)

    assert len(found) <= 2 * MOST
    for name, title in found.items():
        assert is_named(name)
        assert check_path(list_path(name, 1))
        assert check_path(list_path(shelved(Name(list=name, name=title)), 1))
        assert 0 < len(title) <= LONGEST
        assert title == one_line(title)


def test_letters_great_and_small_and_white_space_count_as_the_same() -> None:
    one, other = names_of(("Ann  Writer",), ()), names_of((" ann writer\n",), ())

    assert list(one) == list(other) == ["by/d5/d55f42c2a8f4"]
    assert one["by/d5/d55f42c2a8f4"] == "Ann Writer"


def test_names_that_look_alike_have_lists_of_their_own() -> None:
    alike = ("Иванов", "Ivanov", "C", "C++", "C#", "李", "王", "x" * 99, "x" * 100)

    assert len(names_of(alike, ())) == len(alike)
    assert len(names_of(("Ann",), ("Ann",))) == 2  # an author is no tag


def test_a_name_that_is_given_twice_counts_once() -> None:
    assert len(names_of(("Ann", "ANN", *map(str, range(20))), ())) == MOST
    assert names_of(("", "  ", "x" * 101), ("",)) == {}


def test_a_tag_must_come_back_before_it_has_a_list() -> None:
    lists = list(names_of(("Ann",), ("Weather",)))

    assert [floor_of(name) for name in lists] == [1, 3]


def test_lists_of_another_kind_are_no_lists_of_names() -> None:
    for name in ("all", "m-2026-11", "s-by", "by-ann-writer", "tag-weather", "authors-a"):
        assert not is_named(name)
