"""What a round is doing when it dies."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from tests.crash.site import Stage, Story

_THREE: Final = (Story(number=1, pictures=1), Story(number=2), Story(number=3, pictures=1))
_MANY: Final = tuple(
    Story(number=number, pictures=12 if number == 1 else 4) for number in range(1, 50)
)  # 254 entries, and 49 articles


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """Rounds that lead up to it, and the round that dies, by what the site shows.

    Attributes:
        stages: What the site shows at each round; the last one dies.
        wait: Between two of them.
        mirrors: How many of the mirrors there are.
        writes: Whether each write of SQLite's is a point too.
        erased: The story that the operator erases before the round that dies, or None.
    """

    stages: tuple[Stage, ...]
    wait: timedelta = timedelta(minutes=30)
    mirrors: int = 1
    writes: bool = False
    erased: Story | None = None


_CORRECTED: Final = (
    Story(number=1, pictures=1),
    Story(number=2, text="as put right", revision=1, pictures=1),
    Story(number=3, pictures=1),
    Story(number=4, pictures=1),
)
_GONE: Final = (*_THREE[:2], Story(number=3, pictures=1, gone=True))

SCENARIOS: Final = {
    "the first round": Scenario(stages=(_THREE[:2],)),
    "a new article and a corrected one": Scenario(
        stages=(_THREE, _CORRECTED), wait=timedelta(hours=2), mirrors=2, writes=True
    ),
    "an article that the site took down": Scenario(stages=(_THREE, _GONE), wait=timedelta(hours=2)),
    "an article that is erased": Scenario(stages=(_THREE, _GONE), erased=_THREE[2]),
    "a head that is cosigned anew": Scenario(
        stages=(_THREE, _THREE), wait=timedelta(hours=10), mirrors=2
    ),
    "a list page and a tile that are full": Scenario(
        stages=(_MANY, (*_MANY, Story(number=50), Story(number=51)))
    ),
}
