"""Documents that acts leave: in the act's transaction, one each, readable as text and as a sealed PDF by whoever may read the case."""

import asyncio
import base64
import hashlib
from io import BytesIO
from typing import Any

import pytest
import sqlalchemy as sa
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from pypdf import PdfReader

from chassis import working_days
from contracts.values import CaseNumber, OfficerId, StatutoryDocumentId
from services.application.domain.lifecycle import Act
from services.application.repository import Documents
from services.application.tables import documents, history
from tests.component.application.clocked import case_of, moved
from tests.component.application.conftest import Intake
from tests.support import cases

DECIDER = OfficerId("hp-003")
WHY = "犬只未接种狂犬病疫苗"


async def listed(intake: Intake, number: CaseNumber) -> list[dict[str, Any]]:
    answer = await intake.door.call("GET", f"/cases/{number}/documents", facts=cases.applicant())
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


async def fetched(intake: Intake, number: CaseNumber, document_id: str, query: str = "", **said: Any) -> Any:
    return await intake.door.call("GET", f"/cases/{number}/documents/{document_id}{query}", facts=cases.applicant(), **said)


async def refused(intake: Intake) -> CaseNumber:
    number = await intake.submitted()
    await intake.done(number, "acceptance")
    await intake.done(number, "decision", "hp-002", outcome="refuse", reason=WHY, cites=["condition:1"])
    return number


def check(content: bytes, seal: dict[str, Any]) -> None:
    key = load_pem_public_key(seal["public_key"].encode())
    assert isinstance(key, ec.EllipticCurvePublicKey)
    key.verify(base64.b64decode(seal["signature"]), content, ec.ECDSA(SHA256()))


async def test_each_act_that_needs_one_leaves_one_document_of_its_revision(intake: Intake) -> None:
    number = await intake.submitted()
    assert await listed(intake, number) == []
    await intake.done(number, "correction-requests", text="照片不清晰", materials=["vaccination-proof"])
    supplied = await intake.door.call(
        "POST",
        f"/cases/{number}/corrections",
        facts=cases.applicant(),
        json={"materials": [{"code": "vaccination-proof", "file_id": await intake.upload(cases.applicant(), cases.PNG + b"2")}]},
        key="correct",
    )
    assert supplied.status_code == 200, supplied.text
    await intake.done(number, "acceptance")
    await intake.done(number, "review", "hp-002")
    await intake.done(number, "review/steps", "hp-002", step=2, opinion="材料齐全")
    await intake.done(number, "suspension", "hp-002", procedure="expert_review", reason="技术复杂", expected_working_days=10)
    await intake.done(number, "extension", "hp-009", working_days=5, reason="情况复杂")
    await intake.done(number, "resumption", "hp-002", outcome="通过")
    await intake.done(number, "decision", "hp-003", outcome="grant", content={"dog_breed": "田园犬"})
    found = await listed(intake, number)
    assert [each["kind"] for each in found] == ["correction", "acceptance", "suspension", "extension", "grant"]
    async with intake.database.reading() as session:
        left = await session.execute(
            sa.select(documents.c.kind, history.c.act)
            .join(history, (history.c.case_id == documents.c.case_id) & (history.c.revision == documents.c.revision))
            .order_by(documents.c.revision)
        )
        assert [tuple(row) for row in left] == [
            ("correction", "correction_requested"), ("acceptance", "accepted"), ("suspension", "suspended"), ("extension", "extended"), ("grant", "granted"),
        ]  # fmt: skip
    said = (await fetched(intake, number, found[0]["id"], "?format=text")).text
    for part in ("照片不清晰", "示例·vaccination-proof", "请于", "Everything that is to be supplied"):
        assert part in said


async def test_a_refusal_to_take_in_and_a_deemed_acceptance_leave_theirs(intake: Intake) -> None:
    number = await intake.submitted()
    await intake.done(
        number, "intake-refusal", kind="wrong_agency", reason="属徐汇区", agency=cases.AGENCY, agency_name="示例·徐汇区公安分局"
    )
    [document] = await listed(intake, number)
    said = (await fetched(intake, number, document["id"], headers={"accept": "text/plain"})).text
    assert all(part in said for part in ("不予受理", "属徐汇区", "示例·徐汇区公安分局", "60日", "6个月", document["number"]))
    second = await intake.submitted("second")
    case = await case_of(intake, second)
    await moved(
        intake, second, Act.DEEM_ACCEPTED, lambda each: each.deem_accepted(received_at=case.submitted_at, calendar=working_days.known())
    )
    [deemed] = await listed(intake, second)
    assert deemed["kind"] == "acceptance"


async def test_a_refusal_without_its_document_cannot_be(intake: Intake) -> None:
    number = await intake.submitted()
    await intake.done(number, "acceptance")
    await intake.done(number, "review", "hp-002")
    # Nothing can be numbered: the decision does not happen either.
    async with intake.database.transaction() as session:
        await session.execute(sa.text("ALTER TABLE document_serials ADD CONSTRAINT closed CHECK (kind <> 'denial')"))
    try:
        with pytest.raises(sa.exc.IntegrityError):
            await moved(intake, number, Act.REFUSE, lambda case: case.refuse(by=DECIDER, at=intake.clock.now(), reason=WHY))
    finally:
        async with intake.database.transaction() as session:
            await session.execute(sa.text("ALTER TABLE document_serials DROP CONSTRAINT closed"))
    assert (await case_of(intake, number)).status == "reviewing"
    assert [each["kind"] for each in await listed(intake, number)] == ["acceptance"]


async def test_the_pdf_says_it_is_the_same_bytes_every_time_and_its_seal_holds_for_those_alone(intake: Intake) -> None:
    number = await refused(intake)
    document = (await listed(intake, number))[-1]
    first, again = await fetched(intake, number, document["id"]), await fetched(intake, number, document["id"], "?format=pdf")
    assert first.headers["content-type"] == "application/pdf"
    assert first.content == again.content
    read = "".join(page.extract_text() for page in PdfReader(BytesIO(first.content)).pages).replace("\n", "")
    assert document["number"] == f"示例·黄浦区公安分局不准字〔{document['issued_on'][:4]}〕第1号"
    for part in (
        document["number"],
        "示例·黄浦区公安分局",
        WHY,
        "犬只已接种狂犬病疫苗",
        "行政复议",
        "行政诉讼",
        "示例·甲一",
        document["zh"],
    ):
        assert part in read, part
    seal = document["seal"]
    assert seal["sha256"] == hashlib.sha256(first.content).hexdigest()
    assert seal["is_test"]
    check(first.content, seal)
    changed = bytearray(first.content)
    changed[len(changed) // 2] ^= 1
    with pytest.raises(InvalidSignature):
        check(bytes(changed), seal)


async def test_numbers_go_on_by_agency_kind_and_year(intake: Intake) -> None:
    numbers = []
    for key in ("first", "second", "third"):
        number = await intake.submitted(key)
        await intake.done(number, "acceptance", f"hp-{key}")
        numbers += [each["number"] for each in await listed(intake, number)]
    assert [each.rpartition("〕")[2] for each in numbers] == ["第1号", "第2号", "第3号"]


async def test_two_who_ask_at_once_read_the_same_sheet(intake: Intake) -> None:
    number = await refused(intake)
    async with intake.database.reading() as session:
        [_, denial] = await Documents(session, intake.sealer).of_case((await case_of(intake, number)).id)
    answers = await asyncio.gather(*(fetched(intake, number, denial.id) for _ in range(4)))
    assert len({answer.content for answer in answers}) == 1
    document = (await listed(intake, number))[-1]
    check(answers[0].content, document["seal"])
    assert document["seal"]["sealed_at"] == (await listed(intake, number))[-1]["seal"]["sealed_at"]


async def test_documents_are_for_whoever_may_read_the_case(intake: Intake) -> None:
    number = await refused(intake)
    other = await intake.submitted("second")
    document = (await listed(intake, number))[-1]["id"]
    path = f"/cases/{number}/documents"
    for facts, at, status, code in (
        (cases.applicant(cases.STRANGER), path, 404, "case-not-found"),
        (cases.applicant(cases.STRANGER), f"{path}/{document}", 404, "case-not-found"),
        (cases.applicant(), f"/cases/{other}/documents/{document}", 404, "case-document-not-found"),
        (cases.applicant(), f"{path}/{StatutoryDocumentId.new()}", 404, "case-document-not-found"),
        (cases.applicant(), f"{path}/{document}?format=docx", 422, "invalid-request"),
        (cases.handler(division=cases.XUHUI), f"/cases/{number}/dossier/documents", 404, "case-not-found"),
        (cases.applicant(), f"/cases/{number}/dossier/documents", 403, "not-a-handler"),
        (cases.handler(), path, 403, "forbidden"),
    ):
        answer = await intake.door.call("GET", at, facts=facts)
        assert (answer.status_code, answer.json()["code"]) == (status, code), at
    for path_of in ("", f"/{document}"):
        intake.door.disclosed.clear()
        answer = await intake.door.call("GET", f"/cases/{number}/dossier/documents{path_of}", facts=cases.handler())
        assert answer.status_code == 200
        assert intake.door.disclosed[-1].subjects == (cases.PERSON,)
        intake.door.disclosed.clear()
        answer = await intake.door.call("GET", f"{path}{path_of}", facts=cases.by_mandate())
        assert answer.status_code == 200
        assert intake.door.disclosed[-1].subjects == (cases.PERSON,)


async def test_what_was_issued_is_sealed_at_rest_and_stays(intake: Intake) -> None:
    number = await refused(intake)
    await listed(intake, number)
    async with intake.database.reading() as session:
        rows = (await session.execute(sa.select(documents))).all()
    assert len(rows) == 2
    for row in rows:
        assert "示例·甲一".encode() not in row.content
        assert not row.sheet.startswith(b"%PDF")
    for change in (
        sa.update(documents).values(number="改"),
        sa.update(documents).values(digest=b"x"),
        sa.delete(documents),
        sa.text("TRUNCATE documents"),
    ):
        with pytest.raises(sa.exc.DBAPIError, match="never changed"):
            async with intake.database.transaction() as session:
                await session.execute(change)
