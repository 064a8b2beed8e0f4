"""What becomes of an article after it was published."""

import hashlib
from datetime import timedelta

import pytest

from feeds.article import State
from feeds.verify import Pin, Verdict, verify_file
from keys.proof import OfflineProof
from mirror.service import Service
from mirror.store import versions
from tests.service.room import HOUR, NOW, Room, Site, Story, prose, rounds

LATER = NOW + 2 * HOUR  # after the first look for corrections


async def test_a_correction_replaces_the_page_and_keeps_the_old_one(room: Room, site: Site) -> None:
    story, other = Story(1), Story(2)
    site.add(story, other)
    await rounds(room, NOW)
    article = room.id(story)
    before = room.path(article).read_bytes()
    old_proof = OfflineProof.parse(
        room.path(article).with_name(f"{article}.html.tlog-proof").read_bytes()
    )
    entry, untouched = room.feed()[article], room.feed()[room.id(other)]

    story.title = "The harbour council closes bridge number 1"
    story.text = prose(77)
    await rounds(room, LATER)

    page = room.page(article)
    assert story.title in page
    assert page.count(story.title) >= 1
    sha = hashlib.sha256(before).hexdigest()
    kept = room.tree / f"p/{sha[:2]}/{sha}.html"
    assert kept.read_bytes() == before
    assert f"p/{sha[:2]}/{sha}.html" in page
    assert f"{LATER:%Y-%m-%d}" in page
    assert "text" in page.lower()
    proof = OfflineProof.parse(kept.with_name(f"{sha}.html.tlog-proof").read_bytes())
    assert proof.path == f"p/{sha[:2]}/{sha}.html"
    assert old_proof.path == f"a/{article[:2]}/{article}.html"
    after = room.feed()[article]
    assert after["title"] == story.title
    assert after["date_published"] == entry["date_published"]
    assert after["date_modified"] > entry.get("date_modified", "")
    assert room.feed()[room.id(other)] == untouched
    assert set(room.feed()) == {article, room.id(other)}
    room.check(LATER)


async def test_the_feeds_tell_of_a_correction_in_all_three_formats(room: Room, site: Site) -> None:
    story = Story(1)
    site.add(story)
    await rounds(room, NOW)
    story.text = prose(78)
    await rounds(room, LATER)

    stamp = LATER.strftime("%Y-%m-%dT%H:%M:%S")
    assert f"<updated>{stamp}+00:00</updated>" in (room.tree / "feeds/all.atom").read_text()
    assert stamp in (room.tree / "feeds/all.json").read_text()
    assert f":{room.id(story)}" in (room.tree / "feeds/all.rss").read_text()


async def test_several_corrections_are_all_kept_and_named(room: Room, site: Site) -> None:
    story = Story(1)
    site.add(story)
    moments = [NOW, NOW + 2 * HOUR, NOW + 8 * HOUR, NOW + 30 * HOUR]
    pages = set()
    async with Service.open(room.config) as service:
        for number, now in enumerate(moments):
            story.text = prose(100 + number)
            await service.round(now)
            room.check(now)
            pages.add(hashlib.sha256(room.path(room.id(story)).read_bytes()).hexdigest())

    last = hashlib.sha256(room.path(room.id(story)).read_bytes()).hexdigest()
    page = room.page(room.id(story))
    assert len(pages) == 4
    for sha in pages - {last}:
        assert f"p/{sha[:2]}/{sha}.html" in page
        assert (room.tree / f"p/{sha[:2]}/{sha}.html").exists()
    assert set(room.feed()) == {room.id(story)}


async def test_what_the_source_removed_is_marked_and_stays(room: Room, site: Site) -> None:
    story = Story(1)
    site.add(story)
    await rounds(room, NOW)
    before = room.page(room.id(story))

    story.status = 410
    lines = await rounds(room, LATER)

    page = room.page(room.id(story))
    assert any("gone" in line for line in lines)
    assert page != before
    assert "story 1" in page
    assert room.id(story) in room.feed()
    room.check(LATER)


@pytest.mark.parametrize("changed", [False, True])
async def test_what_comes_back_is_no_longer_marked(
    room: Room, site: Site, *, changed: bool
) -> None:
    story = Story(1)
    site.add(story)
    await rounds(room, NOW)
    story.status = 404
    await rounds(room, LATER)
    marked = room.page(room.id(story))

    story.status = 200
    story.title += "!"  # so that the feed tells of it
    story.text = prose(90) if changed else story.text
    await rounds(room, LATER + HOUR)

    assert room.sql("SELECT state FROM article") == [(State.LIVE.value,)]
    assert room.page(room.id(story)) != marked
    room.check(LATER + HOUR)


async def test_an_article_that_is_held_waits_for_a_person(room: Room, site: Site) -> None:
    story, fine = Story(1, text="<p>Only a few words about the bridge.</p>"), Story(2)
    site.add(story, fine)

    async with Service.open(room.config) as service:
        report = await service.round(NOW)
        assert report.fell_short
        assert set(room.feed()) == {room.id(fine)}
        status = await service.status(NOW)
        assert [one.title for one in status.held] == [story.title]
        async with service.parts.database.begin() as connection:
            assert await versions.decide(connection, room.id(story), "ready")
        await service.round(NOW + timedelta(minutes=1))
        assert set(room.feed()) == {room.id(fine), room.id(story)}
        assert (await service.status(NOW)).held == ()
    room.check(NOW + HOUR)


async def test_what_was_dropped_is_not_held_again(room: Room, site: Site) -> None:
    story = Story(1, text="<p>Only a few words about the bridge.</p>")
    site.add(story, Story(2))

    async with Service.open(room.config) as service:
        await service.round(NOW)
        async with service.parts.database.begin() as connection:
            assert await versions.decide(connection, room.id(story), "dropped")
        for hours in (2, 8, 30):
            report = await service.round(NOW + hours * HOUR)
            assert not report.fell_short, report.lines
            assert (await service.status(NOW)).held == ()
    assert room.id(story) not in room.feed()


async def test_a_bad_correction_that_is_taken_back_leaves_no_trace(room: Room, site: Site) -> None:
    story = Story(1)
    site.add(story)
    await rounds(room, NOW)
    before = room.page(room.id(story))

    good, story.text = story.text, "<p>Please come back later.</p>"
    await rounds(room, NOW + 2 * HOUR)
    assert room.page(room.id(story)) == before
    assert len(room.sql("SELECT 1 FROM version WHERE status = 'held'")) == 1
    story.text = good
    async with Service.open(room.config) as service:
        await service.round(NOW + 8 * HOUR)
        assert (await service.status(NOW)).held == ()

    assert room.page(room.id(story)) == before


async def test_a_withdrawn_article_is_not_read_again(room: Room, site: Site) -> None:
    story, other = Story(1), Story(2)
    site.add(story, other)
    async with Service.open(room.config) as service:
        await service.round(NOW)
        async with service.parts.database.begin() as connection:
            await versions.set_state(connection, room.id(story), State.WITHDRAWN)
        await service.round(NOW + timedelta(minutes=1))
        site.asked.clear()
        for hours in (2, 8, 30, 100, 300):
            await service.round(NOW + hours * HOUR)
        story.title += " again"
        await service.round(NOW + 301 * HOUR)

    assert site.times(story.path) == 0
    assert site.times(other.path) >= 4
    page = room.page(room.id(story))
    assert "In story 1" not in page
    entry = room.feed()[room.id(story)]
    assert "In story 1" not in entry.get("content_html", "")
    assert room.id(story) not in (room.tree / "index.html").read_text()
    room.check(NOW + 301 * HOUR)


async def test_one_page_with_its_proof_is_genuine_by_itself(room: Room, site: Site) -> None:
    story = Story(1)
    site.add(story)
    await rounds(room, NOW)
    page = room.path(room.id(story))
    proof = page.with_name(f"{page.name}.tlog-proof")
    keyring = (room.config.trust.keys / "keyring-1").read_bytes()

    report = verify_file(page.read_bytes(), proof.read_bytes(), Pin(keyring=keyring))

    assert report.verdict is Verdict.GENUINE


async def test_what_was_missing_for_a_moment_is_found_again_by_itself(
    room: Room, site: Site
) -> None:
    story = Story(1)
    site.add(story)
    await rounds(room, NOW)
    story.status = 404
    await rounds(room, LATER)
    assert room.sql("SELECT state FROM article") == [(State.GONE.value,)]

    story.status = 200
    await rounds(room, NOW + 8 * HOUR)

    assert room.sql("SELECT state FROM article") == [(State.LIVE.value,)]
    room.check(NOW + 8 * HOUR)


async def test_an_old_address_that_is_no_more_is_no_loss_of_the_article(
    room: Room, site: Site
) -> None:
    old = Story(1)
    site.add(old)
    await rounds(room, NOW)
    new = Story(9, title=old.title, text=prose(91))
    site.stories[new.path] = new
    old.moved_to = site.base + new.path
    site.feeds["/rss"] = [new]
    await rounds(room, NOW + 2 * HOUR)
    assert set(room.feed()) == {room.id(old)}

    old.moved_to, old.status = "", 404
    for hours in (8, 30, 31):
        await rounds(room, NOW + hours * HOUR)
        assert room.sql("SELECT state FROM article") == [(State.LIVE.value,)]
    room.check(NOW + 31 * HOUR)
