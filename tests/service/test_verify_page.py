"""``verify.html`` in a published tree."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest

from tests.browser.node import checker
from tests.service.room import HOUR, NOW, Room, Site, Story, rounds


async def test_it_is_published_and_linked_and_carries_the_keyring(room: Room, site: Site) -> None:
    site.add(Story(1))
    await rounds(room, NOW)

    page = (room.tree / "verify.html").read_text()
    ring = (room.tree / "log/keys/1").read_text()
    assert f">{ring}</pre>" in page
    assert room.verify().keyring == 1
    assert 'href="verify.html"' in (room.tree / "mirrors.html").read_text()
    assert "verify.html" in room.listed()
    room.check()


async def test_it_can_be_left_out_later(room: Room, site: Site) -> None:
    site.add(Story(1))
    await rounds(room, NOW)
    room.text += "\n[publish]\nverify_page = false\n"
    await rounds(room, NOW + HOUR)

    assert "verify.html" not in room.listed()
    assert not (room.tree / "verify.html").exists()
    assert not (room.mirror("one") / "verify.html").exists()
    assert "verify.html" not in (room.tree / "mirrors.html").read_text()
    room.check(NOW + HOUR)


@pytest.mark.real
async def test_the_page_finds_genuine_what_the_service_publishes(
    room: Room, site: Site, project: Path, need: Callable[..., None]
) -> None:
    need("node")
    if not (project / "web/verify/node_modules").is_dir():
        pytest.skip("needs: npm ci --prefix web/verify (`make test` does it)")
    corrected = Story(1)
    site.add(corrected, *(Story(number) for number in range(2, 5)))
    await rounds(room, NOW)
    corrected.text += "<p>A correction follows here.</p>"
    site.add(Story(9))
    last: datetime = NOW + HOUR
    await rounds(room, last)
    files = {
        str(path.relative_to(room.tree)): path.read_bytes()
        for path in room.tree.rglob("*")
        if path.is_file()
    }

    with checker(project) as page:
        found = page.tree(files, room.pin(), last)

    assert (found["verdict"], found["findings"]) == ("genuine", [])
