"""How a host is told to serve each file of a tree."""

import pytest

from mirror.endpoints.serving import ASKED, KEPT, SHORT, serving

SHA = "0d31c5e2a90f77b1" * 4


@pytest.mark.parametrize(
    ("path", "content_type", "cache_control", "shrinks"),
    [
        ("index.html", "text/html; charset=utf-8", SHORT, True),
        ("a/0d/0d31c5e2a90f77b1.html", "text/html; charset=utf-8", SHORT, True),
        ("a/0d/0d31c5e2a90f77b1.html.tlog-proof", "text/plain; charset=utf-8", SHORT, False),
        (f"p/0d/{SHA}.html", "text/html; charset=utf-8", KEPT, True),
        (f"p/0d/{SHA}.html.tlog-proof", "text/plain; charset=utf-8", SHORT, False),
        (f"m/0d/{SHA}.webp", "image/webp", KEPT, False),
        (f"m/0d/{SHA}.mp3", "audio/mpeg", KEPT, False),
        ("m/0d/short.webp", "image/webp", SHORT, False),
        ("x/0d31c5e2a90f77b1.js", "text/javascript; charset=utf-8", KEPT, True),
        ("x/story.js", "text/javascript; charset=utf-8", SHORT, True),
        ("feeds/all.rss", "application/xml; charset=utf-8", SHORT, True),
        ("feeds/archive/2026-01.json", "application/feed+json", SHORT, True),
        ("mirrors.json", "application/json", SHORT, True),
        ("l/all/1.html", "text/html; charset=utf-8", SHORT, True),
        ("log/tile/0/x001/067", "application/octet-stream", KEPT, False),
        ("log/tile/0/x001/067.p/70", "application/octet-stream", KEPT, False),
        ("log/tile/entries/000", "application/octet-stream", KEPT, False),
        ("log/checkpoint", "text/plain; charset=utf-8", ASKED, False),
        ("log/checkpoint.minisig", "text/plain; charset=utf-8", ASKED, False),
        ("log/keys/12", "text/plain; charset=utf-8", SHORT, False),
        ("SHA256SUMS", "text/plain; charset=utf-8", ASKED, False),
        (".SHA256SUMS", "text/plain; charset=utf-8", ASKED, False),
        ("SHA256SUMS.tlog-proof", "text/plain; charset=utf-8", SHORT, False),
        ("x/no-ending", "application/octet-stream", SHORT, False),
    ],
)
def test_a_file_is_served_as_what_it_is(
    path: str, content_type: str, cache_control: str, *, shrinks: bool
) -> None:
    told = serving(path)

    assert (told.content_type, told.cache_control) == (content_type, cache_control)
    assert told.shrinks is shrinks
