"""A gateway process as its database sees it: calls as often as it may for some seconds and tells what it was granted.

Run as `python -m tests.integration.gateway.spender '<JSON of Spending>'`; answers one line of JSON.
"""

import asyncio
import contextlib
import json
import os
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, field
from typing import Any

from chassis.database import Database
from contracts.values import PartyId
from gateway.policies import Policies
from gateway.registry.allowances import Allowances, process_name
from gateway.registry.bootstrap import policy_files
from gateway.snapshot import NOTHING_KNOWN, Found, Party, RouteTable, Snapshot
from gateway.unified.protection import Limits, Shares
from gateway.unified.protection.leasing import Leaser
from gateway.walk import Incoming, Walk

SHARES = 4
FRACTION = 0.2


@dataclass(frozen=True, slots=True)
class Spending:
    """Calls for `seconds`; `pause_s` lies between twenty of them and the next."""

    url: str
    port: int
    party: str
    per_second: float
    burst: int
    seconds: float
    per_day: int | None = None
    purposes: Mapping[str, int] = field(default_factory=dict)
    purpose: str = ""
    pause_s: float = 0.0

    def registered(self) -> Party:
        more: dict[str, Any] = {"per_day": self.per_day, "purposes": self.purposes}
        return Party(PartyId(self.party), "one", "app", "active", per_second=self.per_second, burst=self.burst, **more)


@dataclass
class Process:
    """Limits whose budgets a leaser fills, for one party."""

    party: Party
    limits: Limits
    leaser: Leaser
    purpose: str = ""

    def walk(self) -> Walk:
        incoming = Incoming("GET", "/matters", "", (), b"", "192.0.2.1")
        return Walk(incoming, NOTHING_KNOWN, Found(None), time.time(), party=self.party, purpose=self.purpose)


@asynccontextmanager
async def process(database: Database, party: Party, *, port: int, purpose: str = "") -> AsyncIterator[Process]:
    name = process_name(port)

    policies = Policies(1, policy_files())

    class Known:
        def current(self) -> Snapshot:
            return Snapshot({party.id: party}, RouteTable([]), policies, {})

    limits = Limits(Shares(SHARES, FRACTION))
    leaser = Leaser(limits, Allowances(database, name), Known())
    try:
        yield Process(party, limits, leaser, purpose)
    finally:
        os.close(name.lock)


async def spend(spending: Spending) -> dict[str, Any]:
    """`windows` are calls by the start of the window they were charged to, `outside` how far outside it they came, in seconds."""
    windows: Counter[int] = Counter()
    outside, refusals = 0.0, 0
    database = Database(spending.url)
    stop = asyncio.Event()
    async with process(database, spending.registered(), port=spending.port, purpose=spending.purpose) as running:
        leasing = asyncio.create_task(running.leaser.keep(stop))
        ends = time.monotonic() + spending.seconds
        while time.monotonic() < ends:
            for _ in range(20):
                if running.limits.draw(walk := running.walk()) is None:
                    budget = running.limits.book(running.party, walk.environment, 0).rate
                    windows[budget.starts] += 1
                    at = time.time()
                    outside = max(outside, budget.starts - at, at - budget.ends)
                else:
                    refusals += 1
            await asyncio.sleep(spending.pause_s)
        stop.set()
        with contextlib.suppress(asyncio.CancelledError):
            await leasing
    await database.close()
    return {"windows": dict(windows), "outside": outside, "refusals": refusals}


async def elsewhere(*spendings: Spending) -> list[dict[str, Any]]:
    """The same, each in an operating system's process of its own, all beginning at once."""
    pipe = asyncio.subprocess.PIPE
    command = (sys.executable, "-m", __name__)
    started = [await asyncio.create_subprocess_exec(*command, json.dumps(asdict(each)), stdin=pipe, stdout=pipe) for each in spendings]
    for each in started:
        assert each.stdout is not None
        assert await each.stdout.readline() == b"ready\n"
    answers = await asyncio.gather(*(each.communicate(b"go\n") for each in started))
    assert all(each.returncode == 0 for each in started)
    return [json.loads(said.splitlines()[-1]) for said, _ in answers]


def main() -> None:
    spending = Spending(**json.loads(sys.argv[1]))
    print("ready", flush=True)
    sys.stdin.readline()
    print(json.dumps(asyncio.run(spend(spending))))


if __name__ == "__main__":
    main()
