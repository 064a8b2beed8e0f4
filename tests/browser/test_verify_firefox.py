"""``verify.html`` in Firefox ESR: from a folder, and from a plain-HTTP host."""

import base64
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.browser.checking import PAGE, PROOF, STORY
from tests.browser.chromium import HOST, serve
from tests.browser.marionette import Firefox, firefox
from tests.feeds.tree import SignedTree

pytestmark = pytest.mark.real


@pytest.fixture(scope="module")
def browser(
    need: Callable[..., None], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Firefox]:
    need("firefox-esr")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    profile = tmp_path_factory.mktemp("firefox") / "profile"
    with firefox(profile, port, **{"network.dns.localDomains": HOST}) as started:
        yield started


@pytest.fixture(params=["file", "http"])
def page(
    browser: Firefox, copy: Path, tree: SignedTree, request: pytest.FixtureRequest
) -> Iterator[Firefox]:
    assert tree.size
    with serve(copy) as address:
        browser.open((copy / PAGE).as_uri() if request.param == "file" else f"{address}{PAGE}")
        assert browser.script("return !!crypto.subtle") == (request.param == "file")
        yield browser


def wait_for(page: Firefox, text: str) -> str:
    """What the verdict says, once it says ``text``."""
    told = ""
    for _ in range(100):
        told = str(page.script("return document.querySelector('#result').innerText"))
        if text in told:
            return told
        time.sleep(0.1)
    raise AssertionError(f"{text!r} does not come; it says {told!r}")


def test_an_article_in_firefox(page: Firefox, copy: Path) -> None:
    page.choose("#files", copy / STORY, copy / PROOF)
    assert "Genuine" in wait_for(page, "Published no later than")

    (copy / STORY).write_bytes(b"<p>Other words.")
    page.choose("#files", copy / STORY, copy / PROOF)
    assert "Not genuine" in wait_for(page, "not the words that were published")


def test_a_folder_in_firefox(page: Firefox, tree: SignedTree) -> None:
    choose_folder(page, tree.files)
    assert "Genuine" in wait_for(page, "files are as they were published")

    choose_folder(page, {**tree.files, "extra.html": b"what nobody published"})
    assert "Not genuine" in wait_for(page, "was never published here")


def choose_folder(page: Firefox, files: dict[str, bytes]) -> None:
    """As the folder's own button does; WebDriver can press it, but choose no folder."""
    listed = [[path, base64.b64encode(data).decode()] for path, data in files.items()]
    page.script(
        """const files = arguments[0].map(([path, data]) => {
          const bytes = Uint8Array.from(atob(data), letter => letter.charCodeAt(0));
          const file = new File([bytes], path.split('/').pop());
          Object.defineProperty(file, 'webkitRelativePath', {value: 'copy/' + path});
          return file;
        });
        const button = document.querySelector('#folder');
        Object.defineProperty(button, 'files', {value: files, configurable: true});
        button.dispatchEvent(new Event('change'));""",
        listed,
    )
