import asyncio
from collections.abc import Sequence
from datetime import date, datetime
from typing import Final

from chassis.database import WriteSession
from chassis.messaging import publish_all
from chassis.working_days import local_day, start_of
from contracts.api import catalogue as api
from contracts.events.catalogue import PackagePublished
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
from services.catalogue.repository import changes
from services.catalogue.repository.packages import Draft, Packages, Published, what_matters_say
from services.catalogue.repository.search import SearchIndex

_AT_ONCE: Final = 50


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
    await packages.discard_draft(code)
    await release(session, [made], at=at)
    return made


async def release(session: WriteSession, some: Sequence[Published], *, at: datetime) -> None:
    """Publish versions that passed every rule: found from their first day on, told to the mesh and put into the feed."""
    packages = Packages(session)
    for each in some:
        await packages.publish(each)
        await _settle(session, each.package.code, local_day(at))
    told = [
        PackagePublished(code=each.package.code, version=each.version, published_at=at, effective_on=each.effective_on) for each in some
    ]
    await publish_all(session, [(fact, at) for fact in told])
    entries = [changes.Change(None, each.version, "published", max(at, start_of(each.effective_on)), each.package.code) for each in some]
    await changes.record(session, entries, at=at)


async def settle(session: WriteSession, *, at: datetime) -> bool:
    """Let packages be found as they are by now: their day has come. True while there may be more."""
    codes = await Packages(session).due(local_day(at), _AT_ONCE)
    for code in codes:
        await _settle(session, code, local_day(at))
    return len(codes) == _AT_ONCE


async def _settle(session: WriteSession, code: str, today: date) -> None:
    packages = Packages(session)
    if (one := await packages.in_force(code, today)) is not None:
        matters, _ = await what_matters_say(session, [one.package])
        provenance = provenance_of_package(one.package, matters.values())
        await SearchIndex(session).put_entries([_entry(one.package, is_illustrative=provenance == "illustrative")])
    await packages.looked_at(code, today)


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
