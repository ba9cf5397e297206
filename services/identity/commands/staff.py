"""An agency keeps its officers: who they are, where they sit, what their duties are."""

from dataclasses import replace
from datetime import datetime

from chassis.database import ReadSession, WriteSession
from chassis.sealing import Sealer
from contracts.api.identity import staff as api
from contracts.values import CreditCode, OfficerId, StaffId
from services.identity.commands.sign_on import revoke_all
from services.identity.domain.secrets import new_secret
from services.identity.domain.staff import ACTIVATION_LIFE, NoSuchStaff, NotAStaffManager, Staff
from services.identity.repository import StaffMembers


async def check_manages(session: ReadSession, agency: CreditCode, officer: OfficerId, sealer: Sealer) -> None:
    """Whether an officer keeps the staff of their own agency. Raises NotAStaffManager."""
    manager = await StaffMembers(session, sealer).numbered(agency, officer)
    if manager is None or not manager.manages_staff:
        raise NotAStaffManager


async def enrol(session: WriteSession, agency: CreditCode, wanted: api.EnrolStaff, sealer: Sealer, *, at: datetime) -> api.Activation:
    """Raises StaffNumberIsTaken."""
    member = Staff(
        id=StaffId.new(),
        agency=agency,
        number=wanted.number,
        name=wanted.name,
        department=wanted.department,
        window=wanted.window,
        duties=tuple(dict.fromkeys(wanted.duties)),
        password=None,
        created_at=at,
    )
    code, expires_at = new_secret(), at + ACTIVATION_LIFE
    await StaffMembers(session, sealer).add(member, activation=code, expires_at=expires_at)
    return api.Activation(staff_id=member.id, activation_code=code, expires_at=expires_at)


async def renew_activation(
    session: WriteSession, staff_id: StaffId, agency: CreditCode | None, sealer: Sealer, *, at: datetime
) -> api.Activation:
    """A new code, for whoever lost the first or their proofs. Raises NoSuchStaff."""
    member = await within(session, staff_id, agency, sealer)
    code, expires_at = new_secret(), at + ACTIVATION_LIFE
    await StaffMembers(session, sealer).activate_by(member, activation=code, expires_at=expires_at)
    return api.Activation(staff_id=member.id, activation_code=code, expires_at=expires_at)


async def move(session: WriteSession, staff_id: StaffId, agency: CreditCode | None, said: api.MoveStaff, sealer: Sealer) -> Staff:
    """Raises NoSuchStaff."""
    member = await within(session, staff_id, agency, sealer)
    given = said.model_fields_set
    moved = replace(
        member,
        department=said.department or member.department,
        window=said.window if "window" in given else member.window,
        duties=tuple(dict.fromkeys(said.duties)) if said.duties is not None else member.duties,
    )
    await StaffMembers(session, sealer).save(moved)
    return moved


async def suspend(session: WriteSession, staff_id: StaffId, agency: CreditCode | None, sealer: Sealer, *, at: datetime) -> Staff:
    """The officer acts no more: their sign-ons end everywhere. Raises NoSuchStaff."""
    suspended = (await within(session, staff_id, agency, sealer)).suspended()
    await StaffMembers(session, sealer).save(suspended)
    await revoke_all(session, staff_id, at=at)
    return suspended


async def reinstate(session: WriteSession, staff_id: StaffId, agency: CreditCode | None, sealer: Sealer) -> Staff:
    """Raises NoSuchStaff."""
    member = (await within(session, staff_id, agency, sealer)).reinstated()
    await StaffMembers(session, sealer).save(member)
    return member


async def within(session: WriteSession, staff_id: StaffId, agency: CreditCode | None, sealer: Sealer) -> Staff:
    """An officer of the agency, or of any when none is named. Raises NoSuchStaff for the missing and the foreign alike."""
    member = await StaffMembers(session, sealer).get(staff_id, lock=True)
    if agency not in {None, member.agency}:
        raise NoSuchStaff
    return member
