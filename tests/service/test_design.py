"""Templates and appeals of the operator's own in a published tree."""

from tests.service.room import HOUR, NOW, Room, Site, Story, rounds

HEAD = '{% extends "ours/base.html" %}{% block top %}<p>Ours now</p>{{ super() }}{% endblock %}'

APPEAL = """
[[support]]
text = "Help us go on."
once = "https://pay.example/once"
"""


async def test_what_the_operator_changes_is_on_new_articles_and_on_pages_that_change(
    room: Room, site: Site
) -> None:
    first, second = Story(1), Story(2)
    site.add(first)
    await rounds(room, NOW)
    before = room.page(room.id(first))
    folder = room.folder / "templates"
    folder.mkdir()
    (folder / "base.html").write_text(HEAD)
    room.text += '\n[pages]\ntemplates = "templates"\n' + APPEAL
    site.add(second)
    await rounds(room, NOW + HOUR)

    assert room.page(room.id(first)) == before
    assert "Ours now" in room.page(room.id(second))
    assert "Ours now" in (room.tree / "index.html").read_text()
    assert "Ours now" in (room.tree / "mirrors.html").read_text()
    assert "Help us go on." in room.page(room.id(second))
    assert "https://pay.example/once" in (room.tree / "index.html").read_text()
    room.check(NOW + HOUR)
