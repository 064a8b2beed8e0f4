import contextlib

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from keys import merkle
from keys.errors import TileError
from keys.tiles import (
    MAX_TILE_BYTES,
    Tile,
    append,
    bundle_path,
    decode_bundle,
    decode_tile,
    encode_bundle,
    parse_tile_path,
    paths_between,
    tile_path,
    tile_reader,
    tiles_at,
)
from tests.keys.trees import entries, slow_root, tree_of

tiles = st.integers(0, 7).flatmap(
    lambda level: st.builds(
        Tile,
        st.just(level) if level else st.sampled_from([0, None]),
        st.integers(0, (2**63 - 1) >> 8 * (level + 1)),
        st.integers(1, 256),
    )
)


@pytest.mark.parametrize(
    ("path", "tile"),
    [
        ("log/tile/0/000", Tile(0, 0)),
        ("log/tile/0/x001/x234/067", Tile(0, 1_234_067)),
        ("log/tile/1/017.p/9", Tile(1, 17, 9)),
        ("log/tile/entries/x001/000.p/255", Tile(None, 1_000, 255)),
    ],
)
def test_paths_are_those_of_the_specification(path: str, tile: Tile) -> None:
    assert tile.path == path
    assert parse_tile_path(path) == tile


def test_helpers_name_the_same_paths() -> None:
    assert tile_path(2, 5) == "log/tile/2/005"
    assert tile_path(0, 5, 7) == "log/tile/0/005.p/7"
    assert bundle_path(1_005) == "log/tile/entries/x001/005"
    assert bundle_path(5, 7) == "log/tile/entries/005.p/7"
    assert Tile(0, 5, 7).full_path == "log/tile/0/005"


@pytest.mark.parametrize(
    "path",
    [
        "",
        "tile/0/000",
        "log/tile/8/000",
        "log/tile/00/000",
        "log/tile/0/0",
        "log/tile/0/1000",
        "log/tile/0/x000/000",
        "log/tile/0/001/000",
        "log/tile/0/x001",
        "log/tile/0/000.p/0",
        "log/tile/0/000.p/01",
        "log/tile/0/000.p/256",
        "log/tile/0/000.p/",
        "log/tile/0/000\n",
        "log/tile/0/٠٠٠",
        "log/tile/7/000/../000",
        "log/tile/7/001",
        "log/tile/0/x999/x999/x999/x999/x999/x999/999",
        "/log/tile/0/000",
    ],
)
def test_no_other_path_names_a_tile(path: str) -> None:
    assert parse_tile_path(path) is None


@given(
    st.from_regex(r"log/tile/([0-9]|entries)/(x[0-9]{3}/){0,8}[0-9]{3}(\.p/[0-9]{1,3})?")
    | st.text()
)
def test_a_path_is_read_only_from_its_own_text(path: str) -> None:
    tile = parse_tile_path(path)

    assert tile is None or tile.path == path


@given(tiles)
def test_a_path_is_read_back(tile: Tile) -> None:
    assert parse_tile_path(tile.path) == tile


@pytest.mark.parametrize(
    ("level", "index", "width"), [(8, 0, 1), (0, -1, 1), (0, 0, 0), (0, 0, 257)]
)
def test_an_impossible_tile_cannot_be_named(level: int, index: int, width: int) -> None:
    with pytest.raises(TileError):
        Tile(level, index, width)


def test_the_partial_tiles_of_seventy_thousand_are_those_of_the_specification() -> None:
    assert tiles_at(70_000) == (
        "log/tile/entries/273.p/112",
        "log/tile/0/273.p/112",
        "log/tile/1/001.p/17",
        "log/tile/2/000.p/1",
    )
    assert tiles_at(256) == ("log/tile/1/000.p/1",)
    assert tiles_at(0) == ()


@given(st.lists(st.integers(0, 700), max_size=5))
@settings(deadline=None, max_examples=30)
def test_however_a_log_grows_it_is_the_same_log(sizes: list[int]) -> None:
    tree = tree_of(*sizes)
    size = sum(sizes)

    assert tree.size == size
    assert tree.root == slow_root(entries(size))
    assert set(paths_between(0, size)) <= tree.files.keys()
    at_once = tree_of(size).files
    assert {path: tree.files[path] for path in at_once} == at_once


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (0, 1),
        (1, 2),
        (250, 256),
        (256, 256),
        (255, 257),
        (256, 300),
        (300, 66_000),
        (65_536, 65_537),
    ],
)
def test_what_a_growing_log_writes_is_what_a_mirror_lacks(old: int, new: int) -> None:
    tree = tree_of(old)

    appended = tree.append(entries(new - old, old))

    assert sorted(appended.files) == sorted(paths_between(old, new))


def test_growing_reads_only_the_right_edge() -> None:
    tree = tree_of(70_000)
    tree.read_paths.clear()

    appended = tree.append(entries(3, 70_000))

    assert set(tree.read_paths) <= set(tiles_at(70_000))
    assert len(appended.files) == 2


def test_appending_nothing_changes_nothing() -> None:
    tree = tree_of(300)

    assert append(300, [], tree.read).files == {}
    assert append(300, [], tree.read).root == tree.root


def test_a_full_tile_stands_in_for_a_partial_one_that_is_gone() -> None:
    tree = tree_of(300, 300)
    old_root = slow_root(entries(300))

    def read(path: str) -> bytes:
        tile = parse_tile_path(path)
        assert tile is not None
        return tree.files.get(tile.full_path) or tree.files[path]

    assert merkle.root(300, tile_reader(300, read)) == old_root


@pytest.mark.parametrize("data", [b"", b"x" * 31, b"x" * 33, b"x" * (MAX_TILE_BYTES + 32)])
def test_what_is_no_tile_is_refused(data: bytes) -> None:
    with pytest.raises(TileError):
        decode_tile(data)


def test_a_tile_or_bundle_that_is_too_short_is_refused() -> None:
    tree = tree_of(300)
    tree.files["log/tile/0/001.p/44"] = bytes(32 * 43)
    with pytest.raises(TileError, match=r"log/tile/0/001.p/44: holds 43 hashes"):
        merkle.root(300, tile_reader(300, tree.read))

    tree.files["log/tile/entries/001.p/44"] = encode_bundle([b"x"] * 43)
    with pytest.raises(TileError, match="holds 43 entries"):
        append(300, [b"y"], tree.read)


@given(st.dictionaries(st.sampled_from(tiles_at(300)), st.binary(max_size=400)), st.binary())
def test_a_damaged_tree_raises_only_our_error(files: dict[str, bytes], other: bytes) -> None:
    held = tree_of(300).files | files

    def read(path: str) -> bytes:
        return held.get(path, other)

    for attempt in (
        lambda: append(300, [b"x"], read),
        lambda: merkle.inclusion_proof(7, 300, tile_reader(300, read)),
    ):
        with contextlib.suppress(TileError):
            attempt()


def test_a_reader_knows_only_its_own_tree() -> None:
    read = tile_reader(300, tree_of(300).read)

    for level, index in ((0, 300), (0, -1), (8, 1), (9, 0)):
        with pytest.raises(TileError):
            read(level, index)


@given(st.lists(st.binary(max_size=300), min_size=1, max_size=256))
@example([b""])
@example([b"x" * 65_535])
def test_a_bundle_is_read_back(held: list[bytes]) -> None:
    assert decode_bundle(encode_bundle(held)) == held


@given(st.binary(max_size=100) | st.lists(st.just(b"\0\0"), max_size=300).map(b"".join))
@example(b"\0\0" * 257)
def test_a_bundle_is_read_only_from_its_own_bytes(data: bytes) -> None:
    try:
        held = decode_bundle(data)
    except TileError:
        return
    assert encode_bundle(held) == data


@pytest.mark.parametrize("held", [[], [b""] * 257, [b"x" * 65_536]])
def test_an_impossible_bundle_is_not_written(held: list[bytes]) -> None:
    with pytest.raises(TileError):
        encode_bundle(held)
