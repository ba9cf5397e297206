"""What nobody decided about before its last day holds for another term. Source: 行政许可法 Art. 50."""

import asyncio
from datetime import date, timedelta
from typing import Any

import pytest

from contracts.events.application import CasePermitEnded, CaseRenewalDeemed
from contracts.events.certificate import CertificateIssued, CertificateStateChanged
from contracts.values import CaseNumber, CertificateIdentifier, EventId
from tests.component.certificate.conftest import DOG_MATTER, POLICE, Office, Someone
from tests.component.certificate.test_consumers import CASE, held_by
from tests.component.certificate.test_ended_permits import issued, seen
from tests.support.clock import TODAY
from tests.support.service import published

RENEWAL = CaseNumber.of(DOG_MATTER, date(2027, 10, 20), 7)


def deemed(certificate: dict[str, Any], *, since: date | None = None) -> CaseRenewalDeemed:
    """The day after its last one, unless said otherwise."""
    renewed_from = since or date.fromisoformat(certificate["valid_until"]) + timedelta(days=1)
    identifier = CertificateIdentifier(certificate["identifier"])
    return CaseRenewalDeemed(number=RENEWAL, agency=POLICE, certificate=identifier, renewed_from=renewed_from)


async def test_the_next_version_holds_for_another_term(office: Office, anna: Someone) -> None:
    first = await seen(office, anna, await issued(office, anna))
    ends = date.fromisoformat(first["valid_until"])
    await office.feed.deliver(deemed(first), at=TODAY)
    held = await held_by(office, anna)
    assert [(each["state"], each["id"] == first["id"]) for each in held] == [("valid", False), ("superseded", True)]
    new = await seen(office, anna, held[0]["id"])
    assert (new["issued_on"], new["valid_until"]) == (str(ends + timedelta(days=1)), str(ends.replace(year=ends.year + 1)))
    assert (new["number"], new["content"], new["case_number"]) == (first["number"], first["content"], CASE)
    assert CertificateIdentifier(new["identifier"]).follows(CertificateIdentifier(first["identifier"]))
    shown = (await office.presents(anna, new["id"])).json()["code"]
    assert (await office.verifies(shown)).json()["is_signature_valid"]
    (told,) = await published(office.database, CertificateStateChanged)
    assert (told.state, told.replaced_by, told.case_number) == ("superseded", new["identifier"], RENEWAL)
    assert (await published(office.database, CertificateIssued))[-1].case_number == CASE


async def test_it_is_renewed_once_however_often_it_is_told(office: Office, anna: Someone) -> None:
    first = await seen(office, anna, await issued(office, anna))
    await asyncio.gather(*(office.feed.deliver(deemed(first), at=TODAY, event_id=EventId.new()) for _ in range(4)))
    assert sorted(each["state"] for each in await held_by(office, anna)) == ["superseded", "valid"]
    assert office.feed.letters.verdicts == []


async def test_what_an_agency_handed_in_is_renewed_for_the_term_of_its_type(office: Office, anna: Someone) -> None:
    first = await seen(office, anna, await office.holds(anna, valid_until="2026-12-31"))
    await office.feed.deliver(deemed(first), at=TODAY)
    held = {each["state"]: each for each in await held_by(office, anna)}
    assert held["superseded"]["id"] == first["id"]
    new = await seen(office, anna, held["valid"]["id"])
    assert new["valid_until"] == "2027-12-31"
    assert (await published(office.database, CertificateIssued))[-1].case_number is None


@pytest.mark.parametrize("why", ["revoked", "holds that day", "is not kept here"])
async def test_otherwise_nothing_happens(office: Office, anna: Someone, why: str) -> None:
    first = await seen(office, anna, await issued(office, anna))
    event = deemed(first)
    if why == "revoked":
        await office.feed.deliver(CasePermitEnded(number=CASE, agency=POLICE, kind="revocation", ended_at=TODAY), at=TODAY)
    elif why == "holds that day":
        event = deemed(first, since=date.fromisoformat(first["valid_until"]))
    else:
        event = deemed({**first, "identifier": CertificateIdentifier(first["identifier"]).next_version()})
    await office.feed.deliver(event, at=TODAY)
    assert [each["id"] for each in await held_by(office, anna)] == [first["id"]]
    assert office.feed.letters.verdicts == []
