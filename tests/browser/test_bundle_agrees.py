"""What the page says of a ``.zip`` is what ``feeds.bundle`` says, whatever comes in."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from feeds.verify import Pin, Verdict
from tests.browser.node import Checker, checker
from tests.feeds.bundles import (
    PROOF,
    STORY,
    good,
    hostile,
    illustrated,
    mangled,
    story,
    under,
    zipped,
)
from tests.feeds.test_bundle import NOW, verify
from tests.feeds.tree import SignedTree, picture

pytestmark = pytest.mark.real

TREE = SignedTree().fill()
GOOD = good(TREE)
HOSTILE = hostile(TREE)


@pytest.fixture(scope="module")
def page(project: Path, need: Callable[..., None]) -> Iterator[Checker]:
    need("node")
    if not (project / "web/verify/node_modules").is_dir():
        pytest.skip("needs: npm ci --prefix web/verify (`make test` does it)")
    with checker(project) as started:
        yield started


def same(page: Checker, data: bytes, pin: Pin, folder: Path) -> Verdict:
    """The verdict on a bundle, once both have said the same, and of the same files."""
    file = folder / "news.zip"
    file.write_bytes(data)
    ours = verify(file, pin)
    theirs = page.bundle(data, pin, NOW)

    assert theirs["verdict"] == ours.verdict, (theirs, ours.findings)
    told = {(item["verdict"], _shown(item["path"])) for item in theirs["findings"]}
    assert told == {(str(item.verdict), _shown(item.path)) for item in ours.findings}
    return ours.verdict


def _shown(path: str) -> str:
    """Ours escape a path that can't be printed, and name no path of a bad bundle of entries."""
    if path.startswith("log/tile/entries"):
        return ""
    return path if path.isprintable() else ascii(path)


@pytest.mark.parametrize("name", GOOD)
def test_good_bundles(name: str, page: Checker, tmp_path: Path) -> None:
    for pin in (Pin(keyring=TREE.keyring), Pin(fingerprint=TREE.fingerprint)):
        assert same(page, GOOD[name], pin, tmp_path) is Verdict.GENUINE


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_bundles(name: str, page: Checker, tmp_path: Path) -> None:
    data, verdict = HOSTILE[name]

    assert same(page, data, Pin(keyring=TREE.keyring), tmp_path) is verdict


def test_articles_alone(page: Checker, tmp_path: Path) -> None:
    files = story(TREE)
    path, data = picture(b"RIFF another WEBP")
    pins = (
        Pin(keyring=TREE.keyring),
        Pin(fingerprint=TREE.fingerprint),
        Pin(fingerprint="0" * 64),
    )
    said = {
        same(page, zipped(bundle), pin, tmp_path)
        for pin in pins
        for bundle in (
            files,
            under("news", files),
            {STORY: files[STORY]},
            {STORY: files[STORY], PROOF: files[PROOF]},
            {PROOF: files[PROOF]},
            {**files, STORY: b"other words"},
            {**files, "../x": b""},
            {**files, "x.html": b"x"},
            {**files, path: data},
        )
    }
    assert said == {Verdict.GENUINE, Verdict.NOT_GENUINE, Verdict.COULD_NOT_TELL}

    tree, shown = illustrated()
    for bundle in (shown, {**shown, picture()[0]: b"x"}, {**shown, path: data}):
        same(page, zipped(bundle), Pin(keyring=tree.keyring), tmp_path)


@pytest.mark.parametrize("seed", range(0, 300, 3))
def test_mangled_bundles(seed: int, page: Checker, tmp_path: Path) -> None:
    data = mangled(GOOD["deflated"], seed)

    same(page, data, Pin(keyring=TREE.keyring), tmp_path)
