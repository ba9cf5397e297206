"""Personal data at rest: sealed under a ring of keys, found again by a keyed hash (ADR-0027)."""

from chassis.sealing.ring import Key, Ring, State
from chassis.sealing.sealer import Sealer
from chassis.sealing.turns import one_at_a_time

__all__ = ["Key", "Ring", "Sealer", "State", "one_at_a_time"]
