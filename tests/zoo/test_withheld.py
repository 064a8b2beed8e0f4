"""A mirror that withholds the next keyring, and other mirrors that have it (format 5.5)."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from aiohttp import web

from feeds.localise import CANONICAL_BASE
from keys.standing import Ending
from mirror.reading.others import MAX_ASKED, OtherMirrors, may_be_asked
from tests.feeds.tree import article
from tests.nginx import Site, free_port, missing, nginx
from tests.served import Answer as Serve
from tests.served import server
from tests.zoo.animals import Cage, write
from tests.zoo.command import Answer, tamizdat
from tests.zoo.newsroom import Files, Newsroom

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(bool(missing()), reason=missing() or "nginx is there"),
]
KEYRING = "log/keys/2"
NOWHERE = "http://127.0.0.1:9/"


@dataclass(slots=True)
class Pair:
    """Two mirrors of one newsroom; what the first serves is tested."""

    room: Newsroom
    top: Path
    bad: str
    good: str

    def serve(self, base: str, files: Files, served: Files | None = None) -> None:
        """Put a tree at one of the two addresses."""
        cage = Cage(self.room, dict(files), served=served or {})
        write(cage, self.top / base.rstrip("/").rpartition("/")[2], base)

    def verify(self, target: str, *more: str) -> Answer:
        """As a user does who trusts the first keyring."""
        keyring = self.top / "keyring"
        return tamizdat("verify", target, "--keyring", str(keyring), "--timeout", "2", *more)


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[Pair]:
    port = free_port()
    bad, good = (f"http://127.0.0.1:{port}/{name}/" for name in ("bad", "good"))
    room = Newsroom(listed=NOWHERE)
    (tmp_path / "keyring").write_bytes(room.keyring)
    soft = f"location /bad/ {{ error_page 404 =200 /bad/sorry.html; root {tmp_path}; }}"
    with nginx(Site(port=port, root=tmp_path, extra=[soft])):
        yield Pair(room, tmp_path, bad, good)


def rotate(pair: Pair, listed: str = NOWHERE) -> Files:
    """A second keyring and an edition by its log key; that edition."""
    pair.room.rotate(Ending.RETIRED, good=pair.room.size)
    listing = b'{"mirrors":[{"kind":"web","since":"2026-11-24","url":"%s"}]}' % listed.encode()
    pair.room.publish(dict([article(42)]), {"mirrors.json": listing})
    pair.serve(pair.good, pair.room.files)
    return {path: data for path, data in pair.room.files.items() if path != KEYRING}


def went_on(answer: Answer, where: str) -> None:
    """The walk went on to the second keyring, and what was withheld is said."""
    assert answer.text.startswith("incomplete: "), answer.text
    assert f"{KEYRING}: is missing" in answer.text
    assert f"{KEYRING}: is not here, but {where} has it" in answer.text
    assert "; keyring 2;" in answer.text
    assert answer.status == 1


def test_alone_such_a_mirror_is_not_genuine(pair: Pair) -> None:
    pair.serve(pair.bad, rotate(pair))

    answer = pair.verify(pair.bad)

    assert answer.text.startswith("not genuine: "), answer.text
    assert "log/checkpoint: " in answer.text


def test_the_mirror_that_the_user_names_is_asked(pair: Pair) -> None:
    pair.serve(pair.bad, rotate(pair))

    went_on(pair.verify(pair.bad, "--mirror", NOWHERE, "--mirror", pair.good), pair.good)


def test_the_mirrors_that_it_lists_are_asked(pair: Pair) -> None:
    pair.serve(pair.bad, rotate(pair, listed=pair.good))

    went_on(pair.verify(pair.bad), pair.good)


def test_a_soft_404_for_the_next_keyring_is_asked_for_elsewhere(pair: Pair) -> None:
    sorry = {"sorry.html": b"<!doctype html>\n<p>Sorry, nothing here.\n"}
    pair.serve(pair.bad, rotate(pair, listed=pair.good), sorry)

    answer = pair.verify(pair.bad)

    went_on(answer, pair.good)
    assert "is a page that stands here for whatever is not there; it counts as none" in answer.text


def test_the_mirrors_of_earlier_verifications_are_asked(pair: Pair) -> None:
    state = ("--state", str(pair.top / "state"))
    pair.serve(pair.good, pair.room.files)
    assert pair.verify(pair.good, *state).status == 0
    pair.serve(pair.bad, rotate(pair))

    went_on(pair.verify(pair.bad, *state), pair.good)


def test_a_keyring_that_was_seen_before_is_not_forgotten(pair: Pair) -> None:
    """Nor does it have to be fetched again."""
    state = ("--state", str(pair.top / "state"))
    withheld = rotate(pair)
    assert pair.verify(pair.good, *state).status == 0
    (pair.top / "good" / KEYRING).unlink()
    pair.serve(pair.bad, withheld)

    went_on(pair.verify(pair.bad, *state), "--state")


def test_a_folder_asks_whom_the_user_names_and_nobody_else(pair: Pair) -> None:
    withheld = rotate(pair, listed=pair.good)
    write(Cage(pair.room, withheld), pair.top / "stick", CANONICAL_BASE)
    folder = str(pair.top / "stick")

    assert pair.verify(folder).text.startswith("not genuine: ")
    went_on(pair.verify(folder, "--mirror", pair.good), pair.good)


def test_a_thief_can_not_hide_that_his_key_was_revoked(pair: Pair) -> None:
    """He has log key and clock, and a mirror that never tells of the second keyring."""
    thief = pair.room.copy()
    pair.room.rotate(Ending.REVOKED, good=pair.room.size)
    pair.room.publish(dict([article(42)]))
    pair.serve(pair.good, pair.room.files)
    thief.publish(dict([article(43, "by the thief")]))
    pair.serve(pair.bad, thief.files)
    assert pair.verify(pair.bad).text.startswith("genuine: ")  # nobody else is known

    answer = pair.verify(pair.bad, "--mirror", pair.good)

    assert answer.text.startswith("not genuine: "), answer.text
    assert "revoked" in answer.text
    assert answer.status == 1


def test_a_mirror_from_before_the_second_keyring_is_genuine(pair: Pair) -> None:
    pair.serve(pair.bad, pair.room.files)
    rotate(pair)

    answer = pair.verify(pair.bad, "--mirror", pair.good)

    assert answer.text.startswith("genuine: "), answer.text
    assert f"{KEYRING}: is not here, but {pair.good} has it" in answer.text


def test_a_gap_in_the_keyrings_is_incomplete(pair: Pair) -> None:
    rotate(pair)
    second = pair.room.keyring
    pair.room.keyring = pair.room.next_keyring()
    pair.room.publish(dict([article(44)]))
    pair.serve(pair.good, pair.room.files)
    pair.serve(pair.bad, {path: data for path, data in pair.room.files.items() if path != KEYRING})
    assert (pair.top / "good" / KEYRING).read_bytes() == second

    answer = pair.verify(pair.bad, "--mirror", pair.good)

    assert answer.text.startswith("incomplete: "), answer.text
    assert f"{KEYRING}: is missing" in answer.text
    assert "; keyring 3;" in answer.text


async def endless(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse()
    await response.prepare(request)
    while True:
        await response.write(bytes(2**18))


async def silent(request: web.Request) -> web.StreamResponse:
    assert request
    await asyncio.sleep(60)
    return web.Response()


async def elsewhere(request: web.Request) -> web.StreamResponse:
    raise web.HTTPFound(NOWHERE + request.path)


async def page(_: web.Request) -> web.StreamResponse:
    return web.Response(body=b"<html>hello")


@pytest.mark.parametrize("serve", [endless, silent, elsewhere, page])
def test_others_that_misbehave_change_nothing(pair: Pair, serve: Serve) -> None:
    pair.serve(pair.bad, rotate(pair))
    with server(serve) as hostile:
        alone = pair.verify(pair.bad, "--mirror", hostile)
        helped = pair.verify(pair.bad, "--mirror", hostile, "--mirror", pair.good)

    assert alone.text.startswith("not genuine: ")
    went_on(helped, pair.good)


def test_a_keyring_that_too_few_signed_is_not_taken_from_others(pair: Pair) -> None:
    weak = pair.room.next_keyring(signers=1)
    pair.serve(pair.bad, pair.room.files)
    pair.serve(pair.good, {**pair.room.files, KEYRING: weak})

    answer = pair.verify(pair.bad, "--mirror", pair.good)

    assert answer.text.startswith("genuine: all 10 files"), answer.text
    assert "; keyring 1;" in answer.text


def test_who_does_not_answer_is_asked_once_and_no_more_than_some_are() -> None:
    asked: list[str] = []

    async def note(request: web.Request) -> web.StreamResponse:
        asked.append(request.path)
        if "/0/" in request.path:
            await asyncio.sleep(60)
        return web.Response(status=404)

    with server(note) as base:
        bases = [f"{base}{number}/" for number in range(MAX_ASKED + 5)]
        mirrors = OtherMirrors([*bases, *bases], patience=timedelta(seconds=3))
        assert mirrors.keyring("news.example/mirror", 2, bool) is None
        assert len(asked) == MAX_ASKED
        assert mirrors.keyring("news.example/mirror", 3, bool) is None

    assert len(asked) == 2 * MAX_ASKED - 1


def set_proxies(schemes: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment names a proxy for these, and for no other."""
    for scheme in ("http", "https", "all", "no"):
        monkeypatch.delenv(f"{scheme}_proxy", raising=False)
        monkeypatch.delenv(f"{scheme.upper()}_PROXY", raising=False)
    for scheme in schemes.split():
        monkeypatch.setenv(f"{scheme}_proxy", "http://127.0.0.1:9050")


@pytest.mark.parametrize(
    ("base", "target", "proxies"),
    [
        ("https://a.example/", "https://b.example/x/", ""),
        ("http://192.168.0.7/", "http://192.168.0.8/", ""),
        ("http://abc.onion/", "http://def.onion/", "http"),
        ("http://abc.onion/", "https://b.example/", "http https"),
        ("https://a.example/", "http://def.onion/", "http https"),
    ],
)
def test_what_an_unsigned_list_names_is_asked(
    base: str, target: str, proxies: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_proxies(proxies, monkeypatch)

    assert may_be_asked(base, target)


@pytest.mark.parametrize(
    ("base", "target", "proxies"),
    [
        ("https://a.example/x/", "https://a.example/x/", ""),
        ("https://a.example/?x", "https://b.example/", ""),
        ("http://192.168.0.1/", "https://b.example/", ""),
        ("http://[::1]/", "https://b.example/", ""),
        ("http://router.local/", "https://b.example/", ""),
        ("http://localhost:631/", "https://b.example/", ""),
        ("http://abc.onion/", "https://b.example/", ""),
        ("https://a.example/", "http://def.onion/", "http"),
    ],
)
def test_an_unsigned_list_leads_nobody_astray(
    base: str, target: str, proxies: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_proxies(proxies, monkeypatch)

    assert not may_be_asked(base, target)
