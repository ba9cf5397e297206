"""Somebody is appointed to act for another, accepts, and acts no more."""

from datetime import datetime

from chassis.database import WriteSession
from chassis.messaging import publish
from chassis.sealing import Sealer
from contracts.api.identity import mandates as api
from contracts.events.identity import MandateRevoked, PersonVerified
from contracts.values import Assurance, Document, DocumentType, MandateId, OrganisationId, PersonId
from services.identity.commands.registration import held
from services.identity.domain.mandates import (
    GuardianshipNotConfirmed,
    Kind,
    Mandate,
    MandateOverlaps,
    MandateToOneself,
    NoSuchMandate,
    TooManyMandatesWaiting,
    guardianship_ends_at,
)
from services.identity.domain.organisations import NoSuchOrganisation
from services.identity.domain.persons import Person, Verification
from services.identity.neighbours import POPULATION_BASE, Providers, Result
from services.identity.repository import Mandates, Persons, Represented, mandate_rules


async def appoint(session: WriteSession, wanted: api.Appoint, by: PersonId, sealer: Sealer, *, assurance: int, at: datetime) -> Mandate:
    """A mandate that its agent has to accept. Whether there is such an agent changes nothing that the grantor can see.

    Raises: NoSuchOrganisation, AssuranceTooLowForMandate, TooYoungForMandate, MandateTimeNotValid, MandateToOneself,
    MandateOverlaps, TooManyMandatesWaiting.
    """
    rules, people = mandate_rules(), Persons(session, sealer)
    rule = rules.kinds[Kind(wanted.kind)]
    # The lock keeps twins from passing the checks below side by side.
    grantor = await people.get(by, lock=True)
    principal = (await Represented(session).by_representative(wanted.organisation_id, by)).id if wanted.organisation_id else by
    rule.check_grantor(assurance, grantor.birth_date, at)
    begins_at = wanted.begins_at or at
    rule.check_time(begins_at, wanted.ends_at, at)
    number = str(wanted.agent.resident_id or wanted.agent.phone)
    agent = await people.named(number)
    if agent is not None and agent.id == by:
        raise MandateToOneself
    mandate = Mandate(
        id=MandateId.new(),
        kind=rule.kind,
        principal=principal,
        agent=agent.id if agent is not None and agent.name == wanted.agent.name else None,
        agent_name=wanted.agent.name,
        matters=tuple(dict.fromkeys(wanted.matters)),
        begins_at=begins_at,
        ends_at=wanted.ends_at,
        granted_at=at,
        granted_by=by,
        answer_by=min(wanted.ends_at, at + rules.answer_within),
        accepted_at=None if rule.agent_accepts else at,
    )
    mandates = Mandates(session, sealer)
    # Only by the number that was given: an agent found under both their numbers would show that they exist.
    _refuse_overlaps(mandate, await mandates.to_number(principal, number), at)
    given = await mandates.of_principals(by, [each.id for each in await Represented(session).by(by)])
    if sum(each.accepted_at is None and each.is_open(at) for each in given) >= rules.waiting_at_most:
        raise TooManyMandatesWaiting(at_most=rules.waiting_at_most)
    await mandates.add(mandate, number=number)
    return mandate


async def accept(session: WriteSession, mandate_id: MandateId, agent: PersonId, sealer: Sealer, *, assurance: int, at: datetime) -> Mandate:
    """Raises: NoSuchMandate, MandateNotAwaitingAcceptance, AssuranceTooLowForMandate, TooYoungForMandate, MandateOverlaps."""
    mandates = Mandates(session, sealer)
    person = await Persons(session, sealer).get(agent, lock=True)
    waiting = await mandates.get(mandate_id, lock=True)
    if waiting.agent != agent:
        raise NoSuchMandate
    accepted = waiting.accepted(at)
    mandate_rules().kinds[accepted.kind].check_agent(assurance, person.birth_date, at)
    others = [each for each in await mandates.between(accepted.principal, agent) if each.accepted_at is not None]
    _refuse_overlaps(accepted, others, at)
    await mandates.save(accepted)
    return accepted


async def revoke(session: WriteSession, mandate_id: MandateId, by: PersonId, sealer: Sealer, *, reason: str | None, at: datetime) -> None:
    """By either side; for an organisation by whoever represents it now. Revoking twice changes nothing. Raises NoSuchMandate."""
    mandate = await Mandates(session, sealer).get(mandate_id, lock=True)
    if by != mandate.agent and not await _speaks_for(session, by, mandate.principal):
        raise NoSuchMandate
    if mandate.revoked_at is None:
        await _end(session, mandate, by, sealer, reason=reason, at=at)


async def representative_of(
    session: WriteSession, organisation_id: OrganisationId, person: PersonId, sealer: Sealer, *, at: datetime
) -> Mandate:
    """The mandate that the law gives the legal representative; its row is made at its first use.

    Raises NoSuchOrganisation.
    """
    organisation = await Represented(session).by_representative(organisation_id, person)
    mandates = Mandates(session, sealer)
    known = await mandates.representative(organisation_id)
    if known is not None and known.agent != person:
        await _end(session, known, None, sealer, reason="法定代表人变更 another represents it now", at=at)
        known = None
    if known is not None:
        return known
    fresh = Mandate(
        id=MandateId.new(),
        kind=Kind.REPRESENTATIVE,
        principal=organisation.id,
        agent=person,
        agent_name=(await Persons(session, sealer).get(person)).real_name()[0],
        matters=(),
        begins_at=organisation.registered_at,
        ends_at=None,
        granted_at=at,
        granted_by=person,
        accepted_at=at,
    )
    if await mandates.add(fresh):
        return fresh
    twin = await mandates.representative(organisation_id)
    assert twin is not None
    return twin


async def end_all(session: WriteSession, subject: PersonId | OrganisationId, sealer: Sealer, *, reason: str, at: datetime) -> None:
    """Nobody acts for the subject any more, and it acts for nobody."""
    await _end_open(session, await Mandates(session, sealer).of_subject(subject), sealer, reason=reason, at=at)


async def end_between(session: WriteSession, one: PersonId, other: PersonId, sealer: Sealer, *, at: datetime) -> None:
    """Both are the same person from now on, who needs no mandate of their own."""
    mandates = Mandates(session, sealer)
    both = [*await mandates.between(one, other), *await mandates.between(other, one)]
    await _end_open(session, both, sealer, reason="双方为同一人 both sides are one person", at=at)


async def end_representation(session: WriteSession, organisation_id: OrganisationId, sealer: Sealer, *, at: datetime) -> None:
    """Another represents the organisation from now on: whoever did acts for it no more."""
    mandate = await Mandates(session, sealer).representative(organisation_id)
    if mandate is not None:
        await _end(session, mandate, None, sealer, reason="法定代表人变更 another represents it now", at=at)


async def check_guardianship(providers: Providers, guardian: Person, ward: api.AskGuardianship, *, assurance: int, at: datetime) -> Result:
    """Ask the population base, outside any transaction.

    Raises: AssuranceTooLowForMandate, TooYoungForMandate, NotAMinor, GuardianshipNotConfirmed, ProviderAway.
    """
    rule = mandate_rules().kinds[Kind.GUARDIAN]
    rule.check_agent(assurance, guardian.birth_date, at)
    guardianship_ends_at(ward.resident_id.birth_date, rule, at)
    result = await providers.guardianship(by_number(guardian), (ward.name, ward.resident_id))
    if not result.is_match:
        raise GuardianshipNotConfirmed
    return result


def by_number(person: Person) -> tuple[str, str]:
    """As the population base knows guardians and wards. Raises GuardianshipNotConfirmed for whom it does not know."""
    if person.name is None or person.resident_id is None:
        raise GuardianshipNotConfirmed
    return person.name, person.resident_id


async def become_guardian(
    session: WriteSession, wanted: api.AskGuardianship, guardian_id: PersonId, sealer: Sealer, *, proof: Result, at: datetime
) -> Mandate:
    """The guardian's mandate until the child comes of age. Raises NotAMinor, MandateOverlaps."""
    guardian = await Persons(session, sealer).get(guardian_id, lock=True)
    ward = await _ward(session, wanted, sealer, proof=proof, at=at)
    mandate = Mandate(
        id=MandateId.new(),
        kind=Kind.GUARDIAN,
        principal=ward.id,
        agent=guardian.id,
        agent_name=guardian.real_name()[0],
        matters=(),
        begins_at=at,
        ends_at=guardianship_ends_at(wanted.resident_id.birth_date, mandate_rules().kinds[Kind.GUARDIAN], at),
        granted_at=at,
        granted_by=guardian.id,
        accepted_at=at,
    )
    mandates = Mandates(session, sealer)
    _refuse_overlaps(mandate, await mandates.between(ward.id, guardian.id), at)
    await mandates.add(mandate)
    return mandate


async def lose_guardianship(session: WriteSession, mandate_id: MandateId, sealer: Sealer, *, at: datetime) -> None:
    """The population base confirms it no longer."""
    mandate = await Mandates(session, sealer).get(mandate_id, lock=True)
    if mandate.revoked_at is None:
        await _end(session, mandate, None, sealer, reason="监护关系终止 the guardianship has ended", at=at)


async def _ward(session: WriteSession, wanted: api.AskGuardianship, sealer: Sealer, *, proof: Result, at: datetime) -> Person:
    """The child's account; a new one has neither phone nor password, so that nobody can sign on to it."""
    people, document = Persons(session, sealer), Document(DocumentType.RIC, wanted.resident_id)
    if known := await people.holding(document):
        return known
    ward = Person(
        id=PersonId.new(),
        name=wanted.name,
        phone=None,
        password=None,
        assurance=Assurance.REAL_NAME,
        registered_at=at,
        documents=(held(document, at=at),),
    )
    await people.add(ward)
    await people.prove(ward.id, Verification("real_name", POPULATION_BASE, proof.reference, Assurance.REAL_NAME, at, document.type))
    await publish(session, PersonVerified(person_id=ward.id, assurance=Assurance.REAL_NAME, verified_at=at), at=at)
    return ward


async def _speaks_for(session: WriteSession, person: PersonId, principal: PersonId | OrganisationId) -> bool:
    if isinstance(principal, PersonId):
        return principal == person
    try:
        await Represented(session).by_representative(principal, person)
    except NoSuchOrganisation:
        return False
    return True


async def _end(session: WriteSession, mandate: Mandate, by: PersonId | None, sealer: Sealer, *, reason: str | None, at: datetime) -> None:
    await Mandates(session, sealer).save(mandate.revoked(by, at, reason))
    if mandate.accepted_at is not None:
        await publish(session, MandateRevoked(mandate_id=mandate.id, revoked_at=at), at=at)


async def _end_open(session: WriteSession, found: list[Mandate], sealer: Sealer, *, reason: str, at: datetime) -> None:
    for each in found:
        # Locked and read again: its agent may be accepting it.
        current = await Mandates(session, sealer).get(each.id, lock=True)
        if current.is_open(at):
            await _end(session, current, None, sealer, reason=reason, at=at)


def _refuse_overlaps(mandate: Mandate, others: list[Mandate], at: datetime) -> None:
    if any(each.is_open(at) and each.overlaps(mandate) for each in others):
        raise MandateOverlaps
