"""Packages 一件事: submitted once, begun step by step as the steps before are granted, closed when the last one has ended."""

from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select

from chassis.database import ReadSession, WriteSession
from chassis.sealing import Sealer
from contracts.values import CaseNumber, PackageNumber
from services.application.commands import intake
from services.application.commands.ending import said_by
from services.application.commands.moving import move
from services.application.domain.applicant import Applicant
from services.application.domain.intake import ValuesNotValid, filled
from services.application.domain.lifecycle import FINAL, OPEN, Act, Status
from services.application.domain.materials import got_by_the_city
from services.application.domain.obtained import obtained
from services.application.domain.packages import NOT_BEGUN, Bundle, PackageCase, Step, StepStatus, handed_on, produced_before
from services.application.repository import Cases
from services.application.repository.packages import PackageCases
from services.application.tables import cases, package_steps

BATCH: Final = 50
_OVER: Final = FINAL | {Status.ARCHIVED}


async def submit(session: WriteSession, case: PackageCase, bundle: Bundle, sealer: Sealer, *, at: datetime) -> PackageCase:
    """Everything that waits for nothing is begun at once, each with its own case. Raises as `intake.submit` does."""
    packages = PackageCases(session, sealer)
    await packages.add(session, case, bundle)
    begun = await _begin_ready(session, case, bundle, sealer, at=at)
    await packages.save(session, case, begun)
    return begun


async def moved_on(session: ReadSession) -> list[PackageNumber]:
    """Packages with a step whose case has come to its end."""
    query = (
        select(package_steps.c.package)
        .join(cases, cases.c.number == package_steps.c.number)
        .where(package_steps.c.status == StepStatus.RUNNING, cases.c.status.in_(_OVER))
        .distinct()
        .limit(BATCH)
    )
    return [PackageNumber(each) for each in (await session.execute(query)).scalars()]


async def advance(session: WriteSession, number: PackageNumber, sealer: Sealer, *, at: datetime) -> None:
    """What follows from the steps that have ended. Nothing while somebody else is at it."""
    packages = PackageCases(session, sealer)
    before = await packages.locked(number)
    if before is None:
        return
    case = before
    for step in [each for each in before.steps if each.status is StepStatus.RUNNING]:
        case = case.with_step(replace(step, status=await _status(session, step.number, sealer)))
    case = case.after_refusals()
    if any(case.ready()):
        case = await _begin_ready(session, case, await packages.bundle(number), sealer, at=at)
    await packages.save(session, before, case.closed_if_over(at=at))


async def withdraw(
    session: WriteSession, number: PackageNumber, applicant: Applicant, sealer: Sealer, *, at: datetime, reason: str | None
) -> tuple[PackageCase, list[Step], list[tuple[Step, Status | None]]]:
    """撤回 of every step that may still be withdrawn: the package, what was withdrawn, and the rest with the status of its case.

    Nothing that waits begins afterwards. Raises NoSuchPackageCase, MatterNotInMandate.
    """
    packages = PackageCases(session, sealer)
    before = await packages.of_applicant(number, applicant, lock=True)
    for step in before.steps:
        applicant.check_matter(step.number.task_code)
    case, withdrawn, kept = before, list[Step](), list[tuple[Step, Status | None]]()
    for step in before.steps:
        status = await _taken_back(session, step, applicant, sealer, at=at, reason=reason) if step.status is StepStatus.RUNNING else None
        if status is Status.WITHDRAWN or step.status in NOT_BEGUN:
            over = StepStatus.WITHDRAWN if step.status in NOT_BEGUN else StepStatus.ENDED
            case = case.with_step(replace(step, status=over, held_up_by=()))
            withdrawn.append(step)
        else:
            kept.append((step, status))
    after = case.closed_if_over(at=at)
    await packages.save(session, before, after)
    return after, withdrawn, kept


async def _taken_back(
    session: WriteSession, step: Step, applicant: Applicant, sealer: Sealer, *, at: datetime, reason: str | None
) -> Status:
    """What the step's case is afterwards: withdrawn, by now or just now, or past that."""
    case = await Cases(session, sealer).numbered(step.number, lock=True)
    if case.status not in OPEN:
        return case.status
    return (await move(session, case, case.withdraw(at=at), Act.WITHDRAW, sealer, by=said_by(applicant), at=at, note=reason)).status


async def _status(session: ReadSession, number: CaseNumber, sealer: Sealer) -> StepStatus:
    found = Cases(session, sealer)
    case = await found.numbered(number)
    if case.status not in _OVER:
        return StepStatus.RUNNING
    return StepStatus.ENDED if await found.result(case) is None else StepStatus.GRANTED


async def _begin_ready(session: WriteSession, case: PackageCase, bundle: Bundle, sealer: Sealer, *, at: datetime) -> PackageCase:
    for step in list(case.ready()):
        case = case.with_step(await _begun(session, case, step, bundle, sealer, at=at))
    return case


async def _begun(session: WriteSession, package: PackageCase, step: Step, bundle: Bundle, sealer: Sealer, *, at: datetime) -> Step:
    """The step with its case; held up where what earlier steps gave leaves its form incomplete."""
    prepared, produced = bundle.prepared[step.code], produced_before(package.steps, step.code)
    definition = prepared.definition
    given = await _given_by_earlier(session, package, produced, sealer)
    asked = definition.form_schema.get("properties", {})
    said = {**prepared.values, **{name: value for name, value in given.items() if name in asked}}
    try:
        values = filled(definition, said, bundle.profile, at=at)
    except ValuesNotValid as refusal:
        missing = tuple(sorted({str(each["field"]) for each in refusal.extensions["errors"]}))
        return replace(step, status=StepStatus.HELD_UP, held_up_by=missing)
    materials = [*prepared.materials, *handed_on(definition, produced)]
    submission = intake.Submission(
        number=step.number,
        definition=definition,
        applicant=package.applicant,
        profile=bundle.profile,
        values=(*values, *obtained(definition, step.number, materials, at=at)),
        materials=[*materials, *got_by_the_city(definition, prepared.given)],
        given=prepared.given,
        channel="pc",
        by=said_by(package.applicant),
        agent_name=bundle.agent_name,
    )
    await intake.submit(session, submission, sealer, at=at)
    return replace(step, status=StepStatus.RUNNING)


async def _given_by_earlier(session: ReadSession, package: PackageCase, produced: set[str], sealer: Sealer) -> dict[str, Any]:
    """Of the results of the steps before, what they give to this one."""
    if not produced:
        return {}
    found: dict[str, Any] = {}
    repository = Cases(session, sealer)
    for earlier in package.steps:
        if earlier.status is StepStatus.GRANTED and set(earlier.produces) & produced:
            content = await repository.result(await repository.numbered(earlier.number)) or {}
            found |= {name: content[name] for name in earlier.produces if name in content}
    return found
