"""Which terms are wider than which."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from gateway.registry.domain.parties_terms import NetworkIsNotAcceptable, Terms, networks_of

DAY = datetime(2027, 1, 1, tzinfo=UTC)
BEFORE = Terms(100.0, 200, 1000, {"身份核验": 10}, networks_of(["192.0.2.0/24", "2001:db8::/32"]), DAY)


@pytest.mark.parametrize(
    ("change", "wider"),
    [
        ({}, []),
        ({"per_second": 99.0, "burst": 1, "per_day": 0}, []),
        ({"per_second": 100.5}, ["per_second"]),
        ({"burst": 201}, ["burst"]),
        ({"per_day": 1001}, ["per_day"]),
        ({"per_day": None}, ["per_day"]),
        ({"purposes": {"身份核验": 9, "低保": 0}}, []),
        ({"purposes": {"身份核验": 11}}, ["purposes"]),
        ({"purposes": {}}, ["purposes"]),
        ({"networks": networks_of(["192.0.2.128/25", "2001:db8:1::/48"])}, []),
        ({"networks": networks_of(["192.0.2.7/32"])}, []),
        ({"networks": ()}, ["networks"]),
        ({"networks": networks_of(["192.0.2.0/23"])}, ["networks"]),
        ({"networks": networks_of(["::/0"])}, ["networks"]),
        ({"networks": networks_of(["192.0.2.7/32", "198.51.100.0/24"])}, ["networks"]),
        ({"expires_at": DAY - timedelta(days=1)}, []),
        ({"expires_at": DAY + timedelta(days=1)}, ["expires_at"]),
        ({"expires_at": None}, ["expires_at"]),
        ({"burst": 300, "networks": ()}, ["burst", "networks"]),
    ],
)
def test_what_allows_more_is_named(change: dict[str, Any], wider: list[str]) -> None:
    assert replace(BEFORE, **change).wider(BEFORE) == wider


def test_a_first_bound_is_narrower_than_none() -> None:
    assert replace(BEFORE, per_second=1.0, burst=1).wider(Terms()) == []


@pytest.mark.parametrize("block", ["", "x", "192.0.2.7/24", "192.0.2.0/33", "2001:db8::1/32", "192.0.2.0/24/8"])
def test_a_network_is_a_block_without_host_bits(block: str) -> None:
    with pytest.raises(NetworkIsNotAcceptable):
        networks_of([block])
