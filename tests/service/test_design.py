"""Templates of the operator's own in a published tree."""

from tests.service.room import HOUR, NOW, Room, Site, Story, rounds

HEAD = '{% extends "ours/base.html" %}{% block top %}<p>Ours now</p>{{ super() }}{% endblock %}'


async def test_a_new_template_is_for_new_articles_and_for_pages_that_change(
    room: Room, site: Site
) -> None:
    first, second = Story(1), Story(2)
    site.add(first)
    await rounds(room, NOW)
    before = room.page(room.id(first))
    folder = room.folder / "templates"
    folder.mkdir()
    (folder / "base.html").write_text(HEAD)
    room.text += '\n[pages]\ntemplates = "templates"\n'
    site.add(second)
    await rounds(room, NOW + HOUR)

    assert room.page(room.id(first)) == before
    assert "Ours now" in room.page(room.id(second))
    assert "Ours now" in (room.tree / "index.html").read_text()
    assert "Ours now" in (room.tree / "mirrors.html").read_text()
    room.check(NOW + HOUR)
