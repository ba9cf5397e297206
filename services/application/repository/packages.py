"""Packages that were applied for, and what was prepared for each of their steps."""

import json
from collections.abc import Sequence
from typing import Any, Final

from pydantic import TypeAdapter
from sqlalchemy import Row, insert, select, update

from chassis.database import ReadSession, WriteSession
from chassis.sealing import Sealer
from chassis.working_days import Due
from contracts.values import CaseNumber, MandateId, OrganisationId, PackageNumber, PersonId
from services.application.domain.applicant import Applicant
from services.application.domain.packages import Bundle, NoSuchPackageCase, PackageCase, Step, StepStatus
from services.application.repository.ownership import owned
from services.application.tables import package_cases, package_steps

_BUNDLE: Final = TypeAdapter(Bundle)
_PAGE: Final = 50
# Whoever looks at packages does not fetch what is sealed in them.
_COLUMNS: Final = [column for column in package_cases.c if column.name != "bundle"]


class PackageCases:
    def __init__(self, session: ReadSession, sealer: Sealer) -> None:
        self._session = session
        self._sealer = sealer

    async def add(self, session: WriteSession, case: PackageCase, bundle: Bundle) -> None:
        applicant = case.applicant
        row = {
            "number": case.number,
            "person_id": applicant.person,
            "organisation_id": applicant.organisation,
            "submitted_by": applicant.actor,
            "mandate": applicant.mandate,
            "code": case.code,
            "version": case.version,
            "situation": case.situation,
            "name": case.name,
            "is_illustrative": case.is_illustrative,
            "submitted_at": case.submitted_at,
            "due_on": case.due.on,
            "is_due_provisional": case.due.is_provisional,
            "closed_at": case.closed_at,
            "bundle": self._sealer.seal(json.dumps(_BUNDLE.dump_python(bundle, mode="json"), ensure_ascii=False)),
        }
        await session.execute(insert(package_cases).values(row))
        steps = [_step_row(case.number, place, step) for place, step in enumerate(case.steps)]
        await session.execute(insert(package_steps), steps)

    async def save(self, session: WriteSession, before: PackageCase, after: PackageCase) -> None:
        """The steps that changed, and the end. The package is locked by the caller."""
        for place, (was, now) in enumerate(zip(before.steps, after.steps, strict=True)):
            if was != now:
                mine = (package_steps.c.package == after.number) & (package_steps.c.place == place)
                values = {"status": now.status.value, "held_up_by": list(now.held_up_by)}
                await session.execute(update(package_steps).where(mine).values(values))
        if before.closed_at != after.closed_at:
            await session.execute(update(package_cases).where(package_cases.c.number == after.number).values(closed_at=after.closed_at))

    async def locked(self, number: PackageNumber) -> PackageCase | None:
        """None while somebody else is at work on it."""
        query = select(*_COLUMNS).where(package_cases.c.number == number).with_for_update(skip_locked=True)
        row = (await self._session.execute(query)).one_or_none()
        return (await self._whole([row]))[0] if row else None

    async def of_applicant(self, number: PackageNumber, applicant: Applicant, *, lock: bool = False) -> PackageCase:
        """Raises NoSuchPackageCase."""
        query = select(*_COLUMNS).where(package_cases.c.number == number, owned(package_cases, applicant))
        row = (await self._session.execute(query.with_for_update() if lock else query)).one_or_none()
        if row is None:
            raise NoSuchPackageCase
        return (await self._whole([row]))[0]

    async def mine(self, applicant: Applicant) -> list[PackageCase]:
        """The newest, newest first."""
        query = select(*_COLUMNS).where(owned(package_cases, applicant)).order_by(package_cases.c.submitted_at.desc()).limit(_PAGE)
        return await self._whole((await self._session.execute(query)).all())

    async def bundle(self, number: PackageNumber) -> Bundle:
        sealed = (await self._session.execute(select(package_cases.c.bundle).where(package_cases.c.number == number))).scalar_one()
        return _BUNDLE.validate_json(self._sealer.open(sealed))

    async def _whole(self, rows: Sequence[Row[Any]]) -> list[PackageCase]:
        query = select(package_steps).where(package_steps.c.package.in_([row.number for row in rows]))
        steps: dict[str, list[Step]] = {}
        for row in await self._session.execute(query.order_by(package_steps.c.package, package_steps.c.place)):
            steps.setdefault(row.package, []).append(_step_of(row))
        return [_case_of(row, tuple(steps[row.number])) for row in rows]


def _step_row(package: PackageNumber, place: int, step: Step) -> dict[str, Any]:
    return {
        "package": package,
        "place": place,
        "code": step.code,
        "name": step.name,
        "number": step.number,
        "after": list(step.after),
        "produces": list(step.produces),
        "status": step.status.value,
        "held_up_by": list(step.held_up_by),
    }


def _step_of(row: Row[Any]) -> Step:
    return Step(
        row.code, row.name, CaseNumber(row.number), tuple(row.after), tuple(row.produces), StepStatus(row.status), tuple(row.held_up_by)
    )


def _case_of(row: Row[Any], steps: tuple[Step, ...]) -> PackageCase:
    subject = PersonId(row.person_id) if row.person_id else OrganisationId(row.organisation_id)
    return PackageCase(
        number=PackageNumber(row.number),
        applicant=Applicant(subject, PersonId.read(row.submitted_by), MandateId.read(row.mandate)),
        code=row.code,
        version=row.version,
        situation=row.situation,
        name=row.name,
        is_illustrative=row.is_illustrative,
        submitted_at=row.submitted_at,
        due=Due(row.due_on, row.is_due_provisional),
        steps=steps,
        closed_at=row.closed_at,
    )
