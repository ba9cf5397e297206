"""Becoming known to the city, and surer of: by phone, by any document, by face, at a window."""

from fastapi import Response

from chassis.http import Audience, Caller, Clock, Database, Router, Sealer, disclose, guard
from contracts.api.identity import accounts
from contracts.api.identity import persons as api
from contracts.permissions import Permission
from contracts.strict import Page
from contracts.values import Grade
from services.identity import passwords
from services.identity.commands import registration, sms_codes, window
from services.identity.commands.sms_codes import Purpose
from services.identity.domain.persons import CODE_LIFE, ProviderAway, SmsCodeSentJustNow
from services.identity.queries import documents
from services.identity.repository import Persons
from services.identity.routes.dependencies import Providers

router = Router()


@router.post("/sms-codes", status_code=202, **guard(Permission.PERSON_REGISTER, audience=Audience.PARTY))
async def send_code(body: api.SendCode, database: Database, clock: Clock, providers: Providers, sealer: Sealer) -> api.CodeSent:
    """Send a code to a phone, at most one a minute."""
    at = clock.now()
    async with database.transaction() as session:
        code = await sms_codes.claim(session, body.phone, Purpose.REGISTRATION, None, sealer, at=at)
    if code is None:
        raise SmsCodeSentJustNow
    try:
        await sms_codes.send(providers, body.phone, Purpose.REGISTRATION, code)
    except ProviderAway:
        async with database.transaction() as session:
            await sms_codes.forget(session, body.phone, Purpose.REGISTRATION, sealer)
        raise
    return api.CodeSent(expires_at=at + CODE_LIFE)


@router.get("/document-types", **guard(Permission.PERSON_REGISTER, audience=Audience.PARTY, grade=Grade.PUBLIC))
async def document_types() -> Page[api.DocumentTypeText]:
    """By which documents a person can be known."""
    return documents.types()


@router.post("/registrations", status_code=201, **guard(Permission.PERSON_REGISTER, audience=Audience.PARTY))
async def register(body: api.Register, database: Database, clock: Clock, providers: Providers, sealer: Sealer) -> api.Registered:
    """Register a person by name, resident id, phone and one more proof, all checked at their sources."""
    said = body.model_dump(exclude={"resident_id"}) | {"document": {"type": "RIC", "number": body.resident_id}}
    return await register_by_document(api.RegisterByDocument.model_validate(said), database, clock, providers, sealer)


@router.post("/registrations/documents", status_code=201, **guard(Permission.PERSON_REGISTER, audience=Audience.PARTY))
async def register_by_document(
    body: api.RegisterByDocument, database: Database, clock: Clock, providers: Providers, sealer: Sealer
) -> api.Registered:
    """Register a person by any document, checked at whoever vouches for it."""
    document = body.document.value
    async with database.transaction() as session:
        is_right = await sms_codes.try_code(session, body.phone, Purpose.REGISTRATION, body.sms_code, sealer, at=clock.now())
    sms_codes.refuse_wrong(is_right=is_right)
    result = await registration.check_identity(providers, body.name, document, body.second_proof)
    password = await passwords.hashed(body.password)
    proof = registration.real_name_proof(document, result, at=clock.now())
    async with database.transaction() as session:
        person = await registration.register(session, body.name, document, body.phone, sealer, password=password, proof=proof)
    return api.Registered(person_id=person.id, assurance=int(person.assurance))


@router.post("/registrations/phone", status_code=201, **guard(Permission.PERSON_REGISTER, audience=Audience.PARTY))
async def register_phone(body: api.RegisterPhone, database: Database, clock: Clock, sealer: Sealer) -> api.Registered:
    """An account of a phone and nothing more, to browse, ask and book with; a document makes it one of a real name."""
    async with database.transaction() as session:
        is_right = await sms_codes.try_code(session, body.phone, Purpose.REGISTRATION, body.sms_code, sealer, at=clock.now())
    sms_codes.refuse_wrong(is_right=is_right)
    password = await passwords.hashed(body.password)
    async with database.transaction() as session:
        person = await registration.register_phone(session, body.phone, sealer, password=password, at=clock.now())
    return api.Registered(person_id=person.id, assurance=int(person.assurance))


@router.post("/persons/me/verifications", **guard(Permission.PERSON_VERIFY, audience=Audience.PERSON, assurance=2, grade=Grade.SENSITIVE))
async def verify(body: api.Verify, caller: Caller, database: Database, clock: Clock, providers: Providers, sealer: Sealer) -> api.Verified:
    """Become a real person by a live face check. Tokens say so from the next sign-on or refresh."""
    person_id, sign_on = caller.required_person(), caller.required_session()
    async with database.reading() as session:
        person = await Persons(session, sealer).get(person_id)
    proof = await registration.check_face(providers, person, body.capture)
    async with database.transaction() as session:
        verified = await registration.verify_real_person(session, person_id, sealer, proof=proof, sign_on=sign_on, at=clock.now())
    return api.Verified(assurance=int(verified.assurance), reference=proof.reference)


@router.post("/window-checks", **guard(Permission.PERSON_ATTEST, audience=Audience.OPERATOR, grade=Grade.PERSONAL))
async def check_at_window(
    body: accounts.CheckAtWindow, caller: Caller, database: Database, clock: Clock, providers: Providers, sealer: Sealer, response: Response
) -> accounts.CheckedAtWindow:
    """An officer saw the person and the original document: the account is certified, or opened by phone and code."""
    document, officer, at = body.document.value, caller.required_officer(), clock.now()
    await registration.check_name(providers, body.name, document)
    async with database.reading() as reading:
        known = await Persons(reading, sealer).holding(document)
    if known is None and body.opening is not None:
        async with database.transaction() as session:
            opening = body.opening
            is_right = await sms_codes.try_code(session, opening.phone, Purpose.REGISTRATION, opening.sms_code, sealer, at=at)
        sms_codes.refuse_wrong(is_right=is_right)
    proof = window.attested(caller.agency, officer, document, at=at)
    async with database.transaction() as session:
        if known is None and body.opening is not None:
            person = await window.open_account(session, body.name, document, body.opening.phone, sealer, proof=proof)
        else:
            person = await window.check(session, body.name, document, sealer, proof=proof)
    disclose(response, subjects=[person.id], purpose="窗口核验 window check", items=("assurance",))
    return accounts.CheckedAtWindow(person_id=person.id, assurance=int(person.assurance), officer=officer, is_new=known is None)
