"""Twenty seconds without a broker: everybody is served, and everything arrives afterwards in its order."""

import asyncio
from pathlib import Path

from contracts.envelope import Envelope
from contracts.topics import TOPICS
from deploy.client import TongbanClient
from deploy.local.journey import matter, submission
from deploy.local.journey.config import Person
from deploy.local.journey.parties import OFFICERS
from deploy.local.mesh import Mesh
from tests.support.eventually import eventually
from tests.support.whole_mesh import Visit, records, visiting

_AWAY_S = 20.0
_LIFE = ["case.submitted", "case.accepted", "case.granted", "case.closed"]


async def test_submissions_go_on_without_a_broker_and_are_delivered_in_order(mesh: Mesh, person: Person, tmp_path: Path) -> None:
    async with visiting(mesh, person, tmp_path) as visit:
        found = await matter.find(visit.journey, visit.citizen)
        await asyncio.to_thread(mesh.stop_kafka)
        until = asyncio.get_running_loop().time() + _AWAY_S
        numbers = []
        try:
            while asyncio.get_running_loop().time() < until:
                submitted = await submission.submit(visit.journey, visit.citizen, found)
                await _handled(visit.parties.window, submitted.number)
                numbers.append(submitted.number)
                await asyncio.sleep(1)  # the pace of the submissions, not a wait for anything
            assert (await _dispatched(visit.parties.window)).issuperset(numbers), "districts hear of cases while there is no broker"
        finally:
            await asyncio.to_thread(mesh.start_kafka)
        assert len(numbers) > 5

        async def all_closed() -> bool:
            return [await _status(visit, number) for number in numbers] == ["closed"] * len(numbers)

        await eventually(all_closed, within=60)

    lives: dict[str, list[str]] = {number: [] for number in numbers}
    for record in await records(mesh, TOPICS["application"].name):
        if (key := (record.key or b"").decode()) in lives and (kind := Envelope.from_headers(record.headers).type).startswith("case."):
            lives[key].append(kind)
    # A relay that was cut off may send a record twice, never out of its order.
    assert {number: list(dict.fromkeys(life)) for number, life in lives.items()} == dict.fromkeys(numbers, _LIFE)


async def _dispatched(district: TongbanClient) -> set[str]:
    """The numbers in the whole feed."""
    found: set[str] = set()
    after = None
    while True:
        page = (await district.get("/dispatches", params={"after": after} if after else None)).json()
        if not page["items"]:
            return found
        found |= {each["number"] for each in page["items"]}
        after = page["next"]


async def _handled(district: TongbanClient, number: str) -> None:
    """Accepted and granted by somebody who knows the number, as at a window."""
    for act, body, officer in (("acceptance", None, OFFICERS[0]), ("decision", {"outcome": "grant"}, OFFICERS[1])):
        answer = await district.post(f"/cases/{number}/{act}", json=body, idempotency_key=f"{number}-{act}", officer=officer)
        assert answer.status_code == 200, answer.text


async def _status(visit: Visit, number: str) -> str:
    return str((await visit.citizen.get(f"/cases/{number}")).json()["status"])
