"""Budgets for pictures: what is over them leaves its caption, and no article waits."""

import io
from datetime import UTC, datetime

from PIL import Image

from mirror.extract.figures import FoundPicture
from mirror.source.pictures import Budget, fetch_pictures
from mirror.source.response import Limits, Response

NOW = datetime(2026, 1, 2, tzinfo=UTC)


class Host:
    """Gives a picture for any address, another for each."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def get(self, url: str, *, kind: Limits) -> Response:
        assert kind is Limits.PICTURE
        self.asked.append(url)
        image = Image.effect_noise((400, 300), 40 + len(self.asked))
        data = io.BytesIO()
        image.save(data, "JPEG")
        return Response(
            status=200,
            url=url,
            hops=(),
            headers={},
            body=data.getvalue(),
            date=None,
            fetched_at=NOW,
        )


def pictures(count: int) -> list[FoundPicture]:
    return [FoundPicture(url=f"https://news.example/{number}.jpg") for number in range(count)]


async def test_an_article_has_no_more_pictures_than_its_budget() -> None:
    budget = Budget(article=100_000, day=1_000_000_000)

    had = await fetch_pictures(Host(), None, pictures(6), budget)

    size = sum(map(len, had.files.values()))
    assert 0 < size <= 100_000
    assert budget.used == size
    assert len(had.pictures) + len(had.problems) == 6
    assert all("max_article_media" in problem for problem in had.problems)


async def test_when_the_day_is_used_up_nothing_more_is_asked_for() -> None:
    host, budget = Host(), Budget(article=1_000_000, day=10_000)

    first = await fetch_pictures(host, None, pictures(1), budget)
    budget.used = max(budget.used, 10_000)
    second = await fetch_pictures(host, pictures(3)[2], pictures(3), budget)

    assert len(first.pictures) == 1
    assert second.pictures == {}
    assert len(host.asked) == 1
    assert all("max_day_media" in problem for problem in second.problems)
