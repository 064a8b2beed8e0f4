"""``tamizdat run --once``: what an operator is told who has only begun."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from mirror.begin import Wishes, begin
from mirror.cli.main import run

WISHES = Wishes(
    title="The News",
    url="https://news.example/",
    feed="http://127.0.0.1:1/rss",  # refused, so that nothing leaves this machine
    origin="news.example/mirror",
    tag_year=2026,
)


@pytest.mark.parametrize("named", [False, True])
def test_without_a_mirror_it_says_that_one_is_to_be_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], *, named: bool
) -> None:
    file = begin(tmp_path, WISHES, datetime.now(UTC)).config.file
    mirror = '[[mirror]]\nname = "one"\nurl = "http://127.0.0.1:8000/"\npush = "file:www"\n'
    file.write_text(file.read_text() + (mirror if named else ""))

    run(["run", "--once", "--config", str(file)])

    assert ("add a [[mirror]]" in capsys.readouterr().out) is not named
