"""一件事: submitted once, then one number under which every step is seen."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import Path, Response

from chassis import working_days
from chassis.database import WriteSession
from chassis.http import Audience, Clock, Database, Once, Router, Sealer, guard
from chassis.working_days import local_day
from contracts.api import application as api
from contracts.api.catalogue import Definition, PackageCourse
from contracts.permissions import Permission
from contracts.strict import Page
from contracts.values import CaseNumber, Grade, PackageNumber
from services.application.commands import intake
from services.application.commands import packages as commands
from services.application.domain.applicant import Applicant as ApplicantOfCase
from services.application.domain.intake import check_materials, check_nothing_else, filled
from services.application.domain.materials import check_files, claimed_down, is_promised
from services.application.domain.packages import (
    Bundle,
    PackageCase,
    PackageIsOutOfDate,
    Prepared,
    of_step,
    produced_before,
    steps_of,
    without,
)
from services.application.neighbours import Asked as Questions
from services.application.queries.packages import kept, presented
from services.application.repository import Files, Numbers, outages_since
from services.application.repository.packages import PackageCases
from services.application.routes.accesses import Accounted
from services.application.routes.dependencies import Applicant, Asked, disclosed
from services.application.routes.submitting import IntakeDesk, OpenDesk

router = Router()

Number = Annotated[PackageNumber, Path()]
_READ = guard(Permission.CASE_READ, audience=Audience.SUBJECT, assurance=2, grade=Grade.PERSONAL)


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A package as its applicant wants it, with what the catalogue says of its steps, and the numbers that were taken for it."""

    body: api.SubmitPackage
    applicant: ApplicantOfCase
    course: PackageCourse
    definitions: dict[str, Definition]
    number: PackageNumber
    numbers: dict[str, CaseNumber]


@router.post(
    "/package-cases",
    status_code=201,
    response_model=api.PackageCase,
    **guard(Permission.CASE_SUBMIT, audience=Audience.SUBJECT, assurance=3, grade=Grade.PERSONAL),
)
async def submit(body: api.SubmitPackage, applicant: Applicant, asked: Asked, desk: OpenDesk) -> Response:
    """Apply for a package: one form and one set of materials become a case for each step. Every retry answers the same package."""
    if earlier := await desk.once.stored():
        return earlier
    at = desk.clock.now()
    course = await asked.course(body)
    if course.plan.version != body.version:
        raise PackageIsOutOfDate(version=course.plan.version)
    definitions = {step: await asked.definition(task_code) for step, task_code in course.task_codes.items()}
    for definition in definitions.values():
        applicant.check_matter(definition.task_code)
        await asked.check_served(applicant, definition)
    check_nothing_else(definitions.values(), body.values, body.materials)
    wanted = await _numbered(desk, body, applicant, course, definitions, at)
    async with Accounted(asked, desk.database, desk.clock) as account:
        case, bundle = await _prepared(desk, asked, wanted, at)

        async def work(session: WriteSession) -> api.PackageCase:
            submitted = await commands.submit(session, case, bundle, desk.sealer, at=at)
            await account.tell(session)
            return presented(submitted)

        answer = await desk.once.answer(work, status=201)
    return disclosed(answer, applicant, purpose=wanted.number, items=("一件事申报 submission",))


@router.get("/package-cases", **_READ)
async def mine(applicant: Applicant, database: Database, sealer: Sealer) -> Page[api.PackageCase]:
    """The packages that I applied for, newest first."""
    async with database.reading() as session:
        return Page(items=[presented(each) for each in await PackageCases(session, sealer).mine(applicant)])


@router.get("/package-cases/{number}", **_READ)
async def one(number: Number, applicant: Applicant, database: Database, sealer: Sealer) -> api.PackageCase:
    """A package of mine, with how far each step is."""
    async with database.reading() as session:
        return presented(await PackageCases(session, sealer).of_applicant(number, applicant))


@router.post(
    "/package-cases/{number}/withdrawal",
    response_model=api.PackageWithdrawal,
    **guard(Permission.CASE_WITHDRAW, audience=Audience.SUBJECT, assurance=3, grade=Grade.PERSONAL),
)
async def withdraw(number: Number, body: api.Withdraw, applicant: Applicant, clock: Clock, once: Once, sealer: Sealer) -> Response:
    """Take back every step that may still be withdrawn; what may not is named with why, and nothing that waited begins."""

    async def work(session: WriteSession) -> api.PackageWithdrawal:
        said = (session, number, applicant, sealer)
        case, withdrawn, rest = await commands.withdraw(*said, at=clock.now(), reason=body.reason)
        return api.PackageWithdrawal(
            package=presented(case), withdrawn=[step.code for step in withdrawn], kept=[kept(step, status) for step, status in rest]
        )

    return await once.answer(work)


async def _numbered(
    desk: IntakeDesk,
    body: api.SubmitPackage,
    applicant: ApplicantOfCase,
    course: PackageCourse,
    definitions: dict[str, Definition],
    at: datetime,
) -> _Wanted:
    """Every number before anybody is asked for data under it; a retry finds the same ones."""
    request, day = desk.once.request_digest, local_day(at)
    async with desk.database.transaction() as session:
        numbers = Numbers(session)
        number = await numbers.reserve_package(request, body.division, day, at)
        own = {
            step: await numbers.reserve(hashlib.sha256(request + step.encode()).digest(), definition.task_code, day, at)
            for step, definition in definitions.items()
        }
    return _Wanted(body, applicant, course, definitions, number, own)


async def _prepared(desk: IntakeDesk, asked: Questions, wanted: _Wanted, at: datetime) -> tuple[PackageCase, Bundle]:
    """All steps are checked before a certificate is used for any of them: that cannot be undone."""
    body, applicant, plan = wanted.body, wanted.applicant, wanted.course.plan
    profile = await asked.applicant(applicant, purpose=wanted.number, with_credit=is_promised(body.materials))
    agent_name = await asked.agent_name(applicant, purpose=wanted.number)
    steps = steps_of(wanted.course, wanted.numbers)
    said = {}
    for step in steps:
        definition = without(wanted.definitions[step.code], produced_before(steps, step.code))
        values, given = of_step(definition, body.values, body.materials)
        check_materials(definition.materials, given)
        filled(definition, values, profile, at=at)
        said[step.code] = (definition, values, given)
    async with desk.database.reading() as session:
        files = await Files(session, desk.sealer).known([applicant], intake.file_ids(body.materials))
        down: dict[str, str] = {}
        for definition, _, given in said.values():
            check_files(definition, given, files, limit_bytes=desk.limits.case_files_bytes)
            down |= await outages_since(session, claimed_down(definition, given), at - desk.limits.outage_explains)
    prepared = {}
    for step in steps:
        definition, values, given = said[step.code]
        materials, _ = await desk.gathered(asked, applicant, step.number, definition, given, down, at=at, credit=profile.credit)
        prepared[step.code] = Prepared(wanted.definitions[step.code], values, tuple(materials), tuple(given))
    case = PackageCase(
        number=wanted.number,
        applicant=applicant,
        code=body.code,
        version=body.version,
        situation=body.situation,
        name=plan.name,
        is_illustrative=plan.illustrative,
        submitted_at=at,
        due=working_days.known().after(local_day(at), plan.promised_working_days),
        steps=steps,
    )
    return case, Bundle(profile, agent_name, prepared)
