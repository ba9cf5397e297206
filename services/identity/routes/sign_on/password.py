from fastapi import Response

from services.identity import passwords
from services.identity.commands import proofs
from services.identity.commands.passwords import account_of
from services.identity.commands.sign_on import Proof
from services.identity.domain.methods import MethodCode
from services.identity.domain.persons import Person
from services.identity.repository import Persons
from services.identity.routes.sign_on.visit import Visit


async def login(visit: Visit) -> Response:
    """By name and password; without a name for who is signed on already."""
    username = visit.form.get("username", "").strip()
    person = await named(visit, username) if username or not visit.person else visit.person
    is_right = await passwords.is_right(person.password if person else None, visit.form.get("password", ""))
    async with visit.desk.database.transaction() as session:
        counts = await proofs.note_attempt(
            session, account_of(person, username), visit.source, visit.desk.sealer, is_right=is_right, at=visit.at
        )
    if person is None or not counts:
        return visit.entry(message="wrong", status=401)
    return await visit.signed_on(Proof(person.id, (MethodCode.PASSWORD,), proofs.worth(MethodCode.PASSWORD, person.assurance)))


async def named(visit: Visit, username: str) -> Person | None:
    async with visit.desk.database.reading() as reading:
        return await Persons(reading, visit.desk.sealer).named(username)
