"""What the sample newsroom shows, as a function of seed, start and time."""

import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from mirror.newsroom.agenda import (
    AT_START,
    CORRECTED,
    CORRECTED_WITH,
    WITHDRAWN,
    WITHDRAWN_WITH,
    Agenda,
)
from mirror.newsroom.story import Bullets, Embed, Inline, Linked, Paragraph, Quote, Story, Table
from mirror.newsroom.write import write_all

START = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
EVERY = timedelta(seconds=3)
AGENDA = Agenda(7, START, EVERY)
LAST = START + 1_000 * EVERY


def paragraphs(story: Story) -> list[str]:
    return [block.text for block in story.blocks if isinstance(block, Paragraph)]


def test_there_are_two_hundred_stories_in_two_languages_each_with_its_own_address() -> None:
    drafts = AGENDA.drafts

    assert len(drafts) == 200
    assert Counter(draft.language for draft in drafts) == {"en": 134, "ru": 66}
    assert len({draft.headline for draft in drafts}) == 200
    assert len(AGENDA.paths) == 200


def test_every_story_has_five_to_ten_paragraphs_and_no_slot_left_open() -> None:
    for story in AGENDA.stories(LAST):
        assert 5 <= len(paragraphs(story)) <= 10
        assert "{" not in repr(story)


def test_lists_quotes_tables_embeds_links_and_pictures_occur_in_both_languages() -> None:
    for language in ("en", "ru"):
        kinds = {type(block) for story in AGENDA.stories(LAST, language) for block in story.blocks}
        assert {Bullets, Quote, Table, Embed, Linked, Inline} <= kinds


def test_the_same_seed_gives_the_same_stories_in_another_process() -> None:
    script = (
        "import mirror.newsroom.write as w, hashlib;"
        "print(hashlib.sha256(repr(w.write_all(3)).encode()).hexdigest())"
    )
    both = {
        subprocess.run([sys.executable, "-c", script], capture_output=True, check=True).stdout
        for _ in range(2)
    }

    assert len(both) == 1
    assert write_all(3) != write_all(4)


def test_a_dozen_stories_are_there_at_the_start_and_one_more_comes_each_time() -> None:
    assert AGENDA.stories(START - EVERY) == ()
    assert len(AGENDA.stories(START)) == AT_START
    assert len(AGENDA.stories(START + 2 * EVERY)) == AT_START + 2
    assert len(AGENDA.stories(LAST)) == 199


def test_nothing_is_dated_in_the_future() -> None:
    for steps in (0, 1, 20, 500):
        now = START + steps * EVERY
        moments = [moment for s in AGENDA.stories(now) for moment in (s.published, s.modified)]
        assert max(moment for moment in moments if moment) <= now


def test_one_story_is_corrected_and_says_so() -> None:
    moment = AGENDA.comes_out(CORRECTED_WITH)

    before = AGENDA.story(CORRECTED, moment - timedelta(seconds=1))
    after = AGENDA.story(CORRECTED, moment)

    assert (before.path, before.headline) == (after.path, after.headline)
    assert paragraphs(before) != paragraphs(after)
    assert (before.correction, before.modified) == ("", None)
    assert after.correction.startswith("Correction: ")
    assert after.modified == moment


def test_one_story_is_withdrawn_and_nothing_links_to_it() -> None:
    path, moment = AGENDA.path(WITHDRAWN), AGENDA.comes_out(WITHDRAWN_WITH)

    assert AGENDA.find(path, moment - timedelta(seconds=1)) is not None
    assert not AGENDA.is_gone(path, moment - timedelta(seconds=1))
    assert AGENDA.find(path, moment) is None
    assert AGENDA.is_gone(path, moment)
    assert path not in {story.path for story in AGENDA.stories(LAST)}
    links = [b.href for s in AGENDA.stories(LAST) for b in s.blocks if isinstance(b, Linked)]
    assert links
    assert path not in links


@given(st.integers(min_value=0, max_value=3_000), st.integers(min_value=0, max_value=3_000))
def test_stories_only_come_and_but_for_one_never_go(first: int, second: int) -> None:
    early, late = (START + timedelta(seconds=s) for s in sorted((first, second)))

    gone = {s.path for s in AGENDA.stories(early)} - {s.path for s in AGENDA.stories(late)}

    assert gone <= {AGENDA.path(WITHDRAWN)}
