"""The history of a case: what each act changed, and the case as it was after any of them."""

from datetime import datetime
from typing import Any, Final

from pydantic import TypeAdapter
from sqlalchemy import insert, select

from chassis.database import ReadSession, WriteSession, put
from contracts.values import CaseId, MandateId, OrganisationId, PersonId
from services.application.domain.applicant import Applicant
from services.application.domain.case import Case, NoSuchCase
from services.application.domain.lifecycle import Act, Actor
from services.application.tables import history

_CASE: Final = TypeAdapter(Case)
_RECORD: Final = insert(history)


async def record(
    session: WriteSession,
    before: Case | None,
    after: Case,
    act: Act,
    *,
    by: Actor,
    at: datetime,
    began_at: datetime | None = None,
    note: str | None = None,
    replaced: bytes | None = None,
) -> None:
    """One record. `before` is None for the first; the act took from `began_at` until `at`; `replaced` is the sealed form before it."""
    row = {
        "case_id": after.id,
        "revision": after.revision,
        "act": act.value,
        "from_status": before.status.value if before else None,
        "to_status": after.status.value,
        "role": by.role.value,
        "by": by.name,
        "officer": by.officer,
        "note": note,
        "began_at": began_at or at,
        "at": at,
        "changes": _changes(before, after),
        "replaced": replaced,
    }
    await put(session, _RECORD, row)


async def rebuilt(session: ReadSession, case_id: CaseId, *, until: datetime | None = None, up_to: int | None = None) -> Case:
    """The case out of its history alone, as it stood at an instant, or just after one record. Raises NoSuchCase."""
    query = select(history.c.changes).where(history.c.case_id == case_id).order_by(history.c.id)
    if until:
        query = query.where(history.c.at <= until)
    if up_to:
        query = query.where(history.c.id <= up_to)
    said: dict[str, Any] = {}
    for changes in (await session.execute(query)).scalars():
        said |= changes
    if not said:
        raise NoSuchCase
    return _CASE.validate_python(said | {"applicant": _applicant(said["applicant"])})


def _changes(before: Case | None, after: Case) -> dict[str, Any]:
    said = _said(after)
    if before is None:
        return {name: value for name, value in said.items() if value is not None}
    if before is after:
        return {}
    was = _said(before)
    return {name: value for name, value in said.items() if value != was[name]}


def _said(case: Case) -> dict[str, Any]:
    applicant = case.applicant
    who = {"person": applicant.person, "organisation": applicant.organisation, "actor": applicant.actor, "mandate": applicant.mandate}
    said: dict[str, Any] = _CASE.dump_python(case, mode="json")
    return said | {"applicant": who}


def _applicant(said: dict[str, str | None]) -> Applicant:
    person = PersonId.read(said["person"])
    return Applicant(person or OrganisationId(said["organisation"] or ""), PersonId.read(said["actor"]), MandateId.read(said["mandate"]))
