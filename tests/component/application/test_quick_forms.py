"""快办: the form of every quick situation of the seed is filled in from its schema and submitted, with nothing uploaded.

The catalogue beside intake is the real one with the seed in it: intake gets the definitions that it answers.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from chassis.clock import FixedClock
from chassis.database import Database
from chassis.http.client import Disclosure
from chassis.http.mesh_token import CallerFacts
from contracts.api import certificate
from contracts.api.catalogue import Definition
from contracts.api.catalogue.forms import Applying
from contracts.values import CertificateId, CertificateIdentifier, CertificateTypeCode, OfficerId, PartyId, TaskCode
from deploy.local import seed
from services.catalogue import app
from services.catalogue.domain.forms import QUICK_FIELDS, applying_to
from services.catalogue.settings import CatalogueSettings
from tests.component.application.conftest import Intake
from tests.support import cases
from tests.support.filling import filled_in
from tests.support.seed import catalogue, types
from tests.support.service import EVERYTHING, Door, settings_of

AIM = 100
"""So many situations are 快办. Source: the policy's 100 快办."""
SEEN = Disclosure((cases.PERSON,), 4, "", ("name", "resident_id"))
KINDS = types()
CERTIFICATES = {code: CertificateId.new() for code in KINDS}


@dataclass
class Office:
    """Intake beside the real catalogue, and applicants who hold every certificate. `refused` are fields without which intake
    itself has refused a form; schemas are tried with all of them."""

    catalogue: Door
    intake: Intake
    refused: set[str] = field(default_factory=set)

    async def get(self, path: str) -> Any:
        facts = CallerFacts("gateway", party=PartyId.new(), party_kind="app", permissions=EVERYTHING)
        answer = await self.catalogue.call("GET", path, facts=facts)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def definition(self, task_code: TaskCode, situation: str | None) -> Definition:
        """As the catalogue says it, from now on to intake too."""
        query = f"?situation={situation}" if situation else ""
        path = f"/matters/{task_code}/definition"
        answer = await self.catalogue.call("GET", f"{path}{query}", facts=CallerFacts("application"))
        assert answer.status_code == 200, answer.text
        found = Definition.model_validate_json(answer.content)
        self.intake.neighbours.answers("catalogue", "GET", f"{path}{query}", found)
        return found

    async def submit(self, key: str, applying: Applying, **body: Any) -> Any:
        facts = cases.applicant() if applying == "person" else cases.by_mandate(cases.ORGANISATION)
        return await self.intake.door.call("POST", "/cases", facts=facts, json=body, key=key)


@pytest.fixture
async def office(intake: Intake, database_of: Callable[[str], Database], clock: FixedClock, tmp_path: Path) -> Office:
    database = database_of("services.catalogue")
    settings = settings_of(CatalogueSettings, database, tmp_path, **intake.neighbours.urls)
    door = Door(app.create(settings, database, clock), "catalogue")
    first = CallerFacts("gateway", party=PartyId.new(), party_kind="department", permissions=EVERYTHING, officer=OfficerId("db-001"))
    waits = await door.call("POST", "/matters/imports", facts=first, json=seed.document())
    assert waits.status_code == 200, waits.text
    said = {"digest": waits.json()["digest"], "outcome": "publish"}
    second = replace(first, officer=OfficerId("db-002"))
    taken = await door.call("POST", f"/matters/imports/{waits.json()['id']}/review", facts=second, json=said)
    assert taken.status_code == 200, taken.text
    await door.app.state.mesh.close()
    beside = intake.neighbours
    of_company = Disclosure((), 3, "", ("name", "credit_code"), (cases.ORGANISATION,))
    agent = cases.profile(cases.AGENT, name="示例·乙二")
    beside.answers("identity", "GET", f"/persons/{cases.AGENT}/profile", agent, discloses=Disclosure((cases.AGENT,), 4, "", ("name",)))
    beside.answers("identity", "GET", f"/organisations/{cases.ORGANISATION}/profile", cases.organisation(), discloses=of_company)
    beside.answers(
        "certificate", "POST", "/holdings", lambda said: [held(CertificateTypeCode(each)) for each in said["types"]], discloses=SEEN
    )
    for code, kind in KINDS.items():
        beside.answers("certificate", "GET", f"/certificate-types/{code}", kind)
        beside.answers("certificate", "POST", f"/certificates/{CERTIFICATES[code]}/uses", used(code), discloses=SEEN)
    return Office(door, intake)


def held(code: CertificateTypeCode) -> certificate.Holding:
    said = {"certificate_id": CERTIFICATES[code], "type": code, "name": KINDS[code].name}
    return cases.holding().model_copy(update=said)


def used(code: CertificateTypeCode) -> certificate.UsedCertificate:
    said = {
        "certificate_id": CERTIFICATES[code],
        "type": code,
        "name": KINDS[code].name,
        "identifier": CertificateIdentifier.of(code, cases.AGENCY, "0000000001", 1),
        "content": filled_in(KINDS[code].fields),
    }
    return cases.used().model_copy(update=said)


def without_upload(definition: Definition) -> list[dict[str, Any]]:
    """Every material that has to be given, by a certificate that is held or by a commitment."""
    given: list[dict[str, Any]] = []
    for each in definition.materials:
        if each.is_required and each.certificate_type:
            use = {"certificate_id": CERTIFICATES[each.certificate_type], "purpose": f"办理{definition.name}", "consent": True}
            given.append({"code": each.code, "certificate": use})
        elif each.is_required and each.exemption == "commitment":
            given.append({"code": each.code, "commitment": True})
    return given


def whole(form: dict[str, Any], typed: dict[str, Any]) -> dict[str, Any]:
    """The form as it is after prefill."""
    prefilled = {each["name"] for each in form["fields"] if each["how"] == "prefilled"}
    samples = filled_in({"properties": {name: {**form["form_schema"]["properties"][name], "readOnly": False} for name in prefilled}})
    return typed | samples


async def submitted(office: Office, task_code: TaskCode, situation: str | None, applying: Applying) -> bool:
    """Fills in and submits the form if it is quick for such applicants; says whether it was."""
    query = f"applicant={applying}" + (f"&situation={situation}" if situation else "")
    form = await office.get(f"/matters/{task_code}/blank-form?{query}")
    if not form["is_kuaiban"]:
        return False
    definition = await office.definition(task_code, situation)
    values = filled_in(form["form_schema"])
    assert set(values) == set(form["typed"])
    assert len(values) <= QUICK_FIELDS
    assert definition.form_schema["required"] == form["form_schema"]["required"]
    schema = Draft202012Validator(form["form_schema"], format_checker=Draft202012Validator.FORMAT_CHECKER)
    complete = whole(form, values)
    assert list(schema.iter_errors(complete)) == [], definition.name
    required = [name for name in form["typed"] if name in form["form_schema"]["required"]]
    for name in required:
        assert not schema.is_valid({key: value for key, value in complete.items() if key != name}), (definition.name, name)
    key = f"{task_code}-{situation}-{applying}"
    body = {"task_code": task_code, "version": form["version"], "materials": without_upload(definition)}
    body |= {"situation": situation} if situation else {}
    if required and required[0] not in office.refused:
        office.refused.add(required[0])
        short = {name: value for name, value in values.items() if name != required[0]}
        refused = await office.submit(f"short-{key}", applying, **body, values=short)
        assert (refused.status_code, refused.json()["code"]) == (422, "values-not-valid"), definition.name
        assert [each["field"] for each in refused.json()["errors"]] == [required[0]]
    answer = await office.submit(key, applying, **body, values=values)
    assert answer.status_code == 201, (definition.name, situation, applying, answer.text)
    return True


@pytest.mark.long
async def test_the_form_of_every_quick_situation_is_submitted_without_an_upload(office: Office) -> None:
    quick = set[tuple[str, str | None]]()
    for matter in catalogue().matters:
        task_code = matter.implementations[0].task_code
        guide = await office.get(f"/matters/{task_code}")
        if not guide["is_kuaiban"]:
            continue
        for situation in guide["kuaiban"] or [None]:
            kinds = [each for each in applying_to(matter) if await submitted(office, task_code, situation, each)]
            assert kinds, (matter.name, situation)
            quick.add((matter.basic_code, situation))
    assert len(quick) >= AIM
    assert not [path for service, _, path, _ in office.intake.neighbours.asked if path.startswith("/files")]
