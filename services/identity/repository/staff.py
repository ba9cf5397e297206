from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from chassis.database import ReadSession
from chassis.sealing import Sealer
from contracts.values import CreditCode, OfficerId, PersonName, StaffId
from services.identity.domain.secrets import digest
from services.identity.domain.staff import NoSuchStaff, Staff, StaffNumberIsTaken
from services.identity.tables import staff

_IS_ACTIVE: Final = staff.c.status == "active"


class StaffMembers:
    """Officers of agencies."""

    def __init__(self, session: ReadSession, sealer: Sealer) -> None:
        self._session = session
        self._sealer = sealer

    async def get(self, staff_id: StaffId, *, lock: bool = False) -> Staff:
        """Raises NoSuchStaff."""
        found = await self._one(staff.c.id == staff_id, lock=lock)
        if found is None:
            raise NoSuchStaff
        return found

    async def active(self, staff_id: StaffId) -> Staff | None:
        return await self._one((staff.c.id == staff_id) & _IS_ACTIVE)

    async def numbered(self, agency: str, number: str, *, lock: bool = False) -> Staff | None:
        """An active officer."""
        return await self._one((staff.c.agency == agency) & (staff.c.number == number) & _IS_ACTIVE, lock=lock)

    async def of(self, agency: CreditCode) -> list[Staff]:
        rows = await self._session.execute(select(staff).where(staff.c.agency == agency).order_by(staff.c.number))
        return [self._staff(row) for row in rows]

    async def add(self, member: Staff, *, activation: str, expires_at: datetime) -> None:
        """Raises StaffNumberIsTaken."""
        row = {
            "id": member.id,
            "agency": member.agency,
            "number": member.number,
            "name": self._sealer.seal(member.name),
            "created_at": member.created_at,
            "activation": digest(activation),
            "activation_expires_at": expires_at,
        }
        if (await self._session.execute(upsert(staff).values(row | _state(member)).on_conflict_do_nothing())).rowcount != 1:
            raise StaffNumberIsTaken

    async def save(self, member: Staff) -> None:
        await self._session.execute(update(staff).where(staff.c.id == member.id).values(_state(member)))

    async def activate_by(self, member: Staff, *, activation: str, expires_at: datetime) -> None:
        """A new code in the place of the one before."""
        codes = {"activation": digest(activation), "activation_expires_at": expires_at}
        await self._session.execute(update(staff).where(staff.c.id == member.id).values(codes))

    async def choose_password(self, member: Staff, password: str) -> None:
        """The code that allowed it is used up."""
        chosen = {"password": password, "activation": None, "activation_expires_at": None}
        await self._session.execute(update(staff).where(staff.c.id == member.id).values(chosen))

    async def _one(self, who: ColumnElement[bool], *, lock: bool = False) -> Staff | None:
        query = select(staff).where(who)
        row = (await self._session.execute(query.with_for_update() if lock else query)).one_or_none()
        return self._staff(row) if row else None

    def _staff(self, row: Row[Any]) -> Staff:
        return Staff(
            id=StaffId(row.id),
            agency=CreditCode(row.agency),
            number=OfficerId(row.number),
            name=PersonName(self._sealer.open(row.name)),
            department=row.department,
            window=row.window,
            duties=tuple(row.duties),
            password=row.password,
            created_at=row.created_at,
            status=row.status,
            activation=row.activation,
            activation_expires_at=row.activation_expires_at,
        )


def _state(member: Staff) -> dict[str, Any]:
    return {
        "department": member.department,
        "window": member.window,
        "duties": list(member.duties),
        "password": member.password,
        "status": member.status,
    }
