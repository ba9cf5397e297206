"""The officers of an agency, kept by one of its own with that duty, or by an operator."""

from typing import Annotated

from fastapi import Depends, Query

from chassis.http import Audience, Caller, Clock, Database, Router, Sealer, guard
from contracts.api.identity import staff as api
from contracts.permissions import Permission
from contracts.strict import Page
from contracts.values import CreditCode, StaffId
from services.identity.commands import staff as commands
from services.identity.domain.staff import NotAStaffManager
from services.identity.queries import staff as queries
from services.identity.repository import StaffMembers

router = Router()

_MANAGES = guard(Permission.STAFF_MANAGE, audience=Audience.OPERATOR)


async def _agency(caller: Caller, database: Database, sealer: Sealer) -> CreditCode | None:
    """The agency whose staff the caller may keep, None for every agency. Raises NotAStaffManager."""
    officer = caller.required_officer()
    if caller.party_kind == "operator":
        return None
    agency = caller.required_agency()
    async with database.reading() as session:
        await commands.check_manages(session, agency, officer, sealer)
    return agency


Agency = Annotated[CreditCode | None, Depends(_agency)]


# Without an Idempotency-Key: its stored answer would keep the code. A number is enrolled once, and a lost code is renewed.
@router.post("/staff", status_code=201, **_MANAGES)
async def enrol(body: api.EnrolStaff, agency: Agency, database: Database, clock: Clock, sealer: Sealer) -> api.Activation:
    """Enrol an officer. The activation code is told once."""
    wanted = agency or body.agency
    if wanted is None or body.agency not in {None, wanted}:
        raise NotAStaffManager
    async with database.transaction() as session:
        return await commands.enrol(session, wanted, body, sealer, at=clock.now())


@router.get("/staff", **_MANAGES)
async def members(
    agency: Agency, database: Database, sealer: Sealer, of: Annotated[CreditCode | None, Query(alias="agency")] = None
) -> Page[api.Staff]:
    """The staff of my agency; an operator names one."""
    wanted = agency or of
    if wanted is None or of not in {None, wanted}:
        raise NotAStaffManager
    async with database.reading() as session:
        return Page(items=[queries.presented(each) for each in await StaffMembers(session, sealer).of(wanted)])


@router.patch("/staff/{staff_id}", **_MANAGES)
async def move(staff_id: StaffId, body: api.MoveStaff, agency: Agency, database: Database, sealer: Sealer) -> api.Staff:
    """Another department, window or duties."""
    async with database.transaction() as session:
        return queries.presented(await commands.move(session, staff_id, agency, body, sealer))


@router.post("/staff/{staff_id}/activation", **_MANAGES)
async def renew(staff_id: StaffId, agency: Agency, database: Database, clock: Clock, sealer: Sealer) -> api.Activation:
    """A new activation code; the one before is worth nothing."""
    async with database.transaction() as session:
        return await commands.renew_activation(session, staff_id, agency, sealer, at=clock.now())


@router.post("/staff/{staff_id}/suspension", **_MANAGES)
async def suspend(staff_id: StaffId, agency: Agency, database: Database, clock: Clock, sealer: Sealer) -> api.Staff:
    """The officer acts no more; sign-ons end everywhere within seconds."""
    async with database.transaction() as session:
        return queries.presented(await commands.suspend(session, staff_id, agency, sealer, at=clock.now()))


@router.delete("/staff/{staff_id}/suspension", **_MANAGES)
async def reinstate(staff_id: StaffId, agency: Agency, database: Database, sealer: Sealer) -> api.Staff:
    async with database.transaction() as session:
        return queries.presented(await commands.reinstate(session, staff_id, agency, sealer))
