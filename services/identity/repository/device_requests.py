from datetime import datetime
from typing import Any

from sqlalchemy import Row, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from chassis.database import ReadSession
from chassis.sealing import Sealer
from contracts.values import SessionId
from services.identity.domain.device_grant import OURSELVES, DeviceRequest, Guesses
from services.identity.domain.secrets import digest
from services.identity.tables import clients, device_guesses, device_requests

_NAME = "通办 tongban"


class DeviceRequests:
    """Devices that wait, found by the code they keep or by the one they show."""

    def __init__(self, session: ReadSession) -> None:
        self._session = session

    async def add(self, request: DeviceRequest, *, device_code: str, user_code: str, sealer: Sealer) -> bool:
        """False when somebody waits with that user code already."""
        row = {
            "device_code": digest(device_code),
            "user_code": sealer.lookup(user_code),
            "client_id": request.client_id,
            "scope": request.scope,
            "interval_s": request.interval_s,
            "created_at": request.created_at,
            "expires_at": request.expires_at,
        }
        added = await self._session.execute(upsert(device_requests).values(row).on_conflict_do_nothing())
        return added.rowcount == 1

    async def shown(self, user_code: str, sealer: Sealer, *, lock: bool = False) -> DeviceRequest | None:
        query = select(device_requests).where(device_requests.c.user_code.in_(sealer.lookups(user_code)))
        return _request((await self._session.execute(query.with_for_update() if lock else query)).one_or_none())

    async def kept(self, device_code: str, client_id: str) -> DeviceRequest | None:
        """Locked: a device that asks twice at once is answered once."""
        mine = (device_requests.c.device_code == digest(device_code)) & (device_requests.c.client_id == client_id)
        return _request((await self._session.execute(select(device_requests).where(mine).with_for_update())).one_or_none())

    async def decide(self, user_code: str, sealer: Sealer, *, approved_by: SessionId | None, at: datetime) -> None:
        mine = device_requests.c.user_code.in_(sealer.lookups(user_code))
        await self._session.execute(update(device_requests).where(mine).values(approved_by=approved_by, decided_at=at))

    async def save_poll(self, device_code: str, request: DeviceRequest) -> None:
        values = {"polled_at": request.polled_at, "interval_s": request.interval_s, "used_at": request.used_at}
        await self._session.execute(update(device_requests).where(device_requests.c.device_code == digest(device_code)).values(values))

    async def know_ourselves(self, at: datetime) -> None:
        """The page's own entry among the clients, without which nobody could sign on for it."""
        row = {
            "id": OURSELVES,
            "name": _NAME,
            "kind": "portal",
            "is_active": True,
            "jwks": [],
            "redirect_uris": [],
            "agency": None,
            "changed_at": at,
        }
        await self._session.execute(upsert(clients).values(row).on_conflict_do_nothing())

    async def guesses(self, account: str, at: datetime) -> Guesses:
        """Locked, so that many tries at once count as many."""
        await self._session.execute(upsert(device_guesses).values(account=account, failures=0, last_at=at).on_conflict_do_nothing())
        row = (await self._session.execute(select(device_guesses).where(device_guesses.c.account == account).with_for_update())).one()
        return Guesses(row.failures, row.locked_until)

    async def save_guesses(self, account: str, guesses: Guesses, at: datetime) -> None:
        values = {"failures": guesses.failures, "locked_until": guesses.locked_until, "last_at": at}
        await self._session.execute(update(device_guesses).where(device_guesses.c.account == account).values(values))


def _request(row: Row[Any] | None) -> DeviceRequest | None:
    if row is None:
        return None
    return DeviceRequest(
        client_id=row.client_id,
        scope=row.scope,
        interval_s=row.interval_s,
        created_at=row.created_at,
        expires_at=row.expires_at,
        polled_at=row.polled_at,
        approved_by=SessionId.read(row.approved_by),
        decided_at=row.decided_at,
        used_at=row.used_at,
    )
