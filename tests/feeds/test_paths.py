"""Which paths a tree may hold."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.errors import InvalidPathError
from feeds.paths import (
    MEDIA_ENDINGS,
    MEDIA_TYPES,
    check_listed,
    check_path,
    is_leaf,
    keyring_path,
    keyring_version,
    media_path,
    needs_proof,
    proof_path,
)

SHA = "ab" * 32


@pytest.mark.parametrize(
    "path", ["index.html", "a/0d/0d31c5e2a90f77b1.html", "x/.well-known/a_b-c", "x" * 200]
)
def test_a_path_of_the_format_is_taken(path: str) -> None:
    assert check_path(path) == path


@pytest.mark.parametrize(
    "path",
    [
        "",
        "x" * 201,
        "/etc/passwd",
        "a//b",
        "a/",
        "../a",
        "a/../b",
        "./a",
        "a/.",
        "a b",
        "a\nb",
        "a\n",
        "a\\b",
        "a\0",
        "страница.html",
        "log/checkpoint",
        "log/keys/1",
        "index.html.tlog-proof",
    ],
)
def test_any_other_path_is_refused(path: str) -> None:
    with pytest.raises(InvalidPathError):
        check_path(path)


@given(st.text())
def test_what_is_taken_stays_inside_the_tree(path: str) -> None:
    try:
        check_path(path)
    except InvalidPathError:
        return
    assert not path.startswith("/")
    assert ".." not in path.split("/")
    assert path.isascii()


def test_sums_list_keyrings_too_and_never_themselves() -> None:
    assert check_listed("log/keys/12") == "log/keys/12"
    for path in ("SHA256SUMS", "log/keys/0", "log/keys/01", "log/keys/", "log/checkpoint"):
        with pytest.raises(InvalidPathError):
            check_listed(path)


def test_a_keyring_knows_its_version() -> None:
    assert keyring_version(keyring_path(37)) == 37
    assert keyring_version("log/keys/x") == 0


def test_articles_pages_by_hash_and_the_sums_have_proofs() -> None:
    assert needs_proof("a/0d/0d31c5e2a90f77b1.html")
    assert needs_proof(f"p/ab/{SHA}.html")
    assert needs_proof("SHA256SUMS")
    assert not needs_proof(f"m/ab/{SHA}.webp")
    assert not needs_proof("index.html")
    assert proof_path("SHA256SUMS") == "SHA256SUMS.tlog-proof"


def test_what_is_a_leaf_by_its_place() -> None:
    assert is_leaf("feeds/archive/2026-11.rss")
    assert not is_leaf("feeds/all.rss")
    assert not is_leaf("index.html")


def test_one_ending_for_one_media_type() -> None:
    assert len(MEDIA_ENDINGS) == len(MEDIA_TYPES)
    assert media_path(SHA, "image/webp") == f"m/ab/{SHA}.webp"
    with pytest.raises(InvalidPathError, match="text/html"):
        media_path(SHA, "text/html")
