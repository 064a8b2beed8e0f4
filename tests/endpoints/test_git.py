"""What only a branch of a git repository does."""

import asyncio
import contextlib
import getpass
import random
import re
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path

import pytest
import uvloop

from feeds.paths import CHECKPOINT
from mirror.config import MirrorConfig, Secret
from mirror.config.git import GitPlace
from mirror.endpoints.build import build
from mirror.endpoints.git import GitMirror
from mirror.errors import EndpointError, EndpointRefusedError, EndpointUnreachableError
from mirror.publish.carrier import Pace
from mirror.publish.outcome import Outcome, Target
from mirror.publish.push import bring_up_to_date
from tests.endpoints.wire import hang, slam, status, wire
from tests.gitserver import Repository, missing, over_http, repository
from tests.publish.library import (
    BASE,
    Library,
    article,
    articles,
    fronts,
    holds,
    picture,
    whole,
)
from tests.sshd import missing as no_sshd
from tests.sshd import sshd

pytestmark = pytest.mark.real

PASSWORD = "correct-horse"  # noqa: S105 - looked for in everything that we say
PLAIN = {".nojekyll": b""}

Make = Callable[..., GitMirror]


@pytest.fixture
def theirs(tmp_path: Path) -> Repository:
    return repository(tmp_path / "pages.git")


@pytest.fixture
async def make(theirs: Repository, tmp_path: Path) -> AsyncIterator[Make]:
    made: list[GitMirror] = []

    def one(address: str = "", kept: str = "kept", password: str = "") -> GitMirror:
        push = f"git:{address or f'file://{theirs.folder}'}"
        (tmp_path / "password").write_text(password)
        secret = Secret(file=tmp_path / "password") if password else None
        config = MirrorConfig(name="pages", url=BASE, push=push, password=secret)
        mirror = build(config, tmp_path / kept)
        assert isinstance(mirror, GitMirror)
        made.append(mirror)
        return mirror

    yield one
    for mirror in made:
        await mirror.close()


@pytest.fixture
def library() -> Library:
    made = Library()
    made.publish({**articles(1, 2, 3), **dict([picture(1)])}, fronts(1))
    return made


async def push(library: Library, mirror: GitMirror, *, attempts: int = 2) -> Outcome:
    pace = Pace(attempts=attempts, wait=timedelta(seconds=0.01))
    return await bring_up_to_date(
        Target(mirror=mirror, base=BASE, pace=pace),
        library,
        verify_head=library.verify,
        now=library.time,
        refresh=timedelta(hours=6),
    )


async def test_a_push_is_one_commit_by_nobody_at_the_time_that_the_head_shows(
    library: Library, theirs: Repository, make: Make
) -> None:
    outcome = await push(library, make())

    assert (outcome.problem, outcome.requests) == (None, 2)
    assert theirs.files() == whole(library) | PLAIN
    shown = theirs.git("log", "--format=%an %ae %cn %ce %at %ct %ai %B", "pages").split()
    nobody = ["mirror", "mirror@mirror.invalid"]
    seconds = str(int(library.time.timestamp()))
    assert shown == [
        *nobody,
        *nobody,
        seconds,
        seconds,
        "2026-05-01",
        "12:00:00",
        "+0000",
        "Update",
    ]


def test_the_loop_that_the_service_runs_on_does_the_same(
    library: Library, theirs: Repository, tmp_path: Path
) -> None:
    async def pushes() -> None:
        config = MirrorConfig(name="pages", url=BASE, push=f"git:file://{theirs.folder}")
        mirror = build(config, tmp_path / "kept")
        assert isinstance(mirror, GitMirror)
        for edition in range(2, 6):
            assert (await push(library, mirror)).problem is None
            library.publish(articles(edition * 10), fronts(edition))
        assert (await push(library, mirror)).problem is None
        await mirror.close()

    uvloop.run(pushes())

    assert theirs.files().items() >= whole(library).items()


async def test_with_nothing_new_a_push_is_one_request(library: Library, make: Make) -> None:
    mirror = make()
    await push(library, mirror)

    assert (await push(library, mirror)).requests == 1


@pytest.mark.parametrize(("history", "count"), [("squashed", 1), ("kept", 6)])
async def test_history_is_squashed_or_kept_as_the_address_says(
    library: Library, theirs: Repository, make: Make, history: str, count: int
) -> None:
    for edition in range(2, 8):
        mirror = make(f"file://{theirs.folder}?history={history}")
        library.publish(
            {**articles(edition * 10), **articles(1, text=f"{edition}")}, fronts(edition)
        )
        assert (await push(library, mirror)).problem is None

    assert theirs.files().items() >= whole(library).items()
    assert len(theirs.commits()) == count


@pytest.mark.parametrize("history", ["squashed", "kept"])
@pytest.mark.parametrize("lost", ["nothing", "the kept copy", "a part of it"])
async def test_only_what_changed_goes_over_the_line(
    library: Library, theirs: Repository, make: Make, history: str, lost: str
) -> None:
    address = f"file://{theirs.folder}?history={history}"
    library.publish(articles(*range(100, 180)), fronts(2))
    first = make(address)
    await push(library, first)
    await first.close()
    if lost == "a part of it":
        for pack in (theirs.folder.parent / "kept/pages.git/objects/pack").iterdir():
            pack.unlink()
    library.publish(articles(181, 182), fronts(3))
    before = theirs.objects()

    mirror = make(address, kept="other" if lost == "the kept copy" else "kept")
    outcome = await push(library, mirror)
    if lost == "a part of it" and outcome.problem:
        outcome = await push(library, mirror)

    assert outcome.problem is None
    folders = 15
    assert theirs.objects() - before <= outcome.puts + 1 + folders
    assert theirs.files().items() >= whole(library).items()


async def test_a_copy_that_is_made_again_has_folders_and_no_files(
    library: Library, make: Make, tmp_path: Path
) -> None:
    await push(library, make())

    mirror = make(kept="other")
    head = await mirror.get(CHECKPOINT, max_bytes=10_000)

    assert head == library.head
    kept = Repository(tmp_path / "other/pages.git")
    listed = kept.git("cat-file", "--batch-check", "--batch-all-objects")
    assert len(re.findall(" blob ", listed)) == 1  # the head itself


@pytest.mark.parametrize("restarted", [False, True])
async def test_what_a_command_that_was_ended_has_left_stops_no_push(
    library: Library, theirs: Repository, make: Make, *, restarted: bool
) -> None:
    mirror = make()
    await push(library, mirror)
    kept = theirs.folder.parent / "kept/pages.git"
    for name in ("refs/heads/made.lock", "refs/heads/shown.lock", "shallow.lock", "config.lock"):
        (kept / name).touch()
    (kept / "objects/pack/tmp_pack_x").write_bytes(b"half")
    library.publish(articles(7), fronts(2))

    if restarted:
        await mirror.close()
        mirror = make()
    outcome = await push(library, mirror)

    assert outcome.problem is None
    assert theirs.files().items() >= whole(library).items()
    assert not list(kept.rglob("*.lock"))


async def test_a_host_that_leaves_nothing_out_sends_all_and_works_the_same(
    library: Library, tmp_path: Path, make: Make
) -> None:
    theirs = repository(tmp_path / "old.git", filters=False)
    await push(library, make(f"file://{theirs.folder}"))
    library.publish(articles(7), fronts(2))

    assert (await push(library, make(f"file://{theirs.folder}", kept="other"))).problem is None
    assert theirs.files().items() >= whole(library).items()


async def test_after_many_pushes_the_copy_has_let_old_files_go(
    library: Library,
    theirs: Repository,
    make: Make,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("mirror.endpoints.git_kept.MOST_PACKS", 3)
    mirror = make()
    kept = Repository(tmp_path / "kept/pages.git")
    for edition in range(2, 12):
        library.publish(articles(edition * 10), fronts(edition))
        before = theirs.objects()
        assert (await push(library, mirror)).problem is None
        assert theirs.objects() - before < 40

    assert theirs.files().items() >= whole(library).items()
    assert len(list((kept.folder / "objects/pack").glob("*.pack"))) <= 5
    assert await mirror.get(article(1)[0], max_bytes=10_000) == article(1)[1]  # from the host


async def test_what_stood_on_the_branch_before_stays(
    library: Library, theirs: Repository, make: Make
) -> None:
    stream = (
        "commit refs/heads/pages\ncommitter a <b> 1 +0000\ndata 0\n"
        "M 100644 inline CNAME\ndata 12\nnews.example\n"
    )
    theirs.git("fast-import", "--quiet", given=stream.encode())

    await push(library, make(f"file://{theirs.folder}?folder=x7k2"))

    files = theirs.files()
    assert files.pop("CNAME") == b"news.example"
    assert files == {f"x7k2/{path}": data for path, data in whole(library).items()} | PLAIN


async def test_a_push_goes_on_top_of_what_somebody_else_has_pushed_meanwhile(
    library: Library, theirs: Repository, make: Make
) -> None:
    mirror, other = make(), make(kept="other")
    await push(library, mirror)
    batch = mirror.batch()
    await batch.put("index.html", b"mine")
    await other.put("x/theirs.txt", b"theirs")

    await batch.flush()

    assert theirs.files()["index.html"] == b"mine"
    assert theirs.files()["x/theirs.txt"] == b"theirs"


async def test_a_deleted_file_goes_and_nothing_else(
    library: Library, theirs: Repository, make: Make
) -> None:
    mirror = make()
    await push(library, mirror)
    page = article(2)[0]
    library.publish({}, fronts(2), erase=[page])

    await push(library, mirror)

    before = set(library.editions[min(library.editions)])
    assert set(theirs.files()) == {
        path for path in before | set(library.editions[library.size]) if not path.startswith(page)
    } | set(PLAIN)


async def test_a_push_that_is_killed_at_any_moment_leaves_one_edition_or_the_other(
    library: Library, theirs: Repository, make: Make
) -> None:
    mirror = make()
    await push(library, mirror)
    chance = random.Random(7)  # noqa: S311 - moments, no secrets
    for edition in range(2, 14):
        library.publish(
            {**articles(edition * 10), **articles(1, text=f"{edition}")},
            fronts(edition),
            erase=[article(edition * 10 - 10)[0]],
        )
        task = asyncio.create_task(push(library, mirror, attempts=1))
        await asyncio.sleep(chance.random() * 0.15)
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
        assert holds(library, theirs.files()) == []

    await mirror.close()
    assert (await push(library, make())).problem is None
    assert theirs.files().items() >= whole(library).items()


async def test_over_http_nothing_new_is_one_request_and_a_push_is_two_more(
    library: Library, theirs: Repository, make: Make, tmp_path: Path
) -> None:
    if missing():
        pytest.skip(missing())
    users = tmp_path / "users"
    users.write_text(f"editor:{{PLAIN}}{PASSWORD}\n")
    users.chmod(0o644)
    with over_http(theirs.folder.parent, users) as (address, server):
        mirror = make(f"{address.replace('://', '://editor@')}pages.git", password=PASSWORD)
        first = await push(library, mirror)
        library.publish(articles(8), fronts(2))
        requests = len(server.requests())
        second = await push(library, mirror)
        after = server.requests()[requests:]
        third = await push(library, mirror)
        last = server.requests()[requests + len(after) :]

    assert first.problem is second.problem is third.problem is None
    assert theirs.files().items() >= whole(library).items()
    assert after == [
        "GET /pages.git/info/refs?service=git-upload-pack 200",
        "GET /pages.git/info/refs?service=git-receive-pack 200",
        "POST /pages.git/git-receive-pack 200",
    ]
    assert last == ["GET /pages.git/info/refs?service=git-upload-pack 200"]


async def test_a_wrong_password_is_refused_with_a_remedy(
    library: Library, theirs: Repository, make: Make, tmp_path: Path
) -> None:
    if missing():
        pytest.skip(missing())
    users = tmp_path / "users"
    users.write_text("editor:{PLAIN}another\n")
    users.chmod(0o644)
    with over_http(theirs.folder.parent, users) as (address, _):
        mirror = make(f"{address.replace('://', '://editor@')}pages.git", password=PASSWORD)
        outcome = await push(library, mirror)

    assert outcome.problem is not None
    assert "a token that may write" in outcome.problem
    assert PASSWORD not in outcome.problem


async def test_a_host_learns_nothing_of_us_but_the_user(make: Make) -> None:
    async with wire(status(403)) as server:
        mirror = make(f"http://editor@127.0.0.1:{server.port}/pages.git", password=PASSWORD)
        with pytest.raises(EndpointRefusedError):
            await mirror.get(CHECKPOINT, max_bytes=99)

    said = "".join(server.heads).lower()
    assert "user-agent: git/2.40.0\r\n" in said
    names = {line.partition(":")[0] for line in said.split("\r\n")[1:] if line}
    assert names <= {"host", "user-agent", "accept", "accept-encoding", "pragma", "authorization"}


@pytest.mark.parametrize(
    ("answer", "error", "words"),
    [
        (status(401), EndpointRefusedError, "does not let us in"),
        (status(403), EndpointRefusedError, "does not let us in"),
        (status(404), EndpointRefusedError, "no such repository"),
        (
            status(302, "Location: http://127.0.0.1:1/x.git/info/refs"),
            EndpointRefusedError,
            "leads",
        ),
        (status(500), EndpointUnreachableError, "500"),
        (slam, EndpointUnreachableError, "closed before the answer"),
    ],
)
async def test_what_a_host_answers_is_told_in_words(
    make: Make, answer: Callable[..., object], error: type[EndpointError], words: str
) -> None:
    async with wire(answer) as server:  # type: ignore[arg-type]
        mirror = make(f"http://editor@127.0.0.1:{server.port}/pages.git", password=PASSWORD)
        with pytest.raises(error, match=words) as caught:
            await mirror.get(CHECKPOINT, max_bytes=99)

    assert PASSWORD not in str(caught.value)


async def test_a_host_that_hangs_is_let_go_with_all_processes(make: Make) -> None:
    async with wire(hang) as server:
        mirror = make(f"http://127.0.0.1:{server.port}/pages.git")
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.5):
                await mirror.get(CHECKPOINT, max_bytes=99)
        await asyncio.sleep(0.1)

    assert f"127.0.0.1:{server.port}" not in _running()


async def test_over_ssh_the_key_is_on_no_disk_and_the_host_is_the_one_that_is_pinned(
    library: Library, theirs: Repository, make: Make
) -> None:
    if no_sshd():
        pytest.skip(no_sshd())
    with sshd() as server:
        address = f"ssh://{getpass.getuser()}@127.0.0.1:{server.port}{theirs.folder}?host-key="
        key = server.key.read_text()
        mirror = make(f"{address}{server.pins['ssh-ed25519']}", password=key)
        first = await push(library, mirror)
        library.publish(articles(7), fronts(2))
        task = asyncio.create_task(push(library, mirror))
        seen = set[str]()
        while not task.done():
            seen.add(_running())
            await asyncio.sleep(0.005)
        other = make(f"{address}{server.pins['ssh-rsa']}", password=key)
        with pytest.raises(EndpointRefusedError, match="host key is not among those"):
            await other.get(CHECKPOINT, max_bytes=99)
        stranger = make(f"{address}{server.pins['ssh-ed25519']}")
        with pytest.raises(EndpointRefusedError, match="does not let us in"):
            await stranger.get(CHECKPOINT, max_bytes=99)

    assert first.problem is (await task).problem is None
    assert theirs.files().items() >= whole(library).items()
    commands = "".join(seen)
    assert "git-receive-pack" in commands
    assert not [line for line in key.splitlines()[1:-1] if line in commands]
    kept = theirs.folder.parent / "kept"
    assert not [one for one in kept.rglob("*") if one.is_file() and b"PRIVATE" in one.read_bytes()]


async def test_a_repository_that_is_not_there_is_told_as_that(make: Make, tmp_path: Path) -> None:
    with pytest.raises(EndpointRefusedError, match="no such repository"):
        await make(f"file://{tmp_path}/nowhere.git").get(CHECKPOINT, max_bytes=99)


async def test_a_branch_that_takes_no_push_is_told_as_that(
    library: Library, theirs: Repository, make: Make
) -> None:
    await push(library, make())
    theirs.git("config", "receive.denyNonFastForwards", "true")
    library.publish(articles(9), fronts(2))

    outcome = await push(library, make())

    assert outcome.problem is not None
    assert "forced ones too" in outcome.problem


@pytest.mark.parametrize(
    ("push_to", "words"),
    [
        ("git:host/x.git", "names no repository"),
        ("git:https:///x.git", "names no host"),
        ("git:https://user:word@host/x.git", "holds a password"),
        ("git:file://x.git/y", "whole path"),
        ("git:ssh://git@host/x.git", "pins no host key"),
        ("git:https://host/x.git?branch=a..b", "no branch"),
        ("git:https://host/x.git?history=none", "squashed"),
        ("git:https://host/x.git?folder=../x", "no folder"),
        ("git:https://host/x.git?depth=1", "knows no"),
    ],
)
def test_an_address_that_cannot_be_is_told_with_how_to_write_it(push_to: str, words: str) -> None:
    with pytest.raises(ValueError, match=words) as caught:
        GitPlace.parse(push_to)

    assert ":word" not in str(caught.value)


def _running() -> str:
    """What every process of this machine was called with."""
    said = b""
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            said += file.read_bytes() + b"\n"
    return said.decode("utf-8", "replace")
