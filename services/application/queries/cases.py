from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any, Final

from sqlalchemy import bindparam, select

from chassis.database import ReadSession
from chassis.sealing import Sealer
from contracts.api import application as api
from contracts.strict import Page
from contracts.values import CaseNumber, CreditCode, FileId, PersonId, PersonName, ResidentId
from services.application.domain.applicant import Applicant
from services.application.domain.case import Case, CaseNotGranted, Scope
from services.application.domain.lifecycle import OPEN, Act
from services.application.domain.materials import CaseMaterial
from services.application.queries.consents import usable_values, withdrawn_in
from services.application.queries.materials import owed, waivers
from services.application.queries.presented import presented, shown_notice
from services.application.queries.supervision import cards_of, clock_of
from services.application.repository import CASE_COLUMNS, Cases, case_of, judgement_of, sight
from services.application.tables import cases, files, history

_PAGE = 50


async def mine(session: ReadSession, applicant: Applicant, *, before: CaseNumber | None, running: bool) -> Page[api.CaseSummary]:
    """Newest first; `before` is the last number of the page before."""
    mine = sight.visible(applicant)
    query = select(*CASE_COLUMNS).where(mine).order_by(cases.c.id.desc()).limit(_PAGE + 1)
    if before:
        query = query.where(cases.c.id < select(cases.c.id).where(cases.c.number == before, mine).scalar_subquery())
    if running:
        query = query.where(cases.c.status.in_(OPEN))
    found = [case_of(row) for row in await session.execute(query)]
    items = [
        api.CaseSummary(
            number=case.number,
            matter_name=case.matter_name,
            agency_name=case.agency_name,
            status=case.status.value,
            submitted_at=case.submitted_at,
            due_on=case.due.on if case.due else None,
        )
        for case in found[:_PAGE]
    ]
    return Page(items=items, next=found[_PAGE - 1].number if len(found) > _PAGE else None)


async def for_applicant(session: ReadSession, number: CaseNumber, applicant: Applicant, sealer: Sealer, *, today: date) -> api.Case:
    """Raises NoSuchCase."""
    repository = Cases(session, sealer)
    case = await repository.of_applicant(number, applicant)
    missing = owed(await repository.materials(case), today)
    return presented(case, await steps(session, case, for_handler=False), missing)


async def dossier(session: ReadSession, number: CaseNumber, scope: Scope, sealer: Sealer, *, today: date) -> tuple[api.Dossier, Applicant]:
    """The case in full, and whose it is. Raises NoSuchCase."""
    repository = Cases(session, sealer)
    case = await repository.within(number, scope)
    given = await repository.materials(case)
    stored = await _stored_files(session, given, withdrawn=await withdrawn_in(session, case))
    found = api.Dossier(
        number=case.number,
        task_code=case.task_code,
        matter_name=case.matter_name,
        agency=case.agency,
        division=case.division,
        revision=case.revision,
        status=case.status.value,
        submitted_at=case.submitted_at,
        due_on=case.due.on if case.due else None,
        is_due_provisional=bool(case.due and case.due.is_provisional),
        values=[
            api.SourcedValue(name=each.name, title=each.title, value=each.value, source=each.source, at=each.at, basis=each.basis)
            for each in await usable_values(session, case, sealer)
        ],
        materials=stored,
        notice=shown_notice(case.asked),
        accepted_by=case.accepted_by,
        steps=await steps(session, case, for_handler=True),
        applicant=_applicant(case, await repository.applicant(case)),
        clock=await clock_of(session, case.id),
        cards=await cards_of(session, case.id),
        channel=case.channel,
        owed=owed(given, today),
        waivers=waivers(case.number, given),
        judgement=await judgement_of(session, case, sealer),
    )
    return found, case.applicant


def _applicant(case: Case, said: Mapping[str, str]) -> api.DossierApplicant:
    return api.DossierApplicant(
        kind="person" if case.applicant.person else "organisation",
        name=said["name"],
        number=said["resident_id"] if case.applicant.person else said["credit_code"],
        agent_name=said.get("agent_name"),
        mandate_id=case.applicant.mandate,
    )


async def _stored_files(session: ReadSession, given: Sequence[CaseMaterial], *, withdrawn: Collection[str]) -> list[api.DossierMaterial]:
    wanted = [each.file_id for each in given if each.file_id]
    columns = (files.c.id, files.c.media_type, files.c.size_bytes, files.c.sha256)
    rows = await session.execute(select(*columns).where(files.c.id.in_(wanted)))
    known = {
        row.id: api.Stored(file_id=FileId(row.id), media_type=row.media_type, size_bytes=row.size_bytes, sha256=row.sha256.hex())
        for row in rows
    }
    return [_material(each, known, withdrawn) for each in given]


def _material(material: CaseMaterial, known: dict[str, api.Stored], withdrawn: Collection[str]) -> api.DossierMaterial:
    said: dict[str, Any] = {name: getattr(material, name) for name in ("code", "name", "reason", "evidence", "due_on", "supplied_at")}
    said["how"] = material.way.value
    if material.file_id:
        said["file"] = known[material.file_id]
    elif material.copy and material.copy.certificate_id in withdrawn:
        said["is_withdrawn"] = True
    elif material.copy:
        copy = material.copy
        said |= {"certificate": copy.identifier, "content": dict(copy.content), "annotation": copy.annotation, "grade": copy.grade}
    return api.DossierMaterial(**said)


async def result(session: ReadSession, number: CaseNumber, sealer: Sealer) -> tuple[api.CaseResult, PersonId]:
    """What the grant earned. Raises NoSuchCase, CaseNotGranted."""
    repository = Cases(session, sealer)
    case = await repository.numbered(number)
    content = await repository.result(case)
    if content is None or case.decided_at is None or case.applicant.person is None:
        raise CaseNotGranted
    applicant = await repository.applicant(case)
    holder_id = ResidentId.read(applicant.get("resident_id"))
    if holder_id is None:
        raise CaseNotGranted("no certificate is issued without a resident number")
    found = api.CaseResult(
        number=case.number,
        person_id=case.applicant.person,
        holder_name=PersonName(applicant["name"]),
        holder_id=holder_id,
        agency=case.agency,
        certificate_type=case.certificate_type,
        content=content,
        decided_at=case.decided_at,
    )
    return found, case.applicant.person


async def organisation_result(session: ReadSession, number: CaseNumber, sealer: Sealer) -> api.OrganisationResult:
    """The same of a case of an organisation. Raises NoSuchCase, CaseNotGranted."""
    repository = Cases(session, sealer)
    case = await repository.numbered(number)
    content = await repository.result(case)
    if content is None or case.decided_at is None or case.applicant.organisation is None:
        raise CaseNotGranted
    applicant = await repository.applicant(case)
    return api.OrganisationResult(
        number=case.number,
        organisation_id=case.applicant.organisation,
        holder_name=applicant["name"],
        credit_code=CreditCode(applicant["credit_code"]),
        agency=case.agency,
        certificate_type=case.certificate_type,
        content=content,
        decided_at=case.decided_at,
    )


def standing(case: Case) -> api.CaseStanding:
    return api.CaseStanding(
        is_alive=case.status in OPEN,
        agency=case.agency,
        division=case.division,
        person_id=case.applicant.person,
        organisation_id=case.applicant.organisation,
        submitted_by=case.applicant.actor,
    )


_STEPS: Final = (
    # Not what the case was at each: that is the bulk of a record.
    select(history.c.act, history.c.at, history.c.by, history.c.officer, history.c.note)
    .where(history.c.case_id == bindparam("case"))
    .order_by(history.c.id)
)


async def steps(session: ReadSession, case: Case, *, for_handler: bool) -> list[api.Step]:
    rows = await session.execute(_STEPS, {"case": case.id})
    return [
        api.Step(
            at=row.at,
            event=row.act,
            zh=Act(row.act).zh,
            en=Act(row.act).en,
            by=f"{row.by}（{row.officer}）" if for_handler and row.officer else row.by,
            note=row.note,
        )
        for row in rows
    ]
