"""A gateway whose parties share data: a district that handles a case, an agency that supplies, and operators between them."""

import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
from joserfc.jwk import ECKey

from chassis.database import Database
from chassis.http.authorities import authorities
from chassis.http.client import Disclosure
from chassis.http.signatures import Message, sign
from chassis.working_days import local_day
from contracts.api.application import CaseStanding
from contracts.api.identity.organisations import OrganisationProfile
from contracts.api.identity.persons import Profile, Sourced
from contracts.headers import DATA_ACCESS
from contracts.values import CaseNumber, CreditCode, DivisionCode, OfficerId, OrganisationId, PartyId, PersonId
from deploy.local.running import free_port
from deploy.local.sandbox import supplier
from gateway.registry.bootstrap import load_policies, load_resources
from gateway.registry.domain.keys import PRODUCTION, key_of
from gateway.registry.domain.parties import Party
from gateway.registry.domain.parties_terms import Terms
from gateway.registry.masking import load_masking
from gateway.registry.repository import WritableParties
from tests.integration.gateway.door import Behind, Door, gateway, served
from tests.support.service import private_key

AT = datetime.now(UTC)
CIVIL, POLICE = CreditCode("11310000TE5T01350P"), CreditCode("11310101TE5T010192")
CASE = CaseNumber("11310101TE5T010192431010190000020261124000017")
MATTER = "310101900000"
PERSON, STRANGER, ORGANISATION = PersonId.new(), PersonId.new(), OrganisationId.new()
NAME, NUMBER = "示例·甲一", "31999919900515001X"
OFFICERS = tuple(OfficerId(each) for each in ("of-001", "of-002", "of-003"))
DUTIES = dict(zip(OFFICERS, (("security",), ("system",), ("audit",)), strict=True))
"""Of the operator's officers; those of the other parties have none."""
ITEM: dict[str, Any] = {
    "code": "marriage-registration", "name": "示例·婚姻登记核验", "en": "Marriage registration", "level": "city",
    "fields": [{"name": "marital_status", "zh": "婚姻状况", "en": "marital status", "grade": 3}, {"name": "registered_at", "zh": "登记机关", "en": "registry", "grade": 2}],
    "sharing": "conditional", "modes": ["verify"], "max_age_s": 86400, "quota_per_day": 100, "result_name": "婚姻登记信息",
    "summary": "示例数据，不作办事依据", "domain": "民政", "update_cycle": "每日", "quality_owner": "示例岗", "provenance": "illustrative",
}  # fmt: skip

OFTEN = Terms(per_second=5000.0, burst=10_000)

_PARTIES: dict[str, tuple[str, CreditCode | None, str]] = {
    "district": ("district", None, "310101"),
    "elsewhere": ("district", None, "310104"),
    "supplier": ("department", CIVIL, "310000"),
    "police": ("department", POLICE, "310101"),
    "operator": ("operator", None, "310000"),
    "app": ("app", None, "310000"),
}
_PARTS = ("http", "ledger", "snapshots", "nonces", "limits", "admission", "keys", "connections")


@dataclass
class City:
    """`supplier_url` is where the sandbox's services answer."""

    door: Door
    behind: Behind
    supplier_url: str
    standing: CaseStanding

    async def post(self, kind: str, path: str, said: Any, *, officer: str = "of-001", key: str | None = None) -> httpx.Response:
        return await self.door.signed(kind, "POST", path, officer=officer, said=said, key=key)

    async def get(self, kind: str, path: str) -> Any:
        where, _, query = path.partition("?")
        headers = {"tongban-operator": "of-001"}
        message = Message("GET", f"127.0.0.1:{self.door.settings.listen_port}", where, query, headers, b"")
        signed = sign(message, private_key("party"), key_id=self.door.parties[kind], created=int(time.time()))
        answer = await self.door.call("GET", path, {**headers, **signed})
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def supplier_is(self, **answers: Any) -> None:
        """`kind` for its answers, else its manners."""
        path = "answers" if "kind" in answers else "manners"
        async with httpx.AsyncClient(trust_env=False, verify=authorities()) as client:
            assert (await client.put(f"{self.supplier_url}/sandbox/{path}", json=answers)).status_code == 200

    async def calls(self) -> int:
        """How often the supplier was asked."""
        async with httpx.AsyncClient(trust_env=False, verify=authorities()) as client:
            return sum((await client.get(f"{self.supplier_url}/sandbox/calls")).json().values())

    async def publish(self, *, service: str = "marriage", **more: Any) -> str:
        """An item in use: offered by the supplier, reviewed by an operator."""
        wanted = {**ITEM, "url": f"{self.supplier_url}/{service}", **more}
        answer = await self.post("supplier", "/data-items", wanted, key=f"publish-{PartyId.new()}")
        assert answer.status_code == 201, answer.text
        reviewed = await self.post("operator", f"/data-items/{wanted['code']}/review", {"outcome": "approve"})
        assert reviewed.json()["state"] == "active", reviewed.text
        return str(wanted["code"])

    async def changed(self, content: Any) -> httpx.Response:
        """What the approval is answered of a change that widens: proposed by who is for the system, approved for security."""
        said = {"content": content, "reason": "示例"}
        proposed = await self.post("operator", "/changes", said, officer="of-002", key=f"propose-{PartyId.new()}")
        assert proposed.status_code == 201, proposed.text
        return await self.post("operator", f"/changes/{proposed.json()['id']}/approval", None)

    async def apply(self, kind: str = "district", **more: Any) -> httpx.Response:
        return await self.post(kind, "/scenes", scene(**more), key=f"apply-{PartyId.new()}")

    async def authorised(self, **more: Any) -> str:
        """A scene in force."""
        applied = await self.apply(**more)
        assert applied.status_code == 201, applied.text
        for side in applied.json()["awaits"]:
            by = "operator" if side == "operator" else "supplier"
            answer = await self.post(by, f"/scenes/{applied.json()['id']}/answers", {"outcome": "approve"})
            assert answer.status_code == 200, answer.text
        return str(applied.json()["id"])

    async def verify(
        self, scene_id: str, *, kind: str = "district", code: str = ITEM["code"], case: str = CASE, **more: Any
    ) -> httpx.Response:
        said = {"scene": scene_id, "claims": {"marital_status": "已婚"}, **more}
        return await self.post(kind, f"/cases/{case}/data-items/{code}/verifications", said)

    async def query(self, scene_id: str, *fields: str, kind: str = "district", code: str = ITEM["code"]) -> httpx.Response:
        said = {"scene": scene_id, "fields": list(fields)}
        return await self.post(kind, f"/cases/{CASE}/data-items/{code}/queries", said)


def scene(**more: Any) -> dict[str, Any]:
    today = local_day(AT)
    return {
        "name": "示例·犬类准养证受理核验", "matters": [MATTER],
        "items": [{"item": ITEM["code"], "mode": "verify", "fields": ["marital_status"]}],
        "purpose": "示例·核验申报信息", "basis": "示例：依据待实施主体核定", "provenance": "illustrative", "daily_cap": 50,
        "valid_from": str(today), "valid_to": str(today + timedelta(days=30)), **more,
    }  # fmt: skip


def standing(**more: Any) -> CaseStanding:
    said = {"is_alive": True, "agency": POLICE, "division": DivisionCode("310101"), "person_id": PERSON}
    return CaseStanding(**{**said, **more})


def sourced(value: str) -> Sourced:
    return Sourced(value=value, source="示例", at=AT)


def company() -> OrganisationProfile:
    return OrganisationProfile(
        organisation_id=ORGANISATION, assurance=3, status="active", credit_code=sourced("91310000TE5T00019R"), name=sourced("示例公司"),
        representative=PERSON, representative_name=sourced(NAME),
    )  # fmt: skip


def profile() -> Profile:
    return Profile(person_id=PERSON, assurance=3, name=sourced(NAME), resident_id=sourced(NUMBER), phone=sourced("13900000001"))


@asynccontextmanager
async def sharing_city(database: Database, folder: Path, behind: Behind, upstream: str, **more: Any) -> AsyncIterator[City]:
    parties = await _register(database)
    port = free_port()
    key = ECKey.import_key(private_key("gateway")).as_dict(private=False)
    where = SimpleNamespace(listen_host="127.0.0.1", listen_port=port)
    said = {"suppliers_on_loopback": True, "supplier_deadline_ms": 2000, **more}
    async with served(supplier.create(key), where), gateway(database, folder, upstream, parties=parties, parts=_PARTS, **said) as door:
        city = City(door, behind, f"http://127.0.0.1:{port}", standing())
        behind.answer = lambda path: _said(city, path)
        yield city


def _said(city: City, path: str) -> tuple[int, dict[str, str], bytes]:
    if path == f"/cases/{CASE}/standing":
        return 200, {}, city.standing.model_dump_json().encode()
    if path == f"/persons/{PERSON}/profile":
        return 200, {DATA_ACCESS: Disclosure((PERSON,), 4, CASE, ("name", "resident_id")).header()}, profile().model_dump_json().encode()
    if path == f"/organisations/{ORGANISATION}/profile":
        said = Disclosure((), 3, CASE, ("name", "credit_code"), (ORGANISATION,)).header()
        return 200, {DATA_ACCESS: said}, company().model_dump_json().encode()
    return 404, {}, json.dumps({"code": "not-found"}).encode()


async def _register(database: Database) -> dict[str, PartyId]:
    jwk = ECKey.import_key(private_key("party")).as_dict(private=False)
    known = {name: PartyId.new() for name in _PARTIES}
    async with database.transaction() as session:
        await load_resources(session)
        await load_masking(session)
        await load_policies(session, AT)
        for name, (kind, agency, division) in _PARTIES.items():
            party = Party(
                known[name], f"示例·{name}", kind, "active", AT, (key_of(jwk, PRODUCTION, at=AT),), agency=agency,
                division=DivisionCode(division), officers=OFFICERS, duties=DUTIES if kind == "operator" else {}, production_at=AT,
                terms=OFTEN,
            )  # fmt: skip
            await WritableParties(session).add(party)
    return known
