"""What is there after the fire, counted from the databases and the topic."""

from collections import Counter
from dataclasses import dataclass

from contracts.events.application import CaseSubmitted
from contracts.topics import TOPICS
from deploy.local.mesh import Mesh
from tests.support.eventually import eventually
from tests.support.fire.clients import Journal
from tests.support.whole_mesh import records, rows


@dataclass(frozen=True, slots=True)
class Recount:
    """`lost`: acknowledged and not there, or there and without its event, its dispatch or its first record. `duplicate`: a key with
    two numbers, a case that nobody was told of, two dispatches, two first records."""

    acknowledged: int
    cases: int
    lost: int
    duplicate: int

    def __str__(self) -> str:
        return f"acknowledged={self.acknowledged} cases={self.cases} lost={self.lost} duplicate={self.duplicate}"


async def recounted(mesh: Mesh, journal: Journal, *, since: int = 0) -> Recount:
    """Once all of it is settled; `since` cases were there before the fire."""
    await eventually(lambda: _is_settled(mesh), within=180)
    cases = {each["number"] for each in await rows(mesh, "application", "SELECT number FROM cases ORDER BY id OFFSET $1", since)}
    dispatched = await _counted(mesh, "SELECT number FROM dispatches WHERE reason = 'submitted'")
    begun = await _counted(mesh, "SELECT number FROM history JOIN cases ON cases.id = history.case_id WHERE act = 'submitted'")
    told = await _told_of(mesh)
    acknowledged = journal.acknowledged
    lost = [number for number in acknowledged if number not in cases]
    lost += [number for number in cases if not (dispatched[number] and begun[number] and told[number])]
    twice = [number for numbers in journal.told.values() for number in sorted(numbers)[1:]]
    twice += [number for number in cases if number not in acknowledged]
    twice += [number for number in cases if dispatched[number] > 1 or begun[number] > 1]
    return Recount(len(acknowledged), len(cases), len(lost), len(twice))


async def _is_settled(mesh: Mesh) -> bool:
    [waiting] = await rows(
        mesh,
        "application",
        "SELECT (SELECT count(*) FROM outbox WHERE published_at IS NULL) AS events, "
        "(SELECT count(*) FROM cases) - (SELECT count(*) FROM dispatches WHERE reason = 'submitted') AS undispatched",
    )
    return bool(waiting["events"] == waiting["undispatched"] == 0)


async def _counted(mesh: Mesh, query: str) -> Counter[str]:
    return Counter(each["number"] for each in await rows(mesh, "application", query))


async def _told_of(mesh: Mesh) -> Counter[str]:
    """How often the topic holds that a case was submitted. It may come twice: who hears it keeps count."""
    found: Counter[str] = Counter()
    for record in await records(mesh, TOPICS["application"].name):
        # The topic may hold what was never an event of ours.
        if dict(record.headers).get("ce_type") == CaseSubmitted.TYPE.encode():
            found[(record.key or b"").decode()] += 1
    return found
