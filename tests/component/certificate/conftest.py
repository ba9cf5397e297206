"""The certificate service with the seed's types, its door and feed, and the neighbours it asks."""

import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import httpx
import pytest

from chassis.clock import FixedClock
from chassis.database import Database
from chassis.http import CallerFacts, MeshClient
from chassis.sealing import Sealer
from contracts.api.catalogue import Definition
from contracts.api.identity import persons as identity
from contracts.events.identity import PersonVerified
from contracts.values import CaseNumber, ConsentId, CreditCode, PartyId, PersonId, TaskCode
from services.certificate import app
from services.certificate.consumers import subscriptions
from services.certificate.neighbours import Neighbours as Asked
from services.certificate.settings import CertificateSettings
from services.certificate.signing import CertificateSigner
from tests.support.clock import TODAY
from tests.support.service import EVERYTHING, Door, Feed, Neighbours, neighbours, settings_of

SEED = Path(__file__).parents[3] / "services" / "certificate" / "seed" / "certificate_types.json"
DOG_LICENCE = "11310000TE5T90015G004"
IDENTITY_CARD = "11310000TE5T90015G001"
POLICE = CreditCode("11310101TE5T010192")
DOG_MATTER = TaskCode("11310101TE5T0101924310101900000")
DOG = {"dog_name": "示例犬", "dog_breed": "柴犬", "dog_colour": "黄", "address": "示例路1号"}
CARD = {"name": "示例甲", "resident_id": "319999195503020025", "sex": "female", "birth_on": "1955-03-02", "address": "示例路1号"}


@dataclass(frozen=True)
class Someone:
    id: PersonId
    name: str
    resident_id: str


@dataclass
class Office:
    """The service under test, and what people and parties do with it."""

    door: Door
    feed: Feed
    database: Database
    clock: FixedClock
    beside: Neighbours

    def party(self, kind: str = "department", **more: Any) -> CallerFacts:
        return CallerFacts("gateway", party=PartyId.new(), party_kind=kind, permissions=EVERYTHING, **more)

    def acting(self, person: Someone, assurance: int = 3) -> CallerFacts:
        return self.party("app", person=person.id, assurance=assurance)

    async def verified(self, person: Someone, *, resident_id: str | None = None) -> None:
        """Identity says that this person is known by that number."""
        number = resident_id or person.resident_id

        def sourced(value: str) -> identity.Sourced:
            return identity.Sourced(value=value, source="示例", at=TODAY)

        profile = identity.Profile(
            person_id=person.id, assurance=3, name=sourced(person.name), resident_id=sourced(number), phone=sourced("13800138000"),
            sex=sourced("female"), birth_on=sourced("1955-03-02"), born=date(1955, 3, 2),
        )  # fmt: skip
        self.beside.answers("identity", "GET", f"/persons/{person.id}/profile", profile)
        await self.feed.deliver(PersonVerified(person_id=person.id, assurance=3, verified_at=TODAY), at=TODAY)

    async def deposit(self, person: Someone, *, facts: CallerFacts | None = None, key: str = "k-1", **other: Any) -> httpx.Response:
        said = {
            "type": DOG_LICENCE, "issuer": POLICE, "holder_name": person.name, "holder_id": person.resident_id, "number": "SH-0001",
            "content": DOG, "issued_on": "2026-01-31", "valid_until": "2027-01-31",
        }  # fmt: skip
        return await self.door.call("POST", "/certificates/deposits", facts=facts or self.party(), json=said | other, key=key)

    async def holds(self, person: Someone, **other: Any) -> str:
        """A deposited certificate of a registered person; its id."""
        await self.verified(person)
        answer = await self.deposit(person, key=str(PartyId.new()), **other)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["certificate_id"])

    async def presents(self, person: Someone, certificate_id: str) -> httpx.Response:
        path = f"/certificates/{certificate_id}/presentations"
        return await self.door.call("POST", path, facts=self.acting(person), json={"purpose": "窗口核验"})

    async def verifies(self, code: str, facts: CallerFacts | None = None) -> httpx.Response:
        body = {"code": code, "purpose": "窗口核验"}
        return await self.door.call("POST", "/presentations/verifications", facts=facts or self.party("district"), json=body)

    async def uses(self, person: Someone, certificate_id: str, *, serial: int = 1, without: str = "", **other: Any) -> httpx.Response:
        said = {
            "person_id": person.id, "case_number": CaseNumber.of(DOG_MATTER, date(2026, 11, 24), serial), "task_code": DOG_MATTER,
            "purpose": "犬类准养证核发", "consent_id": ConsentId.new(), **other,
        }  # fmt: skip
        said.pop(without, None)
        return await self.door.call("POST", f"/certificates/{certificate_id}/uses", facts=CallerFacts("application"), json=said)

    def matter_lists(self, *types: str, query: str = "") -> None:
        """The catalogue publishes the matter with these types among its materials; with a query, it answers so to that alone."""
        materials = [
            {
                "code": f"material-{at}", "name": "示例材料", "source": "government", "is_required": True,
                "exemption": "certificate", "certificate_type": each, "provenance": "illustrative",
            }
            for at, each in enumerate(types)
        ]  # fmt: skip
        definition = {
            "task_code": DOG_MATTER, "version": 1, "name": "犬类准养证核发", "matter_type": "01", "agency": POLICE, "agency_name": "示例",
            "division": "310101", "is_immediate": False, "promised_working_days": 9, "statutory_working_days": 20, "form_schema": {},
            "field_titles": {}, "field_sources": {}, "materials": materials, "result_certificate_type": DOG_LICENCE, "illustrative": True,
        }  # fmt: skip
        self.beside.answers("catalogue", "GET", f"/matters/{DOG_MATTER}/definition{query}", Definition.model_validate(definition))


@pytest.fixture
def anna() -> Someone:
    return Someone(PersonId.new(), "示例甲", "319999195503020025")


@pytest.fixture
def berta() -> Someone:
    return Someone(PersonId.new(), "示例乙", "319999201908150037")


@pytest.fixture
async def bare(database_of: Callable[[str], Database], clock: FixedClock, tmp_path: Path) -> AsyncIterator[Office]:
    """The service before anybody imported types."""
    database = database_of("services.certificate")
    async with neighbours("identity", "application", "catalogue") as beside:
        keys = {"signing_key_file": tmp_path / "signing.pem", "data_key_file": tmp_path / "data.key"}
        settings = settings_of(CertificateSettings, database, tmp_path, **keys, **beside.urls)
        mesh = MeshClient(settings, clock)
        asked = Asked(mesh, Sealer.from_file(settings.data_key_file), CertificateSigner.from_file(settings.signing_key_file))
        door = Door(app.create(settings, database, clock), "certificate")
        yield Office(door, Feed.of(subscriptions, database, clock, asked), database, clock, beside)
        await mesh.close()
        await door.app.state.mesh.close()


@pytest.fixture
async def office(bare: Office) -> Office:
    types = {"types": json.loads(SEED.read_text())}
    answer = await bare.door.call("POST", "/certificate-types/imports", facts=bare.party(), json=types)
    assert answer.status_code == 200, answer.text
    return bare
