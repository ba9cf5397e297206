"""The applicant's side: files, submissions, corrections."""

import hashlib
from collections.abc import Iterable, Sequence
from datetime import datetime

from chassis import telemetry
from chassis.database import ReadSession, WriteSession
from chassis.messaging import publish
from chassis.sealing import Sealer
from chassis.working_days import local_day
from contracts.api import application as api
from contracts.api.catalogue import Definition, Material
from contracts.api.identity.organisations import OrganisationProfile
from contracts.api.identity.persons import Profile
from contracts.events.access import DataAccessed
from contracts.events.application import CaseCorrected, CaseSubmitted
from contracts.values import CaseId, CaseNumber, FileId
from services.application.commands.ending import said_by
from services.application.commands.moving import begin, move
from services.application.domain.applicant import Applicant
from services.application.domain.case import Case
from services.application.domain.intake import (
    CaseMaterial,
    FieldValue,
    FormIsOutOfDate,
    check_applicant,
    check_corrected_materials,
    check_file,
    corrected,
)
from services.application.domain.lifecycle import Act
from services.application.domain.limits import limits_of
from services.application.neighbours import consent_id
from services.application.repository import Cases, Files, Numbers, add_consent


async def store_file(
    session: WriteSession, applicant: Applicant, media_type: str, content: bytes, sealer: Sealer, *, at: datetime
) -> api.Stored:
    """Raises FileIsNotAcceptable. The same file again is the same file."""
    check_file(media_type, content)
    digest = hashlib.sha256(content).digest()
    file_id = await Files(session, sealer).add(applicant, media_type, content, digest, at)
    return api.Stored(file_id=file_id, media_type=media_type, size_bytes=len(content), sha256=digest.hex())


def check_version(wanted: api.Submit, definition: Definition) -> None:
    """Raises FormIsOutOfDate when the form that was filled in is not the published one."""
    if wanted.version != definition.version:
        raise FormIsOutOfDate(version=definition.version)


async def reserve(
    session: WriteSession, request: bytes, wanted: api.Submit, applicant: Applicant, sealer: Sealer, *, at: datetime
) -> CaseNumber:
    """The case's number, before anybody is asked for data under it. Raises NoSuchFile."""
    await Files(session, sealer).check_owner(applicant, _files(wanted.materials))
    return await Numbers(session).reserve(request, wanted.task_code, local_day(at), at)


async def submit(
    session: WriteSession,
    number: CaseNumber,
    definition: Definition,
    applicant: Applicant,
    profile: Profile | OrganisationProfile,
    values: Sequence[FieldValue],
    given: Sequence[api.GivenMaterial],
    copies: Sequence[CaseMaterial],
    sealer: Sealer,
    *,
    at: datetime,
    agent_name: str | None = None,
) -> Case:
    """申报: the case exists from here on, and every event about it continues this submission's trace.

    Raises ApplicantHasNoResidentNumber.
    """
    check_applicant(definition, profile)
    case = Case(
        id=CaseId.new(),
        number=number,
        applicant=applicant,
        task_code=definition.task_code,
        version=definition.version,
        situation=definition.situation,
        matter_name=definition.name,
        agency=definition.agency,
        agency_name=definition.agency_name,
        division=definition.division,
        promised_working_days=definition.promised_working_days,
        limits=limits_of(definition),
        is_illustrative=definition.illustrative,
        certificate_type=definition.result_certificate_type,
        submitted_at=at,
        trace=telemetry.current_traceparent(),
    )
    telemetry.tag(case__number=number)
    await Cases(session, sealer).add(case, profile, values, [*copies, *_plain(definition.materials, given)], agent_name=agent_name)
    await _record_consents(session, case, given, at)
    await begin(session, case, by=said_by(applicant), at=at)
    event = CaseSubmitted(
        case_id=case.id,
        number=number,
        person_id=case.person,
        task_code=case.task_code,
        division=case.division,
        agency=case.agency,
        submitted_at=at,
        organisation_id=applicant.organisation,
    )
    await publish(session, event, at=at, trace=case.trace)
    return case


async def check_correction(
    session: ReadSession, case: Case, wanted: api.Correct, definition: Definition, sealer: Sealer, *, at: datetime
) -> tuple[FieldValue, ...]:
    """The corrected form.

    Raises: CaseNotAwaitingCorrection, CorrectionIsNotAsAsked, MaterialsNotValid, NoSuchFile, ValueIsHeld, ValuesNotValid.
    """
    case.correct()
    asked_materials, asked_fields = (case.asked.materials, case.asked.fields) if case.asked else ((), ())
    check_corrected_materials(asked_materials, definition.materials, wanted.materials)
    await Files(session, sealer).check_owner(case.applicant, _files(wanted.materials))
    return corrected(await Cases(session, sealer).values(case), definition, wanted.values, asked=asked_fields, at=at)


async def correct(
    session: WriteSession,
    number: CaseNumber,
    applicant: Applicant,
    wanted: api.Correct,
    definition: Definition,
    copies: Sequence[CaseMaterial],
    sealer: Sealer,
    *,
    at: datetime,
) -> Case:
    """补正. Raises NoSuchCase and as `check_correction` does."""
    cases = Cases(session, sealer)
    waiting = await cases.of_applicant(number, applicant, lock=True)
    values = await check_correction(session, waiting, wanted, definition, sealer, at=at)
    before = {each.name: each.value for each in await cases.values(waiting)}
    changed = frozenset(each.name for each in values if before.get(each.name) != each.value)
    back = waiting.correct(fields=changed, materials=frozenset(each.code for each in wanted.materials))
    case = await move(session, waiting, back, Act.CORRECT, sealer, by=said_by(applicant), at=at)
    await cases.put_values(case, values)
    await cases.put_materials(case, [*copies, *_plain(definition.materials, wanted.materials)])
    await _record_consents(session, case, wanted.materials, at)
    await publish(session, CaseCorrected(number=number, division=case.division, agency=case.agency), at=at, trace=case.trace)
    return case


async def record_accesses(session: WriteSession, accesses: Iterable[DataAccessed], *, at: datetime) -> None:
    for access in accesses:
        await publish(session, access, at=at)


def _plain(wanted: Sequence[Material], given: Sequence[api.GivenMaterial]) -> list[CaseMaterial]:
    """Files and commitments among the materials."""
    names = {material.code: material.name for material in wanted}
    return [CaseMaterial(each.code, names[each.code], file_id=each.file_id) for each in given if each.certificate is None]


def _files(given: Sequence[api.GivenMaterial]) -> list[FileId]:
    return [each.file_id for each in given if each.file_id]


async def _record_consents(session: WriteSession, case: Case, given: Sequence[api.GivenMaterial], at: datetime) -> None:
    for use in (each.certificate for each in given if each.certificate):
        await add_consent(session, consent_id(case.number, use.certificate_id), case, use.certificate_id, use.purpose, at=at)
