from dataclasses import dataclass
from datetime import date, datetime, time

from chassis.aside import aside
from chassis.database import ReadSession, WriteSession
from chassis.working_days import SHANGHAI, local_day
from contracts.api import catalogue as api
from contracts.values import CreditCode, ImportId, OfficerId, PartyId
from services.catalogue.commands import packages, points, publishing
from services.catalogue.domain.imports import (
    ImportNotWaiting,
    OtherDocumentReviewed,
    Plan,
    Prepared,
    SameOfficerMayNotReview,
    Standing,
    digest_of_document,
    plan,
    stale,
)
from services.catalogue.domain.lifecycle import from_moment
from services.catalogue.repository.imports import Imports, document_of, of_party, standing
from services.catalogue.repository.matters import Catalogue
from services.catalogue.repository.packages import Packages, Published
from services.catalogue.repository.rendered import Rendered, rendered
from services.catalogue.repository.search import SearchIndex


@dataclass(frozen=True, slots=True)
class Examined:
    """What a document would change, and what stood when it was looked at."""

    document: api.ImportCatalogue
    standing: Standing
    plan: Plan


async def examine(session: ReadSession, document: api.ImportCatalogue, agency: CreditCode | None) -> Examined:
    """As this agency hands it in. Raises ImportRefused with every broken rule."""
    found = await standing(session, document)
    # On a thread of its own: thousands of matters are compared, and others are served meanwhile.
    return Examined(document, found, await aside(plan, document, found, agency))


async def submit(session: WriteSession, examined: Examined, *, party: PartyId, officer: OfficerId, at: datetime) -> ImportId:
    """A document waits for a second person. The same document of the same party waits once, on what stands now."""
    imports, digest = Imports(session), await aside(digest_of_document, examined.document)
    if (waiting := await imports.waiting(party, digest)) is not None:
        if not stale(waiting.base, examined.plan.base):
            return ImportId(waiting.id)
        await imports.supersede(ImportId(waiting.id))
    content = await aside(examined.document.model_dump_json, exclude={"dry_run"})
    return await imports.add(content, digest, examined.plan, party=party, officer=officer, at=at)


async def check_review(session: ReadSession, import_id: ImportId, review: api.ReviewImport, *, party: PartyId, officer: OfficerId) -> None:
    """Raises NoSuchImport, ImportNotWaiting, SameOfficerMayNotReview, OtherDocumentReviewed."""
    row = await of_party(session, import_id, party)
    if row.state != "waiting":
        raise ImportNotWaiting(f"the import is {row.state}")
    if row.submitted_by == officer:
        raise SameOfficerMayNotReview
    if row.digest.hex() != review.digest:
        raise OtherDocumentReviewed


async def reopen(session: ReadSession, import_id: ImportId, *, party: PartyId, agency: CreditCode | None) -> Examined:
    """The import as it would be published now. Raises NoSuchImport, ImportRefused, and ImportIsStale when that is something else
    than what was submitted."""
    row = await of_party(session, import_id, party)
    content = await document_of(session, import_id, party)
    document = await aside(api.ImportCatalogue.model_validate_json, content)
    examined = await examine(session, document, agency)
    if refusal := stale(row.base, examined.plan.base):
        raise refusal
    return examined


@dataclass(frozen=True, slots=True)
class Reviewer:
    """The second officer, and for whom."""

    party: PartyId
    officer: OfficerId
    agency: CreditCode | None


async def publish(
    session: WriteSession, import_id: ImportId, examined: Examined, review: api.ReviewImport, by: Reviewer, *, at: datetime
) -> None:
    """All that the document changes becomes versions, or nothing does.

    Raises ImportNotWaiting, and ImportIsStale when something was published since the import was opened.
    """
    # Before the lock, and on a thread of its own: whoever waits to publish something else waits for the writing alone.
    said = await aside(_rendered, examined)
    catalogue = Catalogue(session)
    await catalogue.lock()
    now = await standing(session, examined.document, is_brief=True)
    if now.heads != examined.standing.heads or now.rows_beside() != examined.standing.rows_beside():
        again = await examine(session, examined.document, by.agency)
        if refusal := stale(examined.plan.base, again.plan.base):
            raise refusal
        examined, said = again, await aside(_rendered, again)
    document = examined.document
    await Imports(session).close(import_id, "published", officer=by.officer, note=review.note, effective_on=review.effective_on, at=at)
    await catalogue.put_base(document.divisions, document.agencies, document.fields)
    await SearchIndex(session).put_agencies(document.agencies)
    effective_at = _beginning(review.effective_on, at)
    planned = [
        publishing.Planned(one, each.version, each.digest, _after(now, each)) for one, each in zip(said, examined.plan.changed, strict=True)
    ]
    await points.put(session, examined.plan.points, now.points, party=by.party, officer=by.officer, at=at)
    await publishing.publish(session, planned, at=at, effective_at=effective_at)
    await _publish_packages(session, import_id, examined, review, by, at=at)


async def _publish_packages(
    session: WriteSession, import_id: ImportId, examined: Examined, review: api.ReviewImport, by: Reviewer, *, at: datetime
) -> None:
    """The document's packages as next versions; drafts of them stay with who writes them."""
    if not examined.plan.packages:
        return
    repository, author = Packages(session), (await of_party(session, import_id, by.party)).submitted_by
    made = []
    for package in examined.plan.packages:
        await repository.lock(package.code)
        newest = await repository.newest(package.code)
        # A plan with packages was examined for an agency.
        assert by.agency is not None
        made.append(
            Published(
                package=package,
                agency=by.agency,
                version=newest.version + 1 if newest else 1,
                revision=0,
                drafted_by=(OfficerId(author),),
                published_by=by.officer,
                published_at=at,
                effective_on=review.effective_on or local_day(at),
            )
        )
    await packages.release(session, made, at=at)


def _rendered(examined: Examined) -> list[Rendered]:
    document, standing = examined.document, examined.standing
    fields = {**standing.fields, **{each.name: each for each in document.fields}}
    areas = {code: each.area for code, each in standing.agencies.items() if each.area}
    areas |= {each.code: each.area for each in document.agencies if each.area}
    return [rendered(each.matter, [fields[name] for name in each.matter.form], areas) for each in examined.plan.changed]


def _beginning(day: date | None, at: datetime) -> datetime | None:
    """When that day begins in the city; None for today. Raises EffectiveInThePast."""
    if day is None or day == at.astimezone(SHANGHAI).date():
        return None
    return from_moment(datetime.combine(day, time(), SHANGHAI), at)


def _after(standing: Standing, prepared: Prepared) -> datetime | None:
    head = standing.heads.get(prepared.matter.basic_code)
    return head.effective_at if head else None


async def reject(session: WriteSession, import_id: ImportId, review: api.ReviewImport, *, officer: OfficerId, at: datetime) -> None:
    """Raises ImportNotWaiting."""
    await Imports(session).close(import_id, "rejected", officer=officer, note=review.note, effective_on=None, at=at)
