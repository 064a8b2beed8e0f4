"""The proxy that the environment names for an address."""

import urllib.request
from urllib.parse import urlsplit


def proxy_for(base: str) -> str | None:
    """Its address; None where ``base`` is reached directly. Asked once, not for every file."""
    parts = urlsplit(base)
    bypassed = parts.hostname is None or urllib.request.proxy_bypass(parts.hostname)
    return None if bypassed else urllib.request.getproxies().get(parts.scheme)
