"""Which addresses a call to somebody outside may reach."""

import socket
from typing import Any

import pytest
from aiohttp.abc import AbstractResolver, ResolveResult

from chassis.http.addresses import is_global
from chassis.http.outside import GlobalAddresses


@pytest.mark.parametrize(
    "address",
    [
        "10.0.0.1", "127.0.0.1", "169.254.169.254", "172.16.0.1", "192.168.1.1", "100.64.0.1", "0.0.0.0", "224.0.0.1", "255.255.255.255",
        "::1", "::", "fe80::1%eth0", "fc00::1", "ff02::1", "::ffff:10.0.0.1", "::ffff:127.0.0.1", "64:ff9b::a00:1", "64:ff9b:1::1",
        "2002:a00:1::1", "2001::1", "::7f00:1", "2001:db8::1", "nonsense", "",
    ],
)  # fmt: skip
def test_addresses_inside_are_not_global(address: str) -> None:
    assert not is_global(address)


@pytest.mark.parametrize("address", ["1.1.1.1", "114.114.114.114", "2400:3200::1", "::ffff:1.1.1.1"])
def test_addresses_of_the_internet_are_global(address: str) -> None:
    assert is_global(address)


class Names(AbstractResolver):
    def __init__(self, *addresses: str) -> None:
        self.addresses = addresses
        self.is_closed = False

    async def resolve(self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC) -> list[ResolveResult]:
        def result(address: str) -> Any:
            return {"hostname": host, "host": address, "port": port, "family": family, "proto": 0, "flags": 0}

        return [result(address) for address in self.addresses]

    async def close(self) -> None:
        self.is_closed = True


async def test_a_name_that_also_leads_inside_is_refused_whole() -> None:
    for addresses in (("1.1.1.1", "10.0.0.1"), ("::1",), ()):
        with pytest.raises(OSError, match="not global"):
            await GlobalAddresses(Names(*addresses)).resolve("data.example.cn", 443)
    names = Names("1.1.1.1", "2400:3200::1")
    resolver = GlobalAddresses(names)
    assert [each["host"] for each in await resolver.resolve("data.example.cn", 443)] == ["1.1.1.1", "2400:3200::1"]
    await resolver.close()
    assert names.is_closed
