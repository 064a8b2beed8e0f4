"""The demo's configuration: an ordinary one, written from the plan at each start."""

from pathlib import Path
from typing import Final

from mirror.begin import CONFIG_FILE, Wishes, begin
from mirror.config import Config, load_file
from mirror.demo.plan import Plan, write_text
from mirror.newsroom.furniture import furniture
from mirror.newsroom.rules import EXTRACT

ORIGIN: Final = "courier.example/mirror"
WEBDAV_USER: Final = "courier"
WEBDAV_PASSWORD: Final = "webdav-password"  # noqa: S105 - the file's name
MARK: Final = (
    "# Written by `tamizdat demo`, at each start: take this line away to keep changes of yours.\n"
)
_BY_INIT: Final = "# Written by `tamizdat init`"

_TEXT: Final = """\
# An ordinary configuration; config.example.toml documents every key.

[site]
title = "{title}"
url = "{newsroom}/"
language = "en"
timezone = "UTC"

[[source]]
name = "english"
kind = "feed"
url = "{newsroom}/rss/all"
interval = "2s"                       # a real newsroom is asked every ten minutes or so

[[source]]
name = "russian"
kind = "feed"
url = "{newsroom}/ru/rss/all"
language = "ru"
interval = "2s"

{extract}
[fetch]
private_addresses = true              # only because this newsroom is on this machine
concurrency = 4

[trust]
origin = "{origin}"
tag_year = {year}
keys = "data/secret"
passphrase = {{ file = "passphrase" }}

[store]
data = "data"

[web]
listen = "127.0.0.1:{status}"

[[mirror]]
name = "one"
url = "{one}"
push = "file:mirrors/one"

[[mirror]]
name = "two"
url = "{two}"
push = "file:mirrors/two"
"""
_THREE: Final = """
[[mirror]]
name = "three"
url = "{three}"
push = "dav://{user}@127.0.0.1:{webdav}/{word}/"
password = {{ file = "{password}" }}
"""


def config_text(plan: Plan, *, webdav: bool) -> str:
    """The configuration file; without ``webdav``, only the two mirrors that are folders."""
    text = MARK + _TEXT.format(
        title=furniture("en").newsroom,
        newsroom=plan.address("newsroom"),
        extract=EXTRACT,
        origin=ORIGIN,
        year=plan.start.year,
        status=plan.port("status"),
        one=plan.base("one"),
        two=plan.base("two"),
    )
    if not webdav:
        return text
    return text + _THREE.format(
        three=plan.base("three"),
        user=WEBDAV_USER,
        webdav=plan.port("webdav"),
        word=plan.word("three"),
        password=WEBDAV_PASSWORD,
    )


def prepare(folder: Path, plan: Plan, *, webdav: bool) -> Config:
    """Make keys and configuration in ``folder`` where they are missing; the configuration.

    Raises:
        ConfigError: The folder can't hold them, or the operator's changes are mistaken.
        KeysError: There are keys, and they don't open.
    """
    file = folder / CONFIG_FILE
    if not file.exists():
        newsroom = plan.address("newsroom")
        wishes = Wishes(
            title=furniture("en").newsroom,
            url=f"{newsroom}/",
            feed=f"{newsroom}/rss/all",
            origin=ORIGIN,
            tag_year=plan.start.year,
        )
        begin(folder, wishes, plan.start)
    write_text(folder / WEBDAV_PASSWORD, plan.password + "\n")
    if file.read_text(encoding="utf-8").startswith((MARK, _BY_INIT)):
        write_text(file, config_text(plan, webdav=webdav))
    return load_file(file)
