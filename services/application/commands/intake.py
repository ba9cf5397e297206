"""The applicant's side: files, submissions, corrections."""

import asyncio
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from chassis import telemetry
from chassis.database import ReadSession, WriteSession, written
from chassis.messaging import publish
from chassis.sealing import Sealer
from contracts.api import application as api
from contracts.api.catalogue import Channel, Definition
from contracts.api.identity.organisations import OrganisationProfile
from contracts.api.identity.persons import Profile
from contracts.events.access import DataAccessed
from contracts.events.application import CaseCorrected, CaseSubmitted
from contracts.values import CaseId, CaseNumber, CreditCode, DivisionCode, DraftId, FileId, JudgementId
from services.application.commands.ending import said_by
from services.application.commands.moving import begin, move
from services.application.domain.applicant import Applicant
from services.application.domain.case import Case
from services.application.domain.channels import is_prereviewed
from services.application.domain.files import FileLimits, sniffed
from services.application.domain.intake import FieldValue, check_applicant, check_corrected_materials, corrected
from services.application.domain.lifecycle import Act, Actor
from services.application.domain.limits import limits_of, renewal_of
from services.application.domain.materials import CaseMaterial, check_files
from services.application.neighbours import consent_id
from services.application.repository import Cases, Drafts, Files, add_consent, attach_judgement, check_judgement, take_draft
from services.application.repository.schedules import renewal_words

Owner = Applicant | CreditCode
"""Whose files are given: the applicant's, or those of the agency at whose window they were scanned."""


@dataclass(frozen=True, slots=True)
class Submission:
    """All that a case is made of. `by` took it in; `owed`, waived and given materials are all among the `materials`."""

    number: CaseNumber
    definition: Definition
    applicant: Applicant
    profile: Profile | OrganisationProfile
    values: Sequence[FieldValue]
    materials: Sequence[CaseMaterial]
    given: Sequence[api.GivenMaterial]
    channel: Channel
    by: Actor
    agent_name: str | None = None
    receiving_unit: str | None = None
    receiving_division: DivisionCode | None = None
    delivering_division: DivisionCode | None = None
    draft_id: DraftId | None = None
    judgement_id: JudgementId | None = None


async def store_file(
    session: WriteSession, owner: Owner, media_type: str, content: bytes, sealer: Sealer, *, at: datetime, name: str | None = None
) -> api.Stored:
    """A file of the kind that its content showed. The same file again is the same file."""
    digest = hashlib.sha256(content).digest()
    file_id = await Files(session, sealer).add(owner, media_type, content, digest, at, name=name)
    return api.Stored(file_id=file_id, media_type=media_type, size_bytes=len(content), sha256=digest.hex())


async def looked_into(said: str, content: bytes, limits: FileLimits) -> str:
    """The media type. Beside the requests, because unpacking takes time. Raises as `sniffed` does."""
    return await asyncio.to_thread(sniffed, said, content, limits)


async def check_given_with(
    session: ReadSession,
    wanted: api.Submit,
    definition: Definition,
    applicant: Applicant,
    owners: Sequence[Owner],
    sealer: Sealer,
    *,
    limit_bytes: int,
) -> None:
    """What was stored here before, and is named in a submission.

    Raises: NoSuchFile, FilesTooLarge, FormatNotAsked, NoSuchDraft, NoSuchJudgement.
    """
    files = await Files(session, sealer).known(owners, file_ids(wanted.materials))
    check_files(definition, wanted.materials, files, limit_bytes=limit_bytes)
    if wanted.draft_id:
        await Drafts(session, sealer).one(applicant, wanted.draft_id)
    if wanted.judgement_id:
        await check_judgement(session, applicant, wanted.judgement_id, wanted.task_code)


async def submit(session: WriteSession, said: Submission, sealer: Sealer, *, at: datetime) -> Case:
    """申报: the case exists from here on, its draft no more, and every event about it continues this submission's trace.

    Raises: ApplicantHasNoResidentNumber, NoSuchDraft, NoSuchJudgement.
    """
    check_applicant(said.definition, said.profile)
    began_at = await take_draft(session, said.applicant, said.draft_id) if said.draft_id else None
    founded = _founded(said, began_at, at)
    case = founded.begin_prereview() if is_prereviewed(said.definition, said.channel) else founded
    telemetry.tag(case__number=case.number)
    await Cases(session, sealer).add(case, said.profile, said.values, said.materials, agent_name=said.agent_name)
    await record_consents(session, case, said.given, at)
    if said.judgement_id:
        await written(session)
        await attach_judgement(session, said.applicant, said.judgement_id, case)
    await begin(session, founded, case, by=said.by, at=at, began_at=began_at)
    event = CaseSubmitted(
        case_id=case.id,
        number=case.number,
        person_id=case.person,
        task_code=case.task_code,
        division=case.division,
        agency=case.agency,
        submitted_at=at,
        organisation_id=case.applicant.organisation,
    )
    await publish(session, event, at=at, trace=case.trace)
    return case


def _founded(said: Submission, began_at: datetime | None, at: datetime) -> Case:
    definition = said.definition
    return Case(
        id=CaseId.new(),
        number=said.number,
        applicant=said.applicant,
        task_code=definition.task_code,
        version=definition.version,
        situation=definition.situation,
        matter_name=definition.name,
        agency=definition.agency,
        agency_name=definition.agency_name,
        division=definition.division,
        promised_working_days=definition.promised_working_days,
        limits=limits_of(definition),
        renews=renewal_of(definition, said.materials, renewal_words()),
        is_illustrative=definition.illustrative,
        certificate_type=definition.result_certificate_type,
        submitted_at=at,
        trace=telemetry.current_traceparent(),
        channel=said.channel,
        began_at=began_at,
        receiving_unit=said.receiving_unit,
        receiving_division=said.receiving_division,
        delivering_division=said.delivering_division,
    )


async def check_correction(
    session: ReadSession, case: Case, wanted: api.Correct, definition: Definition, sealer: Sealer, *, limit_bytes: int, at: datetime
) -> tuple[FieldValue, ...]:
    """The corrected form.

    Raises: CaseNotAwaitingCorrection, CorrectionIsNotAsAsked, MaterialsNotValid, NoSuchFile, FilesTooLarge, FormatNotAsked, ValueIsHeld,
    ValuesNotValid.
    """
    case.correct()
    asked_materials, asked_fields = (case.asked.materials, case.asked.fields) if case.asked else ((), ())
    check_corrected_materials(asked_materials, definition.materials, wanted.materials)
    files = await Files(session, sealer).known([case.applicant], file_ids(wanted.materials))
    check_files(definition, wanted.materials, files, limit_bytes=limit_bytes)
    return corrected(await Cases(session, sealer).values(case), definition, wanted.values, asked=asked_fields, at=at)


async def correct(
    session: WriteSession,
    number: CaseNumber,
    applicant: Applicant,
    wanted: api.Correct,
    definition: Definition,
    materials: Sequence[CaseMaterial],
    sealer: Sealer,
    *,
    limit_bytes: int,
    at: datetime,
) -> Case:
    """补正. Raises NoSuchCase and as `check_correction` does."""
    cases = Cases(session, sealer)
    waiting = await cases.of_applicant(number, applicant, lock=True)
    values = await check_correction(session, waiting, wanted, definition, sealer, limit_bytes=limit_bytes, at=at)
    before = {each.name: each.value for each in await cases.values(waiting)}
    changed = frozenset(each.name for each in values if before.get(each.name) != each.value)
    back = waiting.correct(fields=changed, materials=frozenset(each.code for each in wanted.materials))
    replaced = await cases.form(waiting) if changed else None
    case = await move(session, waiting, back, Act.CORRECT, sealer, by=said_by(applicant), at=at, replaced=replaced)
    await cases.put_values(case, values)
    await cases.put_materials(case, materials)
    await record_consents(session, case, wanted.materials, at)
    await publish(session, CaseCorrected(number=number, division=case.division, agency=case.agency), at=at, trace=case.trace)
    return case


async def record_accesses(session: WriteSession, accesses: Iterable[DataAccessed], *, at: datetime) -> None:
    for access in accesses:
        await publish(session, access, at=at)


def file_ids(given: Sequence[api.GivenMaterial]) -> list[FileId]:
    return [each.file_id for each in given if each.file_id]


async def record_consents(session: WriteSession, case: Case, given: Sequence[api.GivenMaterial], at: datetime) -> None:
    used = [each.certificate for each in given if each.certificate]
    if used:
        await written(session)
    for use in used:
        await add_consent(session, consent_id(case.number, use.certificate_id), case, use.certificate_id, use.purpose, at=at)
