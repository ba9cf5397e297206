"""Two accounts of one person become one. Nothing is lost, and twice is once."""

import json
from dataclasses import replace
from datetime import datetime

from sqlalchemy import update

from chassis.database import WriteSession
from chassis.messaging import publish
from chassis.sealing import Sealer
from contracts.events.identity import PersonMerged, PersonVerified
from contracts.values import MergeId, PersonId
from services.identity.commands import city_codes, proofs
from services.identity.commands.mandates import end_between
from services.identity.commands.passwords import account_of
from services.identity.commands.sign_on import revoke_all
from services.identity.domain.documents import NoSuchMergeRequest
from services.identity.domain.persons import NoSuchPerson, Person
from services.identity.repository import MergeRequest, MergeRequests, Passkeys, PersonItems, Persons, Superseded
from services.identity.tables import client_consents, documents, mandates, organisations, person_items, persons, verifications

_MOVED = (
    documents.c.person_id,
    verifications.c.person_id,
    person_items.c.person_id,
    client_consents.c.person_id,
    organisations.c.representative,
    mandates.c.agent,
    mandates.c.principal_person,
    mandates.c.granted_by,
    persons.c.merged_into,
)


async def requested(session: WriteSession, merge_id: MergeId, person_id: PersonId, *, at: datetime) -> MergeRequest:
    """The person's own request. Raises NoSuchMergeRequest."""
    request = await MergeRequests(session).get(merge_id, person_id, at)
    if request is None:
        raise NoSuchMergeRequest
    return request


async def prove(
    session: WriteSession, request: MergeRequest, other: Person, source: str, sealer: Sealer, *, is_right: bool, at: datetime
) -> bool:
    """Whether the other account is proven. The attempt counts as one to sign on, even when the caller goes on to refuse."""
    counts = await proofs.note_attempt(session, account_of(other, ""), source, sealer, is_right=is_right and other.is_active, at=at)
    if counts:
        return True
    # A twin of this request may have been first: then the other account has ended as it was to.
    current = await MergeRequests(session).get(request.id, request.person_id, at)
    return is_right and current is not None and current.merged_at is not None


async def merge_requested(session: WriteSession, request: MergeRequest, sealer: Sealer, *, at: datetime) -> Person:
    """Raises NotOnePerson, NoSuchPerson."""
    merged = await merge(session, request.other_id, request.person_id, sealer, at=at)
    await MergeRequests(session).done(request.id, at)
    return merged


async def merge(session: WriteSession, losing: PersonId, into: PersonId, sealer: Sealer, *, at: datetime) -> Person:
    """The account `losing` becomes part of `into`: what it held moves, its sign-ons end, its id leads to the other.

    Raises: NotOnePerson, NoSuchPerson when either has ended otherwise.
    """
    people = Persons(session, sealer)
    # Always in the same order, so that two merges of the same accounts wait for each other instead of for ever.
    found = {each: await people.get(each, lock=True, is_active=False) for each in sorted({losing, into})}
    kept, lost = found[into], found[losing]
    if into in {lost.merged_into, losing}:
        return kept
    if not (kept.is_active and lost.is_active):
        raise NoSuchPerson
    kept.check_merges_with(lost)
    await _keep_history(session, lost, kept, sealer, at=at)
    await end_between(session, losing, into, sealer, at=at)
    for column in _MOVED:
        await session.execute(update(column.table).where(column == losing).values({column.name: into}))
    # A passkey says whose it is in words that nobody can change: it would sign on to the account that has ended.
    await Passkeys(session).remove_all(losing)
    await city_codes.end(session, losing, at=at)
    merged = replace(kept, name=kept.name or lost.name, phone=kept.phone or lost.phone, declared={**lost.declared, **kept.declared})
    merged = merged.verified(lost.assurance)
    await people.save(merged)
    await people.save(lost.merged(into, at))
    await revoke_all(session, losing, at=at)
    await publish(session, PersonMerged(person_id=losing, into=into, merged_at=at), at=at)
    await publish(session, PersonVerified(person_id=into, assurance=merged.assurance, verified_at=at), at=at)
    return await people.get(into)


async def _keep_history(session: WriteSession, lost: Person, kept: Person, sealer: Sealer, *, at: datetime) -> None:
    """What the other account said otherwise."""
    items = PersonItems(session, sealer)
    if lost.phone is not None and kept.phone not in {None, lost.phone}:
        since = await items.since(lost.id, "phone", lost.registered_at)
        await items.keep(kept.id, Superseded("phone", lost.phone, "sms", since, at))
    for item, value in lost.declared.items():
        if item in kept.declared and kept.declared[item] != value:
            text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
            since = await items.since(lost.id, item, lost.registered_at)
            await items.keep(kept.id, Superseded(item, text, "self", since, at))
