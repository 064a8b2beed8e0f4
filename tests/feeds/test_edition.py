"""Log entries and ``SHA256SUMS``."""

import hashlib

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from feeds.edition import (
    EMPTY_SHA,
    MAX_SUMS_BYTES,
    EditionError,
    Entry,
    parse_sums,
    split_entries,
    split_entry,
    sums,
)
from feeds.errors import InvalidPathError
from feeds.paths import check_listed, check_path

SHA = "ab" * 32


def _is_path(path: str) -> bool:
    try:
        return bool(check_path(path))
    except InvalidPathError:
        return False


digests = st.text(st.sampled_from("0123456789abcdef"), min_size=64, max_size=64)
paths = st.text(st.sampled_from("abcxyzABZ0189._/-"), min_size=1, max_size=40).filter(_is_path)
entries = st.builds(Entry, digests, paths)


@given(entries)
def test_parse_undoes_encode(entry: Entry) -> None:
    assert Entry.parse(entry.encode()) == entry


@given(
    st.one_of(
        st.binary(max_size=120),
        st.builds(
            lambda sha, gap, path, end: f"{sha}{gap}{path}{end}".encode(),
            st.one_of(digests, st.text("0aAg", min_size=63, max_size=65)),
            st.sampled_from(["  ", " ", " *", "\t"]),
            st.text(st.sampled_from("ab./_- é\n"), max_size=12),
            st.sampled_from(["\n", "", "\n\n", "\r\n"]),
        ),
    )
)
@example(f"{SHA}  log/checkpoint\n".encode())
@example(f"{SHA}  a.tlog-proof\n".encode())
@example(f"{SHA}  {'a' * 201}\n".encode())
@example(f"{SHA}  a/../b\n".encode())
def test_parse_takes_only_what_encode_writes(data: bytes) -> None:
    try:
        entry = Entry.parse(data)
    except EditionError:
        return
    assert entry.encode() == data


@given(
    st.lists(
        st.one_of(
            entries.map(Entry.encode),
            st.binary(max_size=80),
            st.sampled_from(
                [
                    f"{SHA}  {path}\n".encode()
                    for path in (
                        "log/checkpoint",
                        "a.tlog-proof",
                        "a/../b",
                        "a//b",
                        "a" * 201,
                        ".a",
                    )
                ]
            ),
        ),
        max_size=6,
    ),
    st.integers(0, 500),
)
@example([f"{SHA}  a\n".encode() * 2, f"{SHA}  a".encode(), b"\n"], 0)
@example([f"{SHA}  a\n{SHA}".encode(), f"  a\n{SHA}  a\n".encode()], 0)
def test_entries_together_are_what_each_is_alone(found: list[bytes], cut: int) -> None:
    """Wherever one ends and the next begins; ``cut`` moves a border."""
    joined = b"".join(found[:2])
    for some in (found, [joined[:cut], joined[cut:], *found[2:]]):
        try:
            alone = [split_entry(entry) for entry in some]
        except EditionError:
            with pytest.raises(EditionError):
                split_entries(some)
        else:
            assert split_entries(some) == alone


def test_an_entry_is_what_sha256sum_prints() -> None:
    digest = hashlib.sha256(b"hello\n").hexdigest()

    assert Entry(digest, "a/b.html").encode() == f"{digest}  a/b.html\n".encode()
    assert hashlib.sha256().hexdigest() == EMPTY_SHA


def test_a_digest_has_one_form() -> None:
    for sha in ("AB" * 32, "ab" * 31, f"{SHA}\n", ""):
        with pytest.raises(EditionError):
            Entry(sha, "a")
        with pytest.raises(EditionError):
            sums({"a": sha})


@given(st.dictionaries(paths, digests, max_size=20))
def test_sums_come_back(mutable: dict[str, str]) -> None:
    mutable = {path: sha for path, sha in mutable.items() if path != "SHA256SUMS"}

    data = sums(mutable)

    assert parse_sums(data) == mutable
    assert list(parse_sums(data)) == sorted(mutable)


@pytest.mark.parametrize(
    "text",
    [
        f"{SHA}  b\n{SHA}  a\n",
        f"{SHA}  a\n{SHA}  a\n",
        f"{SHA}  a",
        f"{SHA}  a\n\n",
        f"{SHA}  a\r\n",
        f"{SHA}  a\x0b{SHA}  b\n",
        f"{SHA} *a\n",
        f"{SHA}  SHA256SUMS\n",
        f"{SHA}  log/checkpoint\n",
        f"{SHA}  ../a\n",
        f"{SHA}  a.tlog-proof\n",
    ],
)
def test_sums_in_another_form_are_refused(text: str) -> None:
    with pytest.raises(EditionError):
        parse_sums(text.encode())


def test_sums_may_list_keyrings() -> None:
    assert parse_sums(sums({check_listed("log/keys/3"): SHA})) == {"log/keys/3": SHA}


def test_sums_stay_small() -> None:
    many = {f"l/all/{number}.html": SHA for number in range(MAX_SUMS_BYTES // 80)}

    with pytest.raises(EditionError, match="fewer"):
        sums(many)
    with pytest.raises(EditionError, match="over"):
        parse_sums(b"x" * (MAX_SUMS_BYTES + 1))
