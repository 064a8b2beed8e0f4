"""Writing to a WebDAV mirror through a proxy."""

from datetime import timedelta
from pathlib import Path

import pytest

from mirror.config import MirrorConfig
from mirror.endpoints.dav import DavMirror
from mirror.errors import EndpointUnreachableError
from tests.endpoints.wire import status, wire
from tests.nginx import free_port
from tests.source.test_proxy import proxy

SECONDS = timedelta(seconds=5)


@pytest.mark.parametrize("kind", ["socks5", "http"])
async def test_every_request_and_every_name_goes_through_the_proxy(
    kind: str, tmp_path: Path
) -> None:
    secret = tmp_path / "proxy"
    async with wire(status(201)) as server, proxy(kind, server.port) as middle:
        secret.write_text(f"{kind}://127.0.0.1:{middle.port}")
        config = MirrorConfig.model_validate(
            {
                "name": "it",
                "url": "https://it.example/",
                "push": "dav://it.example/x7/",
                "proxy": {"file": secret},
            }
        )
        mirror = DavMirror.build(config)
        await mirror.put("index.html", b"page")
        await mirror.close()

    assert {name for name, _ in middle.asked} == {"it.example"}
    assert server.heads[0].startswith("PUT ")


async def test_a_proxy_that_is_down_is_told_without_its_secret() -> None:
    down = f"socks5://user:hush@127.0.0.1:{free_port()}"
    mirror = DavMirror("it", "http://it.example/", timeout=SECONDS, proxy=down)

    with pytest.raises(EndpointUnreachableError, match="proxy did not let us") as caught:
        await mirror.put("index.html", b"page")
    await mirror.close()

    assert "hush" not in str(caught.value)
