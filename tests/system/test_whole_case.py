"""One call gives the operator the whole of a case that two districts, a supervising agency and five services took part in."""

import os
import secrets
import signal
import statistics
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import httpx
import pytest

from deploy.client import TongbanClient
from deploy.local.journey import matter, submission
from deploy.local.journey.config import Person
from deploy.local.journey.submission import PROOF, WIDE, Submitted
from deploy.local.mesh import Mesh
from deploy.local.running import Running
from tests.support.callback_receivers import Receiver, receiving
from tests.support.eventually import eventually
from tests.support.whole_mesh import Visit, visiting

POLICE: Final = "11310000TE5T013342"
STEPS: Final = [
    "submitted", "prereview_begun", "correction_requested", "corrected", "accepted", "review_begun", "granted", "production_begun",
    "result_issued", "delivery_begun", "closed", "archived",
]  # fmt: skip
_LOOKS: Final = 20


@dataclass
class Joint:
    """The case, who was told of it, and who may see the whole."""

    submitted: Submitted
    receivers: dict[str, Receiver]
    operator: TongbanClient
    officer: str

    @property
    def number(self) -> str:
        return self.submitted.number

    async def whole(self) -> httpx.Response:
        answer = await self.operator.get(f"/cases/{self.number}/whole", officer=self.officer)
        assert answer.status_code == 200, answer.text
        return answer


@asynccontextmanager
async def joint(visit: Visit) -> AsyncIterator[Joint]:
    """Twelve steps: begun in one district, decided there, handed out in another, and told to the agency that supervises."""
    parties, citizen = visit.parties, visit.citizen
    home = visit.journey.citizen.division
    other = "310101" if home == "310112" else "310112"
    operator, officer = parties.operator, visit.journey.config.operator.officers[0]
    callers = {"home": parties.window, "other": parties.elsewhere, "police": parties.police}
    receivers = {name: Receiver() for name in callers}
    receivers["other"].answering = _busy_at_first()
    async with AsyncExitStack() as stack:
        for name, client in callers.items():
            await stack.enter_async_context(receiving(receivers[name]))
            answer = await client.put("/callbacks/own", json={"url": receivers[name].url, "per_second": 100}, officer=_officer(name))
            assert answer.status_code == 200, answer.text
        found = await matter.find(visit.journey, citizen)
        answer = await operator.put(f"/permit-supervisors/{found.task_code[19:]}", json={"agency": POLICE}, officer=officer)
        assert answer.status_code == 200, answer.text
        submitted = await submission.submit(visit.journey, citizen, found, collect_in=other)
        await _handled(visit, submitted.number)
        yield Joint(submitted, receivers, operator, officer)
        for name, client in callers.items():
            await client.post("/callbacks/own/closure", officer=_officer(name))


def _busy_at_first() -> Any:
    answers = iter((503,))
    return lambda _: next(answers, 204)


def _officer(name: str) -> str:
    return "ga-001" if name == "police" else "hp-001"


async def _handled(visit: Visit, number: str) -> None:
    home, other, citizen = visit.parties.window, visit.parties.elsewhere, visit.citizen

    async def act(client: TongbanClient, path: str, officer: str, body: Any = None) -> None:
        answer = await client.post(f"/cases/{number}/{path}", json=body, officer=officer, idempotency_key=secrets.token_hex(8))
        assert answer.is_success, answer.text

    async def has_come_to(status: str) -> bool:
        return bool((await citizen.get(f"/cases/{number}")).json()["status"] == status)

    await act(home, "prereview", "hp-001")
    await act(home, "correction-requests", "hp-001", {"text": "照片太小", "materials": [PROOF]})
    picture = await submission.upload(visit.journey, citizen, WIDE)
    said = {"materials": [{"code": PROOF, "file_id": picture}]}
    answer = await citizen.post(f"/cases/{number}/corrections", json=said, idempotency_key=secrets.token_hex(8))
    assert answer.is_success, answer.text
    await act(home, "acceptance", "hp-001")
    await act(home, "decision", "hp-002", {"outcome": "grant", "delivery": "window"})
    await eventually(lambda: _issued(visit, number), within=30)
    await act(other, "delivery", "hp-001", {"way": "window"})
    await act(other, "closure", "hp-001")
    assert await has_come_to("closed")
    await act(home, "archive", "hp-001", {"retention": "30"})

    async def invited() -> list[Any]:
        page = (await citizen.get("/ratings/invitations")).json()
        return [each for each in (page["items"] if isinstance(page, dict) else page) if each["case_number"] == number]

    [ticket] = await eventually(invited, within=30)
    body = {"ticket_id": ticket["ticket_id"], "stars": 5, "tags": [], "channel": "app"}
    assert (await citizen.post("/ratings", json=body, idempotency_key=secrets.token_hex(8))).status_code == 201


async def _issued(visit: Visit, number: str) -> bool:
    return bool((await visit.citizen.get(f"/cases/{number}")).json()["certificate"])


async def raw(mesh: Mesh, submitted: Submitted) -> dict[str, dict[str, Any]]:
    """Every span of the case among all that the exporters sent, by id: of traces in which it is named, and of its submission's."""
    asked = {"limit": 100_000, "lookback": 24 * 3600 * 1000}
    async with httpx.AsyncClient(timeout=60) as client:
        traces = (await client.get(f"{mesh.zipkin_url}/api/v2/traces", params=asked)).json()
    mine = [
        trace
        for trace in traces
        if trace[0]["traceId"] == submitted.trace_id or any(each.get("tags", {}).get("case.number") == submitted.number for each in trace)
    ]
    return {each["id"]: each for trace in mine for each in trace}


@contextmanager
def held(mesh: Mesh, name: str) -> Iterator[None]:
    """A process of ours that neither answers nor goes away."""
    running = Running.read(mesh.folder / "run", name)
    assert running is not None
    os.kill(running.pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(running.pid, signal.SIGCONT)


def told(receiver: Receiver) -> list[tuple[str, int]]:
    return [(each.headers["idempotency-key"], each.said["revision"]) for each in receiver.told]


async def test_one_call_shows_every_span_and_delivery_of_a_joint_case_and_nobody_s_number(
    mesh: Mesh, person: Person, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with visiting(mesh, person, tmp_path) as visit, joint(visit) as case:

        async def all_told() -> dict[str, Any] | None:
            said: dict[str, Any] = (await case.whole()).json()
            lines = said["deliveries"]
            return said if len(lines) == 2 * len(STEPS) + 1 and {each["state"] for each in lines} == {"delivered"} else None

        said = await eventually(all_told, within=60)
        assert [each["event"] for each in said["progress"]["steps"]] == STEPS
        await _check_deliveries(case, said)
        [notice] = said["notices"]
        assert (notice["supervisor"], notice["kind"]) == (POLICE, "grant")
        assert {each["event"] for each in said["notifications"]} >= {"correction_requested", "accepted", "granted"}
        assert said["clock"] is not None

        async def every_span() -> set[str] | None:
            before = await raw(mesh, case.submitted)
            seen = (await case.whole()).json()["traces"]
            after = await raw(mesh, case.submitted)
            shown = {each["span_id"] for each in seen["spans"]}
            assert seen["is_complete"]
            assert before.keys() <= shown <= after.keys(), "looks at the whole are spans of the case too"
            services = {each["localEndpoint"]["serviceName"] for each in before.values()}
            assert services >= {"gateway", "application", "catalogue", "identity", "certificate", "rating"}
            callbacks = [each["id"] for each in before.values() if each["name"].lower() == "post callback"]
            attempts = sum(len(each.told) for each in case.receivers.values())
            assert len(callbacks) == attempts, "each attempt to tell somebody is a span as well"
            return shown

        shown = await eventually(every_span, within=60)
        answer = await case.whole()
        citizen = visit.journey.citizen
        secret = (citizen.resident_id, citizen.phone, citizen.name, citizen.address, "豆包", citizen.social_security)
        assert not [each for each in secret if each in answer.text]
        took = [await _timed(case) for _ in range(_LOOKS)]
        with capsys.disabled():
            print(f"\nwhole_case_ms p50={statistics.median(took):.0f} most={max(took):.0f} spans={len(shown)} looks={_LOOKS}")


async def _check_deliveries(case: Joint, said: dict[str, Any]) -> None:
    """The view has what each receiver was sent, in its order, each attempt with its answer."""
    parties = {line["party"] for line in said["deliveries"]}
    assert len(parties) == 3
    by_party = [[line for line in said["deliveries"] if line["party"] == party] for party in parties]
    views = {tuple((line["delivery_id"], line["revision"]) for line in lines for _ in line["attempts"]): lines for lines in by_party}
    for name, receiver in case.receivers.items():
        lines = views[tuple(told(receiver))]
        assert [line["revision"] for line in lines] == (
            [STEPS.index("granted") + 1] if name == "police" else list(range(1, len(STEPS) + 1))
        )
        statuses = [each["status"] for line in lines for each in line["attempts"]]
        assert statuses == ([503] if name == "other" else []) + [204] * len(lines)
    feed = {(each["revision"], each["division"], each["agency"]) for each in said["announced"]}
    assert len(feed) == len(said["announced"]) == 2 * len(STEPS) + 1


async def _timed(case: Joint) -> float:
    began = time.perf_counter()
    await case.whole()
    return (time.perf_counter() - began) * 1000


async def test_while_the_viewer_does_not_answer_links_stand_in_for_spans_and_all_else_stays(
    mesh: Mesh, person: Person, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with visiting(mesh, person, tmp_path) as visit:
        found = await matter.find(visit.journey, visit.citizen)
        submitted = await submission.submit(visit.journey, visit.citizen, found)
        operator, officer = visit.parties.operator, visit.journey.config.operator.officers[0]
        case = Joint(submitted, {}, operator, officer)
        await eventually(lambda: _has_spans(case), within=60)
        with held(mesh, "zipkin"):
            began = time.perf_counter()
            said = (await case.whole()).json()
            took = (time.perf_counter() - began) * 1000
        assert (said["traces"]["is_complete"], said["traces"]["spans"]) == (False, [])
        assert any(submitted.trace_id in each for each in said["traces"]["links"])
        assert [each["event"] for each in said["progress"]["steps"]] == ["submitted"]
        assert said["clock"] is not None
        assert [each["event"] for each in said["announced"]] == ["submitted"]
        await eventually(lambda: _has_spans(case), within=60)
        with capsys.disabled():
            print(f"\nwhole_case_ms without_viewer={took:.0f}")


async def _has_spans(case: Joint) -> bool:
    traces = (await case.whole()).json()["traces"]
    return bool(traces["is_complete"] and traces["spans"])
