"""What the authorisation of a request costs: remembered, decided anew, and a version of the policies read. CPU, median of many."""

import statistics
import time
from collections.abc import Callable

from contracts.values import PartyId, PersonId
from gateway.policies import Policies
from gateway.policies.engine import Engine
from gateway.registry.bootstrap import policy_files
from gateway.snapshot import Party, Resource, RouteTable, Snapshot
from gateway.unified import authorization
from gateway.walk import AccessToken, Incoming, Walk

_ROUNDS = 15


def main() -> None:
    resource = Resource("application", "GET", "/cases/{number}", "case:read", "person", 2, None, 3)
    party = Party(PartyId.new(), "app", "app", "active")
    known = Snapshot({party.id: party}, RouteTable([resource]), Policies(1, policy_files()), {})
    person = PersonId.new()
    token = AccessToken(party.id, person, "person", "session", "grant", 2, 0, 900)
    found = known.routes.find("GET", "/cases/1")
    walk = Walk(Incoming("GET", "/cases/1", "", (), b""), known, found, 1000.0, party, "app", token=token, person=person, assurance=2)
    assert authorization.check(walk) is None
    facts = authorization.facts_of(walk, resource)
    hit = _cpu_us(lambda: authorization.check(walk), 20_000)
    miss = _cpu_us(lambda: known.policies.judge(facts), 200)
    read = _cpu_us(lambda: Engine(policy_files()), 2)
    print(f"policies={len(known.policies.texts)} remembered_us={hit:.2f} decided_us={miss:.0f} read_ms={read / 1000:.1f}")


def _cpu_us(work: Callable[[], object], times: int) -> float:
    def once() -> float:
        started = time.process_time()
        for _ in range(times):
            work()
        return (time.process_time() - started) / times * 1e6

    return statistics.median(once() for _ in range(_ROUNDS))


if __name__ == "__main__":
    main()
