"""City codes as apps, verifiers, windows and operators meet them."""

from dataclasses import dataclass, field
from typing import Any

import httpx
import sqlalchemy as sa

from chassis.http.mesh_token import CallerFacts
from contracts.values import CityCode, CityCodeType, CreditCode, OfficerId, OrganisationId, PartyId, PersonId, SessionId
from contracts.values.city_codes import CityCodeId
from services.identity.signing import CityCodeKeys, Es256Signer
from services.identity.tables import organisations, persons
from tests.component.identity.office import Office
from tests.support.service import EVERYTHING, private_key

OFFICER = OfficerId("qx-001")


def keys_of(member: str = "city-code") -> CityCodeKeys:
    return CityCodeKeys(Es256Signer(private_key(member)), [])


@dataclass
class Desk:
    office: Office
    verifier: PartyId = field(default_factory=PartyId.new)

    async def holder(self, number: int = 0, *, assurance: int = 3) -> PersonId:
        person = await self.office.registered(number, phone=f"1380000000{number + 1}")
        await self.write(sa.update(persons).where(persons.c.id == person).values(assurance=assurance))
        return person

    async def company(self, representative: PersonId, *, assurance: int = 4, status: str = "active") -> OrganisationId:
        organisation = OrganisationId.new()
        row = {
            "id": organisation,
            "credit_code": CreditCode("91350100M000100Y43"),
            "name": "示例家政有限公司",
            "representative": representative,
            "assurance": assurance,
            "status": status,
            "registered_at": self.office.clock.now(),
        }
        await self.write(sa.insert(organisations).values(row))
        return organisation

    async def write(self, statement: Any) -> None:
        async with self.office.database.transaction() as session:
            await session.execute(statement)

    async def count(self, table: sa.Table) -> int:
        async with self.office.database.reading() as session:
            return int((await session.execute(sa.select(sa.func.count()).select_from(table))).scalar_one())

    async def of_subject(
        self, method: str, path: str, said: Any = None, *, key: str | None = None, assurance: int = 3, **subject: Any
    ) -> httpx.Response:
        """`subject`: person, organisation, actor, mandate_matters."""
        facts = CallerFacts(
            "gateway", self.office.client, "app", permissions=EVERYTHING, assurance=assurance, session=SessionId.new(), **subject
        )
        return await self.office.door.call(method, path, facts=facts, json=said, key=key)

    async def of_officer(
        self, method: str, path: str, said: Any = None, *, key: str | None = None, kind: str = "district"
    ) -> httpx.Response:
        facts = CallerFacts("gateway", self.office.client, kind, permissions=EVERYTHING, officer=OFFICER)
        return await self.office.door.call(method, path, facts=facts, json=said, key=key)

    async def admit(self, scene: str, party: PartyId | None = None) -> None:
        answer = await self.of_officer("PUT", f"/city-code-scenes/{scene}/verifiers/{party or self.verifier}", kind="operator")
        assert answer.status_code == 200, answer.text

    async def code(self, scene: str = "culture", **more: Any) -> str:
        said = {"scene": scene, **({"holder_key": more.pop("holder_key")} if "holder_key" in more else {})}
        answer = await self.of_subject("POST", "/city-codes", said, **more)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["code"])

    async def verify(self, code: Any, scene: str = "culture", *, party: PartyId | None = None, kind: str = "app") -> httpx.Response:
        facts = CallerFacts("gateway", party or self.verifier, kind, permissions=EVERYTHING)
        return await self.office.door.call("POST", "/city-codes/verifications", facts=facts, json={"code": code, "scene": scene})

    async def refusal(self, code: Any, scene: str = "culture", **more: Any) -> tuple[int, str]:
        answer = await self.verify(code, scene, **more)
        return answer.status_code, answer.json().get("code", "")

    def forged(self, handle: str, *, by: str = "city-code", kind: CityCodeType = CityCodeType.PERSON, **more: Any) -> str:
        """A code as only the holder of the key `by` can make it, under the kid of the city's."""
        now = int(self.office.clock.now().timestamp())
        said = {"scene": "culture", "issued": now, "life_s": 60, "id": CityCodeId("A" * 16), "kid": keys_of().kid, **more}
        return keys_of(by).signed(CityCode(kind, handle, **said))
