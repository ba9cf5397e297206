"""What was granted is changed or ends: told once, by what it was, and nothing can be done with what holds no more."""

from typing import Any

import pytest

from chassis.http import CallerFacts
from contracts.api.certificate import CheckedContent
from contracts.events.application import CasePermitChanged, CasePermitEnded
from contracts.events.certificate import CertificateIssued
from contracts.values import CaseNumber, CertificateId, CertificateIdentifier
from tests.component.application.conftest import Intake
from tests.support import cases
from tests.support.clock import TODAY
from tests.support.service import published
from tests.support.walks import IDENTIFIER

DENIED = ("withdrawal", "cancellation", "revocation", "change")


async def amended(intake: Intake, number: CaseNumber, kind: str, *, key: str | None = None, **more: Any) -> Any:
    said = {"kind": kind, "reason": "依据错误，予以更正", **more}
    path = f"/cases/{number}/permit-amendments"
    return await intake.door.call("POST", path, facts=cases.handler("hp-003"), json=said, key=key or f"amend-{kind}")


async def earned(intake: Intake, number: CaseNumber, identifier: CertificateIdentifier) -> dict[str, Any]:
    """The case, as its applicant sees it once this certificate is there."""
    issued = CertificateIssued(
        certificate_id=CertificateId.new(), identifier=identifier, type=cases.LICENCE, case_number=number, issued_at=TODAY
    )
    await intake.feed.deliver(issued, at=TODAY)
    found: dict[str, Any] = (await intake.door.call("GET", f"/cases/{number}", facts=cases.applicant())).json()
    return found


@pytest.mark.parametrize(
    ("kind", "act"), [("revocation", "permit_revoked"), ("withdrawal", "permit_withdrawn"), ("cancellation", "permit_cancelled")]
)
async def test_what_holds_no_more_is_told_once_and_is_not_amended_again(intake: Intake, kind: str, act: str) -> None:
    number = await intake.granted()
    first, again = [await amended(intake, number, kind) for _ in range(2)]
    assert (first.status_code, again.json()) == (200, first.json()), first.text
    (told,) = await published(intake.database, CasePermitEnded)
    assert (told.number, told.kind, told.agency) == (number, kind, cases.AGENCY)
    for other in DENIED:
        answer = await amended(intake, number, other, key=f"again-{other}")
        assert (answer.status_code, answer.json()["code"]) == (409, "permit-has-ended")
    case = (await intake.door.call("GET", f"/cases/{number}", facts=cases.applicant())).json()
    assert case["steps"][-1]["event"] == act


async def test_a_change_is_what_the_certificate_service_reads_from_then_on(intake: Intake) -> None:
    number = await intake.granted()
    answer = await amended(intake, number, "change", content={"dog_breed": "柴犬"})
    assert answer.status_code == 200, answer.text
    (told,) = await published(intake.database, CasePermitChanged)
    assert (told.certificate_type, told.revision) == (cases.LICENCE, answer.json()["revision"])
    result = (await intake.door.call("GET", f"/cases/{number}/result", facts=CallerFacts("certificate"))).json()
    assert (result["content"]["dog_breed"], result["content"]["dog_name"]) == ("柴犬", "阿黄")


async def test_a_change_of_nothing_that_the_certificate_shows_leaves_it(intake: Intake) -> None:
    number = await intake.granted()
    assert (await amended(intake, number, "change")).status_code == 200
    assert [each.certificate_type for each in await published(intake.database, CasePermitChanged)] == [None]


async def test_a_change_that_makes_no_certificate_changes_nothing(intake: Intake) -> None:
    number = await intake.granted()
    wrong = CheckedContent(errors=[{"field": "dog_breed", "rule": "minLength"}])
    intake.neighbours.answers("certificate", "POST", f"/certificate-types/{cases.LICENCE}/contents", wrong)
    answer = await amended(intake, number, "change", content={"dog_breed": ""})
    assert (answer.status_code, answer.json()["code"]) == (422, "result-content-not-valid")
    assert await published(intake.database, CasePermitChanged) == []


async def test_an_end_says_nothing_new(intake: Intake) -> None:
    number = await intake.granted()
    assert (await amended(intake, number, "revocation", content={"dog_breed": "柴犬"})).status_code == 422


async def test_a_case_has_the_latest_version_of_its_certificate(intake: Intake) -> None:
    number = await intake.granted()
    second = IDENTIFIER.next_version()
    assert (await earned(intake, number, IDENTIFIER))["status"] == "closed"
    assert (await earned(intake, number, second))["certificate"] == second
    assert (await earned(intake, number, IDENTIFIER))["certificate"] == second
    assert intake.feed.letters.verdicts == []
