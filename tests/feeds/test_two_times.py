"""The same articles give the same bytes whenever, and wherever, they are rendered."""

import os
import pickle
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from feeds.channel import Channel
from tests.feeds.feed_examples import BODIES, CORRECTED, FOUR, LISTED, RUSSIAN, TITLES, article

pytestmark = pytest.mark.real

PROJECT = Path(__file__).resolve().parents[2]
WORKER = """
import datetime, hashlib, pickle, sys
from feeds.documents import archive_document, documents
print(datetime.datetime.now().year, flush=True)
while True:
    channel, articles = pickle.load(sys.stdin.buffer)
    files = documents(channel, articles) | dict([archive_document(channel, 3, articles)])
    print(sorted((p, hashlib.sha256(d).hexdigest()) for p, d in files.items()), flush=True)
"""


class Elsewhere:
    """A process at another time and place, which renders what it is given."""

    def __init__(self, when: str, zone: str, language: str) -> None:
        program = shutil.which("faketime")
        if program is None:
            pytest.skip("faketime is not there: apt-get install faketime")
        self._process = subprocess.Popen(
            [program, "-f", when, sys.executable, "-c", WORKER],
            env={**os.environ, "TZ": zone, "LANG": language, "LC_ALL": language},
            cwd=PROJECT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        assert self._process.stdin
        assert self._process.stdout
        self._put: IO[bytes] = self._process.stdin
        self._get: IO[bytes] = self._process.stdout
        self.year = int(self._get.readline())

    def render(self, channel: Channel, articles: object) -> str:
        self._put.write(pickle.dumps((channel, articles)))
        self._put.flush()
        return self._get.readline().decode()

    def end(self) -> None:
        self._put.close()
        self._process.kill()
        self._process.wait()
        self._get.close()


@pytest.fixture(scope="module")
def places() -> Iterator[tuple[Elsewhere, Elsewhere]]:
    one = Elsewhere("@2001-02-03 04:05:06", "Pacific/Kiritimati", "C.UTF-8")
    two = Elsewhere("@2037-11-12 13:14:15", "America/Anchorage", "C")
    yield one, two
    one.end()
    two.end()


@given(
    st.sampled_from([LISTED, RUSSIAN]),
    st.lists(st.tuples(TITLES, BODIES, st.sampled_from(["en", "ru", "ar"])), max_size=4),
)
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_two_times_and_two_places_give_the_same_bytes(
    places: tuple[Elsewhere, Elsewhere], channel: Channel, stories: list[tuple[str, str, str]]
) -> None:
    articles = [
        article(number, title=title, body_html=body, language=language)
        for number, (title, body, language) in enumerate(stories)
    ]

    one, two = (place.render(channel, (*articles, CORRECTED)) for place in places)

    assert one == two
    assert "feeds/archive/" in one


def test_the_two_are_really_at_other_times(places: tuple[Elsewhere, Elsewhere]) -> None:
    assert [place.year for place in places] == [2001, 2037]
    assert places[0].render(LISTED, FOUR) == places[1].render(LISTED, FOUR)
