"""What an officer attests who saw the person and the original document. Source: facts of standards, 6.1 and 6.2."""

from datetime import datetime

from chassis.database import WriteSession
from chassis.sealing import Sealer
from contracts.values import Assurance, CreditCode, Document, OfficerId, PersonName, Phone
from services.identity.commands.registration import raise_level, register
from services.identity.domain.persons import NoSuchPerson, Person, Verification
from services.identity.repository import Persons


def attested(agency: CreditCode | None, officer: OfficerId, document: Document, *, at: datetime) -> Verification:
    """The proof: whose officer saw which kind of document."""
    return Verification("window", f"agency:{agency}" if agency else "operator", officer, Assurance.CERTIFIED, at, document.type)


async def check(session: WriteSession, name: PersonName, document: Document, sealer: Sealer, *, proof: Verification) -> Person:
    """The account of the document is certified. Raises NoSuchPerson, NameIsNotTheSame."""
    person = await Persons(session, sealer).holding(document)
    if person is None:
        raise NoSuchPerson
    person.named(name)
    return await raise_level(session, person.id, sealer, proof)


async def open_account(
    session: WriteSession, name: PersonName, document: Document, phone: Phone, sealer: Sealer, *, proof: Verification
) -> Person:
    """An account without a password: its person sets one by a code to the phone. Raises AlreadyRegistered, SmsCodeIsWrong."""
    return await register(session, name, document, phone, sealer, password=None, proof=proof)
