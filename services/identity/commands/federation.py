"""Signing on by a platform that has already verified its person: bound to the same person here, at the level it states."""

from datetime import datetime

from chassis.database import WriteSession
from chassis.messaging import publish
from chassis.sealing import Sealer
from contracts.events.identity import PersonVerified
from contracts.values import Document, DocumentType, PersonId, PersonName
from services.identity.commands import sign_on
from services.identity.commands.registration import held
from services.identity.domain.federation import Stated, Upstream, UpstreamRefused
from services.identity.domain.methods import MethodCode
from services.identity.domain.persons import Person, Verification
from services.identity.domain.sign_on import Session
from services.identity.repository import FederatedAccounts, Persons


async def prove(
    session: WriteSession, upstream: Upstream, stated: Stated, running: Session | None, sealer: Sealer, *, device: str, at: datetime
) -> tuple[Session, str]:
    """The sign-on, and the secret for its cookie. Raises UpstreamRefused for a person that cannot be the one we know."""
    person = await _bound(session, upstream, stated, sealer, at=at)
    proof = sign_on.Proof(person.id, (MethodCode.FEDERATED,), stated.assurance)
    return await sign_on.prove(session, proof, running, device=device, login_free_days=0, at=at)


async def _bound(session: WriteSession, upstream: Upstream, stated: Stated, sealer: Sealer, *, at: datetime) -> Person:
    """The person with that document; a new account, without password, for whom nobody here knew."""
    try:
        name, document = PersonName(stated.name), Document(DocumentType(stated.document_type), stated.document_number)
    except ValueError as error:
        raise UpstreamRefused(f"{upstream.id} names a person or a document that cannot be") from error
    people = Persons(session, sealer)
    known = await people.holding(document)
    if known is not None and known.name not in {None, name}:
        raise UpstreamRefused(f"{upstream.id} knows another name for this document")
    person = await people.get(known.id, lock=True) if known else await _new(people, name, document, stated, at=at)
    is_news = await FederatedAccounts(session).bind(upstream.id, stated.subject, person.id, stated.assurance, at)
    if is_news:
        person = person.verified(stated.assurance)
        await people.save(person)
        await people.prove(person.id, Verification("federated", upstream.id, stated.subject, stated.assurance, at, document.type))
        await publish(session, PersonVerified(person_id=person.id, assurance=person.assurance, verified_at=at), at=at)
    return person


async def _new(people: Persons, name: PersonName, document: Document, stated: Stated, *, at: datetime) -> Person:
    person = Person(
        id=PersonId.new(),
        name=name,
        phone=None,
        password=None,
        assurance=stated.assurance,
        registered_at=at,
        documents=(held(document, at=at),),
    )
    await people.add(person)
    return person
