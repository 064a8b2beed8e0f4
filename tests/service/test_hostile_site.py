"""A newsroom of which every part but one answers as no honest server does."""

import asyncio
import gzip
from pathlib import Path

from mirror.service import Service
from tests.service.room import NOW, Site, Story, make_room
from tests.source.hostile_server import Hostile, bomb, hostile_server

_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n"
_FEED = b'<?xml version="1.0"?><rss version="2.0"><channel>'


def hostile_feeds(server: Hostile) -> list[str]:
    """Addresses of feeds that are traps."""
    laughs = b'<!DOCTYPE r [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]><rss>&b;</rss>'
    return [
        server.answer("/bomb", bomb("gzip"), Content_Encoding="gzip"),
        server.answer("/bomb-br", bomb("br"), Content_Encoding="br"),
        server.answer("/zstd", b"\x28\xb5\x2f\xfd", Content_Encoding="zstd"),
        server.answer("/laughs", laughs),
        server.answer("/deep", _FEED + b"<a>" * 300_000),
        server.answer("/items", _FEED + b"<item><title>x</title></item>" * 20_000),
        server.answer("/nul", _FEED + b"\x00" * 100_000),
        server.answer("/charset", _FEED, Content_Type="text/xml; charset=no-such-charset"),
        server.raw("/short", b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nshort"),
        server.answer("/loop", b"", status="302 Found", Location=server.url("/loop")),
        server.answer("/long", b"x", Content_Length="99999999999"),
        server.trickle("/endless", head=_HEAD, piece=b"<p>x" * 20_000, pause=0),
        server.trickle("/slow", head=_HEAD, piece=b"x", pause=0.3),
        server.trickle("/headers", head=b"HTTP/1.1 200 OK\r\n", piece=b"X-A: b\r\n" * 99, pause=0),
    ]


def hostile_pages(server: Hostile) -> list[str]:
    """Addresses of articles that are traps."""
    picture = gzip.compress(bytes(50_000_000), 9)
    text = "<p>Words of an article that has a picture nobody can have.</p>" * 9
    image = server.answer("/2026/1/1/p.jpg", picture, Content_Encoding="gzip")
    bodies = {
        "boxes": "<div>" * 200_000,
        "attributes": "<p " + " ".join(f"a{n}=1" for n in range(100_000)) + ">",
        "formatting": "<p>" + "".join(f"<b id={n}>" for n in range(1_000)) + "<p>x" * 4_000,
        "picture": f'<article><h1>A title</h1><img src="{image}" width=600>{text}</article>',
    }
    return [
        server.answer(f"/2026/1/1/{name}-of-the-day", body.encode(), Content_Type="text/html")
        for name, body in bodies.items()
    ]


async def test_a_hostile_site_neither_ends_the_service_nor_delays_what_is_honest(
    tmp_path: Path, site: Site
) -> None:
    async with hostile_server() as server:
        room = make_room(tmp_path / "room", site)
        room.change("[fetch]\n", '[fetch]\ntimeout = "1s"\nmax_bytes = "2MB"\n')
        for number, url in enumerate(hostile_feeds(server)):
            room.text += f'\n[[source]]\nname = "trap-{number}"\nurl = "{url}"\n'
        pages = "".join(f"<item><link>{url}</link></item>" for url in hostile_pages(server))
        traps = server.answer("/traps", _FEED + pages.encode() + b"</channel></rss>")
        room.text += f'\n[[source]]\nname = "traps"\nurl = "{traps}"\n'
        room.text += '\n[[rules]]\nhost = "127.0.0.1"\nbody = "article"\n'
        site.add(Story(1))

        async with Service.open(room.config) as service:
            async with asyncio.timeout(100):
                report = await service.round(NOW)
            site.add(Story(2))
            await service.round(NOW)

    assert {room.id(Story(1)), room.id(Story(2))} <= set(room.feed())
    assert sum("source trap-" in line and "new" not in line for line in report.lines) >= 13
    room.check()
