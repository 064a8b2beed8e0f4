import hashlib
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.errors import InvalidSnapshotError
from feeds.snapshot import MAX_BODY_BYTES, Media, Snapshot, clean_text, one_line, words
from tests.feeds.feed_examples import BODIES, FIRST, LINES, TITLES, media, picture, snapshot

times = st.datetimes(timezones=st.just(UTC)).map(lambda moment: moment.replace(microsecond=0))
snapshots = st.builds(
    snapshot,
    title=TITLES,
    body_html=BODIES,
    lead=LINES.map(lambda line: line[:500].strip()),
    fetched_at=times,
    published_at=st.none() | times,
    modified_at=st.none() | times,
    authors=st.lists(LINES, max_size=3).map(tuple),
    tags=st.lists(LINES, max_size=3).map(tuple),
    language=st.sampled_from(["en", "ru", "sr-Latn", "zh-Hant-TW"]),
    picture=st.none() | st.integers(0, 9).map(picture),
    media=st.lists(st.integers(0, 9).map(media), max_size=3).map(tuple),
)


@given(snapshots)
def test_decode_undoes_encode(taken: Snapshot) -> None:
    assert Snapshot.decode(taken.encode()) == taken


@given(st.binary(max_size=100))
def test_decode_takes_only_what_encode_writes(data: bytes) -> None:
    with pytest.raises(InvalidSnapshotError):
        Snapshot.decode(data)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"authors":[', '"authors": ['),
        ('"language":"en"', '"language":"e\\u006e"'),
        ('"lead"', '"lead":"","lead"'),
        ('"fetched_at":"2026-', '"fetched_at":"02026-'),
        ('"height":213', '"height":213.0'),
        ('"tags":[', '"tags":[1,'),
        ('"media":[]', '"media":[],"more":1'),
        ('"media":[]', '"media":{}'),
    ],
)
def test_another_text_for_the_same_snapshot_is_refused(old: str, new: str) -> None:
    text = snapshot().encode().decode()
    assert old in text

    with pytest.raises(InvalidSnapshotError):
        Snapshot.decode(text.replace(old, new, 1).encode())


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("source_url", "ftp://sample.example/"),
        ("source_url", "https://sample.example/#top"),
        ("source_url", "/2026/story"),
        ("title", ""),
        ("title", "two\nlines"),
        ("title", "x" * 1_001),
        ("title", "bell\x07"),
        ("lead", "x" * 5_001),
        ("lead", " padded "),
        ("section", "a\tb"),
        ("language", "english!"),
        ("body_html", "<p>\ud800</p>"),
        ("body_html", "<p>\x00</p>"),
        ("body_html", "e\u0301"),
        ("body_html", "я" * (MAX_BODY_BYTES // 2 + 1)),
        ("authors", ("A",) * 51),
        ("authors", ("lone \ud800",)),
        ("tags", (7,)),
        ("tags", ("t",) * 51),
        ("fetched_at", datetime(2026, 1, 1)),  # noqa: DTZ001  # what is refused
        ("published_at", datetime(2026, 1, 1, tzinfo=timezone(timedelta(hours=3)))),
        ("modified_at", datetime(2026, 1, 1, microsecond=5, tzinfo=UTC)),
    ],
)
def test_a_field_outside_its_limits_cannot_be_built(field: str, value: object) -> None:
    with pytest.raises(InvalidSnapshotError):
        snapshot(**{field: value})  # type: ignore[arg-type]  # by name


@pytest.mark.parametrize(
    "changes",
    [
        {"path": "m/00/abc.webp"},
        {"path": "m/ff/" + "0" * 64 + ".webp"},
        {"path": "x/00/" + "0" * 64 + ".webp"},
        {"size": 0},
        {"width": 0},
        {"height": -1},
        {"height": 213.0},
        {"media_type": 'image/"><script>'},
    ],
)
def test_a_file_that_is_not_under_its_hash_or_has_no_size_cannot_be_built(
    changes: dict[str, object],
) -> None:
    with pytest.raises(InvalidSnapshotError):
        replace(media(0), **changes)  # type: ignore[arg-type]  # what is refused


@pytest.mark.parametrize("field", ["alt", "caption", "credit"])
def test_what_is_said_of_a_picture_is_text_that_xml_allows(field: str) -> None:
    with pytest.raises(InvalidSnapshotError, match="picture"):
        replace(picture(0), **{field: "bell\x07"})  # type: ignore[arg-type]  # by name


def test_all_media_are_those_of_the_picture_and_the_text_each_once() -> None:
    shown = picture(1)
    assert shown.large is not None

    taken = snapshot(picture=shown, media=(media(5), shown.small))

    assert taken.all_media == (shown.small, shown.large, media(5))
    assert snapshot(picture=None).all_media == ()


def test_the_text_digest_is_of_words_and_not_of_furniture() -> None:
    plain = snapshot(body_html="<p>One two</p><p>three</p>")
    furnished = snapshot(
        body_html="<div><p>One <b>two</b></p> <figure><img></figure>\n<p>three</p></div>",
        lead="another",
        fetched_at=FIRST + timedelta(days=1),
    )

    assert plain.text_digest == furnished.text_digest
    assert plain.text_digest == hashlib.sha256(f"{plain.title}\nOne two three".encode()).hexdigest()
    assert plain.text_digest != snapshot(body_html="<p>One two four</p>").text_digest


def test_the_encoding_is_readable_json_with_sorted_names() -> None:
    fields = json.loads(snapshot().encode())

    assert list(fields) == sorted(fields)
    assert fields["fetched_at"] == "2026-03-05T10:00:00Z"


def test_no_character_that_is_taken_out_is_printable() -> None:
    printable = "".join(filter(str.isprintable, map(chr, range(0x110000))))

    looked_at_closely = clean_text(f"\0{printable}")  # for the first is not

    assert looked_at_closely == clean_text(printable)


@given(st.text())
def test_clean_text_is_stable_and_encodable(text: str) -> None:
    clean = clean_text(text)

    assert clean_text(clean) == clean
    clean.encode()
    assert one_line(one_line(text)) == one_line(text)


def test_words_are_those_of_the_text_in_order() -> None:
    assert words("<p>A&amp;B</p><figure>no</figure><p>c<br>d</p>") == "A&B c d"


def test_a_media_value_is_its_fields() -> None:
    assert media(3) == Media(
        path="m/00/" + "0" * 63 + "3.webp",
        media_type="image/webp",
        size=2_500,
        width=320,
        height=213,
    )
