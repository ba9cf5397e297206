import asyncio
import time
from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any

import pytest
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from chassis.clock import FixedClock
from chassis.errors import Forbidden, Invalid, NotFound, RefusedByNeighbour, ServiceError, Unauthorised, Unavailable
from chassis.http import Fetched, MeshClient
from chassis.http.caller import KnownCaller, authenticated
from chassis.http.disclosure import Disclosure
from chassis.http.mesh_token import CallerFacts, MeshVerifier
from chassis.messaging.retries import is_transient
from contracts.events.access import DataAccessed
from contracts.headers import MESH_TOKEN, REQUEST_ID
from contracts.strict import Answer, Line, Model
from contracts.values import CaseNumber, CreditCode, DivisionCode, Grade, OfficerId, PartyId, PersonId
from deploy.local.running import free_port
from tests.integration.http_client.conftest import Neighbour, says, settings_of
from tests.support.eventually import eventually

NUMBER = CaseNumber("11310106TE5T01043T431010190000020261124000017")
PERSON = PersonId("0197e0a1-5c00-7a10-8d31-0a4be39c1d01")
CALLER = CallerFacts(
    "gateway",
    party=PartyId("0197d2c4-7b10-7e01-a2c3-6d5e4f3a2b03"),
    party_kind="district",
    party_name="示例·静安区一网通办平台",
    agency=CreditCode("11310106TE5T01043T"),
    division=DivisionCode("310106"),
    person=PERSON,
    officer=OfficerId("jing-0417"),
    assurance=3,
    permissions=frozenset({"case:decide"}),
)


class Greeting(Answer):
    text: str


class Greet(Model):
    name: Line


async def test_a_call_is_signed_by_the_caller_for_the_one_it_calls(neighbour: Neighbour, mesh: MeshClient) -> None:
    neighbour.answering = lambda _: says({"text": "你好", "unknown": 1})
    assert (await mesh.get("identity", "/greetings?of=甲", model=Greeting)).value == Greeting(text="你好")
    assert neighbour.facts() == CallerFacts("certificate")
    with pytest.raises(Unauthorised):
        neighbour.facts("catalogue")
    assert neighbour.asked[-1][0].query_params["of"] == "甲"


async def test_a_body_is_sent_as_the_model_writes_it(neighbour: Neighbour, mesh: MeshClient) -> None:
    neighbour.answering = lambda _: says([{"text": "a"}, {"text": "b"}])
    found: Fetched[list[Greeting]] = await mesh.post("identity", "/greetings", json=Greet(name="示例·甲一"), model=list[Greeting])
    assert [each.text for each in found.value] == ["a", "b"]
    assert neighbour.asked[-1][1] == '{"name":"示例·甲一"}'.encode()
    await mesh.post("identity", "/greetings", json={"name": "乙"}, model=Any)
    assert neighbour.header("content-type") == "application/json"


async def test_whom_a_caller_acts_for_goes_along_and_its_permissions_do_not(neighbour: Neighbour, mesh: MeshClient) -> None:
    await mesh.get("identity", "/x", model=Any, act=CALLER, purpose=NUMBER)
    facts = neighbour.facts()
    assert (facts.issuer, facts.permissions, facts.purpose) == ("certificate", frozenset(), "")
    told = ("party", "party_kind", "party_name", "agency", "division", "person", "officer", "assurance")
    assert [getattr(facts, name) for name in told] == [getattr(CALLER, name) for name in told]


async def test_a_person_may_be_acted_for_without_a_request(neighbour: Neighbour, mesh: MeshClient) -> None:
    await mesh.get("identity", "/x", model=Any, act=PERSON, purpose="核验 verify")
    assert neighbour.facts() == CallerFacts("certificate", person=PERSON)


async def test_what_is_asked_for_goes_along_beside_a_token_that_is_the_same_for_all_purposes(
    neighbour: Neighbour, mesh: MeshClient
) -> None:
    purposes = ("核验 verify", NUMBER, "")
    for purpose in purposes:
        await mesh.get("identity", "/x", model=Any, act=PERSON, purpose=purpose)
    requests = [request for request, _ in neighbour.asked]
    assert len({each.headers[MESH_TOKEN] for each in requests}) == 1
    verifier = MeshVerifier.from_file("identity", neighbour.keys / "public.json")
    for request, purpose in zip(requests, purposes, strict=True):
        request.scope["app"] = SimpleNamespace(state=SimpleNamespace(verifier=verifier))
        assert (await authenticated(request)).purpose == purpose


async def test_the_id_of_the_request_goes_along(neighbour: Neighbour, mesh: MeshClient) -> None:
    caller = KnownCaller("gateway", person=PERSON)
    object.__setattr__(caller, "request_id", "r-42")
    await mesh.get("identity", "/x", model=Any, act=caller)
    assert neighbour.header(REQUEST_ID) == "r-42"


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (400, Invalid),
        (403, Forbidden),
        (415, Invalid),
        (404, NotFound),
        (409, RefusedByNeighbour),
        (410, NotFound),
        (422, Invalid),
        (302, Unavailable),
        (429, Unavailable),
        (500, Unavailable),
        (503, Unavailable),
    ],
)
async def test_a_refusal_is_the_same_fact_here(neighbour: Neighbour, mesh: MeshClient, status: int, error: type[ServiceError]) -> None:
    neighbour.answering = lambda _: says({"code": "jar-empty", "detail": "no cookies"}, status, location="/elsewhere")
    with pytest.raises(error, match="identity: no cookies") as refused:
        await mesh.get("identity", "/jar", model=Any)
    assert type(refused.value) is error
    assert refused.value.extensions == {"upstream_code": "jar-empty"}
    assert len(neighbour.asked) == 1


@pytest.mark.parametrize("code", ["conflict", "request-in-progress"])
async def test_a_race_lost_over_there_is_for_another_try(neighbour: Neighbour, mesh: MeshClient, code: str) -> None:
    neighbour.answering = lambda _: says({"code": code}, 409)
    with pytest.raises(Unavailable) as refused:
        await mesh.get("identity", "/jar", model=Any)
    assert is_transient(refused.value)
    neighbour.answering = lambda _: says({"code": "jar-empty"}, 409)
    with pytest.raises(RefusedByNeighbour) as final:
        await mesh.get("identity", "/jar", model=Any)
    assert not is_transient(final.value)


@pytest.mark.parametrize("said", ["<html>", '["a list"]', "", "\xff"])
async def test_a_refusal_without_a_problem_is_still_a_refusal(neighbour: Neighbour, mesh: MeshClient, said: str) -> None:
    async def refuse(_: Request) -> Response:
        return Response(said.encode("latin-1"), 404)

    neighbour.answering = refuse
    with pytest.raises(NotFound, match="identity: 404"):
        await mesh.get("identity", "/jar", model=Any)


async def test_an_answer_that_does_not_come_in_time_is_no_answer(neighbour: Neighbour, hasty: MeshClient) -> None:
    neighbour.answering = hang
    started = time.monotonic()
    with pytest.raises(Unavailable, match="identity did not answer"):
        await hasty.get("identity", "/x", model=Any)
    assert 0.4 < time.monotonic() - started < 2.9, "that of a client who was told nothing is 3 s"


async def test_an_answer_that_trickles_does_not_outlast_the_deadline(neighbour: Neighbour, hasty: MeshClient) -> None:
    async def drops() -> AsyncIterator[bytes]:
        for _ in range(100):
            yield b" "
            await asyncio.sleep(0.1)

    async def trickle(_: Request) -> Response:
        return StreamingResponse(drops())

    neighbour.answering = trickle
    with pytest.raises(Unavailable):
        await asyncio.wait_for(hasty.get("identity", "/x", model=Any), 8)


async def test_nobody_at_the_address_is_no_answer(neighbour: Neighbour, clock: FixedClock) -> None:
    client = MeshClient(settings_of(neighbour, identity_url=f"http://127.0.0.1:{free_port()}"), clock)
    with pytest.raises(Unavailable):
        await client.get("identity", "/x", model=Any)
    await client.close()


async def test_cancelled_calls_leave_their_places_to_others(neighbour: Neighbour, mesh: MeshClient) -> None:
    """httpx's own pool kept the places of cancelled requests until none was left."""
    for _ in range(3):
        await cancel_sixty(neighbour, mesh)
    neighbour.answering = lambda _: says({"text": "still here"})
    answers: list[Fetched[Greeting]] = await asyncio.gather(*(mesh.get("identity", "/x", model=Greeting) for _ in range(20)))
    assert {each.value.text for each in answers} == {"still here"}


async def cancel_sixty(neighbour: Neighbour, mesh: MeshClient) -> None:
    neighbour.answering, before = hang, len(neighbour.asked)
    calls: list[asyncio.Task[Fetched[Any]]] = [asyncio.create_task(mesh.get("identity", "/hang", model=Any)) for _ in range(60)]
    await eventually(lambda: len(neighbour.asked) > before)
    for call in calls:
        call.cancel()
    await asyncio.gather(*calls, return_exceptions=True)


async def test_a_connection_is_used_again(neighbour: Neighbour, mesh: MeshClient) -> None:
    for _ in range(5):
        await mesh.get("identity", "/x", model=Any)
    assert len({request.client for request, _ in neighbour.asked}) == 1


async def test_a_proxy_of_the_environment_is_not_asked(neighbour: Neighbour, clock: FixedClock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{free_port()}")
    client = MeshClient(settings_of(neighbour), clock)
    await client.get("identity", "/x", model=Any)
    await client.close()
    assert len(neighbour.asked) == 1


@pytest.mark.parametrize(
    ("act", "who"),
    [
        (CALLER, {"party": CALLER.party, "officer": CALLER.officer, "person": PERSON}),
        (PERSON, {"party": None, "officer": None, "person": PERSON}),
        (None, {"party": None, "officer": None, "person": None}),
    ],
)
@pytest.mark.parametrize(("purpose", "case_number"), [(NUMBER, NUMBER), ("核验 verify", None)])
async def test_personal_data_in_an_answer_is_an_access_to_publish(
    neighbour: Neighbour,
    mesh: MeshClient,
    clock: FixedClock,
    act: CallerFacts | PersonId | None,
    who: dict[str, Any],
    purpose: str,
    case_number: CaseNumber | None,
) -> None:
    said = Disclosure((PERSON,), Grade.SENSITIVE, purpose, ("name", "resident_id")).header()
    neighbour.answering = lambda _: says({"text": "personal"}, tongban_data_access=said)
    found: Fetched[Greeting] = await mesh.get("identity", "/x", model=Greeting, act=act, purpose=purpose)
    assert found.access == DataAccessed(
        subjects=(PERSON,),
        owner="identity",
        service="certificate",
        grade=Grade.SENSITIVE,
        purpose=purpose,
        case_number=case_number,
        items=("name", "resident_id"),
        at=clock.now(),
        **who,
    )


async def test_an_answer_about_nobody_is_no_access(neighbour: Neighbour, mesh: MeshClient) -> None:
    neighbour.answering = lambda _: says({"text": "public"})
    assert (await mesh.get("identity", "/x", model=Greeting)).access is None


async def hang(_: Request) -> Response:
    await asyncio.Event().wait()
    raise AssertionError
