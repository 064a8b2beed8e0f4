"""What only an FTP server does, and what it is told of us."""

import asyncio
import getpass
import socket
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import uvloop

from feeds.paths import CHECKPOINT
from mirror.config import MirrorConfig, Secret
from mirror.endpoints.build import build
from mirror.endpoints.protocol import Mirror
from mirror.errors import EndpointRefusedError, EndpointUnreachableError
from tests.ftpserver import PASSWORD, FtpServer, pyftpd
from tests.nginx import free_port

pytestmark = pytest.mark.real

Make = Callable[..., Mirror]


@pytest.fixture
def make(monkeypatch: pytest.MonkeyPatch) -> Make:
    def one(server: FtpServer | int, scheme: str = "ftp", password: str = PASSWORD) -> Mirror:
        port = server if isinstance(server, int) else server.port
        if isinstance(server, FtpServer):
            monkeypatch.setenv("SSL_CERT_FILE", str(server.certificate))
        monkeypatch.setenv("FTP_PASSWORD", password)
        config = MirrorConfig.model_validate(
            {
                "name": "ftp",
                "url": "https://host.example/",
                "push": f"{scheme}://editor@127.0.0.1:{port}/x7k2",
                "password": Secret(env="FTP_PASSWORD"),
                "timeout": "5s",
            }
        )
        return build(config)

    return one


async def test_nothing_new_is_one_file_asked_for_on_a_session_that_stays(
    tmp_path: Path, make: Make
) -> None:
    with pyftpd(tmp_path / "root") as server:
        mirror = make(server)
        await mirror.put(CHECKPOINT, b"head")
        before = len(server.asked())
        assert await mirror.get(CHECKPOINT, max_bytes=9) == b"head"
        asked = server.asked()[before:]
        await mirror.close()

    assert asked == ["EPSV", f"RETR x7k2/{CHECKPOINT}"]


@pytest.mark.parametrize("scheme", ["ftp", "ftps"])
def test_the_loop_that_the_service_runs_on_does_the_same(
    tmp_path: Path, make: Make, scheme: str
) -> None:
    async def puts(server: FtpServer) -> None:
        mirror = make(server, scheme)
        files = {f"p/{n % 7:02}/{n}.html": b"%d" % n for n in range(30)}
        await asyncio.gather(*(mirror.put(path, data) for path, data in files.items()))
        for path, data in files.items():
            assert await mirror.get(path, max_bytes=9) == data
        await mirror.close()

    with pyftpd(tmp_path / "root", tls=scheme == "ftps") as server:
        uvloop.run(puts(server))


async def test_a_file_is_written_beside_its_place_looked_at_and_renamed(
    tmp_path: Path, make: Make
) -> None:
    with pyftpd(tmp_path / "root") as server:
        mirror = make(server)
        await mirror.put("index.html", b"front")
        before = len(server.asked())
        await mirror.put("index.html", b"new")
        verbs = [line.partition(" ") for line in server.asked()[before:]]
        await mirror.close()

    assert [verb for verb, *_ in verbs] == ["EPSV", "STOR", "SIZE", "RNFR", "RNTO"]
    assert verbs[1][2].startswith("x7k2/.")
    assert verbs[1][2] == verbs[2][2] == verbs[3][2]
    assert (tmp_path / "root/x7k2/index.html").read_bytes() == b"new"
    assert [file.name for file in (tmp_path / "root/x7k2").iterdir()] == ["index.html"]


async def test_a_host_learns_nothing_of_us_but_user_and_files(tmp_path: Path, make: Make) -> None:
    with pyftpd(tmp_path / "root") as server:
        mirror = make(server)
        await mirror.put("feeds/all.rss", b"<rss/>")
        await mirror.delete("feeds/all.rss")
        await mirror.close()
        said = "\n".join(server.asked()).lower()

    for word in ("python", "aioftp", "tamizdat", socket.gethostname(), getpass.getuser(), "/tmp"):  # noqa: S108 - looked for
        assert word.lower() not in said
    verbs = {line.partition(" ")[0] for line in said.splitlines()}
    assert not verbs & {"mfmt", "mdtm", "site", "clnt", "syst", "stat", "host"}


async def test_with_tls_no_password_and_no_file_goes_in_the_clear(
    tmp_path: Path, make: Make
) -> None:
    with pyftpd(tmp_path / "root", tls=True) as server:
        mirror = make(server, "ftps")
        await mirror.put("index.html", b"front")
        await mirror.close()
        verbs = [line.partition(" ")[0] for line in server.asked()]

    assert verbs[:5] == ["AUTH", "PBSZ", "PROT", "USER", "PASS"]


@pytest.mark.parametrize("wrong", ["not trusted", "of another host"])
async def test_a_certificate_that_is_not_valid_gets_no_password(
    tmp_path: Path, make: Make, monkeypatch: pytest.MonkeyPatch, wrong: str
) -> None:
    host = "127.0.0.1" if wrong == "not trusted" else "other.example"
    with pyftpd(tmp_path / "root", tls=True, host=host) as server:
        mirror = make(server, "ftps")
        if wrong == "not trusted":
            monkeypatch.setenv("SSL_CERT_FILE", "/dev/null")
        with pytest.raises(EndpointUnreachableError, match="certificate is not valid"):
            await mirror.put("index.html", b"front")
        await mirror.close()
        assert server.asked() == ["AUTH TLS"]


async def test_a_server_without_tls_gets_no_password(tmp_path: Path, make: Make) -> None:
    with pyftpd(tmp_path / "root") as server:
        mirror = make(server, "ftps")
        with pytest.raises(EndpointRefusedError, match="offers no TLS"):
            await mirror.put("index.html", b"front")
        await mirror.close()
        assert not [line for line in server.asked() if line.startswith(("USER", "PASS"))]


async def test_a_wrong_password_is_refused_with_a_remedy(tmp_path: Path, make: Make) -> None:
    with pyftpd(tmp_path / "root") as server:
        mirror = make(server, password="another-word")  # noqa: S106 - a wrong one
        with pytest.raises(EndpointRefusedError, match="set the user in `push`") as caught:
            await mirror.put("index.html", b"front")
        await mirror.close()

    assert "another-word" not in str(caught.value)
    assert "editor" not in str(caught.value)


async def test_a_server_that_allows_few_sessions_gets_no_more(tmp_path: Path, make: Make) -> None:
    with pyftpd(tmp_path / "root", sessions=2) as server:
        mirror = make(server)
        files = {f"p/{n % 7:02}/{n}.html": b"%d" % n for n in range(60)}
        await asyncio.gather(*(mirror.put(path, data) for path, data in files.items()))
        got = await asyncio.gather(*(mirror.get(path, max_bytes=9) for path in files))
        await mirror.close()

    assert got == list(files.values())


async def test_a_session_that_the_server_has_closed_is_opened_anew(
    tmp_path: Path, make: Make
) -> None:
    with pyftpd(tmp_path / "root", idle="1") as server:
        mirror = make(server)
        await mirror.put("index.html", b"front")
        await asyncio.sleep(1.5)
        assert await mirror.get("index.html", max_bytes=9) == b"front"
        await mirror.close()
        logins = [line for line in server.asked() if line.startswith("USER")]

    assert len(logins) == 2


@pytest.mark.parametrize(
    ("refuse", "error", "words"),
    [
        ("STOR:552", EndpointRefusedError, "no space"),
        ("STOR:452", EndpointRefusedError, "no space"),
        ("STOR:553", EndpointRefusedError, "let this user write"),
        ("STOR:451", EndpointUnreachableError, "451"),
        ("RNTO:550", EndpointRefusedError, "does not rename over"),
        ("EPSV:425", EndpointUnreachableError, "425"),
    ],
)
async def test_what_a_server_answers_is_told_in_words(
    tmp_path: Path, make: Make, refuse: str, error: type[Exception], words: str
) -> None:
    with pyftpd(tmp_path / "root", refuse=refuse) as server:
        mirror = make(server)
        with pytest.raises(error, match=words):
            await mirror.put("index.html", b"front")
        await mirror.close()


async def test_a_server_without_epsv_and_size_works_the_same(tmp_path: Path, make: Make) -> None:
    with pyftpd(tmp_path / "root", refuse="EPSV:500,SIZE:500") as server:
        mirror = make(server)
        await mirror.put("index.html", b"front")
        assert await mirror.get("index.html", max_bytes=9) == b"front"
        assert await mirror.get("404.html", max_bytes=9) is None
        await mirror.close()


async def test_a_head_that_may_not_be_read_is_not_taken_for_none(
    tmp_path: Path, make: Make
) -> None:
    with pyftpd(tmp_path / "root", refuse="RETR:550,DELE:550") as server:
        mirror = make(server)
        await mirror.put(CHECKPOINT, b"head")
        with pytest.raises(EndpointRefusedError):
            await mirror.get(CHECKPOINT, max_bytes=9)
        with pytest.raises(EndpointRefusedError):
            await mirror.delete(CHECKPOINT)
        assert await mirror.get("index.html", max_bytes=9) is None
        await mirror.delete("index.html")
        await mirror.close()


async def test_a_file_that_comes_to_stand_while_it_is_asked_for_is_not_denied(
    tmp_path: Path, make: Make
) -> None:
    """As the last rename of a push that was killed, which the server does only now."""
    with pyftpd(tmp_path / "root", late="index.html") as server:
        mirror = make(server)
        assert await mirror.get("index.html", max_bytes=9) == b"late"
        await mirror.close()


async def test_a_server_that_says_nothing_is_let_go(make: Make) -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        mirror = make(silent.getsockname()[1])
        begun = time.monotonic()
        with pytest.raises(EndpointUnreachableError, match="no answer"):
            await mirror.get(CHECKPOINT, max_bytes=9)
        await mirror.close()

    assert time.monotonic() - begun < 20


async def test_nobody_listening_is_told_as_that(make: Make) -> None:
    mirror = make(free_port())

    with pytest.raises(EndpointUnreachableError, match="nobody listens"):
        await mirror.put("index.html", b"front")

    await mirror.close()
