"""Officers of one agency and the systems that they work through."""

from datetime import timedelta

import sqlalchemy as sa

from chassis.sealing import Ring, Sealer
from contracts.values import PartyId, StaffId
from services.identity.domain.secrets import digest
from services.identity.tables import staff
from tests.component.identity.office import PASSWORD, Office, back
from tests.component.identity.steps import options, press
from tests.support.authenticator import Authenticator

AGENCY, NUMBER, CODE = "11310106TE5T01043T", "qx-001", "the-activation-code-of-the-agency"


async def officer(office: Office, *, number: str = NUMBER, status: str = "active") -> StaffId:
    staff_id, sealer = StaffId.new(), Sealer(Ring.of(b"\x07" * 32))
    row = {
        "id": staff_id,
        "agency": AGENCY,
        "number": number,
        "name": sealer.seal("示例"),
        "department": "审批处",
        "window": "3",
        "duties": ["case:accept"],
        "status": status,
        "created_at": office.clock.now(),
        "activation": digest(CODE),
        "activation_expires_at": office.clock.now() + timedelta(days=7),
    }
    async with office.database.transaction() as session:
        await session.execute(sa.insert(staff).values(row))
    return staff_id


async def system(office: Office, *, kind: str = "department", agency: str = AGENCY) -> None:
    """A new system of an agency, which `office` is from now on."""
    office.client = PartyId.new()
    await office.know(office.client, kind=kind, agency=agency)


async def desk(office: Office, **more: str) -> str:
    """The address of a request by a department's system for an officer."""
    await system(office)
    return office.request(**{"scope": "openid staff", **more})


async def activated(office: Office, *, number: str = NUMBER) -> Authenticator:
    """The passkey of an officer who has signed on for the first time."""
    page = await press(office, await office.page(await desk(office)), "first")
    page = await press(office, page, "activate", agency=AGENCY, username=number, activation=CODE, password=PASSWORD)
    device = Authenticator(office.issuer)
    answer = await press(office, page, "passkey-made", credential=device.makes(options(page)))
    assert "code" in back(answer)
    return device
