"""A person's own account: documents, corrections, merging, export, closing. Source: PIPL Arts. 45-47."""

from typing import Annotated

from fastapi import Body, Request, Response

from chassis.database import WriteSession
from chassis.http import Audience, Caller, Clock, Database, Once, Router, Sealer, disclose, guard
from contracts.api.identity import accounts as api
from contracts.api.identity import persons as persons_api
from contracts.permissions import Permission
from contracts.values import Grade, MergeId
from services.identity import passwords
from services.identity.commands import closing, documents, merging, registration, sms_codes
from services.identity.commands.sms_codes import Purpose
from services.identity.domain.documents import MergeNotProven
from services.identity.domain.persons import NoSuchPerson
from services.identity.queries import accounts as queries
from services.identity.queries import persons as persons_queries
from services.identity.repository import Persons
from services.identity.routes.dependencies import Kept, Providers
from services.identity.routes.desk import source_of

router = Router()

_FRESH_S = 900
_TELLS_ALL = guard(Permission.PERSON_READ, audience=Audience.PERSON, assurance=1, max_age_s=_FRESH_S, grade=Grade.SENSITIVE)
_CORRECTS = guard(Permission.PERSON_CORRECT, audience=Audience.PERSON, assurance=1, max_age_s=_FRESH_S, grade=Grade.PERSONAL)


@router.post(
    "/persons/me/documents",
    status_code=201,
    response_model=api.DocumentAdded,
    **guard(Permission.PERSON_CORRECT, audience=Audience.PERSON, assurance=1, grade=Grade.PERSONAL),
)
async def add_document(
    body: api.AddDocument, caller: Caller, database: Database, clock: Clock, once: Once, providers: Providers, sealer: Sealer
) -> Response:
    """One more document of mine; the first one gives the account its real name."""
    if earlier := await once.stored():
        return earlier
    person_id, document = caller.required_person(), body.document.value
    async with database.reading() as reading:
        person = await Persons(reading, sealer).get(person_id)
    name = documents.name_for(person, document, body.name)
    if person.name is None:
        proof = await registration.check_identity(providers, name, document, body.second_proof)
    else:
        proof = await registration.check_name(providers, name, document)

    async def work(session: WriteSession) -> api.DocumentAdded:
        added = await documents.add(session, person_id, name, document, sealer, proof=proof, at=clock.now())
        return api.DocumentAdded(document_id=added.document_id, merge_id=added.merge_id, assurance=int(added.assurance))

    return await once.answer(work, status=201)


@router.patch("/persons/me", **guard(Permission.PERSON_CORRECT, audience=Audience.PERSON, assurance=1, grade=Grade.PERSONAL))
async def declare(
    body: api.Declared, caller: Caller, database: Database, clock: Clock, sealer: Sealer, response: Response
) -> persons_api.Person:
    """What I say of myself, for the applications I allow to read it."""
    said = body.model_dump(mode="json", exclude_unset=True)
    if said.get("address"):
        said["address"] = body.model_dump(mode="json", exclude_none=True)["address"]
    async with database.transaction() as session:
        person = await documents.declare(session, caller.required_person(), said, sealer, at=clock.now())
    disclose(response, subjects=[person.id], purpose="account", items=("name",))
    return persons_queries.own_account(person)


@router.post("/persons/me/corrections", response_model=api.Corrected, **_CORRECTS)
async def correct(
    body: Annotated[api.Correct, Body()],
    caller: Caller,
    database: Database,
    clock: Clock,
    once: Once,
    providers: Providers,
    sealer: Sealer,
) -> Response:
    """Put something right: a name or a document as its provider has it, a phone by the code sent to it."""
    if earlier := await once.stored():
        return earlier
    person_id, at = caller.required_person(), clock.now()
    async with database.reading() as reading:
        person = await Persons(reading, sealer).get(person_id)
    if isinstance(body, api.CorrectPhone):
        async with database.transaction() as session:
            is_right = await sms_codes.try_code(session, body.phone, Purpose.REGISTRATION, body.sms_code, sealer, at=at)
        sms_codes.refuse_wrong(is_right=is_right)
    elif isinstance(body, api.CorrectName):
        proof = await registration.check_name(providers, body.name, person.real_name()[1])
    else:
        documents.document_to_correct(person, body.document_id)
        proof = await registration.check_name(providers, person.real_name()[0], body.document.value)

    async def work(session: WriteSession) -> api.Corrected:
        if isinstance(body, api.CorrectPhone):
            await documents.correct_phone(session, person_id, body.phone, sealer, at=at)
        elif isinstance(body, api.CorrectName):
            await documents.correct_name(session, person_id, body.name, sealer, proof=proof, at=at)
        else:
            await documents.correct_document(session, person_id, body.document_id, body.document.value, sealer, proof=proof, at=at)
        return api.Corrected(item=body.item, corrected_at=at)

    return await once.answer(work)


@router.get("/persons/me/history", **_TELLS_ALL)
async def history(caller: Caller, database: Database, sealer: Sealer, response: Response) -> api.History:
    """Every value of mine that another took the place of."""
    person_id = caller.required_person()
    async with database.reading() as reading:
        found = await queries.history(reading, person_id, sealer)
    disclose(response, subjects=[person_id], purpose="更正记录 history", grade=Grade.SENSITIVE, items=("history",))
    return found


@router.post("/persons/me/merges/{merge_id}/proof", **_CORRECTS)
async def prove_other(
    merge_id: MergeId, body: api.ProveOther, caller: Caller, database: Database, clock: Clock, sealer: Sealer, request: Request
) -> api.Merged:
    """Prove by its password that the other account is mine too: it becomes part of this one. Again, it answers the same."""
    person_id, at = caller.required_person(), clock.now()
    async with database.transaction() as session:
        asked = await merging.requested(session, merge_id, person_id, at=at)
        other = await Persons(session, sealer).get(asked.other_id, is_active=False)
    if asked.merged_at is None:
        is_right = await passwords.is_right(other.password, body.password)
        async with database.transaction() as session:
            is_proven = await merging.prove(session, asked, other, source_of(request), sealer, is_right=is_right, at=at)
        if not is_proven:
            raise MergeNotProven
    async with database.transaction() as session:
        merged = await merging.merge_requested(session, asked, sealer, at=at)
    return api.Merged(person_id=merged.id, assurance=int(merged.assurance), merged_at=asked.merged_at or at)


@router.post("/persons/merges", **guard(Permission.PERSON_ATTEST, audience=Audience.OPERATOR, grade=Grade.PERSONAL))
async def merge_at_window(
    body: api.MergeAtWindow, caller: Caller, database: Database, clock: Clock, providers: Providers, sealer: Sealer, response: Response
) -> api.Merged:
    """An officer saw both documents of one person: the other document's account becomes part of the first one's."""
    caller.required_officer()
    for document in (body.document.value, body.other.value):
        await registration.check_name(providers, body.name, document)
    async with database.transaction() as session:
        people = Persons(session, sealer)
        kept, lost = await people.holding(body.document.value), await people.holding(body.other.value)
        if kept is None or lost is None:
            raise NoSuchPerson
        merged = await merging.merge(session, lost.id, kept.id, sealer, at=clock.now())
    disclose(response, subjects=[merged.id], purpose="窗口合并 merge at a window", items=("assurance",))
    return api.Merged(person_id=merged.id, assurance=int(merged.assurance), merged_at=clock.now())


@router.post(
    "/persons/me/closing", **guard(Permission.PERSON_CLOSE, audience=Audience.PERSON, assurance=1, max_age_s=300, grade=Grade.PERSONAL)
)
async def close(body: api.Close, caller: Caller, database: Database, clock: Clock, sealer: Sealer, kept: Kept) -> api.Closed:
    """Close my account. The answer says what the law has us keep, and until when."""
    assert body.confirms
    async with database.transaction() as session:
        return await closing.close(session, caller.required_person(), sealer, kept_for=kept, at=clock.now())
