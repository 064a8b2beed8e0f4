"""Which network addresses the service may connect to.

A feed, a page or a redirect of the newsroom's site must not make this machine talk to itself,
to its neighbours or to the cloud's metadata service. Names are checked as they are resolved,
and every address once more as its socket is made, so that neither an address written out nor
a name that resolves differently the second time gets past.
"""

import socket
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Any, Final

from aiohttp import ThreadedResolver
from aiohttp.abc import AbstractResolver, ResolveResult

AddressInfo = tuple[int | socket.AddressFamily, int | socket.SocketKind, int, str, tuple[Any, ...]]

_NAT64: Final = IPv6Network("64:ff9b::/96")  # RFC 6052: the last 32 bits are an IPv4 address


class PrivateAddressError(OSError):
    """A connection that must not be made; ``address`` is where it would have gone."""

    def __init__(self, address: str) -> None:
        super().__init__(f"{address} is not an address of the public internet")
        self.address = address


def is_public(address: str) -> bool:
    """Whether ``address``, an IP address in text, is one of the public internet.

    IPv4 addresses inside IPv6 ones (mapped, 6to4, Teredo, NAT64) are judged themselves.
    """
    try:
        ip = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    return all(_is_global(one) for one in (ip, *_inside(ip)))


def _is_global(ip: IPv4Address | IPv6Address) -> bool:
    if isinstance(ip, IPv6Address) and (ip.ipv4_mapped or ip.sixtofour):
        return True  # what is inside decides; of 6to4, Python's own opinion changed in 2024
    if ip.is_multicast or ip.is_unspecified or ip.is_loopback or ip.is_link_local:
        return False
    return ip.is_global and not (isinstance(ip, IPv6Address) and ip.is_site_local)


def _inside(ip: IPv4Address | IPv6Address) -> tuple[IPv4Address, ...]:
    if isinstance(ip, IPv4Address):
        return ()
    found = [ip.ipv4_mapped, ip.sixtofour, *(ip.teredo or ())]
    if ip in _NAT64 or ip.packed[:12] == bytes(12):  # NAT64, or the old "compatible" form
        found.append(IPv4Address(ip.packed[12:]))
    return tuple(one for one in found if one is not None)


class PublicResolver(AbstractResolver):
    """Resolves names by the system's resolver, and gives only public addresses.

    Args:
        inner: What resolves; the system's resolver by default.

    Raises:
        PrivateAddressError: From ``resolve``, where a name has no public address.
    """

    def __init__(self, inner: AbstractResolver | None = None) -> None:
        self._inner = inner or ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """The public addresses of ``host``."""
        found = await self._inner.resolve(host, port, family)
        public = [result for result in found if is_public(result["host"])]
        if found and not public:
            raise PrivateAddressError(found[0]["host"])
        return public

    async def close(self) -> None:
        """Let go of the inner resolver."""
        await self._inner.close()


def public_socket(info: AddressInfo) -> socket.socket:
    """A socket for ``info``, made just before it connects to that very address.

    Raises:
        PrivateAddressError: The address is not public.
    """
    family, kind, protocol, _, address = info
    if not is_public(str(address[0])):
        raise PrivateAddressError(str(address[0]))
    return socket.socket(family=family, type=kind, proto=protocol)
