from sqlalchemy import select

from chassis.database import ReadSession
from chassis.sealing import Sealer
from contracts.api.identity import standing as api
from contracts.values import CreditCode, Document, Id, OfficerId, OrganisationId, PersonId
from services.identity.domain.persons import NoSuchPerson
from services.identity.repository import Organisations, Persons
from services.identity.tables import verifications


async def known(session: ReadSession, asked: api.AskApplicant, agency: CreditCode | None, sealer: Sealer) -> api.KnownApplicant:
    """Whose account the document is, and when an officer of the agency last saw them. Raises NoSuchPerson, NameIsNotTheSame."""
    person = await Persons(session, sealer).holding(asked.document.value)
    if person is None:
        raise NoSuchPerson
    person.named(asked.name)
    mine = (
        (verifications.c.person_id == person.id) & (verifications.c.method == "window") & (verifications.c.provider == f"agency:{agency}")
    )
    query = select(verifications.c.at, verifications.c.reference).where(mine).order_by(verifications.c.id.desc()).limit(1)
    seen = (await session.execute(query)).one_or_none() if agency else None
    return api.KnownApplicant(
        person_id=person.id,
        assurance=int(person.assurance),
        seen_at=seen.at if seen else None,
        seen_by=OfficerId(seen.reference) if seen else None,
    )


async def number_of(session: ReadSession, subject_id: Id, sealer: Sealer) -> tuple[Document | CreditCode, bool]:
    """By what others know the subject, a resident number before other documents, and whether it is a person. Raises NotFound."""
    try:
        person = await Persons(session, sealer).get(PersonId(subject_id))
    except NoSuchPerson:
        return (await Organisations(session).get(OrganisationId(subject_id))).credit_code, False
    documents = [each.document for each in person.documents]
    if not documents:
        raise NoSuchPerson
    return next((each for each in documents if each.resident_id), documents[0]), True
