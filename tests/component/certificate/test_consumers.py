import asyncio
from datetime import date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from chassis.http import CallerFacts
from chassis.http.client import Disclosure
from contracts.api.application import CaseResult
from contracts.api.identity import persons as identity
from contracts.events.access import DataAccessed
from contracts.events.application import CaseGranted, CaseNotAccepted, CaseTerminated, CaseWithdrawn
from contracts.events.certificate import CertificateIssued, CertificateTypeRegistered
from contracts.events.identity import PersonMerged, PersonVerified
from contracts.values import BasicCode, CaseNumber, CertificateIdentifier, CertificateTypeCode, EventId, OfficerId, TaskCode
from services.certificate.tables import certificates, outbox
from tests.component.certificate.conftest import DOG, DOG_LICENCE, DOG_MATTER, POLICE, Office, Someone
from tests.support.clock import TODAY
from tests.support.service import published

TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
CASE = CaseNumber.of(DOG_MATTER, date(2026, 11, 24), 1)


def granted(number: CaseNumber = CASE, certificate_type: str | None = DOG_LICENCE) -> CaseGranted:
    return CaseGranted(
        number=number, task_code=number.task_code, agency=POLICE, division=POLICE.division, decided_by=OfficerId("p-2"), decided_at=TODAY,
        certificate_type=CertificateTypeCode(certificate_type) if certificate_type else None,
    )  # fmt: skip


def earns(office: Office, person: Someone, number: CaseNumber = CASE, **other: Any) -> None:
    """The application service answers with what the case earned."""
    said = {
        "number": number, "person_id": person.id, "holder_name": person.name, "holder_id": person.resident_id, "agency": POLICE,
        "certificate_type": DOG_LICENCE, "content": {**DOG, "applicant_phone": "13800138000"}, "decided_at": TODAY,
    }  # fmt: skip
    result = CaseResult.model_validate(said | other)
    office.beside.answers(
        "application", "GET", f"/cases/{number}/result", result, discloses=Disclosure((person.id,), 3, number, ("result",))
    )


async def held_by(office: Office, person: Someone) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = (await office.door.call("GET", "/certificates", facts=office.acting(person))).json()
    return listed


async def test_a_granted_case_earns_its_certificate(office: Office, anna: Someone) -> None:
    await office.verified(anna)
    earns(office, anna)
    await office.feed.deliver(granted(), at=TODAY)
    (summary,) = await held_by(office, anna)
    assert summary["case_number"] == CASE
    answer = await office.door.call("GET", f"/certificates/{summary['id']}", facts=office.acting(anna))
    full = answer.json()
    assert full["content"] == DOG
    assert (full["issued_on"], full["valid_until"]) == ("2026-11-24", "2027-11-24")
    assert CertificateIdentifier(full["identifier"]).issuer == POLICE
    (issued,) = await published(office.database, CertificateIssued)
    assert (issued.identifier, issued.case_number, issued.key()) == (full["identifier"], CASE, CASE)


async def test_the_certificate_continues_the_trace_of_its_case(office: Office, anna: Someone) -> None:
    earns(office, anna)
    await office.feed.deliver(granted(), at=TODAY, trace=TRACE)
    async with office.database.reading() as session:
        told = sa.select(outbox.c.type, outbox.c.trace).where(outbox.c.type != CertificateTypeRegistered.TYPE)
        traces = {row.type: row.trace for row in await session.execute(told)}
    assert traces == {"certificate.issued": TRACE, "data.accessed": TRACE}


async def test_the_look_at_the_cases_result_reaches_the_ledger(office: Office, anna: Someone) -> None:
    earns(office, anna)
    await office.feed.deliver(granted(), at=TODAY)
    (access,) = await published(office.database, DataAccessed)
    assert (access.subjects, access.owner, access.service) == ((anna.id,), "application", "certificate")
    assert (access.purpose, access.case_number) == (CASE, CASE)


async def test_a_redelivery_issues_nothing_more(office: Office, anna: Someone) -> None:
    earns(office, anna)
    event_id = await office.feed.deliver(granted(), at=TODAY)
    await office.feed.deliver(granted(), at=TODAY, event_id=event_id)
    assert len(await published(office.database, CertificateIssued)) == 1


async def test_the_same_grant_under_another_event_id_issues_nothing_more(office: Office, anna: Someone) -> None:
    earns(office, anna)
    await office.verified(anna)
    for _ in range(3):
        await office.feed.deliver(granted(), at=TODAY, event_id=EventId.new())
    assert len(await published(office.database, CertificateIssued)) == 1
    assert len(await held_by(office, anna)) == 1
    assert office.feed.letters.verdicts == []


async def test_two_deliveries_at_once_issue_one_certificate(office: Office, anna: Someone) -> None:
    earns(office, anna)
    await asyncio.gather(*(office.feed.deliver(granted(), at=TODAY, event_id=EventId.new()) for _ in range(4)))
    assert len(await published(office.database, CertificateIssued)) == 1
    assert office.feed.letters.verdicts == []


async def test_cases_of_one_day_and_agency_earn_a_certificate_each(office: Office, anna: Someone) -> None:
    """Same serial, same day, same type and issuer, other matter: the printed numbers still differ."""
    other_matter = TaskCode.of(POLICE, 4, BasicCode("310101900001"))
    numbers = [CASE, CaseNumber.of(DOG_MATTER, date(2026, 11, 24), 2), CaseNumber.of(other_matter, date(2026, 11, 24), 1)]
    for number in numbers:
        earns(office, anna, number)
        await office.feed.deliver(granted(number), at=TODAY)
    assert [event.case_number for event in await published(office.database, CertificateIssued)] == numbers
    async with office.database.reading() as session:
        assert len(set((await session.execute(sa.select(certificates.c.number))).scalars())) == 3


async def test_a_number_that_another_certificate_has_is_set_aside_and_not_lost(office: Office, anna: Someone, berta: Someone) -> None:
    taken = CASE.removeprefix(POLICE)
    assert (await office.deposit(berta, number=taken)).status_code == 201
    earns(office, anna)
    await office.feed.deliver(granted(), at=TODAY)
    assert len(office.feed.letters.verdicts) == 1
    assert [event.case_number for event in await published(office.database, CertificateIssued)] == [None]


async def test_a_grant_that_earns_nothing_asks_nobody(office: Office) -> None:
    await office.feed.deliver(granted(certificate_type=None), at=TODAY)
    assert await published(office.database, CertificateIssued, DataAccessed) == []
    assert office.beside.asked == []


async def test_content_that_does_not_fit_is_set_aside(office: Office, anna: Someone) -> None:
    earns(office, anna, content={"dog_name": "示例犬"})
    await office.feed.deliver(granted(), at=TODAY)
    (verdict,) = office.feed.letters.verdicts
    assert verdict.attempts == 1
    assert await published(office.database, CertificateIssued) == []


async def test_the_day_of_issue_is_that_of_the_decision_in_shanghai(office: Office, anna: Someone) -> None:
    await office.verified(anna)
    earns(office, anna, decided_at=datetime.fromisoformat("2026-11-24T16:30:00+00:00"))
    await office.feed.deliver(granted(), at=TODAY)
    (summary,) = await held_by(office, anna)
    assert summary["issued_on"] == "2026-11-25"


async def test_whoever_is_verified_later_finds_what_was_deposited_before(office: Office, anna: Someone) -> None:
    assert (await office.deposit(anna)).status_code == 201
    assert await held_by(office, anna) == []
    await office.verified(anna)
    assert [each["name"] for each in await held_by(office, anna)] == ["犬类准养证"]


async def test_verification_again_changes_nothing(office: Office, anna: Someone) -> None:
    await office.holds(anna)
    await office.verified(anna)
    assert len(await held_by(office, anna)) == 1
    assert office.feed.letters.verdicts == []


async def test_a_corrected_number_moves_a_person_to_what_is_theirs(office: Office, anna: Someone, berta: Someone) -> None:
    await office.deposit(berta)
    await office.verified(anna)
    assert await held_by(office, anna) == []
    await office.verified(anna, resident_id=berta.resident_id)
    assert len(await held_by(office, anna)) == 1
    await office.verified(anna)
    assert await held_by(office, anna) == []


async def test_a_number_belongs_to_whom_identity_names_last(office: Office, anna: Someone, berta: Someone) -> None:
    await office.deposit(berta)
    await office.verified(anna, resident_id=berta.resident_id)
    await office.verified(berta)
    assert len(await held_by(office, berta)) == 1
    assert await held_by(office, anna) == []
    assert office.feed.letters.verdicts == []


async def test_what_is_stored_names_no_holder(office: Office, anna: Someone) -> None:
    earns(office, anna)
    await office.feed.deliver(granted(), at=TODAY)
    async with office.database.reading() as session:
        row = (await session.execute(sa.select(certificates))).one()
    stored = b" ".join(value if isinstance(value, bytes) else str(value).encode() for value in row)
    for secret in (anna.resident_id, anna.name, DOG["dog_name"]):
        assert secret.encode() not in stored


async def test_the_owner_of_the_case_is_waited_for(office: Office, anna: Someone) -> None:
    """An answer of 503 is tried again, and nothing is set aside."""
    answers: list[int] = []

    def away_once(_: object) -> Any:
        answers.append(1)
        return 503 if len(answers) == 1 else result

    earns(office, anna)
    result, _ = office.beside._answers["application", "GET", f"/cases/{CASE}/result"]
    office.beside.answers("application", "GET", f"/cases/{CASE}/result", away_once)
    await office.feed.deliver(granted(), at=TODAY)
    assert len(answers) == 2
    assert len(await published(office.database, CertificateIssued)) == 1


async def test_an_issued_certificate_runs_out(office: Office, anna: Someone) -> None:
    await office.verified(anna)
    earns(office, anna)
    await office.feed.deliver(granted(), at=TODAY)
    office.clock.advance(timedelta(days=365))
    assert (await held_by(office, anna))[0]["state"] == "valid"
    office.clock.advance(timedelta(days=1))
    assert (await held_by(office, anna))[0]["state"] == "expired"


async def test_only_the_gateway_lists_certificates(office: Office, anna: Someone) -> None:
    answer = await office.door.call("GET", "/certificates", facts=CallerFacts("application", person=anna.id, assurance=3))
    assert answer.status_code == 403


def merged(anna: Someone, berta: Someone) -> PersonMerged:
    return PersonMerged(person_id=anna.id, into=berta.id, merged_at=TODAY)


async def test_what_a_merged_account_holds_is_the_other_account_s(office: Office, anna: Someone, berta: Someone) -> None:
    certificate = await office.holds(anna)
    shown = (await office.presents(anna, certificate)).json()["code"]
    for _ in range(2):
        await office.feed.deliver(merged(anna, berta), at=TODAY)
    assert [each["id"] for each in await held_by(office, berta)] == [certificate]
    assert await held_by(office, anna) == []
    assert (await office.verifies(shown)).status_code == 200
    assert office.feed.letters.verdicts == []


async def test_a_merge_that_is_heard_of_after_the_verification_changes_nothing_more(office: Office, anna: Someone, berta: Someone) -> None:
    certificate = await office.holds(anna)
    await office.verified(berta, resident_id=anna.resident_id)
    await office.feed.deliver(merged(anna, berta), at=TODAY)
    assert [each["id"] for each in await held_by(office, berta)] == [certificate]


async def test_who_has_no_resident_number_holds_nothing_yet(office: Office, anna: Someone) -> None:
    said = {"value": "Anna Sample", "source": "exit-entry", "at": TODAY}
    passport = {"type": "PASSPORT_FOREIGN", "number": "X99900001", "country": "DEU", "source": "exit-entry", "at": TODAY}
    profile = identity.Profile.model_validate({"person_id": anna.id, "assurance": 2, "name": said, "document": passport})
    office.beside.answers("identity", "GET", f"/persons/{anna.id}/profile", profile)
    await office.feed.deliver(PersonVerified(person_id=anna.id, assurance=2, verified_at=TODAY), at=TODAY)
    assert await held_by(office, anna) == []
    assert office.feed.letters.verdicts == []


async def test_who_has_no_real_name_is_not_asked_about_and_who_has_left_is_nobody(office: Office, anna: Someone) -> None:
    await office.feed.deliver(PersonVerified(person_id=anna.id, assurance=1, verified_at=TODAY), at=TODAY)
    assert office.beside.asked == []
    await office.feed.deliver(PersonVerified(person_id=anna.id, assurance=2, verified_at=TODAY), at=TODAY)
    assert len(office.beside.asked) == 1
    assert office.feed.letters.verdicts == []


@pytest.mark.parametrize("kind", [CaseNotAccepted, CaseWithdrawn, CaseTerminated], ids=lambda kind: kind.TYPE)
async def test_a_case_that_ended_without_a_decision_earns_nothing_and_is_asked_about_by_nobody(
    office: Office, anna: Someone, kind: type[CaseNotAccepted | CaseWithdrawn | CaseTerminated]
) -> None:
    earns(office, anna)
    why = {"kind": "not_needed"} if kind is CaseNotAccepted else {}
    facts = {"number": CASE, "task_code": CASE.task_code, "agency": POLICE, "division": POLICE.division, "ended_at": TODAY}
    await office.feed.deliver(kind.model_validate({**facts, **why}), at=TODAY)
    assert office.feed.letters.verdicts == []
    assert (office.beside.asked, await published(office.database, CertificateIssued)) == ([], [])
