"""A certificate follows its permit: revoked or cancelled with it, superseded when it changes, whatever comes twice or in which order."""

import asyncio
from datetime import timedelta
from typing import Any, Literal

import pytest
import sqlalchemy as sa

from contracts.events.application import CasePermitChanged, CasePermitEnded
from contracts.events.certificate import CertificateIssued, CertificateStateChanged
from contracts.values import CertificateIdentifier, CertificateTypeCode, EventId
from services.certificate.tables import certificates
from tests.component.certificate.conftest import DOG, DOG_LICENCE, POLICE, Office, Someone
from tests.component.certificate.test_consumers import CASE, TRACE, earns, granted, held_by
from tests.support.clock import TODAY
from tests.support.service import published

LATER = TODAY + timedelta(hours=1)


def ended(kind: Literal["revocation", "withdrawal", "cancellation"] = "revocation") -> CasePermitEnded:
    return CasePermitEnded(number=CASE, agency=POLICE, kind=kind, ended_at=LATER)


def changed(revision: int = 6, certificate_type: str | None = DOG_LICENCE) -> CasePermitChanged:
    said = CertificateTypeCode(certificate_type) if certificate_type else None
    return CasePermitChanged(number=CASE, agency=POLICE, revision=revision, changed_at=LATER, certificate_type=said)


async def issued(office: Office, person: Someone) -> str:
    """The id of the certificate of a granted case."""
    await office.verified(person)
    earns(office, person)
    await office.feed.deliver(granted(), at=TODAY)
    (summary,) = await held_by(office, person)
    return str(summary["id"])


async def seen(office: Office, person: Someone, certificate: str) -> dict[str, Any]:
    found: dict[str, Any] = (await office.door.call("GET", f"/certificates/{certificate}", facts=office.acting(person))).json()
    return found


@pytest.mark.parametrize(("kind", "state"), [("revocation", "revoked"), ("withdrawal", "cancelled"), ("cancellation", "cancelled")])
async def test_a_certificate_holds_no_more_than_its_permit(office: Office, anna: Someone, kind: Any, state: str) -> None:
    certificate = await issued(office, anna)
    shown = (await office.presents(anna, certificate)).json()["code"]
    await office.feed.deliver(ended(kind), at=LATER, trace=TRACE)
    assert (await held_by(office, anna))[0]["state"] == state
    full = await seen(office, anna, certificate)
    assert (full["state"], full["state_at"]) == (state, LATER.isoformat().replace("+00:00", "Z"))
    verified = (await office.verifies(shown)).json()
    assert (verified["state"], verified["is_signature_valid"]) == (state, True)
    again = await office.presents(anna, certificate)
    assert (again.status_code, again.json()["code"]) == (409, "certificate-not-usable")
    office.matter_lists(DOG_LICENCE)
    assert (await office.uses(anna, certificate)).json()["code"] == "certificate-not-usable"
    (told,) = await published(office.database, CertificateStateChanged)
    assert (told.certificate_id, told.state, told.case_number, told.key()) == (certificate, state, CASE, CASE)


async def test_a_revocation_is_done_once_however_often_it_is_told(office: Office, anna: Someone) -> None:
    await issued(office, anna)
    event_id = await office.feed.deliver(ended(), at=LATER)
    await office.feed.deliver(ended(), at=LATER, event_id=event_id)
    await asyncio.gather(*(office.feed.deliver(ended(), at=LATER, event_id=EventId.new()) for _ in range(4)))
    assert len(await published(office.database, CertificateStateChanged)) == 1
    assert office.feed.letters.verdicts == []


async def test_what_is_issued_after_the_revocation_is_revoked_from_the_beginning(office: Office, anna: Someone) -> None:
    await office.verified(anna)
    earns(office, anna)
    await office.feed.deliver(ended(), at=LATER)
    await office.feed.deliver(granted(), at=LATER)
    await office.feed.deliver(granted(), at=LATER, event_id=EventId.new())
    (summary,) = await held_by(office, anna)
    assert summary["state"] == "revoked"
    assert (await office.presents(anna, summary["id"])).status_code == 409
    told = await published(office.database, CertificateIssued, CertificateStateChanged)
    assert [each.TYPE for each in told] == ["certificate.issued", "certificate.state_changed"]


async def test_grant_and_revocation_at_once_leave_nothing_valid(office: Office, anna: Someone) -> None:
    await office.verified(anna)
    earns(office, anna)
    await asyncio.gather(office.feed.deliver(granted(), at=LATER), office.feed.deliver(ended(), at=LATER))
    assert [each["state"] for each in await held_by(office, anna)] == ["revoked"]
    assert len(await published(office.database, CertificateStateChanged)) == 1


async def test_a_change_supersedes_what_was_issued_by_its_next_version(office: Office, anna: Someone) -> None:
    first = await issued(office, anna)
    earns(office, anna, content={**DOG, "dog_colour": "白"})
    await office.feed.deliver(changed(), at=LATER)
    held = await held_by(office, anna)
    assert [(each["state"], each["id"] == first) for each in held] == [("valid", False), ("superseded", True)]
    old, new = await seen(office, anna, first), await seen(office, anna, held[0]["id"])
    assert (old["content"], new["content"]["dog_colour"]) == (DOG, "白")
    assert CertificateIdentifier(new["identifier"]).follows(CertificateIdentifier(old["identifier"]))
    assert (new["number"], new["valid_until"]) == (old["number"], old["valid_until"])
    shown = (await office.presents(anna, held[0]["id"])).json()["code"]
    assert (await office.verifies(shown)).json()["is_signature_valid"]
    assert (await office.presents(anna, first)).status_code == 409
    (told,) = await published(office.database, CertificateStateChanged)
    assert (told.state, told.replaced_by) == ("superseded", new["identifier"])
    assert [each.identifier for each in await published(office.database, CertificateIssued)] == [old["identifier"], new["identifier"]]


async def test_a_change_is_made_once_and_an_older_one_changes_nothing(office: Office, anna: Someone) -> None:
    await issued(office, anna)
    await asyncio.gather(*(office.feed.deliver(changed(), at=LATER, event_id=EventId.new()) for _ in range(3)))
    await office.feed.deliver(changed(revision=5), at=LATER)
    assert len(await held_by(office, anna)) == 2
    await office.feed.deliver(changed(revision=7), at=LATER)
    assert sorted(each["state"] for each in await held_by(office, anna)) == ["superseded", "superseded", "valid"]
    await office.feed.deliver(granted(), at=LATER, event_id=EventId.new())
    assert len(await held_by(office, anna)) == 3
    assert office.feed.letters.verdicts == []


async def test_a_change_that_the_certificate_does_not_show_asks_nobody(office: Office, anna: Someone) -> None:
    await issued(office, anna)
    asked = len(office.beside.asked)
    await office.feed.deliver(changed(certificate_type=None), at=LATER)
    assert len(office.beside.asked) == asked
    assert [each["state"] for each in await held_by(office, anna)] == ["valid"]


async def test_a_revocation_ends_the_version_that_says_it_now_and_no_change_follows(office: Office, anna: Someone) -> None:
    await issued(office, anna)
    await office.feed.deliver(changed(), at=LATER)
    await office.feed.deliver(ended(), at=LATER)
    await office.feed.deliver(changed(revision=9), at=LATER)
    assert [each["state"] for each in await held_by(office, anna)] == ["revoked", "superseded"]


async def test_what_another_case_earned_is_untouched(office: Office, anna: Someone) -> None:
    deposited = await office.holds(anna)
    earns(office, anna)
    await office.feed.deliver(granted(), at=TODAY)
    await office.feed.deliver(ended(), at=LATER)
    assert {each["id"]: each["state"] for each in await held_by(office, anna)}[deposited] == "valid"
    async with office.database.reading() as session:
        assert sorted((await session.execute(sa.select(certificates.c.state))).scalars()) == ["revoked", "valid"]
