"""Reading through a real SOCKS5 proxy and a real HTTP CONNECT proxy, both on loopback."""

import asyncio
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from mirror.config import FetchConfig
from mirror.errors import ConfigError, SourceRefusedError, SourceUnreachableError
from mirror.source.fetch import Fetcher
from tests.source.hostile_server import hostile_server


class Proxy:
    """Carries connections to ``target``, whatever is asked for, and notes what was."""

    def __init__(self, target: int) -> None:
        self.target = target
        self.asked: list[tuple[str, int]] = []
        self.port = 0

    async def socks5(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        _, methods = await reader.readexactly(2)
        await reader.readexactly(methods)
        writer.write(b"\x05\x00")
        _, _, _, kind = await reader.readexactly(4)
        size = (await reader.readexactly(1))[0] if kind == 3 else 4
        host = await reader.readexactly(size)
        (port,) = struct.unpack(">H", await reader.readexactly(2))
        name = host.decode() if kind == 3 else ".".join(map(str, host))
        self.asked.append((name, port))
        writer.write(b"\x05\x00\x00\x01" + bytes(6))
        await self.carry(reader, writer)

    async def connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        host, _, port = head.split()[1].rpartition(":")
        self.asked.append((host, int(port)))
        writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        await self.carry(reader, writer)

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self.target)

        async def pump(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
            while data := await source.read(65_536):
                sink.write(data)
            sink.close()

        await asyncio.gather(
            pump(reader, far_writer), pump(far_reader, writer), return_exceptions=True
        )


@asynccontextmanager
async def proxy(kind: str, target: int) -> AsyncIterator[Proxy]:
    made = Proxy(target)
    handler = made.socks5 if kind == "socks5" else made.connect
    server = await asyncio.start_server(handler, "127.0.0.1", 0)
    made.port = server.sockets[0].getsockname()[1]
    async with server:
        yield made


def through(address: str, tmp_path: Path, **config: object) -> Fetcher:
    secret = tmp_path / "proxy"
    secret.write_text(address)
    return Fetcher(FetchConfig.model_validate({"proxy": {"file": secret}, **config}))


@pytest.mark.parametrize("kind", ["socks5", "http"])
async def test_a_page_is_read_through_a_proxy_which_resolves_the_name(
    kind: str, tmp_path: Path
) -> None:
    async with hostile_server() as site:
        port = int(site.answer("/a", b"news").split(":")[2].split("/")[0])
        async with proxy(kind, port) as middle:
            address = f"{kind}://127.0.0.1:{middle.port}"
            async with through(address, tmp_path) as web:
                response = await web.get(f"http://www.news.example:{port}/a")

    assert response.body == b"news"
    assert set(middle.asked) == {("www.news.example", port)}


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/a",
        "http://[::1]/a",
        "http://169.254.169.254/latest/meta-data",
        "http://localhost/a",
        "http://metadata.google.internal/a",
        "http://2130706433/a",
    ],
)
async def test_a_proxy_is_not_asked_for_private_addresses(url: str, tmp_path: Path) -> None:
    async with (
        proxy("socks5", 9) as middle,
        through(f"socks5://127.0.0.1:{middle.port}", tmp_path) as web,
    ):
        with pytest.raises(SourceRefusedError, match="not an address of the public internet"):
            await web.get(url)

    assert middle.asked == []


async def test_a_proxy_that_is_down_is_told_of_without_its_secret(tmp_path: Path) -> None:
    async with through("socks5://user:hush@127.0.0.1:9", tmp_path) as web:
        with pytest.raises(SourceUnreachableError) as caught:
            await web.get("http://www.news.example/a")

    assert "hush" not in str(caught.value)


async def test_what_is_no_proxy_is_refused_without_its_secret(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no address of a proxy") as caught:
        async with through("ftp://user:hush@proxy.example", tmp_path):
            pass

    assert "hush" not in str(caught.value)
