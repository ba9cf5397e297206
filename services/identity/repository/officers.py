from typing import Any

from sqlalchemy import Row, select, update

from chassis.database import ReadSession
from chassis.sealing import Sealer
from contracts.values import CreditCode, OfficerId, PersonName, StaffId
from services.identity.domain.staff import Staff
from services.identity.tables import staff


class Officers:
    """Active officers, as they sign on."""

    def __init__(self, session: ReadSession, sealer: Sealer) -> None:
        self._session = session
        self._sealer = sealer

    async def get(self, staff_id: StaffId) -> Staff | None:
        return await self._one(staff.c.id == staff_id)

    async def named(self, agency: str, number: str, *, lock: bool = False) -> Staff | None:
        return await self._one((staff.c.agency == agency) & (staff.c.number == number), lock=lock)

    async def choose_password(self, officer: Staff, password: str) -> None:
        """The code that allowed it is used up."""
        chosen = {"password": password, "activation": None, "activation_expires_at": None}
        await self._session.execute(update(staff).where(staff.c.id == officer.id).values(chosen))

    async def _one(self, who: Any, *, lock: bool = False) -> Staff | None:
        query = select(staff).where(who, staff.c.status == "active")
        row = (await self._session.execute(query.with_for_update() if lock else query)).one_or_none()
        return self._officer(row) if row else None

    def _officer(self, row: Row[Any]) -> Staff:
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
