"""A person's own sign-ons and password, through an application."""

from typing import Final

from fastapi import Response

from chassis.http import Audience, Caller, Clock, Database, Router, Sealer, disclose, guard
from contracts.api.identity import sign_on as api
from contracts.permissions import Permission
from contracts.strict import Page
from contracts.values import Grade, SessionId
from services.identity import passwords
from services.identity.commands import passwords as choosing
from services.identity.commands import proofs, sign_on
from services.identity.domain.sign_on import PasswordIsWrong
from services.identity.queries import devices as queries
from services.identity.repository import Persons

router = Router()

_MINE: Final = "/persons/me/devices"


@router.get(_MINE, **guard(Permission.DEVICE_READ, audience=Audience.PERSON, assurance=1, grade=Grade.PERSONAL))
async def devices(caller: Caller, database: Database, clock: Clock, response: Response) -> Page[api.Device]:
    """Where I am signed on."""
    person_id = caller.required_person()
    async with database.reading() as session:
        found = await queries.devices(session, person_id, current=caller.session, at=clock.now())
    disclose(response, subjects=[person_id], purpose="account", items=("登录设备",))
    return Page(items=found)


@router.delete(f"{_MINE}/{{session_id}}", status_code=204, **guard(Permission.DEVICE_END, audience=Audience.PERSON, assurance=1))
async def end(session_id: SessionId, caller: Caller, database: Database, clock: Clock) -> None:
    """End one of my sign-ons everywhere."""
    async with database.transaction() as session:
        await sign_on.end_device(session, caller.required_person(), session_id, at=clock.now())


@router.put("/persons/me/password", status_code=204, **guard(Permission.PASSWORD_CHANGE, audience=Audience.PERSON, assurance=1))
async def change_password(body: api.ChangePassword, caller: Caller, database: Database, clock: Clock, sealer: Sealer) -> None:
    """Choose another password; every other sign-on of mine ends."""
    sign_on_id = caller.required_session()
    async with database.reading() as reading:
        person = await Persons(reading, sealer).get(caller.required_person())
    is_right = await passwords.is_right(person.password, body.old_password)
    hashed = await passwords.hashed(body.new_password)
    async with database.transaction() as session:
        account, source = choosing.account_of(person, ""), f"sign-on {sign_on_id}"
        counts = await proofs.note_attempt(session, account, source, sealer, is_right=is_right, at=clock.now())
        if counts:
            await choosing.choose(session, person.id, hashed, sealer, but=sign_on_id, at=clock.now())
    if not counts:
        raise PasswordIsWrong
