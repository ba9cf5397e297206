"""Choosing a new password."""

from datetime import datetime

from chassis.database import WriteSession
from chassis.sealing import Sealer
from contracts.values import PersonId
from services.identity.commands import proofs
from services.identity.commands.sign_on import end_others
from services.identity.domain.persons import Person
from services.identity.repository import Persons


def account_of(person: Person | None, username: str) -> str:
    """The name under which wrong passwords count: a person has one count, whatever they are called by."""
    return f"password {person.id if person else username.strip().upper()}"


async def choose(session: WriteSession, person_id: PersonId, hashed: str, sealer: Sealer, *, but: str | None, at: datetime) -> None:
    """The new password, and the end of every sign-on but one: whoever knew the old one is out."""
    people = Persons(session, sealer)
    person = (await people.get(person_id, lock=True)).with_password(hashed)
    await people.save(person)
    await proofs.unlock(session, account_of(person, ""), sealer)
    await end_others(session, person_id, but=but, at=at)
