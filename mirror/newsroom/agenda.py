"""What the newsroom's site shows at a given moment: a function of seed, start and time.

Nothing is stored. Some stories are there at ``start``, dated before it; then one comes every
``every`` until there are two hundred. One is corrected on the way, and one is withdrawn.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Final

from mirror.newsroom.story import Block, Linked, Story
from mirror.newsroom.write import COUNT, Draft, parts, write_all

AT_START: Final = 12  # stories that are there from the first moment
BACKDATED: Final = timedelta(minutes=37)  # between those

CORRECTED: Final = 15  # this story is put right …
CORRECTED_WITH: Final = 24  # … when that one comes out
WITHDRAWN: Final = 18
WITHDRAWN_WITH: Final = 30


@dataclass(frozen=True)
class Agenda:
    """The newsroom's plan.

    Attributes:
        seed: Chooses the stories.
        start: When the newsroom was first opened, UTC.
        every: Between two stories; more than nothing.
        count: How many there will be, more than ``WITHDRAWN_WITH``.
    """

    seed: int
    start: datetime
    every: timedelta
    count: int = COUNT

    @cached_property
    def drafts(self) -> tuple[Draft, ...]:
        """Every story that there will be."""
        return write_all(self.seed, self.count)

    def comes_out(self, number: int) -> datetime:
        """When story ``number`` is published, UTC, whole seconds."""
        if number < AT_START:
            moment = self.start - (AT_START - number) * BACKDATED
        else:
            moment = self.start + (number - AT_START + 1) * self.every
        return moment.replace(microsecond=0)

    def path(self, number: int) -> str:
        """Its address on the site, not escaped."""
        draft = self.drafts[number]
        prefix = "" if draft.language == "en" else f"/{draft.language}"
        return f"{prefix}/{self.comes_out(number):%Y/%m/%d}/{draft.slug}"

    def stories(self, now: datetime, language: str = "") -> tuple[Story, ...]:
        """Those that the site shows at ``now``, newest first; of one language where said."""
        wanted = [
            number
            for number in self._out(now)
            if number != WITHDRAWN or not self._is_withdrawn(now)
            if language in {"", self.drafts[number].language}
        ]
        return tuple(self.story(number, now) for number in reversed(wanted))

    def find(self, path: str, now: datetime) -> Story | None:
        """The story at that address, or None where the site shows none."""
        number = self.paths.get(path)
        if number is None or number not in self._out(now) or self.is_gone(path, now):
            return None
        return self.story(number, now)

    def is_gone(self, path: str, now: datetime) -> bool:
        """Whether a story was there and was withdrawn."""
        return self.paths.get(path) == WITHDRAWN and self._is_withdrawn(now)

    def story(self, number: int, now: datetime) -> Story:
        """Story ``number`` as it reads at ``now``."""
        draft = self.drafts[number]
        is_corrected = number == CORRECTED and self.comes_out(CORRECTED_WITH) <= now
        blocks = draft.corrected if is_corrected or number != CORRECTED else draft.blocks
        return Story(
            path=self.path(number),
            language=draft.language,
            section=draft.section,
            headline=draft.headline,
            deck=draft.deck,
            author=draft.author,
            published=self.comes_out(number),
            modified=self.comes_out(CORRECTED_WITH) if is_corrected else None,
            photo=draft.photo,
            tags=draft.tags,
            blocks=(*blocks[:2], *self._links(draft), *blocks[2:]),
            correction=draft.correction if is_corrected else "",
        )

    @cached_property
    def paths(self) -> dict[str, int]:
        """Number of each story by its address."""
        return {self.path(draft.number): draft.number for draft in self.drafts}

    def changed(self, stories: Sequence[Story], now: datetime) -> datetime:
        """When a page that shows or names ``stories`` last changed, up to ``now``."""
        moments = [moment for story in stories for moment in (story.published, story.modified)]
        if self._is_withdrawn(now):
            moments.append(self.comes_out(WITHDRAWN_WITH))
        return max((moment for moment in moments if moment), default=self.start)

    def _out(self, now: datetime) -> range:
        if now < self.start:
            return range(0)
        since = (now - self.start) // self.every
        return range(min(self.count, AT_START + since))

    def _is_withdrawn(self, now: datetime) -> bool:
        return self.comes_out(WITHDRAWN_WITH) <= now

    def _links(self, draft: Draft) -> Iterator[Block]:
        """A paragraph that leads to the story before it in its language."""
        earlier = self._before(draft)
        if draft.links_back and earlier is not None:
            words = parts(draft.language)
            yield Linked(
                words["link_before"],
                self.path(earlier.number),
                earlier.headline,
                words["link_after"],
            )

    def _before(self, draft: Draft) -> Draft | None:
        return next(
            (
                other
                for other in reversed(self.drafts[: draft.number])
                if other.language == draft.language and other.number != WITHDRAWN
            ),
            None,
        )
