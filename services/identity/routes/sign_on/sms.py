from fastapi import Response

from contracts.values import Phone
from services.identity.commands import proofs, sms_codes
from services.identity.commands.sign_on import Proof
from services.identity.commands.sms_codes import Purpose
from services.identity.domain.methods import MethodCode
from services.identity.domain.persons import Person, ProviderAway
from services.identity.routes.sign_on.password import named
from services.identity.routes.sign_on.visit import Visit


async def send(visit: Visit) -> Response:
    """Send a code, and ask for it on a page that is the same for every phone."""
    phone, person = await _whose(visit)
    if phone is None:
        return visit.entry(message="no-phone", status=422)
    message, status = await deliver(visit, phone, Purpose.SIGN_ON, is_known=person is not None)
    return _page(visit, phone, message=message, status=status)


async def code(visit: Visit) -> Response:
    phone, person = await _whose(visit)
    if phone is None:
        return visit.entry(message="no-phone", status=422)
    if not await is_right(visit, phone, Purpose.SIGN_ON, person) or person is None:
        return _page(visit, phone, message="wrong-code", status=401)
    return await visit.signed_on(Proof(person.id, (MethodCode.SMS,), proofs.worth(MethodCode.SMS, person.assurance)))


async def deliver(visit: Visit, phone: Phone, purpose: Purpose, *, is_known: bool) -> tuple[str, int]:
    """The message and the status of the page that follows."""
    desk = visit.desk
    async with desk.database.transaction() as session:
        new = await sms_codes.claim(session, phone, purpose, visit.source, desk.sealer, at=visit.at)
    if new is None:
        return "too-soon", 429
    try:
        await sms_codes.send(desk.providers, phone, purpose, new, is_known=is_known)
    except ProviderAway:
        async with desk.database.transaction() as session:
            await sms_codes.forget(session, phone, purpose, desk.sealer)
        return "away", 503
    return "", 200


async def is_right(visit: Visit, phone: Phone, purpose: Purpose, person: Person | None) -> bool:
    """Whether the code in the form is right and somebody's. A right one is used up; a wrong one counts."""
    desk = visit.desk
    async with desk.database.transaction() as session:
        said = await sms_codes.try_code(session, phone, purpose, visit.form.get("code", ""), desk.sealer, at=visit.at)
        counts = await proofs.note_attempt(
            session, f"sms {phone}", visit.source, desk.sealer, is_right=said and person is not None, at=visit.at
        )
        if counts:
            await sms_codes.forget(session, phone, purpose, desk.sealer)
    return counts


async def _whose(visit: Visit) -> tuple[Phone | None, Person | None]:
    """The phone in the form and whose it is; that of who is signed on where the form names none."""
    said = visit.form.get("username", "").strip()
    if visit.person is not None and not said:
        return visit.person.phone, visit.person
    phone = Phone.read(said)
    return phone, await named(visit, phone) if phone else None


def _page(visit: Visit, phone: Phone, *, message: str, status: int) -> Response:
    # Who is signed on did not type the phone, so the page does not show it.
    shown = phone if visit.form.get("username", "").strip() else phone.masked()
    return visit.show("code.html", message=message, status=status, phone=shown)
