"""What only an SSH server can do wrong, and what it is told of us."""

import asyncio
import contextlib
import getpass
import logging
import os
import socket
import subprocess
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path

import asyncssh
import pytest

from feeds.paths import CHECKPOINT
from mirror.config import MirrorConfig, Secret
from mirror.endpoints.build import build
from mirror.endpoints.protocol import Laying, Mirror
from mirror.endpoints.sftp_session import PIECE
from mirror.errors import EndpointError, EndpointRefusedError, EndpointUnreachableError
from tests.nginx import free_port
from tests.sshd import Sshd, missing, sshd

PASSWORD = "correct-horse"  # noqa: S105 - looked for in everything that we say
ELSEWHERE = f"SHA256:{'A' * 43}"

pytestmark = pytest.mark.real


@pytest.fixture
def server() -> Iterator[Sshd]:
    if missing():
        pytest.skip(missing())
    with sshd() as running:
        yield running


def files(folder: Path) -> dict[str, bytes]:
    every = (file for file in folder.rglob("*") if file.is_file())
    return {str(file.relative_to(folder)): file.read_bytes() for file in every}


@contextlib.asynccontextmanager
async def mirror_of(config: MirrorConfig) -> AsyncIterator[Mirror]:
    mirror = build(config)
    yield mirror
    await mirror.close()


async def test_a_host_with_another_key_is_given_nothing(server: Sshd, tmp_path: Path) -> None:
    push = server.push(tmp_path).replace(server.pins["ssh-ed25519"], ELSEWHERE)

    async with mirror_of(server.config(tmp_path, push=push)) as mirror:
        with pytest.raises(EndpointRefusedError, match="not pinned") as caught:
            await mirror.put("index.html", b"front")

    assert server.pins["ssh-ed25519"] in str(caught.value)
    assert files(tmp_path) == {}


async def test_the_pinned_key_is_found_among_several(server: Sshd, tmp_path: Path) -> None:
    async with mirror_of(server.config(tmp_path, "ssh-rsa")) as mirror:
        await mirror.put("index.html", b"front")

    assert (tmp_path / "index.html").read_bytes() == b"front"


async def test_a_key_that_is_not_let_in_is_told_with_a_remedy(server: Sshd, tmp_path: Path) -> None:
    other = tmp_path / "other"
    asyncssh.generate_private_key("ssh-ed25519").write_private_key(other)

    async with mirror_of(server.config(tmp_path, password=Secret(file=other))) as mirror:
        with pytest.raises(EndpointRefusedError, match="does not let us in"):
            await mirror.put("index.html", b"front")


async def test_a_key_that_is_cut_short_is_told_and_not_shown(server: Sshd, tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    broken.write_text(server.key.read_text()[:120])

    async with mirror_of(server.config(tmp_path, password=Secret(file=broken))) as mirror:
        with pytest.raises(EndpointRefusedError, match="private key can't be read") as caught:
            await mirror.get(CHECKPOINT, max_bytes=99)

    assert broken.read_text()[50:90] not in str(caught.value) + repr(mirror)


async def test_a_password_is_used_where_it_is_no_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Door(asyncssh.SSHServer):
        def begin_auth(self, username: str) -> bool:
            del username
            return True

        def password_auth_supported(self) -> bool:
            return True

        def validate_password(self, username: str, password: str) -> bool:
            return (username, password) == ("editor", PASSWORD)

    key = asyncssh.generate_private_key("ssh-ed25519")
    door = await asyncssh.listen(
        "127.0.0.1", 0, server_factory=Door, server_host_keys=[key], sftp_factory=True
    )
    monkeypatch.setenv("RIGHT", PASSWORD)
    monkeypatch.setenv("WRONG", "guess")
    config = MirrorConfig.model_validate(
        {
            "name": "it",
            "url": "https://a.example/",
            "push": f"sftp://editor@127.0.0.1:{door.get_port()}{tmp_path}"
            f"?host-key={key.get_fingerprint()}",
            "password": {"env": "RIGHT"},
        }
    )

    async with mirror_of(config) as mirror:
        await mirror.put("index.html", b"front")
    wrong = config.model_copy(update={"password": Secret(env="WRONG")})
    async with mirror_of(wrong) as mirror:
        with pytest.raises(EndpointRefusedError, match="does not let us in"):
            await mirror.put("index.html", b"forged")
    door.close()
    await door.wait_closed()

    assert (tmp_path / "index.html").read_bytes() == b"front"


async def test_a_connection_that_was_cut_is_opened_again(server: Sshd, tmp_path: Path) -> None:
    async with mirror_of(server.config(tmp_path)) as mirror:
        await mirror.put("index.html", b"old")
        assert server.cut() == 1
        with contextlib.suppress(EndpointUnreachableError):
            await mirror.put("index.html", b"new")

        await mirror.put("index.html", b"newer")

        assert await mirror.get("index.html", max_bytes=9) == b"newer"


async def test_many_puts_are_told_when_the_connection_is_cut_and_none_left_in_part(
    server: Sshd, tmp_path: Path
) -> None:
    sent = {f"m/{n % 9:02}/{n}.webp": bytes([n]) * 300_000 for n in range(60)}
    async with mirror_of(server.config(tmp_path)) as mirror:
        await mirror.put("index.html", b"old")
        puts = asyncio.gather(
            *(mirror.put(path, data) for path, data in sent.items()), return_exceptions=True
        )
        await asyncio.sleep(0.2)
        server.cut()
        answers = await puts

        there = files(tmp_path)
        for path, answer in zip(sent, answers, strict=True):
            assert answer is None or isinstance(answer, EndpointUnreachableError)
            assert there.get(path) == sent[path] or (answer is not None and path not in there)

        await asyncio.gather(*(mirror.put(path, data) for path, data in sent.items()))

    assert files(tmp_path) == {"index.html": b"old", **sent}, "the next one completes what is left"


async def test_a_file_is_laid_down_in_place_only_where_nothing_stands(
    server: Sshd, tmp_path: Path
) -> None:
    (tmp_path / "index.html").write_bytes(b"what readers know, and longer")
    known = (tmp_path / "index.html").stat().st_ino

    async with mirror_of(server.config(tmp_path)) as mirror:
        assert isinstance(mirror, Laying)
        await mirror.lay("a/0d/new.html", b"new")
        fresh = (tmp_path / "a/0d/new.html").stat().st_ino
        await mirror.lay("a/0d/new.html", b"again")
        await mirror.lay("index.html", b"front")

    assert files(tmp_path) == {"a/0d/new.html": b"again", "index.html": b"front"}
    assert (tmp_path / "index.html").stat().st_ino != known
    assert (tmp_path / "a/0d/new.html").stat().st_ino != fresh


@pytest.mark.parametrize("size", [0, 1, PIECE - 1, PIECE, PIECE + 1, 5_000_000])
async def test_a_file_of_any_size_arrives_whole(server: Sshd, tmp_path: Path, size: int) -> None:
    data = os.urandom(size)

    async with mirror_of(server.config(tmp_path)) as mirror:
        await mirror.put("m/ab/x.webp", data)

        assert await mirror.get("m/ab/x.webp", max_bytes=size) == data


async def test_a_folder_in_the_home_of_the_login_is_written_by_a_tilde(
    server: Sshd, tmp_path: Path
) -> None:
    up = "../" * (len(Path.home().parts) - 1)
    push = server.push(Path(f"/~/{up}{tmp_path}/x7k2"))

    async with mirror_of(server.config(tmp_path, push=push)) as mirror:
        await mirror.put("a/0d/1.html", b"x")

    assert (tmp_path / "x7k2/a/0d/1.html").read_bytes() == b"x"


async def test_a_server_that_can_not_replace_in_one_step_is_refused(tmp_path: Path) -> None:
    if missing():
        pytest.skip(missing())
    with sshd(sftp_server="/usr/lib/openssh/sftp-server -P posix-rename") as server:
        async with mirror_of(server.config(tmp_path)) as mirror:
            with pytest.raises(EndpointRefusedError):
                await mirror.put("index.html", b"front")

    assert files(tmp_path) == {}


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Where 400 kB find room."""
    command = ["mount", "-t", "tmpfs", "-o", "size=400k", "tmpfs", str(tmp_path)]
    if subprocess.run(command, check=False, capture_output=True).returncode:
        pytest.skip("only root can mount a small disk")
    yield tmp_path
    subprocess.run(["umount", str(tmp_path)], check=True)


async def test_a_full_disk_is_told_as_one_and_the_old_file_stays(
    server: Sshd, small_disk: Path
) -> None:
    async with mirror_of(server.config(small_disk)) as mirror:
        await mirror.put("index.html", b"old")
        with pytest.raises(EndpointRefusedError, match="no space is left"):
            await mirror.put("index.html", b"n" * 500_000)

    assert files(small_disk) == {"index.html": b"old"}


async def test_a_folder_that_may_not_be_written_is_told_with_a_remedy(
    server: Sshd, tmp_path: Path
) -> None:
    async with mirror_of(server.config(tmp_path, push=server.push(Path("/proc/x")))) as mirror:
        with pytest.raises(EndpointError):
            await mirror.put("index.html", b"front")


async def test_nobody_listening_is_told_as_that(server: Sshd, tmp_path: Path) -> None:
    push = server.push(tmp_path).replace(f":{server.port}", f":{free_port()}")

    async with mirror_of(server.config(tmp_path, push=push)) as mirror:
        with pytest.raises(EndpointUnreachableError, match="nobody listens"):
            await mirror.get(CHECKPOINT, max_bytes=99)


async def test_a_server_that_hangs_and_learns_nothing_is_given_up(
    server: Sshd, tmp_path: Path
) -> None:
    said = b""

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal said
        writer.write(b"SSH-2.0-x\r\n")
        with contextlib.suppress(ConnectionError):
            while data := await reader.read(65_536):
                said += data
        writer.close()

    deaf = await asyncio.start_server(listen, "127.0.0.1", 0)
    port = deaf.sockets[0].getsockname()[1]
    push = server.push(tmp_path).replace(f":{server.port}", f":{port}")

    config = server.config(tmp_path, push=push, timeout="1s")
    async with mirror_of(config) as mirror:
        with pytest.raises(EndpointUnreachableError, match="in time"):
            await mirror.get(CHECKPOINT, max_bytes=99)
        await asyncio.sleep(0.1)  # the other end sees it
    deaf.close()
    await deaf.wait_closed()

    assert said.startswith(b"SSH-2.0-OpenSSH")
    for word in (b"asyncssh", b"python", b"tamizdat", socket.gethostname().encode()):
        assert word not in said.lower()


async def test_no_log_line_of_a_failing_push_holds_a_secret(
    server: Sshd, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    push = server.push(tmp_path).replace(server.pins["ssh-ed25519"], ELSEWHERE)
    said = ""
    for config in (
        server.config(tmp_path, push=push),
        server.config(tmp_path, password=None),
        server.config(Path("/proc/nowhere")),
    ):
        async with mirror_of(config) as mirror:
            with pytest.raises(EndpointError) as caught:
                await mirror.put("index.html", b"front")
            said += str(caught.value) + repr(caught.value) + repr(mirror)

    said += caplog.text
    for secret in (f"{getpass.getuser()}@", "127.0.0.1", server.key.read_text()[60:100]):
        assert secret not in said


async def test_what_is_pushed_bears_the_rights_of_a_web_server(
    server: Sshd, tmp_path: Path
) -> None:
    async with mirror_of(server.config(tmp_path)) as mirror:
        await mirror.put("a/0d/1.html", b"x")

    assert oct((tmp_path / "a/0d/1.html").stat().st_mode & 0o777) == "0o644"
    assert oct((tmp_path / "a/0d").stat().st_mode & 0o777) == "0o755"


async def test_a_request_that_takes_too_long_is_given_up(tmp_path: Path) -> None:
    if missing():
        pytest.skip(missing())
    slow = tmp_path / "slow"
    slow.write_text("#!/bin/sh\nexec sleep 60\n")
    slow.chmod(0o755)
    with sshd(sftp_server=str(slow)) as server:
        config = server.config(tmp_path).model_copy(update={"timeout": timedelta(seconds=1)})
        async with mirror_of(config) as mirror:
            with pytest.raises(EndpointUnreachableError, match="in time"):
                await mirror.get(CHECKPOINT, max_bytes=99)
