"""Organisations hold certificates: earned by their cases or handed in, and shown by whoever has their mandate."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from chassis.http import CallerFacts
from chassis.http.client import Disclosure
from contracts.api.application import OrganisationResult
from contracts.api.identity.organisations import OrganisationProfile
from contracts.events.access import DataAccessed
from contracts.events.application import CaseGranted
from contracts.events.certificate import CertificateIssued
from contracts.events.identity import OrganisationVerified, PersonMerged
from contracts.values import CaseNumber, CertificateTypeCode, CreditCode, MandateId, OfficerId, OrganisationId, PersonId
from services.certificate.tables import certificates, presentations
from tests.component.certificate.conftest import DOG_LICENCE, DOG_MATTER, POLICE, Office, Someone
from tests.support.clock import TODAY
from tests.support.service import published

BUSINESS_LICENCE = CertificateTypeCode("11310000TE5T90015G016")
SCOPE = {"scope": "软件开发"}
CASE = CaseNumber.of(DOG_MATTER, date(2026, 11, 24), 1)
# Right by the check characters of both kinds of number.
OF_BOTH_KINDS = "310101195001011906"


@dataclass(frozen=True)
class Company:
    id: OrganisationId
    name: str
    credit_code: CreditCode


@pytest.fixture
def firm() -> Company:
    return Company(OrganisationId.new(), "示例·某某科技有限公司", CreditCode("91350100M000100Y43"))


@pytest.fixture
def rival() -> Company:
    return Company(OrganisationId.new(), "示例·另一有限公司", CreditCode("11310115002421001H"))


def agent(office: Office, company: Company, actor: Someone, *matters: str, assurance: int = 3) -> CallerFacts:
    return office.party(
        "app", organisation=company.id, actor=actor.id, mandate=MandateId.new(), mandate_matters=matters, assurance=assurance
    )


async def known(office: Office, company: Company) -> None:
    """Identity says that this organisation has that credit code."""
    said = {"source": "registration-base", "at": TODAY}
    profile = OrganisationProfile.model_validate(
        {
            "organisation_id": company.id,
            "assurance": 3,
            "status": "active",
            "credit_code": {"value": company.credit_code, **said},
            "name": {"value": company.name, **said},
            "representative": PersonId.new(),
            "representative_name": {"value": "示例乙", **said},
        }
    )
    seen = Disclosure((), 3, "link", ("name", "credit_code"), (company.id,))
    office.beside.answers("identity", "GET", f"/organisations/{company.id}/profile", profile, discloses=seen)
    await office.feed.deliver(OrganisationVerified(organisation_id=company.id, assurance=3, verified_at=TODAY), at=TODAY)


async def deposit(office: Office, company: Company, **other: Any) -> httpx.Response:
    said = {
        "type": BUSINESS_LICENCE, "issuer": POLICE, "organisation": {"name": company.name, "credit_code": company.credit_code},
        "number": f"YZ-{company.credit_code}", "content": SCOPE, "issued_on": "2026-01-31",
    }  # fmt: skip
    return await office.door.call("POST", "/certificates/deposits", facts=office.party(), json=said | other, key=str(OrganisationId.new()))


async def holds(office: Office, company: Company, **other: Any) -> str:
    await known(office, company)
    answer = await deposit(office, company, **other)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["certificate_id"])


async def earns(office: Office, company: Company, number: CaseNumber = CASE) -> None:
    """The case of the organisation is granted."""
    result = OrganisationResult(
        number=number, organisation_id=company.id, holder_name=company.name, credit_code=company.credit_code, agency=POLICE,
        certificate_type=BUSINESS_LICENCE, content={**SCOPE, "applicant_phone": "13800138000"}, decided_at=TODAY,
    )  # fmt: skip
    seen = Disclosure((), 4, number, ("result",), (company.id,))
    office.beside.answers("application", "GET", f"/cases/{number}/organisation-result", result, discloses=seen)
    granted = CaseGranted(
        number=number, task_code=number.task_code, agency=POLICE, division=POLICE.division, decided_by=OfficerId("p-2"), decided_at=TODAY,
        certificate_type=BUSINESS_LICENCE, organisation_id=company.id,
    )  # fmt: skip
    await office.feed.deliver(granted, at=TODAY)


async def listed(office: Office, facts: CallerFacts) -> list[str]:
    answer = await office.door.call("GET", "/certificates", facts=facts)
    assert answer.status_code == 200, answer.text
    return [each["id"] for each in answer.json()]


async def test_a_granted_case_of_an_organisation_earns_its_certificate(office: Office, firm: Company, anna: Someone) -> None:
    await known(office, firm)
    await earns(office, firm)
    [certificate_id] = await listed(office, agent(office, firm, anna))
    full = (await office.door.call("GET", f"/certificates/{certificate_id}", facts=agent(office, firm, anna))).json()
    assert (full["case_number"], full["content"], full["holder_name"]) == (CASE, SCOPE, firm.name)
    assert full["organisation"] == {"name": firm.name, "credit_code": firm.credit_code}
    [issued] = await published(office.database, CertificateIssued)
    assert (issued.certificate_id, issued.case_number) == (certificate_id, CASE)
    assert office.feed.letters.verdicts == []


async def test_looking_for_the_result_and_for_the_code_is_in_the_organisation_s_ledger(office: Office, firm: Company) -> None:
    await known(office, firm)
    await earns(office, firm)
    looks = await published(office.database, DataAccessed)
    assert [(look.subjects, look.organisations, look.owner) for look in looks] == [
        ((), (firm.id,), "identity"),
        ((), (firm.id,), "application"),
    ]


async def test_a_certificate_handed_in_before_is_found_when_the_organisation_is_known(office: Office, firm: Company, anna: Someone) -> None:
    assert (await deposit(office, firm)).status_code == 201
    assert await listed(office, agent(office, firm, anna)) == []
    await known(office, firm)
    assert len(await listed(office, agent(office, firm, anna))) == 1
    again = await deposit(office, firm)
    assert (again.status_code, again.json()["code"]) == (409, "certificate-already-there")


async def test_nobody_else_has_it_not_even_its_agent(office: Office, firm: Company, rival: Company, anna: Someone) -> None:
    mine = await office.holds(anna)
    theirs, others = await holds(office, firm), await holds(office, rival)
    expected = {mine: office.acting(anna), theirs: agent(office, firm, anna), others: agent(office, rival, anna)}
    for own, facts in expected.items():
        assert await listed(office, facts) == [own]
        for certificate_id in expected:
            read = await office.door.call("GET", f"/certificates/{certificate_id}", facts=facts)
            shown = await office.door.call("POST", f"/certificates/{certificate_id}/presentations", facts=facts, json={"purpose": "核验"})
            assert (read.status_code, shown.status_code) == ((200, 201) if certificate_id == own else (404, 404))


async def test_a_person_and_an_organisation_of_the_same_number_share_nothing(office: Office) -> None:
    person = Someone(PersonId.new(), "示例甲", OF_BOTH_KINDS)
    company = Company(OrganisationId.new(), "示例·同号有限公司", CreditCode(OF_BOTH_KINDS))
    mine, theirs = await office.holds(person), await holds(office, company)
    assert await listed(office, office.acting(person)) == [mine]
    assert await listed(office, agent(office, company, person)) == [theirs]


async def test_a_mandate_for_a_person_shows_nothing(office: Office, anna: Someone, berta: Someone) -> None:
    certificate_id = await office.holds(anna)
    facts = office.party("app", person=anna.id, actor=berta.id, mandate=MandateId.new(), assurance=3)
    for method, path, body in (
        ("GET", "/certificates", None),
        ("GET", f"/certificates/{certificate_id}", None),
        ("POST", f"/certificates/{certificate_id}/presentations", {"purpose": "核验"}),
    ):
        answer = await office.door.call(method, path, facts=facts, json=body)
        assert (answer.status_code, answer.json()["code"]) == (403, "not-by-mandate")


async def test_who_acts_in_some_matters_sees_what_those_earned(office: Office, firm: Company, anna: Someone) -> None:
    handed_in = await holds(office, firm)
    await earns(office, firm)
    everything = await listed(office, agent(office, firm, anna))
    within = await listed(office, agent(office, firm, anna, DOG_MATTER.basic))
    assert set(everything) - set(within) == {handed_in}
    assert len(within) == 1
    assert await listed(office, agent(office, firm, anna, "310101900001")) == []
    for certificate_id in everything:
        facts = agent(office, firm, anna, DOG_MATTER.basic)
        answer = await office.door.call("POST", f"/certificates/{certificate_id}/presentations", facts=facts, json={"purpose": "核验"})
        assert answer.status_code == (201 if certificate_id in within else 404)


async def test_a_verifier_learns_which_organisation_it_is_and_that_one_who_looked(office: Office, firm: Company, anna: Someone) -> None:
    certificate_id = await holds(office, firm)
    path = f"/certificates/{certificate_id}/presentations"
    code = (await office.door.call("POST", path, facts=agent(office, firm, anna), json={"purpose": "窗口核验"})).json()["code"]
    said = (await office.verifies(code)).json()
    assert said["organisation"] == {"name": firm.name, "credit_code": firm.credit_code}
    assert (said["name"], said["state"], said["is_signature_valid"]) == ("营业执照", "valid", True)
    look = office.door.disclosed[-1]
    assert (look.subjects, look.organisations, look.purpose) == ((), (firm.id,), "窗口核验")
    assert (await office.verifies(code)).json()["code"] == "presentation-already-used"


async def test_reading_one_is_disclosed_to_the_organisation(office: Office, firm: Company, anna: Someone) -> None:
    certificate_id = await holds(office, firm)
    await office.door.call("GET", f"/certificates/{certificate_id}", facts=agent(office, firm, anna))
    look = office.door.disclosed[-1]
    assert (look.subjects, look.organisations, look.items) == ((), (firm.id,), ("营业执照",))


@pytest.mark.parametrize(("path", "least"), [("/certificates", 2), ("/certificates/{id}/presentations", 3)])
async def test_the_level_is_asked_of_who_acts(office: Office, firm: Company, anna: Someone, path: str, least: int) -> None:
    path = path.replace("{id}", await holds(office, firm))
    method, body = ("POST", {"purpose": "核验"}) if path.endswith("presentations") else ("GET", None)
    statuses = []
    for assurance in (least - 1, least):
        facts = agent(office, firm, anna, assurance=assurance)
        statuses.append((await office.door.call(method, path, facts=facts, json=body)).is_success)
    assert statuses == [False, True]


async def test_a_holder_is_one_person_or_one_organisation(office: Office, firm: Company, anna: Someone) -> None:
    both = await deposit(office, firm, holder_name=anna.name, holder_id=anna.resident_id)
    half = await deposit(office, firm, holder_name=anna.name)
    none = await deposit(office, firm, organisation=None)
    nameless = await deposit(office, firm, organisation=None, holder_id=anna.resident_id)
    assert [answer.status_code for answer in (both, half, none, nameless)] == [422] * 4


async def test_an_organisation_holds_no_certificate_for_persons(office: Office, firm: Company) -> None:
    answer = await deposit(office, firm, type=DOG_LICENCE)
    assert (answer.status_code, answer.json()["code"]) == (422, "certificate-holder-not-of-type")


async def test_the_database_knows_no_other_kind_and_no_presentation_of_nobody(office: Office, firm: Company, anna: Someone) -> None:
    certificate_id = await office.holds(anna)
    await office.presents(anna, certificate_id)
    for statement in (
        sa.update(certificates).values(holder_kind="both"),
        sa.update(presentations).values(person_id=None),
        sa.update(presentations).values(organisation_id=firm.id),
    ):
        with pytest.raises(IntegrityError):
            async with office.database.transaction() as session:
                await session.execute(statement)


async def test_what_is_stored_names_no_organisation(office: Office, firm: Company) -> None:
    await holds(office, firm)
    async with office.database.reading() as session:
        row = (await session.execute(sa.select(certificates))).one()
    stored = b" ".join(value if isinstance(value, bytes) else str(value).encode() for value in row)
    for secret in (firm.credit_code, firm.name, SCOPE["scope"]):
        assert secret.encode() not in stored


async def test_the_file_of_an_organisation_has_its_certificates(office: Office, firm: Company, rival: Company) -> None:
    certificate_id = await holds(office, firm)
    await holds(office, rival)
    facts = CallerFacts("identity", organisation=firm.id, purpose="查阅档案 own file")
    [record] = (await office.door.call("GET", f"/subjects/{firm.id}/file", facts=facts)).json()["items"]
    fields = {each["name"]: each for each in record["fields"]}
    assert record["id"] == certificate_id
    assert (fields["holder_name"]["value"], fields["holder_id"]["value"]) == (firm.name, firm.credit_code)
    assert {name for name, each in fields.items() if each["is_masked"]} == {"number", "content.scope"}
    assert office.door.disclosed[-1].organisations == (firm.id,)
    assert (await office.door.call("GET", f"/subjects/{rival.id}/file", facts=facts)).status_code == 403


async def test_merged_persons_change_nothing_for_organisations(office: Office, firm: Company, anna: Someone, berta: Someone) -> None:
    certificate_id = await holds(office, firm)
    await office.feed.deliver(PersonMerged(person_id=anna.id, into=berta.id, merged_at=TODAY), at=TODAY)
    assert await listed(office, agent(office, firm, anna)) == [certificate_id]
    assert office.feed.letters.verdicts == []


async def test_an_organisation_that_identity_does_not_know_is_nobody(office: Office, firm: Company) -> None:
    await office.feed.deliver(OrganisationVerified(organisation_id=firm.id, assurance=2, verified_at=TODAY), at=TODAY)
    assert office.feed.letters.verdicts == []
