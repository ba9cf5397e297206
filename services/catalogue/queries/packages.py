import asyncio
from datetime import date

from sqlalchemy import select

from chassis.database import ReadSession
from contracts.api import catalogue as api
from contracts.values import CreditCode, DivisionCode
from services.catalogue.domain.matters import NOTICE
from services.catalogue.domain.package_checks import faults_in
from services.catalogue.domain.package_plans import plan
from services.catalogue.domain.packages import (
    NoSuchDraft,
    NoSuchPackage,
    NotToBeApplied,
    PackageOfAnother,
    provenance_of_package,
    situations_of,
    state_of,
)
from services.catalogue.domain.search.texts import cleaned
from services.catalogue.queries.matters import competence
from services.catalogue.repository.packages import Draft, Published, draft_of, packages_in_force, published_of, what_matters_say
from services.catalogue.tables import package_versions


async def found(session: ReadSession, text: str, *, served: str | None, life_event: str | None, on: date) -> list[api.PackageFound]:
    """Packages in force whose name, English name or alias has the text; complete ones first."""
    wanted = cleaned(text).lower()
    if text.strip() and not wanted:
        return []
    every = [
        each
        for each in await packages_in_force(session, on=on)
        if served in {None, each.package.served} and life_event in {None, each.package.life_event} and _is_named(each.package, wanted)
    ]
    order = ("complete", "listed", "named")
    every.sort(key=lambda each: (order.index(state_of(each.package)), each.package.code))
    matters, _ = await what_matters_say(session, [each.package for each in every])
    return [_found(each, matters) for each in every]


def _is_named(package: api.Package, wanted: str) -> bool:
    names = (package.name, package.en, *package.aliases, *(each.name for each in package.listed))
    return any(wanted in name.lower() for name in names)


def _found(one: Published, matters: dict[str, api.Matter]) -> api.PackageFound:
    package = one.package
    used = [matters[item.basic_code] for item in package.items if item.basic_code in matters]
    return api.PackageFound(
        code=package.code,
        version=one.version,
        name=package.name,
        en=package.en,
        served=package.served,
        life_event=package.life_event,
        state=state_of(package),
        promised_working_days=package.promised_working_days,
        illustrative=provenance_of_package(package, used) == "illustrative",
    )


async def version_of(session: ReadSession, code: str, *, on: date, version: int | None = None) -> api.PackageVersion:
    """The version in force, or one that was published. Raises NoSuchPackage."""
    return await presented(session, await _published(session, code, on=on, version=version))


async def situations(session: ReadSession, code: str, *, on: date) -> api.PackageSituations:
    """The questions, and every situation that they lead to. Raises NoSuchPackage."""
    one = await _published(session, code, on=on)
    ways = situations_of(one.package.questions) if one.package.items else []
    return api.PackageSituations(code=code, version=one.version, questions=one.package.questions, situations=ways)


async def plan_of(session: ReadSession, code: str, situation: str, *, on: date, version: int | None = None) -> api.PackagePlan:
    """Raises NoSuchPackage, NoSuchSituation, NotToBeApplied, PackageHalted."""
    one = await _published(session, code, on=on, version=version)
    return plan(one.package, one.version, situation, *await what_matters_say(session, [one.package]))


async def course_of(
    session: ReadSession, code: str, situation: str, division: DivisionCode, *, on: date, version: int | None
) -> api.PackageCourse:
    """Raises as `plan_of` does, and NotToBeApplied where nobody, or no one in particular, decides a step for the division."""
    planned = await plan_of(session, code, situation, on=on, version=version)
    codes = {step.basic_code for step in planned.steps}
    found = {code: (await competence(session, code, division)).task_code for code in codes}
    task_codes = {step.code: task_code for step in planned.steps if (task_code := found[step.basic_code])}
    if len(task_codes) < len(planned.steps):
        raise NotToBeApplied
    return api.PackageCourse(plan=planned, task_codes=task_codes)


async def draft(session: ReadSession, code: str, *, agency: CreditCode) -> api.PackageDraft:
    """An agency's own draft, with what would refuse it now. Raises NoSuchDraft, PackageOfAnother."""
    one = await draft_of(session, code)
    if one is None:
        raise NoSuchDraft
    if one.agency != agency:
        raise PackageOfAnother
    return await checked(session, one)


async def checked(session: ReadSession, one: Draft) -> api.PackageDraft:
    matters, dictionary = await what_matters_say(session, [one.package])
    return api.PackageDraft(
        revision=one.revision,
        drafted_by=list(one.drafted_by),
        drafted_at=one.drafted_at,
        package=one.package,
        faults=await asyncio.to_thread(faults_in, one.package, matters, dictionary),
    )


async def presented(session: ReadSession, one: Published) -> api.PackageVersion:
    matters, _ = await what_matters_say(session, [one.package])
    provenance = provenance_of_package(one.package, matters.values())
    return api.PackageVersion(
        version=one.version,
        effective_on=one.effective_on,
        published_at=one.published_at,
        state=state_of(one.package),
        provenance=provenance,
        illustrative=provenance == "illustrative",
        notice_of_provenance=NOTICE if provenance == "illustrative" else None,
        package=one.package,
    )


async def _published(session: ReadSession, code: str, *, on: date, version: int | None = None) -> Published:
    query = select(package_versions).where(package_versions.c.code == code)
    query = query.where(package_versions.c.effective_on <= on) if version is None else query.where(package_versions.c.version == version)
    row = (await session.execute(query.order_by(package_versions.c.version.desc()).limit(1))).one_or_none()
    if row is None:
        raise NoSuchPackage
    return published_of(row)
