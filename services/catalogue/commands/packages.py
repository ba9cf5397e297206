import asyncio
from datetime import datetime

from chassis.database import WriteSession
from chassis.working_days import local_day
from contracts.api import catalogue as api
from contracts.values import CreditCode, OfficerId
from services.catalogue.domain.package_checks import faults_in
from services.catalogue.domain.packages import (
    DraftChanged,
    EffectiveInThePast,
    NoSuchDraft,
    PackageOfAnother,
    PackageRefused,
    SameOfficerMayNotPublish,
    provenance_of_package,
)
from services.catalogue.domain.search.entries import Entry
from services.catalogue.repository.packages import Draft, Packages, Published, what_matters_say
from services.catalogue.repository.search import SearchIndex


async def draft(session: WriteSession, package: api.Package, *, agency: CreditCode, by: OfficerId, at: datetime) -> Draft:
    """The next revision of an agency's draft; the same again changes nothing. Raises PackageOfAnother."""
    packages = Packages(session)
    await packages.lock(package.code)
    before, newest = await packages.draft(package.code), await packages.newest(package.code)
    if any(each is not None and each.agency != agency for each in (before, newest)):
        raise PackageOfAnother
    if before and before.package == package:
        return before
    authors = before.drafted_by if before else ()
    now = Draft(package, agency, (before.revision if before else 0) + 1, (*(each for each in authors if each != by), by), at)
    await packages.save(now)
    return now


async def publish(
    session: WriteSession, code: str, version: int, wanted: api.PublishPackage, *, agency: CreditCode, by: OfficerId, at: datetime
) -> Published:
    """A second officer makes the draft that they reviewed the next version, for ever; asked again, the same answer.

    Raises NoSuchDraft, PackageOfAnother, DraftChanged, SameOfficerMayNotPublish, EffectiveInThePast, PackageRefused.
    """
    packages = Packages(session)
    await packages.lock(code)
    there = await packages.version(code, version)
    if there and (there.agency, there.revision, there.published_by, there.effective_on) == (
        agency,
        wanted.revision,
        by,
        wanted.effective_on,
    ):
        return there
    reviewed = await packages.draft(code)
    if reviewed is None:
        raise NoSuchDraft
    if reviewed.agency != agency:
        raise PackageOfAnother
    newest = await packages.newest(code)
    if reviewed.revision != wanted.revision or version != (newest.version if newest else 0) + 1:
        raise DraftChanged
    if by in reviewed.drafted_by:
        raise SameOfficerMayNotPublish
    if wanted.effective_on < local_day(at):
        raise EffectiveInThePast
    matters, dictionary = await what_matters_say(session, [reviewed.package])
    # Hundreds of situations take a while, and others are served meanwhile.
    faults = await asyncio.to_thread(faults_in, reviewed.package, matters, dictionary)
    if faults:
        raise PackageRefused(f"{len(faults)} rules are broken", errors=[each.model_dump(mode="json") for each in faults])
    made = Published(
        package=reviewed.package,
        agency=agency,
        version=version,
        revision=wanted.revision,
        drafted_by=reviewed.drafted_by,
        published_by=by,
        published_at=at,
        effective_on=wanted.effective_on,
    )
    await packages.publish(made)
    # What is new and not in force yet would be found and could not be read.
    if newest or made.effective_on == local_day(at):
        provenance = provenance_of_package(made.package, matters.values())
        await SearchIndex(session).put_entries([_entry(made.package, is_illustrative=provenance == "illustrative")])
    return made


def _entry(package: api.Package, *, is_illustrative: bool) -> Entry:
    return Entry(
        kind="package",
        code=package.code,
        name=package.name,
        aliases=tuple(dict.fromkeys([*package.aliases, *(each.name for each in package.listed)])),
        themes=(package.life_event,),
        served=(package.served,),
        illustrative=is_illustrative,
    )
