from collections.abc import Collection, Mapping, Sequence
from typing import Final

from sqlalchemy import BigInteger, Text, bindparam, cast, func, select, tuple_

from chassis.database import ReadSession
from chassis.sealing import Sealer
from contracts.api import application as api
from contracts.api.catalogue import Definition, Material
from contracts.api.certificate import Holding
from contracts.api.identity.organisations import OrganisationProfile
from contracts.api.identity.persons import Profile
from contracts.strict import Page
from contracts.values import CaseNumber, CreditCode, DivisionCode, FileId, PersonId, PersonName, ResidentId
from services.application.domain.applicant import Applicant
from services.application.domain.case import Case, CaseNotGranted, Notice, Scope
from services.application.domain.intake import CaseMaterial
from services.application.domain.lifecycle import OPEN, Act
from services.application.domain.sources import held, is_obtained, shown
from services.application.queries.consents import usable_values, withdrawn_in
from services.application.repository import CASE_COLUMNS, Cases, case_of, within_mandate
from services.application.tables import TransactionId, cases, dispatches, files, history

_PAGE = 50
_WAYS = {"commitment": "commitment", "data_check": "waived", "agency_help": "waived"}


def form(definition: Definition, profile: Profile | OrganisationProfile, holdings: Sequence[Holding] | None) -> api.Form:
    """The form prefilled; `holdings` is None while the certificate service is away."""
    fields = []
    for name, title in definition.field_titles.items():
        source = definition.field_sources.get(name)
        if found := held(source, profile):
            value = shown(source, found.value, profile)
            is_masked = value != found.value
            fields.append(api.Prefilled(name=name, title=title, value=value, is_masked=is_masked, source=found.source, at=found.at))
        else:
            fields.append(api.Prefilled(name=name, title=title, is_obtained=is_obtained(source)))
    return api.Form(
        task_code=definition.task_code,
        version=definition.version,
        name=definition.name,
        form_schema=definition.form_schema,
        fields=fields,
        materials=[_wanted(material, holdings) for material in definition.materials],
        illustrative=definition.illustrative,
        situation=definition.situation,
    )


def _wanted(material: Material, holdings: Sequence[Holding] | None) -> api.WantedMaterial:
    said = {"code": material.code, "name": material.name, "is_required": material.is_required, "note": material.note}
    if material.exemption in _WAYS:
        return api.WantedMaterial.model_validate({**said, "how": _WAYS[material.exemption]})
    if material.certificate_type is None:
        return api.WantedMaterial.model_validate({**said, "how": "upload"})
    if holdings is None:
        return api.WantedMaterial.model_validate({**said, "how": "unknown"})
    holding = next((each for each in holdings if each.type == material.certificate_type), None)
    if holding is None:
        return api.WantedMaterial.model_validate({**said, "how": "upload"})
    return api.WantedMaterial.model_validate(
        {
            **said,
            "how": "held",
            "certificate_id": holding.certificate_id,
            "certificate_name": holding.name,
            "number_masked": holding.number_masked,
        }
    )


async def mine(session: ReadSession, applicant: Applicant, *, before: CaseNumber | None, running: bool) -> Page[api.CaseSummary]:
    """Newest first; `before` is the last number of the page before."""
    query = select(*CASE_COLUMNS).where(within_mandate(applicant)).order_by(cases.c.id.desc()).limit(_PAGE + 1)
    if before:
        query = query.where(cases.c.id < select(cases.c.id).where(cases.c.number == before, within_mandate(applicant)).scalar_subquery())
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


async def for_applicant(session: ReadSession, number: CaseNumber, applicant: Applicant, sealer: Sealer) -> api.Case:
    """Raises NoSuchCase."""
    case = await Cases(session, sealer).of_applicant(number, applicant)
    return presented(case, await _steps(session, case, for_handler=False))


def presented(case: Case, course: Sequence[api.Step] = ()) -> api.Case:
    return api.Case(
        number=case.number,
        task_code=case.task_code,
        matter_name=case.matter_name,
        agency=case.agency,
        agency_name=case.agency_name,
        division=case.division,
        status=case.status.value,
        submitted_at=case.submitted_at,
        due_on=case.due.on if case.due else None,
        is_due_provisional=bool(case.due and case.due.is_provisional),
        notice=_notice(case.notice),
        reason=case.reason,
        certificate=case.certificate,
        illustrative=case.is_illustrative,
        steps=list(course),
        organisation_id=case.applicant.organisation,
        submitted_by=case.applicant.actor,
        mandate_id=case.applicant.mandate,
    )


async def dossier(session: ReadSession, number: CaseNumber, scope: Scope, sealer: Sealer) -> tuple[api.Dossier, Applicant]:
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
        status=case.status.value,
        submitted_at=case.submitted_at,
        due_on=case.due.on if case.due else None,
        is_due_provisional=bool(case.due and case.due.is_provisional),
        values=[
            api.SourcedValue(name=each.name, title=each.title, value=each.value, source=each.source, at=each.at)
            for each in await usable_values(session, case, sealer)
        ],
        materials=stored,
        notice=_notice(case.notice),
        accepted_by=case.accepted_by,
        steps=await _steps(session, case, for_handler=True),
        applicant=_applicant(case, await repository.applicant(case)),
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
    if material.file_id:
        return api.DossierMaterial(code=material.code, name=material.name, how="file", file=known[material.file_id])
    if material.copy is None:
        return api.DossierMaterial(code=material.code, name=material.name, how="commitment")
    if material.copy.certificate_id in withdrawn:
        return api.DossierMaterial(code=material.code, name=material.name, how="certificate", is_withdrawn=True)
    return api.DossierMaterial(
        code=material.code,
        name=material.name,
        how="certificate",
        certificate=material.copy.identifier,
        content=dict(material.copy.content),
        annotation=material.copy.annotation,
        grade=material.copy.grade,
    )


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


async def feed(session: ReadSession, scope: Scope, *, after: tuple[int, int]) -> Page[api.Dispatch]:
    """Dispatches in an order that later commits cannot break into: only settled transactions are shown.

    `after` is (writing transaction, id) of the last one seen. `next` continues behind the last item, also of a short page.
    """
    settled = dispatches.c.written_by < func.pg_snapshot_xmin(func.pg_current_snapshot(), type_=TransactionId())
    place = tuple_(dispatches.c.written_by, dispatches.c.id)
    start = tuple_(cast(cast(str(after[0]), Text), TransactionId), cast(after[1], BigInteger))
    mine = dispatches.c.division == scope.division if scope.division else dispatches.c.agency == scope.agency
    query = (
        select(dispatches, cast(dispatches.c.written_by, Text).label("transaction"))
        .where(mine, settled, place > start)
        .order_by(dispatches.c.written_by, dispatches.c.id)
        .limit(_PAGE)
    )
    rows = (await session.execute(query)).all()
    items = [
        api.Dispatch(
            cursor=f"{row.transaction}.{row.id}",
            number=CaseNumber(row.number),
            reason=row.reason,
            agency=CreditCode(row.agency),
            division=DivisionCode(row.division),
            at=row.at,
        )
        for row in rows
    ]
    return Page(items=items, next=items[-1].cursor if items else None)


_STEPS: Final = (
    # Not what the case was at each: that is the bulk of a record.
    select(history.c.act, history.c.at, history.c.by, history.c.officer, history.c.note)
    .where(history.c.case_id == bindparam("case"))
    .order_by(history.c.id)
)


async def _steps(session: ReadSession, case: Case, *, for_handler: bool) -> list[api.Step]:
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


def _notice(notice: Notice | None) -> api.Notice | None:
    if notice is None:
        return None
    return api.Notice(text=notice.text, materials=list(notice.materials), fields=list(notice.fields), requested_at=notice.requested_at)
