"""How often one address may use the routes that ask for no party."""

import math
from collections import OrderedDict
from ipaddress import IPv6Address
from typing import Final

from contracts.problems import gateway as problems
from gateway.decision import Deny

_NETWORK: Final = (1 << 128) - (1 << 64)


class Addresses:
    """A token bucket for each address: `per_second` refill up to `burst`. Of IPv6 it is the /64, which one subscriber has whole.

    Local to the process and for at most `known` addresses: who has not called for longest is forgotten first.
    """

    def __init__(self, *, per_second: float = 500.0, burst: int = 1000, known: int = 10_000) -> None:
        self._per_second, self._burst, self._known = per_second, burst, known
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def draw(self, client: str, now: float) -> Deny | None:
        source = _network(client) if ":" in client else client
        buckets = self._buckets
        level, since = buckets.get(source, (self._burst, now))
        level = min(self._burst, level + max(0.0, now - since) * self._per_second)
        is_allowed = level >= 1
        buckets[source] = (level - 1 if is_allowed else level, now)
        buckets.move_to_end(source)
        if len(buckets) > self._known:
            buckets.popitem(last=False)
        if is_allowed:
            return None
        wait = max(1, math.ceil((1 - level) / self._per_second))
        return Deny(
            problems.ADDRESS_LIMITED,
            "address-limit",
            headers=(("retry-after", str(wait)),),
            extensions={"limit": "address", "quota": self._burst},
        )


def _network(client: str) -> str:
    try:
        address = IPv6Address(client.partition("%")[0])
    except ValueError:
        return client
    return str(address.ipv4_mapped or IPv6Address(int(address) & _NETWORK))
