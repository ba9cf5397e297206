"""The whole gateway on a real socket and a real database, before services played by a real server."""

import asyncio
import json
import re
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
import sqlalchemy as sa
from structlog.testing import capture_logs

from chassis.clock import SystemClock
from chassis.database import Database
from chassis.http.client import Disclosure
from contracts.events.access import DataAccessed
from contracts.events.gateway import PartyChanged
from contracts.headers import DATA_ACCESS
from contracts.values import PartyId, PersonId
from deploy.local.running import free_port
from gateway.ledger import LedgerWriter, Signing
from gateway.registry.nonces import Nonces
from tests.integration.gateway.door import PATIENT_S, Behind, Door, exchange, gateway, public_key, register, served
from tests.support.eventually import eventually
from tests.support.service import published
from tests.support.wires import wire

PERSON = PersonId.new()


async def test_a_request_goes_through_with_a_mesh_token_and_leaves_a_record(door: Door, behind: Behind) -> None:
    answer = await door.call("GET", "/matters?q=1", door.bearer(PERSON))
    assert (answer.status_code, answer.json()) == (200, {})
    [(method, path, headers, body)] = behind.asked
    assert (method, path, body) == ("GET", "/matters", b"")
    assert headers["tongban-request-id"] == answer.headers["request-id"]
    row = await door.decision(answer)
    assert (row.status, row.party, row.person, row.route, row.upstream) == (200, door.parties["app"], PERSON, "GET /matters", "catalogue")
    assert row.rooms["access"] == "granted"


async def test_forged_internal_headers_never_reach_a_service(door: Door, behind: Behind) -> None:
    """Also behind more headers than a careless cap would look at, in any spelling and case."""
    names = ["Tongban-Mesh-Token", "tongban_mesh_token", "TONGBAN-Request-Id", "Tongban-Data-Access", "tongban-operator", "X-Forwarded-For"]
    lines = [f"a{number}: x" for number in range(40)] + [f"{name}: forged" for name in names]
    token = door.bearer()["authorization"]
    raw = "\r\n".join(["GET /matters HTTP/1.1", "host: x", f"authorization: {token}", "connection: close", *lines, "", ""]).encode()
    assert (await exchange(door.settings.listen_port, raw)).startswith(b"HTTP/1.1 200")
    assert "forged" not in json.dumps(behind.asked[-1][2])


async def test_an_answer_does_not_carry_internal_headers_out(door: Door, behind: Behind) -> None:
    behind.answer = lambda _: (200, {"tongban-secret": "x", "etag": '"1"'}, b"{}")
    answer = await door.call("GET", "/matters", door.bearer())
    assert answer.headers["etag"] == '"1"'
    assert "tongban-secret" not in answer.headers


async def test_a_replay_is_refused_also_after_a_restart(door: Door, behind: Behind) -> None:
    headers = door.signature("district", "GET", "/matters")
    assert (await door.call("GET", "/matters", headers)).status_code == 200
    again = await door.call("GET", "/matters", headers)
    assert (again.status_code, again.json()["code"]) == (409, "replayed-request")
    assert len(behind.asked) == 1
    nonce = headers["signature-input"].split('nonce="')[1].split('"')[0]
    restarted = Nonces(door.database, deadline_s=PATIENT_S)
    assert not await restarted.is_first_use(door.parties["district"], nonce, 0)
    assert await restarted.is_first_use(door.parties["app"], nonce, 0)


async def test_of_many_uses_of_one_nonce_at_once_one_is_the_first(database_of: Callable[[str], Database]) -> None:
    store = Nonces(database_of("gateway.registry"), deadline_s=PATIENT_S)
    party = PartyId.new()
    assert await store.is_first_use(party, "warm", 0)
    firsts = await asyncio.gather(*(store.is_first_use(party, "n", 0) for _ in range(4)))
    assert sorted(firsts) == [False, False, False, True]


async def test_with_the_database_away_nothing_signed_passes_and_everything_else_does(
    database_of: Callable[[str], Database], tmp_path: Path, upstream: str, behind: Behind
) -> None:
    direct = database_of("gateway.registry")
    parties = await register(direct)
    async with wire(int(direct.url.rpartition(":")[2].partition("/")[0])) as between:
        database = Database(re.sub(r":[0-9]+/", f":{between.port}/", direct.url))
        async with gateway(database, tmp_path, upstream, parties=parties) as door:
            assert (await door.signed("district", "GET", "/matters")).status_code == 200
            between.cut()
            for _ in range(3):
                away = await door.signed("district", "GET", "/matters")
                assert (away.status_code, away.json()["rule"]) == (503, "replay-store")
                plain = await door.call("GET", "/matters", door.bearer())
                assert plain.status_code == 200
            assert len(behind.asked) == 4
            between.mend()

            async def is_back() -> bool:
                return (await door.signed("district", "GET", "/matters")).status_code == 200

            await eventually(is_back, within=5)
            assert (await door.decision(plain)).status == 200
        await database.close()


async def test_a_locked_store_of_nonces_is_late_not_waited_for(
    database_of: Callable[[str], Database], tmp_path: Path, upstream: str
) -> None:
    database = database_of("gateway.registry")
    parties = await register(database)
    async with gateway(database, tmp_path, upstream, parties=parties, nonce_deadline_ms=500) as door, database.transaction() as session:
        await session.execute(sa.text("LOCK TABLE nonces"))
        # The lock is held until this ends: who waits for it is never answered.
        async with asyncio.timeout(PATIENT_S):
            late = await door.signed("district", "GET", "/matters")
        assert (late.status_code, late.json()["rule"]) == (503, "replay-store")


async def test_personal_data_leaves_with_its_access_recorded_and_published(door: Door, behind: Behind) -> None:
    seen = Disclosure((PERSON,), 3, "account", ("name",)).header()
    behind.answer = lambda _: (200, {DATA_ACCESS: seen}, b'{"name":"x"}')
    answer = await door.call("GET", "/persons/me", door.bearer(PERSON))
    assert answer.status_code == 200
    assert DATA_ACCESS not in answer.headers
    [access] = await published(door.database, DataAccessed)
    assert (access.subjects, access.owner, access.party, access.person) == ((PERSON,), "identity", door.parties["app"], PERSON)
    assert (access.items, access.purpose, access.grade, access.request_id) == (("name",), "account", 3, answer.headers["request-id"])


async def test_with_the_ledger_away_personal_data_stays_and_the_rest_goes_on(door: Door, behind: Behind) -> None:
    seen = Disclosure((PERSON,), 3, "account", ("name",)).header()
    async with door.database.transaction() as session:
        await session.execute(sa.text("LOCK TABLE decisions"))
        assert (await door.call("GET", "/matters", door.bearer())).status_code == 200
        behind.answer = lambda _: (200, {DATA_ACCESS: seen}, b'{"name":"x"}')
        answer = await door.call("GET", "/persons/me", door.bearer(PERSON))
        assert (answer.status_code, answer.json()["rule"]) == (503, "ledger")
        assert b"name" not in answer.content
    row = await door.decision(answer)
    assert (row.status, row.access) == (503, None)
    assert await published(door.database, DataAccessed) == []


async def test_a_decision_that_cannot_be_stored_does_not_keep_the_others_from_the_disk(door: Door, behind: Behind) -> None:
    unstorable = Disclosure((PERSON,), 3, "account", ("\0",)).header()
    behind.answer = lambda path: (200, {DATA_ACCESS: unstorable} if path == "/persons/me" else {}, b"{}")
    bad, good = await asyncio.gather(door.call("GET", "/persons/me", door.bearer(PERSON)), door.call("GET", "/matters", door.bearer()))
    assert (bad.status_code, good.status_code) == (503, 200)
    assert (await door.decision(good)).status == 200


async def test_the_ledger_says_once_how_many_decisions_found_no_room(database_of: Callable[[str], Database]) -> None:
    ledger = LedgerWriter(database_of("gateway.registry"), SystemClock(), Signing.new())
    ledger.dropped = 3
    stop = asyncio.Event()
    with capture_logs() as said:
        writing = asyncio.create_task(ledger.write(stop))
        await asyncio.sleep(0)
        stop.set()
        await writing
        ledger._log_dropped()
    assert [(entry["event"], entry["count"]) for entry in said] == [("decisions_dropped", 3)]


async def test_a_suspended_party_is_refused_within_two_seconds_and_the_reason_is_kept(door: Door) -> None:
    app = door.parties["app"]
    assert (await door.call("GET", "/matters", door.bearer())).status_code == 200
    said = await door.signed("operator", "POST", f"/parties/{app}/suspension", officer="op-002", said={"reason": "密钥泄露 key leaked"})
    assert (said.status_code, said.json()["status"]) == (200, "suspended")

    async def is_refused() -> bool:
        answer = await door.call("GET", "/matters", door.bearer())
        return answer.status_code == 403 and answer.json()["code"] == "party-not-active"

    await eventually(is_refused, within=2)
    party = (await door.signed("operator", "GET", f"/parties/{app}", officer="op-001")).json()
    assert (party["suspended_by"], party["suspended_for"]) == ("op-002", "密钥泄露 key leaked")
    [changed] = [each for each in await published(door.database, PartyChanged) if each.party_id == app]
    assert changed.status == "suspended"
    twice = await door.signed("operator", "POST", f"/parties/{app}/suspension", officer="op-002", said={"reason": "x"})
    assert (twice.status_code, twice.json()["code"]) == (409, "party-not-in-use")


@pytest.mark.parametrize("mangle", [lambda jwk: {**jwk, "y": jwk["x"]}, lambda jwk: {**jwk, "x": "AA"}, lambda jwk: {**jwk, "x": "!"}])
async def test_a_key_that_is_no_key_is_refused_at_the_application(door: Door, mangle: Callable[[dict[str, str]], dict[str, str]]) -> None:
    body = {"name": "x", "kind": "app", "jwks": [mangle(public_key())]}
    answer = await door.signed("operator", "POST", "/parties", officer="op-001", said=body, key="k1")
    assert (answer.status_code, answer.json()["code"]) == (422, "key-not-acceptable")


async def test_a_party_with_a_bad_key_does_not_shut_the_door_for_the_others(door: Door) -> None:
    async with door.database.transaction() as session:
        await session.execute(
            sa.text(
                """UPDATE party_keys SET jwk = '{"kty":"EC","crv":"P-256","x":"AA","y":"AA"}'
                WHERE party = (SELECT id FROM parties WHERE kind = 'district')"""
            )
        )

    async def is_seen() -> bool:
        return (await door.signed("district", "GET", "/matters")).status_code == 401

    await eventually(is_seen, within=2)
    assert (await door.call("GET", "/matters", door.bearer())).status_code == 200


async def test_decisions_are_found_by_party_and_request(door: Door) -> None:
    answer = await door.call("GET", "/unknown", door.bearer())
    await door.decision(answer)
    path = "/decisions"
    found = (await door.signed("operator", "GET", path, officer="op-003")).json()["items"]
    [mine] = [each for each in found if each["request_id"] == answer.headers["request-id"]]
    assert (mine["refused_by"], mine["code"], mine["route"]) == ("resources", "resource-not-registered", "GET /unknown")


async def test_a_request_cut_off_in_its_body_goes_nowhere(door: Door, behind: Behind) -> None:
    raw = "POST /token HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\na=1"
    _, writer = await asyncio.open_connection("127.0.0.1", door.settings.listen_port)
    writer.write(raw.encode())
    await writer.drain()
    writer.close()
    await door.call("GET", "/matters", door.bearer())
    assert [path for _, path, _, _ in behind.asked] == ["/matters"]


async def test_health_is_ready_when_something_is_known(database_of: Callable[[str], Database], tmp_path: Path, upstream: str) -> None:
    database = database_of("gateway.registry")
    async with gateway(database, tmp_path, upstream, parties=await register(database)) as door:
        assert (await door.call("GET", "/health/live")).status_code == 200
        assert (await door.call("GET", "/health/ready")).status_code == 200


async def test_a_service_that_is_not_there_is_a_problem_and_soon_left_alone(
    database_of: Callable[[str], Database], tmp_path: Path, upstream: str, behind: Behind
) -> None:
    database, port = database_of("gateway.registry"), free_port()
    parties = await register(database)
    async with gateway(database, tmp_path, upstream, parties=parties, catalogue_url=f"http://127.0.0.1:{port}") as door:
        answers = [await door.call("GET", "/matters", door.bearer()) for _ in range(7)]
        assert [each.status_code for each in answers] == [502] * 5 + [503] * 2
        assert {each.headers["content-type"] for each in answers} == {"application/problem+json"}
        assert answers[-1].json()["code"] == "upstream-shed"
        assert (await door.signed("district", "POST", "/cases/1/decision")).status_code == 200


async def test_the_door_is_quick_to_notice_that_a_service_is_back(
    database_of: Callable[[str], Database], tmp_path: Path, upstream: str, behind: Behind
) -> None:
    database, port = database_of("gateway.registry"), free_port()
    parties = await register(database)
    async with gateway(database, tmp_path, upstream, parties=parties, catalogue_url=f"http://127.0.0.1:{port}") as door:
        for _ in range(6):
            await door.call("GET", "/matters", door.bearer())
        async with served(behind, SimpleNamespace(listen_host="127.0.0.1", listen_port=port)):

            async def is_back() -> bool:
                return (await door.call("GET", "/matters", door.bearer())).status_code == 200

            await eventually(is_back, within=4)


async def test_a_service_that_is_slow_is_late(
    database_of: Callable[[str], Database], tmp_path: Path, upstream: str, behind: Behind
) -> None:
    database = database_of("gateway.registry")
    async with gateway(database, tmp_path, upstream, parties=await register(database), upstream_deadline_ms=1000) as door:
        behind.hold = asyncio.Event()
        answer = await door.call("GET", "/matters", door.bearer())
        assert (answer.status_code, answer.json()["code"]) == (504, "upstream-late")
        behind.hold.set()
        behind.hold = None
        assert (await door.call("GET", "/matters", door.bearer())).status_code == 200


async def test_callers_who_hang_up_do_not_wear_out_the_connections(
    database_of: Callable[[str], Database], tmp_path: Path, upstream: str, behind: Behind
) -> None:
    database = database_of("gateway.registry")
    async with gateway(database, tmp_path, upstream, parties=await register(database), upstream_connections=4) as door:
        token = door.bearer()["authorization"]
        raw = f"GET /matters HTTP/1.1\r\nhost: x\r\nauthorization: {token}\r\n\r\n".encode()

        async def hang_up() -> None:
            _, writer = await asyncio.open_connection("127.0.0.1", door.settings.listen_port)
            writer.write(raw)
            await writer.drain()
            writer.transport.abort()

        for _ in range(10):
            await asyncio.gather(*(hang_up() for _ in range(30)))
        answers = await asyncio.gather(*(door.call("GET", "/matters", door.bearer()) for _ in range(20)))
        assert [each.status_code for each in answers] == [200] * 20
