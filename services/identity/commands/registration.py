"""A person becomes known, and the city becomes surer of them."""

from dataclasses import replace
from datetime import datetime

from chassis.database import WriteSession
from chassis.messaging import publish
from chassis.sealing import Sealer
from contracts.api.identity import persons as api
from contracts.events.identity import PersonVerified
from contracts.values import Assurance, Document, DocumentId, Id, PersonId, PersonName, Phone, SessionId
from services.identity.commands import sms_codes
from services.identity.commands.sms_codes import Purpose
from services.identity.domain.documents import HeldDocument, SecondProofIsNeeded
from services.identity.domain.persons import (
    AlreadyRegistered,
    FaceNotConfirmed,
    Person,
    RealNameNotConfirmed,
    SecondProofNotConfirmed,
    Verification,
)
from services.identity.neighbours import FACE_CHECK, Providers, Result, vouching
from services.identity.repository import Passkeys, Persons, Sessions


async def check_identity(providers: Providers, name: PersonName, document: Document, second: api.SecondProof | None) -> Result:
    """Ask whoever vouches for the document, outside any transaction. A resident number needs a second proof.

    Raises: RealNameNotConfirmed, SecondProofIsNeeded, SecondProofNotConfirmed, ProviderAway.
    """
    if document.resident_id and second is None:
        raise SecondProofIsNeeded
    real_name = await check_name(providers, name, document)
    if document.resident_id and second is not None:
        proof = await providers.second_proof(document.resident_id, second.kind, second.number)
        if not proof.is_match:
            raise SecondProofNotConfirmed
    return real_name


async def check_name(providers: Providers, name: PersonName, document: Document) -> Result:
    """Raises RealNameNotConfirmed, ProviderAway."""
    real_name = await providers.real_name(name, document)
    if not real_name.is_match:
        raise RealNameNotConfirmed
    return real_name


async def register(
    session: WriteSession,
    name: PersonName,
    document: Document,
    phone: Phone,
    sealer: Sealer,
    *,
    password: str | None,
    proof: Verification,
) -> Person:
    """A new account, or the one that a guardian made known and nobody can sign on to. Raises AlreadyRegistered, SmsCodeIsWrong."""
    await sms_codes.use(session, phone, Purpose.REGISTRATION, sealer)
    people = Persons(session, sealer)
    if known := await _unclaimed(session, document, sealer):
        await people.save(replace(known, name=name, phone=phone, password=password))
        return await raise_level(session, known.id, sealer, proof)
    person = Person(
        id=PersonId.new(),
        name=name,
        phone=phone,
        password=password,
        assurance=proof.assurance,
        registered_at=proof.at,
        documents=(held(document, at=proof.at),),
    )
    await people.add(person)
    await people.prove(person.id, proof)
    await publish(session, PersonVerified(person_id=person.id, assurance=person.assurance, verified_at=proof.at), at=proof.at)
    return person


async def register_phone(session: WriteSession, phone: Phone, sealer: Sealer, *, password: str, at: datetime) -> Person:
    """An account of a phone and nothing more. Raises AlreadyRegistered, SmsCodeIsWrong."""
    await sms_codes.use(session, phone, Purpose.REGISTRATION, sealer)
    people = Persons(session, sealer)
    if await people.with_phone(phone):
        raise AlreadyRegistered
    person = Person(PersonId.new(), None, phone, password, Assurance.PHONE, at)
    await people.add(person)
    await people.prove(person.id, Verification("sms", "sms", Id.new(), Assurance.PHONE, at, "phone"))
    await publish(session, PersonVerified(person_id=person.id, assurance=Assurance.PHONE, verified_at=at), at=at)
    return person


async def _unclaimed(session: WriteSession, document: Document, sealer: Sealer) -> Person | None:
    people = Persons(session, sealer)
    holder = await people.holding(document)
    if holder is None:
        return None
    current = await people.get(holder.id, lock=True)
    return current if current.is_unclaimed and not await Passkeys(session).of(current.id) else None


def held(document: Document, *, at: datetime) -> HeldDocument:
    """As its provider has just vouched for it."""
    return HeldDocument(DocumentId.new(), document, vouching(document), at)


def real_name_proof(document: Document, result: Result, *, at: datetime) -> Verification:
    return Verification("real_name", vouching(document), result.reference, Assurance.REAL_NAME, at, document.type)


async def check_face(providers: Providers, person: Person, capture: str) -> Result:
    """Raises PersonNotVerified, FaceNotConfirmed, ProviderAway."""
    name, document = person.real_name()
    result = await providers.face(name, document, capture)
    if not result.is_match:
        raise FaceNotConfirmed
    return result


async def verify_real_person(
    session: WriteSession, person_id: PersonId, sealer: Sealer, *, proof: Result, sign_on: SessionId, at: datetime
) -> Person:
    """The person is a real one from now on, and the sign-on they proved it in is worth that much."""
    verified = await raise_level(
        session, person_id, sealer, Verification("face", FACE_CHECK, proof.reference, Assurance.REAL_PERSON, at, "face")
    )
    await prove_sign_on(session, sign_on, "face", Assurance.REAL_PERSON, at=at)
    return verified


async def raise_level(session: WriteSession, person_id: PersonId, sealer: Sealer, proof: Verification) -> Person:
    """Only a proof raises a person's level. Raises NoSuchPerson."""
    people = Persons(session, sealer)
    verified = (await people.get(person_id, lock=True)).verified(proof.assurance)
    await people.save(verified)
    await people.prove(person_id, proof)
    await publish(session, PersonVerified(person_id=person_id, assurance=verified.assurance, verified_at=proof.at), at=proof.at)
    return verified


async def prove_sign_on(session: WriteSession, sign_on: SessionId, method: str, assurance: Assurance, *, at: datetime) -> None:
    sign_ons = Sessions(session)
    running = await sign_ons.get(sign_on, lock=True)
    if running is not None:
        await sign_ons.save(running.proven(method, assurance=assurance, at=at))
