"""Localised files: from canonical bytes to any mirror's, and back."""

import json
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from feeds.errors import FeedsError, InvalidAddressError
from feeds.localise import (
    CANONICAL_BASE,
    NAMESPACES,
    canonicalise,
    check_base,
    is_localised,
    is_unreplaced,
    localise,
    seal,
)

BASE = "https://cloud.example:8443/x7k2/"

segments = st.text(st.sampled_from("abXY09._~-"), min_size=1, max_size=8).filter(
    lambda text: text not in {".", ".."}
)
bases = st.builds(
    lambda scheme, host, port, path: f"{scheme}://{host}{port}/{''.join(f'{s}/' for s in path)}",
    st.sampled_from(["http", "https"]),
    st.sampled_from(
        ["h", "a.example", "www.w3.org", "purl.org", "mirror.example", "[::1]", "10.0.0.1", "http"]
    ),
    st.sampled_from(["", ":80", ":8443"]),
    st.lists(segments, max_size=3),
)
"""Any base that the format allows, those near to namespaces and to the canonical one too."""

pieces = st.sampled_from(
    [
        CANONICAL_BASE,
        "https://mirror.invalid",
        "http://",
        "https://",
        "HTTPS://",
        "http",
        "://",
        "h",
        "s",
        "/",
        "a/",
        ' xmlns="http://www.w3.org/2005/Atom"',
        " xmlns:x='http://purl.org/dc/terms/'",
        'xmlns="https://mirror.invalid/"',
        'xmlns="http://www.w3.org/2005/',
        "Atom",
        '"',
        "&#104;ttps://",
        "\\u0068",
        "\n",
    ]
)
texts = st.lists(st.one_of(pieces, st.text(max_size=4)), max_size=12).map("".join)


def _is_base(base: str) -> bool:
    try:
        return bool(check_base(base))
    except InvalidAddressError:
        return False


@given(texts, bases, st.sampled_from(["feeds/all.atom", "feeds/all.json", "404.html"]))
@example("https://mirror.invalid/Atom", "http://www.w3.org/2005/x/", "xml")
def test_any_text_comes_back_from_any_base(text: str, base: str, path: str) -> None:
    assume(_is_base(base) and "<![CDATA[" not in text)
    sealed = seal(text.encode("utf-8", "surrogatepass"), path)

    served = localise(sealed, base)

    assert canonicalise(served, base) == sealed
    assert not is_unreplaced(served, base)


@given(texts, texts, bases)
def test_two_served_files_never_have_the_same_canonical_bytes(a: str, b: str, base: str) -> None:
    assume(_is_base(base))
    one, other = (text.encode("utf-8", "surrogatepass") for text in (a, b))
    assume(one != other)
    assume(not is_unreplaced(one, base) and not is_unreplaced(other, base))

    assert canonicalise(one, base) != canonicalise(other, base)


@given(texts)
def test_sealing_twice_changes_nothing(text: str) -> None:
    data = text.encode("utf-8", "surrogatepass")
    for kind in ("json", "xml"):
        assert seal(seal(data, kind), kind) == seal(data, kind)


@given(st.text().filter(lambda text: "https://mirror.invalid/" not in text))
def test_a_json_reader_sees_no_difference(text: str) -> None:
    data = json.dumps({"url": f"{CANONICAL_BASE}a", "text": text}, ensure_ascii=False)
    sealed = seal(data.encode("utf-8", "surrogatepass"), "feeds/all.json")

    assert json.loads(sealed.decode("utf-8", "surrogatepass")) == json.loads(data)
    assert sealed.count(b"https://") == 1


def test_an_xml_reader_sees_no_difference() -> None:
    data = (
        '<feed xmlns="http://www.w3.org/2005/Atom" xmlns:u="https://unknown.example/ns">'
        f'<link href="{CANONICAL_BASE}feeds/all.atom"/><u:x>http://a.example/ &amp;'
        ' https://b.example/</u:x><p title="http://c.example/"/></feed>'
    ).encode()

    sealed = seal(data, "feeds/all.atom")

    assert ET.tostring(ET.fromstring(sealed)) == ET.tostring(ET.fromstring(data))  # noqa: S314 - ours
    assert sealed.count(b"http://") == 1  # the Atom namespace
    assert sealed.count(b"https://") == 1  # the base


def test_cdata_is_refused() -> None:
    with pytest.raises(FeedsError, match="CDATA"):
        seal(b"<x><![CDATA[http://a.example/]]></x>", "feeds/all.rss")


def test_a_mirror_gets_its_own_base() -> None:
    data = f'<a href="{CANONICAL_BASE}a/00/0.html">'.encode()

    assert localise(data, BASE) == b'<a href="https://cloud.example:8443/x7k2/a/00/0.html">'
    assert localise(data, CANONICAL_BASE) == data


def test_an_unreplaced_base_is_seen() -> None:
    assert is_unreplaced(b"... https://mirror.invalid/feeds ...", BASE)
    assert not is_unreplaced(b"... https://mirror.invalid/feeds ...", CANONICAL_BASE)


@pytest.mark.parametrize(
    "base",
    [
        CANONICAL_BASE,
        BASE,
        "http://a/",
        "http://[2001:db8::1]:80/",
        "https://a.example/A-z_0.9~/b/",
    ],
)
def test_a_base_of_the_format_is_taken(base: str) -> None:
    assert check_base(base) == base


@pytest.mark.parametrize(
    "base",
    [
        "",
        "https://a.example",
        "https://a.example/x",
        "https:///",
        "ftp://a.example/",
        "HTTPS://a.example/",
        "https://A.example/",
        "https://a.example/%20/",
        "https://a.example/a//",
        "https://a.example/../",
        "https://a.example/?/",
        "https://user@a.example/",
        "https://a.example:/",
        "https://a.example:080/",
        "https://a.example/\n",
        "https://пример.example/",
        "https://a.example/" + "a/" * 300,
        "https://mirror.invalid/x7k2/",
        "http://mirror.invalid/",
        "http://www.w3.org/",
        "http://www.w3.org/2005/",
        "http://purl.org/dc/terms/",
    ],
)
def test_any_other_base_is_refused(base: str) -> None:
    with pytest.raises(InvalidAddressError):
        check_base(base)


@pytest.mark.parametrize(
    ("path", "localised"),
    [
        ("feeds/all.rss", True),
        ("feeds/archive/2026.json", True),
        ("feeds.opml", True),
        ("sitemap.xml", True),
        ("sitemap-2026-11.xml", True),
        ("404.html", True),
        ("index.html", False),
        ("mirrors.json", False),
        ("x/sitemap.xml", False),
        ("sitemap/a.xml", False),
        ("feedsx", False),
        ("404.html.txt", False),
        ("a/00/0011223344556677.html", False),
    ],
)
def test_which_files_are_localised(path: str, localised: bool) -> None:  # noqa: FBT001 - a column
    assert is_localised(path) is localised


def test_the_namespaces_stand_in_the_public_format(project: Path) -> None:
    page = (project / "docs" / "format.md").read_text(encoding="utf-8")

    assert "\n".join(NAMESPACES) in page
