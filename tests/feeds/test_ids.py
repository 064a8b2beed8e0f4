"""The id that an address gives an article: the rules and vectors of ``docs/format.md``.

The JavaScript is that of ``find.html`` and ``404.html``.
"""

import json
import re
import subprocess
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.errors import InvalidAddressError
from feeds.ids import (
    MAX_ADDRESS_CHARS,
    TRACKING_PARAMETERS,
    TRACKING_PREFIXES,
    article_id,
    normal_form,
)
from feeds.pages.environment import script

JAVASCRIPT = (
    script("digest")
    + script("ids")
    + """
const addresses = JSON.parse(require("fs").readFileSync(0, "utf8"));
console.log(JSON.stringify(addresses.map((a) => [articleId(a), normalForm(a)])));
"""
)


class Vector(NamedTuple):
    id: str
    address: str
    normal: str


def in_javascript(addresses: list[str]) -> list[list[str]]:
    answer = subprocess.run(
        ["node", "-e", JAVASCRIPT],
        input=json.dumps(addresses),
        capture_output=True,
        text=True,
        check=True,
    )
    found: list[list[str]] = json.loads(answer.stdout)
    return found


@pytest.fixture(scope="module")
def page(project: Path) -> str:
    return (project / "docs" / "format.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def vectors(page: str) -> list[Vector]:
    block = page.partition("```vectors\n")[2].partition("```")[0]
    found = re.findall(r"^([0-9a-f]{16})  (.+)\n {18}(.+)\n", block, re.MULTILINE)
    return [Vector(*fields) for fields in found]


def test_there_are_thirty_vectors(vectors: list[Vector]) -> None:
    assert len(vectors) == 30
    assert len({vector.address for vector in vectors}) == 30


def test_python_gives_the_ids_of_the_vectors(vectors: list[Vector]) -> None:
    for vector in vectors:
        assert normal_form(vector.address) == vector.normal
        assert article_id(vector.address) == vector.id


@pytest.mark.real
def test_javascript_gives_the_ids_of_the_vectors(
    vectors: list[Vector], need: Callable[..., None]
) -> None:
    need("node")

    found = in_javascript([vector.address for vector in vectors])

    assert found == [[vector.id, vector.normal] for vector in vectors]


@pytest.mark.real
def test_javascript_hashes_texts_of_any_length(need: Callable[..., None]) -> None:
    need("node")
    addresses = [f"https://news.example/{'д' * (length // 6)}" for length in range(1_200)]
    addresses += [f"https://news.example/{'x' * length}" for length in range(130)]

    assert in_javascript(addresses) == [[article_id(a), normal_form(a)] for a in addresses]


@pytest.mark.real
def test_both_agree_on_queries_that_nobody_planned(need: Callable[..., None]) -> None:
    need("node")
    odd = [
        "%", "%4", "%zz", "%ff%fe", "a=1&a=0&b&=&&=x", "+a+=+", "a;b=c", "~!*'()=~!*'()",
        "%F0%90%80%80=1&%EF%BD%A1=2", "\U00010000=1&\uff61=2", "a=%00%0A", "a=b=c", "[]=1&{}=2",
        "utm_=1&utm=2&UTM_source=3", "%75tm_source=1", "é=e\u0301", "q=%EF%BB%BFx", "q=\ufeffx",
        "%E2%82=1&%E2%28%A1=2",
    ]  # fmt: skip
    addresses = [f"https://news.example/?{query}" for query in odd]

    assert in_javascript(addresses) == [[article_id(a), normal_form(a)] for a in addresses]


def test_the_page_lists_the_tracking_parameters(page: str) -> None:
    blocks = re.findall(r"```text\n(.*?)```", page, re.DOTALL)

    assert any(set(block.split()) == TRACKING_PARAMETERS for block in blocks)
    assert any(block.split() == [f"{name}*" for name in TRACKING_PREFIXES] for block in blocks)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "news.example/story",
        "//news.example/story",
        "/story",
        "ftp://news.example/story",
        "javascript:alert(1)",
        "data:text/html,x",
        "https://",
        "https://news example/",
        "https://news.example:99999/",
        "https://\ud800.example/",
        "https://news.example/" + "a" * MAX_ADDRESS_CHARS,
    ],
)
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(InvalidAddressError):
        article_id(address)


@given(st.text(max_size=60))
def test_nothing_but_our_error_is_raised(text: str) -> None:
    for address in (text, f"https://news.example/{text}", f"http://{text}/?{text}"):
        with suppress(InvalidAddressError):
            assert re.fullmatch("[0-9a-f]{16}", article_id(address))


@given(st.text(max_size=30), st.lists(st.tuples(st.text(max_size=5), st.text(max_size=5))))
def test_a_normal_form_is_its_own_normal_form(path: str, pairs: list[tuple[str, str]]) -> None:
    query = "&".join(f"{name}={value}" for name, value in pairs)
    try:
        once = normal_form(f"https://news.example/{path}/x?{query}")
    except InvalidAddressError:
        return

    assert normal_form(f"https://{once}") == once
