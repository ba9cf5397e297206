"""How often a party may call."""

import math
from collections import OrderedDict
from typing import Final

from contracts.problems import gateway as problems
from gateway.decision import Deny
from gateway.snapshot import Headers, Party
from gateway.walk import Walk

_PARTIES_KNOWN: Final = 100_000


class Limits:
    """A token bucket for each party, drawn from memory: `per_second` refill up to `burst`."""

    def __init__(self) -> None:
        self._buckets: OrderedDict[object, tuple[float, float]] = OrderedDict()

    def draw(self, walk: Walk) -> Deny | None:
        """One call of the walk's party, if it has one."""
        return self.take(walk.party, walk.now) if walk.party is not None else None

    def headers(self, walk: Walk) -> Headers:  # noqa: ARG002
        """What an answer says of its party's limit."""
        return ()

    def take(self, party: Party, now: float) -> Deny | None:
        level, since = self._buckets.get(party.id, (float(party.burst), now))
        level = min(party.burst, level + max(0.0, now - since) * party.per_second)
        allowed = level >= 1
        self._buckets[party.id] = (level - 1 if allowed else level, now)
        if len(self._buckets) > _PARTIES_KNOWN:
            self._buckets.popitem(last=False)
        if allowed:
            return None
        wait = max(1, math.ceil((1 - level) / party.per_second))
        said = f'"party";r=0;t={wait}'
        return Deny(
            problems.RATE_LIMITED,
            "party-limit",
            headers=(("retry-after", str(wait)), ("ratelimit-policy", f'"party";q={party.burst};w=1'), ("ratelimit", said)),
        )
