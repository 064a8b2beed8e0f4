"""Connections through a proxy, for whoever speaks HTTP; the only use of aiohttp-socks.

Names are resolved at the proxy's end, so nothing but the proxy sees them.
"""

from typing import Final
from urllib.parse import urlsplit

import aiohttp
from aiohttp_socks import ProxyConnectionError, ProxyConnector, ProxyError, ProxyTimeoutError

from mirror.errors import ConfigError

PROXY_ERRORS: Final = (ProxyError, ProxyConnectionError, ProxyTimeoutError)

_SCHEMES: Final = {"http", "https", "socks4", "socks5", "socks5h", "socks4a"}


def proxied(
    proxy: str, *, key: str, limit: int = 100, keepalive_timeout: float = 15.0
) -> aiohttp.BaseConnector:
    """A connector that goes through ``proxy``: ``socks5://127.0.0.1:9050`` (Tor), ``http://…``.

    ``key`` is where the operator set it, for the error. ``limit`` is of connections at a time, 0
    for none; ``keepalive_timeout`` is how long an idle one stays open, in seconds.

    Raises:
        ConfigError: It is no address of a proxy; the message holds no secret.
    """
    parts = urlsplit(proxy)
    if parts.scheme not in _SCHEMES or not parts.hostname:
        kinds = ", ".join(sorted(_SCHEMES))
        raise ConfigError(
            "the configuration",
            (f"{key}: the secret is no address of a proxy ({kinds} ://host:port)",),
        )
    plain = proxy.replace("socks5h://", "socks5://", 1).replace("socks4a://", "socks4://", 1)
    return ProxyConnector.from_url(
        plain, rdns=True, limit=limit, keepalive_timeout=keepalive_timeout
    )
