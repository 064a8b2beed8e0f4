"""Reading through a proxy, for a newsroom that refuses this machine; the only use of aiohttp-socks.

Names are resolved at the proxy's end, so nothing but the proxy sees them; what is asked for is
therefore checked by name and by address as it is written, before it is asked for.
"""

from urllib.parse import urlsplit

import aiohttp
from aiohttp_socks import ProxyConnectionError, ProxyConnector, ProxyError, ProxyTimeoutError

from mirror.errors import ConfigError, SourceRefusedError
from mirror.source.addresses import is_public

PROXY_ERRORS = (ProxyError, ProxyConnectionError, ProxyTimeoutError)

_SCHEMES = {"http", "https", "socks4", "socks5", "socks5h", "socks4a"}
_LOCAL = (".localhost", ".local", ".internal", ".lan", ".home.arpa")


def proxied(proxy: str) -> aiohttp.BaseConnector:
    """A connector that goes through ``proxy``: ``socks5://127.0.0.1:9050`` (Tor), ``http://…``.

    Raises:
        ConfigError: It is no address of a proxy; the message holds no secret.
    """
    parts = urlsplit(proxy)
    if parts.scheme not in _SCHEMES or not parts.hostname:
        kinds = ", ".join(sorted(_SCHEMES))
        raise ConfigError(
            "the configuration",
            (f"[fetch] proxy: the secret is no address of a proxy ({kinds} ://host:port)",),
        )
    plain = proxy.replace("socks5h://", "socks5://", 1).replace("socks4a://", "socks4://", 1)
    return ProxyConnector.from_url(plain, rdns=True)


def refuse_private(address: str) -> None:
    """See that ``address`` does not name a machine that only the proxy could reach for us.

    Raises:
        SourceRefusedError: It names a private address, or a name without a dot.
    """
    host = (urlsplit(address).hostname or "").rstrip(".").lower()
    is_address = ":" in host or host.replace(".", "").isdigit()
    usable = is_public(host) if is_address else "." in host and not host.endswith(_LOCAL)
    if not usable:
        raise SourceRefusedError(address, f"{host} is not an address of the public internet")
