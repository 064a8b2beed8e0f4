"""A mirror verified at its address: what is asked for, what is refused, and what is said."""

import asyncio
from collections.abc import Iterator
from datetime import timedelta

import pytest
from aiohttp import web

from feeds.errors import InvalidAddressError, MissingFileError, TreeError, UnreadableError
from feeds.verify import Report, TooLargeError, Verdict
from feeds.verify_reader import SoftMissingError
from mirror.reading.limits import Limits
from mirror.reading.meter import NoMeter
from mirror.reading.reader import AddressReader
from tests.feeds.tree import article, feed
from tests.served import QUICK, Mirror, says, server


@pytest.fixture
def mirror() -> Mirror:
    return Mirror()


def text(report: Report) -> str:
    return "\n".join(map(str, report.findings))


def test_a_mirror_is_genuine_at_its_address(mirror: Mirror) -> None:
    report = mirror.verify()

    assert (report.verdict, report.findings) == (Verdict.GENUINE, ())
    assert report.files == 10
    assert all(request.headers["Accept-Encoding"] == "identity" for request in mirror.asked)
    paths = [request.path for request in mirror.asked]
    assert len(set(paths)) == len(paths) - 3  # some are read, and then compared


def test_only_as_many_files_are_fetched_as_a_sample_asks_for(mirror: Mirror) -> None:
    mirror.tree.publish(dict(article(number) for number in range(10, 200)))

    assert mirror.verify(sample=5).verdict is Verdict.GENUINE

    pages = [request for request in mirror.asked if request.path.endswith(".html")]
    assert 1 <= len(pages) <= 6


def test_what_is_altered_missing_or_unreplaced_is_found(mirror: Mirror) -> None:
    path = article(1)[0]
    mirror.instead[path] = says(200, b"forged")
    report = mirror.verify()
    assert report.verdict is Verdict.NOT_GENUINE
    assert f"{path}: is not what was published" in text(report)

    mirror.instead = {path: says(404)}
    assert mirror.verify().verdict is Verdict.INCOMPLETE

    mirror.instead = {"feeds/all.atom": says(200, mirror.tree.files["feeds/all.atom"])}
    report = mirror.verify()
    assert report.verdict is Verdict.NOT_GENUINE
    assert "mirror.invalid" in text(report)


@pytest.mark.parametrize("status", [200, 403, 404, 410])
def test_however_a_host_says_that_nothing_is_there(mirror: Mirror, status: int) -> None:
    """A soft 404 is no file: not the next keyring, and not one that was withdrawn."""
    path, _ = article(1)
    mirror.tree.publish({path: None})
    mirror.missing = says(status, b"<html>Sorry, there is nothing here</html>")

    report = mirror.verify()

    assert report.verdict is Verdict.GENUINE
    said = "log/keys/2: is a page that stands here for whatever is not there; it counts as none"
    assert text(report) == (said if status == 200 else "")


def test_a_front_page_that_stands_for_everything_is_still_there(mirror: Mirror) -> None:
    mirror.missing = says(200, mirror.tree.files["index.html"])
    assert mirror.verify().verdict is Verdict.GENUINE

    del mirror.tree.files[article(1)[0]]
    assert mirror.verify().verdict is Verdict.INCOMPLETE


def test_a_redirect_is_followed_on_the_same_host_only(mirror: Mirror) -> None:
    path, page = article(1)
    mirror.instead = {path: says(302, Location="/x7k2/moved"), "moved": says(200, page)}
    assert mirror.verify().verdict is Verdict.GENUINE

    for away in ("http://localhost:1/x", "//other.example/x", "file:///etc/passwd", "http://u@[x"):
        mirror.instead = {path: says(302, Location=away)}
        assert mirror.verify().verdict is Verdict.COULD_NOT_TELL

    mirror.instead = {path: says(302, Location=f"/x7k2/{path}")}
    assert "moved more than 3 times" in text(mirror.verify())


def test_what_was_not_asked_for_compressed_is_not_unpacked(mirror: Mirror) -> None:
    mirror.instead["index.html"] = says(200, b"\x1f\x8b", **{"Content-Encoding": "gzip"})

    report = mirror.verify()

    assert report.verdict is Verdict.COULD_NOT_TELL
    assert "compressed" in text(report)


def test_an_endless_file_is_read_no_further_than_any_file_may_go(mirror: Mirror) -> None:
    async def endless(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        while True:
            await response.write(bytes(2**18))

    for path in ("index.html", "feeds/all.atom", "log/checkpoint", "log/tile/entries/000.p/6"):
        mirror.instead = {path: endless}
        report = mirror.verify()
        assert report.verdict in {Verdict.NOT_GENUINE, Verdict.COULD_NOT_TELL}
        assert "is larger than" in text(report)


def test_a_dripping_file_is_not_waited_for(mirror: Mirror) -> None:
    async def drips(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        while True:
            await response.write(b".")
            await asyncio.sleep(0.02)

    mirror.instead["index.html"] = drips

    report = mirror.verify()

    assert report.verdict is Verdict.COULD_NOT_TELL
    assert "bytes a second" in text(report)


def test_a_silent_file_is_not_waited_for(mirror: Mirror) -> None:
    async def silent(_: web.Request) -> web.StreamResponse:
        await asyncio.sleep(60)
        return web.Response()

    mirror.instead["index.html"] = silent

    report = mirror.verify()

    assert report.verdict is Verdict.COULD_NOT_TELL
    assert "gave no answer for 1.5 seconds" in text(report)


def test_a_server_that_fails_at_first_is_asked_again(mirror: Mirror) -> None:
    path, page = article(1)
    tries = iter([503, 429])

    async def tired(_: web.Request) -> web.StreamResponse:
        status = next(tries, 200)
        return web.Response(status=status, body=page if status == 200 else b"")

    mirror.instead[path] = tired

    assert mirror.verify().verdict is Verdict.GENUINE


def test_a_mirror_that_fell_silent_is_given_up(mirror: Mirror) -> None:
    mirror.tree.publish(dict(article(number) for number in range(10, 300)))
    for number in range(10, 300):
        mirror.instead[article(number)[0]] = says(500)

    limits = Limits(attempts=1, silence=20, parallel=4)
    report = mirror.verify(limits=limits)

    assert report.verdict is Verdict.COULD_NOT_TELL
    assert "files got no answer" in text(report)
    assert sum(request.path.endswith(".html") for request in mirror.asked) < 60


def test_no_more_is_read_than_allowed(mirror: Mirror) -> None:
    for limits in (Limits(total_bytes=2_000), Limits(total_time=timedelta(0))):
        report = mirror.verify(limits=limits)
        assert report.verdict is Verdict.COULD_NOT_TELL
        assert "is not asked for" in text(report)


def test_nobody_answers() -> None:
    with AddressReader("http://127.0.0.1:9/", limits=QUICK) as reader:
        found = dict(reader.hash_many(["index.html"]))

    assert isinstance(found["index.html"], UnreadableError)


def test_each_file_is_told_from_each_other_kind_of_trouble(mirror: Mirror) -> None:
    mirror.missing = says(200, b"nothing")
    mirror.instead = {"gone": says(410), "no": says(451), "big": says(200, bytes(100))}
    with server(mirror) as base, AddressReader(base, limits=QUICK) as reader:
        paths = ["gone", "no", "big", "soft", "index.html"]
        found = dict(reader.read_many(paths, max_bytes=99))

    assert list(found) == paths
    assert type(found["gone"]) is MissingFileError
    assert type(found["no"]) is UnreadableError
    assert type(found["big"]) is TooLargeError
    assert type(found["soft"]) is SoftMissingError
    assert found["index.html"] == mirror.tree.files["index.html"]


def test_reading_may_be_broken_off(mirror: Mirror) -> None:
    with server(mirror) as base, AddressReader(base, limits=QUICK) as reader:
        files = reader.hash_many([*mirror.tree.files] * 50)
        next(files)
        files.close()  # type: ignore[attr-defined] # it is a generator

        assert len(dict(reader.hash_many(mirror.tree.files))) == len(mirror.tree.files)


def test_reading_may_be_broken_off_while_something_else_is_read(mirror: Mirror) -> None:
    """As where the collector of garbage comes upon what nobody reads any more."""
    left: list[Iterator[tuple[str, str | TreeError]]] = []
    broken_off = []

    class Meter(NoMeter):
        def arrived(self, _: int) -> None:
            while left:
                left.pop().close()  # type: ignore[attr-defined] # it is a generator
                broken_off.append(True)

    with server(mirror) as base, AddressReader(base, limits=QUICK, meter=Meter()) as reader:
        files = reader.hash_many([*mirror.tree.files] * 50)
        next(files)
        left.append(files)

        assert len(dict(reader.hash_many(mirror.tree.files))) == len(mirror.tree.files)
        assert broken_off


@pytest.mark.parametrize("base", ["http://127.0.0.1", "ftp://x/", "http://x/?a", "http://u@x/"])
def test_an_address_that_no_mirror_may_have_is_refused(base: str) -> None:
    with pytest.raises(InvalidAddressError):
        AddressReader(base)


def test_a_push_between_two_requests_is_followed(mirror: Mirror) -> None:
    """The head moves while the files are read: what changed is read again, and nothing else."""
    mirror.tree.publish(dict(article(number) for number in range(10, 100)))
    path, _ = article(99)
    moved = False

    async def at_last(_: web.Request) -> web.StreamResponse:
        nonlocal moved
        if not moved:
            moved = True
            mirror.tree.publish(
                dict([article(10, "corrected")]), {"feeds/all.atom": feed("new"), "index.html": b""}
            )
        return web.Response(body=mirror.tree.files[path])

    mirror.instead[path] = at_last

    report = mirror.verify(limits=Limits(parallel=1))

    assert report.verdict in {Verdict.GENUINE, Verdict.UPDATING}
    asked = [request.path for request in mirror.asked]
    assert asked.count(f"/x7k2/{article(50)[0]}") == 1


def test_an_old_head_is_stale(mirror: Mirror) -> None:
    mirror.tree.time -= timedelta(days=3)
    mirror.tree.write(mirror.tree.refresh())

    assert mirror.verify().verdict is Verdict.STALE
