"""Parties over the whole gateway: from the application to production, keys that follow one another, and how it ends."""

import asyncio
import base64
import json
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from cryptography.hazmat.primitives.serialization import Encoding
from joserfc.jwk import ECKey

from chassis.database import Database
from contracts.events.gateway import PartyChanged
from contracts.values import Id, PartyId
from deploy.client.next_key import statement
from gateway.registry.bootstrap import bootstrap
from gateway.registry.repository import Parties
from gateway.registry.tables import conformance_runs, parties, party_keys
from tests.integration.gateway.door import Door, gateway, register
from tests.support.eventually import eventually
from tests.support.service import private_key, published
from tests.unit.gateway.keys import certificate

WITH_LAPSES = ("http", "ledger", "snapshots", "nonces", "limits", "admission", "keys", "lapses")
OF_PRODUCTION, OF_SANDBOX, NEXT = "party-production", "party-sandbox", "party-next"


def public(name: str) -> dict[str, Any]:
    key = ECKey.import_key(private_key(name))
    return {**key.as_dict(private=False), "kid": key.thumbprint()}


def application(**more: Any) -> dict[str, Any]:
    said = {"name": "示例·区级系统", "kind": "district", "division": "310112", "officers": ["qx-001"], "contact": "021-00000000"}
    return {**said, "jwks": [public(OF_SANDBOX)], "production_jwks": [public(OF_PRODUCTION)], **more}


async def applied(door: Door, **more: Any) -> str:
    """The path of a new party, which is known to the test's signatures as `new`."""
    answer = await door.officer("op-001", "POST", "/parties", application(**more), key=f"apply-{PartyId.new()}")
    assert (answer.status_code, answer.json()["status"]) == (201, "applied"), answer.text
    door.parties["new"] = PartyId(answer.json()["id"])
    return f"/parties/{answer.json()['id']}"


async def done(door: Door, officer: str, path: str, said: Any = None) -> dict[str, Any]:
    answer = await door.officer(officer, "POST", path, said)
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def asked(door: Door, key: str) -> httpx.Response:
    return await door.signed("new", "GET", "/matters", by=private_key(key))


async def answered(door: Door, key: str, status: int, code: str = "", *, within: float = 2.0) -> None:
    async def is_so() -> bool:
        answer = await asked(door, key)
        return answer.status_code == status and (not code or answer.json()["code"] == code)

    await eventually(is_so, within=within)


@pytest.fixture
async def relaxed(database_of: Callable[[str], Database], tmp_path: Path, upstream: str) -> Any:
    """A gateway that opens production without a conformance run, and that looks for what has run out."""
    database = database_of("gateway.registry")
    known = await register(database)
    async with gateway(database, tmp_path, upstream, parties=known, parts=WITH_LAPSES, conformance_required=False) as door:
        yield door


async def test_from_an_application_to_production(relaxed: Door) -> None:
    door, path = (
        relaxed,
        await applied(relaxed, expires_at="2099-01-01T00:00:00Z", per_day=5000, permissions=["case:accept"]),
    )
    assert (await asked(door, OF_SANDBOX)).json()["code"] == "unregistered-party"
    refused = await door.officer("op-001", "POST", f"{path}/approval")
    assert (refused.status_code, refused.json()["code"]) == (403, "permission-not-granted")

    assert (await done(door, "op-002", f"{path}/approval"))["status"] == "testing"
    await answered(door, OF_SANDBOX, 200)
    assert (await asked(door, OF_PRODUCTION)).json()["code"] == "party-not-active"
    row = await door.decision(await asked(door, OF_SANDBOX))
    assert (row.party, row.refused_by) == (door.parties["new"], None)

    opened = await done(door, "op-002", f"{path}/production")
    assert (opened["status"], opened["environment"], opened["production_by"]) == ("active", "production", "op-002")
    await answered(door, OF_PRODUCTION, 200)
    wanted = {"contact": "021-00000000", "permissions": ["case:accept"]}
    own = (await door.signed("new", "GET", "/parties/own", by=private_key(OF_PRODUCTION))).json()
    assert (own["per_day"], own["application"]) == (5000, wanted)
    assert {each["environment"]: each["kid"] for each in own["keys"]} == {
        "sandbox": public(OF_SANDBOX)["kid"],
        "production": public(OF_PRODUCTION)["kid"],
    }
    told = [each for each in await published(door.database, PartyChanged) if each.party_id == door.parties["new"]]
    assert [(each.status, [jwk["kid"] for jwk in each.jwks]) for each in told] == [
        ("testing", [public(OF_SANDBOX)["kid"]]),
        ("active", [public(OF_PRODUCTION)["kid"]]),
    ]


async def test_who_asks_again_because_an_answer_was_lost_is_told_how_things_stand(relaxed: Door) -> None:
    path = await applied(relaxed)
    steps = [("approval", None), ("production", None), ("suspension", {"reason": "密钥泄露"}), ("withdrawal", {"reason": "不再使用"})]
    for step, said in steps:
        once, again = [await done(relaxed, "op-002", f"{path}/{step}", said) for _ in range(2)]
        assert again == once
    told = [each for each in await published(relaxed.database, PartyChanged) if each.party_id == relaxed.parties["new"]]
    assert len(told) == len(steps)


async def test_production_opens_to_who_has_passed_its_conformance_run(door: Door) -> None:
    path = await applied(door)
    await done(door, "op-002", f"{path}/approval")
    run = {"id": Id.new(), "party": door.parties["new"], "seed": "a", "kind": "district", "failing": ["nonce-once"]}
    times = {"started_at": sa.func.now(), "ended_at": sa.func.now()}
    async with door.database.transaction() as session:
        await session.execute(sa.insert(conformance_runs).values(**run, **times, state="failed"))
    refused = await door.officer("op-002", "POST", f"{path}/production")
    assert (refused.status_code, refused.json()["code"]) == (409, "conformance-not-shown")
    async with door.database.transaction() as session:
        await session.execute(sa.update(conformance_runs).values(state="passed", failing=[]))
    assert (await done(door, "op-002", f"{path}/production"))["status"] == "active"


async def in_production(door: Door, **more: Any) -> str:
    path = await applied(door, **more)
    for step in ("approval", "production"):
        await done(door, "op-002", f"{path}/{step}")
    await answered(door, OF_PRODUCTION, 200)
    return path


async def test_a_suspension_is_noticed_by_every_kind_of_credential(relaxed: Door) -> None:
    path = await in_production(relaxed)
    await done(relaxed, "op-002", f"{path}/suspension", {"reason": "密钥泄露"})
    for key in (OF_PRODUCTION, OF_SANDBOX):
        await answered(relaxed, key, 403, "party-not-active")
    [told] = [each for each in await published(relaxed.database, PartyChanged) if each.status == "suspended"]
    assert told.party_id == relaxed.parties["new"]


async def test_a_party_brings_its_next_key_by_itself_and_both_are_good_until_the_old_one_goes(relaxed: Door) -> None:
    door = relaxed
    await in_production(door)
    said = {"statement": statement(door.parties["new"], private_key(OF_PRODUCTION), private_key(NEXT), now=int(time.time()))}
    assert (await asked(door, NEXT)).json()["code"] == "signature-not-valid"
    added = await door.signed("new", "POST", "/parties/own/keys", said=said, key="next", by=private_key(OF_PRODUCTION))
    assert added.status_code == 201, added.text
    again = await door.signed("new", "POST", "/parties/own/keys", said=said, key="next", by=private_key(OF_PRODUCTION))
    assert (again.status_code, again.headers["idempotency-replayed"]) == (201, "true")
    await answered(door, NEXT, 200)
    assert (await asked(door, OF_PRODUCTION)).status_code == 200

    old = f"/parties/own/keys/{public(OF_PRODUCTION)['kid']}/revocation"
    assert (await door.signed("new", "POST", old, by=private_key(NEXT))).status_code == 200
    await answered(door, OF_PRODUCTION, 401, "signature-not-valid")
    assert (await asked(door, NEXT)).status_code == 200
    told = [each for each in await published(door.database, PartyChanged) if each.party_id == door.parties["new"]]
    assert [len(each.jwks) for each in told] == [1, 1, 2, 1]
    back = {"statement": statement(door.parties["new"], private_key(NEXT), private_key(OF_PRODUCTION), now=int(time.time()))}
    refused = await door.signed("new", "POST", "/parties/own/keys", said=back, key="back", by=private_key(NEXT))
    assert (refused.status_code, refused.json()["code"]) == (409, "party-key-known")


async def test_a_call_that_is_let_in_does_not_bring_a_key_without_a_statement_by_a_current_one(relaxed: Door) -> None:
    door = relaxed
    await in_production(door)
    said = {"statement": statement(door.parties["new"], private_key(NEXT), private_key(NEXT), now=int(time.time()))}
    refused = await door.signed("new", "POST", "/parties/own/keys", said=said, key="next", by=private_key(OF_PRODUCTION))
    assert (refused.status_code, refused.json()["code"]) == (422, "key-statement-not-valid")
    of_another = {"statement": statement(door.parties["app"], private_key(OF_PRODUCTION), private_key(NEXT), now=int(time.time()))}
    refused = await door.signed("new", "POST", "/parties/own/keys", said=of_another, key="other", by=private_key(OF_PRODUCTION))
    assert (refused.status_code, refused.json()["code"]) == (422, "key-statement-not-valid")


async def test_an_officer_revokes_a_key_at_once(relaxed: Door) -> None:
    path, kid = await in_production(relaxed), public(OF_PRODUCTION)["kid"]
    revoked = await done(relaxed, "op-002", f"{path}/keys/{kid}/revocation")
    [key] = [each for each in revoked["keys"] if each["kid"] == kid]
    assert key["revoked_by"] == "op-002"
    await answered(relaxed, OF_PRODUCTION, 401)
    unknown = await relaxed.officer("op-002", "POST", f"{path}/keys/unknown/revocation")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "party-key-not-found")


async def test_what_narrows_is_in_force_at_once_and_what_widens_needs_a_second_officer(relaxed: Door) -> None:
    path = await in_production(relaxed)
    narrowed = await done(relaxed, "op-002", f"{path}/restrictions", {"networks": ["192.0.2.0/24"], "per_day": 10})
    assert (narrowed["networks"], narrowed["per_day"]) == (["192.0.2.0/24"], 10)
    await answered(relaxed, OF_PRODUCTION, 403, "address-not-registered")
    for wider in ({"networks": []}, {"networks": ["192.0.2.0/23"]}, {"per_day": 11}, {"burst": 401}):
        refused = await relaxed.officer("op-002", "POST", f"{path}/restrictions", wider)
        assert (refused.status_code, refused.json()["code"]) == (409, "needs-a-second-officer"), wider
    bad = await relaxed.officer("op-002", "POST", f"{path}/restrictions", {"networks": ["192.0.2.1/24"]})
    assert (bad.status_code, bad.json()["code"]) == (422, "network-not-acceptable")


async def test_what_runs_out_is_refused_by_the_second_and_told_to_the_mesh(relaxed: Door) -> None:
    path = await in_production(relaxed)
    ends = datetime.now(UTC) + timedelta(seconds=1)
    await done(relaxed, "op-002", f"{path}/restrictions", {"expires_at": ends.isoformat()})
    await answered(relaxed, OF_PRODUCTION, 403, "party-expired", within=5)

    async def is_told() -> bool:
        return any(each.status == "expired" for each in await published(relaxed.database, PartyChanged))

    await eventually(is_told, within=5)
    party = (await relaxed.officer("op-001", "GET", path)).json()
    assert (party["status"], datetime.fromisoformat(party["expires_at"])) == ("expired", ends)
    assert (await asked(relaxed, OF_PRODUCTION)).json()["code"] == "party-expired"


async def test_a_key_that_runs_out_is_told_to_the_mesh(relaxed: Door) -> None:
    path = await in_production(relaxed)
    async with relaxed.database.transaction() as session:
        await session.execute(sa.update(party_keys).where(party_keys.c.kid == public(OF_PRODUCTION)["kid"]).values(not_after=sa.func.now()))
    await answered(relaxed, OF_PRODUCTION, 401)

    async def is_told() -> bool:
        told = [each for each in await published(relaxed.database, PartyChanged) if each.party_id == relaxed.parties["new"]]
        return told[-1].jwks == ()

    await eventually(is_told, within=5)
    keys = (await relaxed.officer("op-001", "GET", path)).json()["keys"]
    assert {each["environment"]: each["revoked_at"] is None for each in keys} == {"sandbox": True, "production": False}


@pytest.mark.parametrize(
    ("more", "status", "code"),
    [
        ({"jwks": []}, 422, "invalid-request"),
        ({"production_jwks": [{"kty": "oct"}]}, 422, "key-not-acceptable"),
        ({"production_jwks": ["sandbox"]}, 422, "invalid-request"),
        ({"permissions": ["everything:do"]}, 422, "invalid-request"),
        ({"networks": ["somewhere"]}, 422, "invalid-request"),
        ({"networks": ["192.0.2.1/24"]}, 422, "network-not-acceptable"),
        ({"certificates": ["nonsense"]}, 422, "key-not-acceptable"),
        ({"per_second": 0}, 422, "invalid-request"),
        ({"expires_at": "tomorrow"}, 422, "invalid-request"),
        ({"redirect_uris": ["http://elsewhere/"]}, 422, "redirect-not-acceptable"),
    ],
)
async def test_an_application_that_cannot_succeed_is_refused(door: Door, more: dict[str, Any], status: int, code: str) -> None:
    answer = await door.officer("op-001", "POST", "/parties", application(**more), key="bad")
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text


async def test_one_key_for_both_environments_is_refused(door: Door) -> None:
    answer = await door.officer("op-001", "POST", "/parties", application(production_jwks=[public(OF_SANDBOX)]), key="same")
    assert (answer.status_code, answer.json()["code"]) == (422, "key-not-acceptable")
    async with door.database.reading() as session:
        assert (await session.execute(sa.select(sa.func.count()).select_from(parties))).scalar_one() == 3


async def test_of_two_officers_who_approve_at_once_one_did(relaxed: Door) -> None:
    path = await applied(relaxed)
    answers = await asyncio.gather(*(relaxed.officer(each, "POST", f"{path}/approval") for each in ("op-002", "op-004")))
    assert sorted(each.status_code for each in answers) == [200, 409], [json.loads(each.text) for each in answers]


@pytest.mark.parametrize(
    ("edges", "client", "status"), [(["127.0.0.0/8"], "203.0.113.7", 200), (["127.0.0.0/8"], "203.0.114.7", 403), ([], "203.0.113.7", 403)]
)
async def test_the_address_is_believed_from_a_trusted_edge_only(
    database_of: Callable[[str], Database], tmp_path: Path, upstream: str, edges: list[str], client: str, status: int
) -> None:
    database = database_of("gateway.registry")
    known = await register(database)
    async with database.transaction() as session:
        await session.execute(sa.update(parties).where(parties.c.kind == "district").values(networks=["203.0.113.0/24"]))
    async with gateway(database, tmp_path, upstream, parties=known, trusted_edges=edges) as door:
        headers = {**door.signature("district", "GET", "/matters"), "x-forwarded-for": f"203.0.113.7, {client}"}
        assert (await door.call("GET", "/matters", headers)).status_code == status


@pytest.mark.parametrize("edges", [["127.0.0.0/8"], []], ids=["behind its edge", "without an edge"])
async def test_a_party_with_a_certificate_comes_with_it_through_an_edge(
    database_of: Callable[[str], Database], tmp_path: Path, upstream: str, edges: list[str]
) -> None:
    database, shown = database_of("gateway.registry"), certificate("区级系统")
    known, pem = await register(database), shown.public_bytes(Encoding.PEM).decode()
    async with gateway(database, tmp_path, upstream, parties=known, trusted_edges=edges, conformance_required=False) as door:
        path = await applied(door, certificates=[pem])
        for step in ("approval", "production"):
            await done(door, "op-002", f"{path}/{step}")
        await answered(door, OF_PRODUCTION, 401, "certificate-required")
        for of, status in ((shown, 200 if edges else 401), (certificate("another"), 401)):
            said = f":{base64.b64encode(of.public_bytes(Encoding.DER)).decode()}:"

            async def is_answered(said: str = said, status: int = status) -> bool:
                headers = {**door.signature("new", "GET", "/matters", by=private_key(OF_PRODUCTION)), "client-cert": said}
                return (await door.call("GET", "/matters", headers)).status_code == status

            # A gateway that has just started has nothing leased yet for a party that it has just heard of.
            await eventually(is_answered, within=2)


async def test_the_operators_own_console_comes_back_by_the_file_of_the_founders(
    database_of: Callable[[str], Database], tmp_path: Path
) -> None:
    database, file = database_of("gateway.registry"), tmp_path / "parties.json"
    founder = {"id": PartyId.new(), "name": "控制台", "kind": "operator", "agency": None, "division": None}
    founders = [{**founder, "officers": ["op-001"], "duties": {"op-001": ["system"]}, "jwk": public(OF_PRODUCTION)}]
    file.write_text(json.dumps({"parties": founders}))
    await asyncio.to_thread(bootstrap, file, database.url)
    async with database.transaction() as session:
        await session.execute(sa.update(parties).values(status="suspended", suspended_by="op-001", suspended_for="x"))
    founders[0] |= {"jwk": public(NEXT), "officers": ["op-001", "op-002"], "duties": {"op-002": ["security"]}}
    file.write_text(json.dumps({"parties": founders}))
    for _ in range(2):
        await asyncio.to_thread(bootstrap, file, database.url)
    async with database.reading() as session:
        console = await Parties(session).find(founder["id"])
    assert console is not None
    assert (console.status, console.suspended_by, console.officers) == ("active", None, ("op-001", "op-002"))
    held = {key.kid: key.revoked_at is None for key in console.keys}
    assert (console.duties, held) == ({"op-002": ("security",)}, {public(OF_PRODUCTION)["kid"]: False, public(NEXT)["kid"]: True})
    assert len(await published(database, PartyChanged)) == 2
