import socket

import pytest
from aiohttp.abc import AbstractResolver, ResolveResult

from mirror.source.addresses import PrivateAddressError, PublicResolver, is_public, public_socket

PRIVATE = """
    127.0.0.1 127.9.9.9 0.0.0.0 10.1.2.3 172.16.0.1 192.168.1.1 169.254.169.254 100.64.0.1
    192.0.0.1 198.18.0.1 224.0.0.1 240.0.0.1 255.255.255.255 ::1 :: fe80::1 fe80::1%eth0 fc00::1
    fd00:ec2::254 ff02::1 fec0::1 ::ffff:127.0.0.1 ::ffff:169.254.169.254 64:ff9b::7f00:1
    64:ff9b::a9fe:a9fe 2002:7f00:1:: 2002:a00:1:: ::127.0.0.1 2001:db8::1 nonsense
"""
PUBLIC = """
    1.1.1.1 93.184.216.34 2606:4700::1111 ::ffff:1.1.1.1 64:ff9b::101:101 2002:101:101::
"""


@pytest.mark.parametrize("address", PRIVATE.split())
def test_private_addresses_are_refused_in_every_clothing(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", PUBLIC.split())
def test_public_addresses_are_not(address: str) -> None:
    assert is_public(address)


class Fixed(AbstractResolver):
    def __init__(self, *addresses: str) -> None:
        self.addresses = addresses

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        return [
            ResolveResult(hostname=host, host=one, port=port, family=family, proto=6, flags=0)
            for one in self.addresses
        ]

    async def close(self) -> None:
        pass


async def test_of_a_name_with_both_only_public_addresses_are_given() -> None:
    resolver = PublicResolver(Fixed("10.0.0.1", "1.1.1.1", "::1"))

    assert [one["host"] for one in await resolver.resolve("news.example")] == ["1.1.1.1"]


async def test_a_name_with_only_private_addresses_is_refused() -> None:
    with pytest.raises(PrivateAddressError) as caught:
        await PublicResolver(Fixed("169.254.169.254")).resolve("metadata.example")

    assert caught.value.address == "169.254.169.254"


def test_no_socket_is_made_for_a_private_address() -> None:
    with pytest.raises(PrivateAddressError):
        public_socket((socket.AF_INET, socket.SOCK_STREAM, 6, "", ("192.168.0.1", 80)))

    public_socket((socket.AF_INET, socket.SOCK_STREAM, 6, "", ("1.1.1.1", 80))).close()
