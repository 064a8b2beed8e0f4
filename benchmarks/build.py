"""A whole site from nothing, and one more article, beside Hugo with the same pages.

    python -m benchmarks.build [--articles 10000] [--runs 5] [--json]

Ours publishes what waits in its store: pages, lists, feeds, log and proofs, on disk and signed.
Hugo renders the same articles to pages and lists alone: no feeds, no log, no proofs. Each is a
process of its own, so that memory is that of the build.
"""

import asyncio
import json
import os
import shutil
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from sqlalchemy import insert

from benchmarks._measure import Results, arguments, median, watched
from benchmarks._seed import add, empty_newsroom
from benchmarks._stories import EVERY, form_of, id_of, story
from feeds.article import State
from mirror.config import Config
from mirror.config.load import load_file
from mirror.service import Service
from mirror.store.database import Database
from mirror.store.tables import ADDRESSES, ARTICLES, VERSIONS
from mirror.store.times import stored

BUILD: Final = 0.6  # of Hugo's time
MEMORY: Final = 0.1  # of Hugo's
ONE_MORE: Final = 0.01  # of Hugo's time for it
HUGO: Final = "hugo"

_ROWS: Final = 1_000  # that are inserted at once
_CONFIG: Final = """\
baseURL = "https://news.example/"
title = "The News"
disableKinds = ["RSS", "sitemap", "taxonomy", "term", "404"]
[pagination]
pagerSize = 50
"""
_BASE: Final = """\
<!DOCTYPE html><html lang="{{ .Lang }}"><head><meta charset="utf-8"><title>{{ .Title }}</title>\
<meta name="viewport" content="width=device-width"></head><body><main>\
{{ block "main" . }}{{ end }}</main></body></html>
"""
_SINGLE: Final = """\
{{ define "main" }}<article><h1>{{ .Title }}</h1><p>{{ .Params.lead }}</p>\
<p>{{ .Params.author }} · <time>{{ .Date.Format "2 January 2006, 15:04" }}</time></p>\
{{ .Content }}</article>{{ end }}
"""
_LIST: Final = """\
{{ define "main" }}<ul>{{ range (.Paginate .Pages 50).Pages }}<li><a href="{{ .RelPermalink }}">\
{{ .Title }}</a> <time>{{ .Date.Format "2 January 2006" }}</time></li>{{ end }}</ul>{{ end }}
"""


async def fill(folder: Path, count: int, now: datetime) -> None:
    """A newsroom in which so many articles wait to be published."""
    config = empty_newsroom(folder, now)
    database = await Database.open(config.store.database, config.store.data)
    for first in range(0, count, _ROWS):
        numbers = range(first, min(first + _ROWS, count))
        stories = [story(number, now - EVERY * (count - number)) for number in numbers]
        ids = [id_of(number) for number in numbers]
        async with database.begin() as connection:
            live = [{"id": one, "state": State.LIVE.value} for one in ids]
            await connection.execute(insert(ARTICLES), live)
            forms = [
                {"id": one, "form": form_of(number), "article": one, "logged": 1}
                for one, number in zip(ids, numbers, strict=True)
            ]
            await connection.execute(insert(ADDRESSES), forms)
            read = [
                {
                    "article": one,
                    "number": 1,
                    "status": "ready",
                    "snapshot": snapshot.encode(),
                    "fetched": stored(snapshot.fetched_at),
                }
                for one, snapshot in zip(ids, stories, strict=True)
            ]
            await connection.execute(insert(VERSIONS), read)
    await database.close()


async def publish(config: Config, count: int, runs: int) -> dict[str, object]:
    """Publish all that waits, and then one article ``runs`` times; seconds of each."""
    async with Service.open(config) as service:
        now = datetime.now(UTC)
        begun = time.perf_counter()
        made = await service.publish(now)
        whole = time.perf_counter() - begun
        if sum(one.articles for one in made) != count:
            raise SystemExit(f"{sum(one.articles for one in made)} of {count} were published")
        more = []
        for run in range(runs):
            now += timedelta(seconds=1)
            await add(service, [count + run], now)
            begun = time.perf_counter()
            await service.publish(now)
            more.append(time.perf_counter() - begun)
    return {"whole": whole, "more": more}


def write_hugo(folder: Path, count: int, now: datetime) -> None:
    """The same articles as a site of Hugo's."""
    for path, text in (
        ("hugo.toml", _CONFIG),
        ("layouts/_default/baseof.html", _BASE),
        ("layouts/_default/single.html", _SINGLE),
        ("layouts/_default/list.html", _LIST),
    ):
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    for number in range(count):
        write_story(folder, number, now - EVERY * (count - number))


def write_story(folder: Path, number: int, moment: datetime) -> None:
    """One article as Hugo reads it: front matter, and HTML as it stands."""
    snapshot = story(number, moment)
    head = {
        "title": snapshot.title,
        "date": moment.isoformat(),
        "lead": snapshot.lead,
        "author": snapshot.authors[0],
    }
    file = folder / "content" / snapshot.section.lower() / f"story-{number}.html"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f"{json.dumps(head)}\n{snapshot.body_html}\n", encoding="utf-8")


def main() -> int:
    """0 where every target is met, else 1."""
    parser = arguments(__doc__)
    parser.add_argument("--articles", type=int, default=10_000)
    parser.add_argument("--runs", type=int, default=5, help="articles that come later")
    parser.add_argument("--ours", metavar="CONFIG", help="publish what waits there, and say so")
    given = parser.parse_args()
    count, runs = given.articles, given.runs
    if given.ours:
        print(json.dumps(asyncio.run(publish(load_file(Path(given.ours)), count, runs))))
        return 0
    if shutil.which(HUGO) is None:
        raise SystemExit("hugo is not there: apt-get install hugo")
    results = Results("build")
    now = datetime.now(UTC).replace(microsecond=0)
    with tempfile.TemporaryDirectory(prefix="bench-") as place:
        ours, theirs = Path(place, "ours"), Path(place, "hugo")
        asyncio.run(fill(ours, count, now))
        write_hugo(theirs, count, now)
        os.sync()
        again = [sys.executable, "-m", "benchmarks.build", "--articles", str(count)]
        our = watched(
            [*again, "--runs", str(runs), "--ours", str(ours / "config.toml")], Path.cwd()
        )
        hugo = watched([HUGO, "--quiet"], theirs)
        later = []
        for run in range(runs):
            write_story(theirs, count + run, now)
            later.append(watched([HUGO, "--quiet"], theirs).seconds)
    said = json.loads(our.said)
    results.figure(f"seconds for {count} articles", said["whole"])
    results.figure("Hugo's", hugo.seconds)
    results.figure("MB", our.memory_mb)
    results.figure("Hugo's MB", hugo.memory_mb)
    results.figure("ms for one more", median(said["more"]) * 1_000)
    results.figure("Hugo's ms for one more", median(later) * 1_000)
    results.target("build / Hugo's", said["whole"] / hugo.seconds, BUILD)
    results.target("memory / Hugo's", our.memory_mb / hugo.memory_mb, MEMORY)
    results.target("one more / Hugo's", median(said["more"]) / median(later), ONE_MORE)
    return results.say(as_json=given.json)


if __name__ == "__main__":
    sys.exit(main())
