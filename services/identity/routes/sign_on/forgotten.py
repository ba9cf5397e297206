"""A new password for who forgot theirs: the number of their document, and a code to the phone that the account knows."""

from fastapi import Response

from contracts.values import Phone
from services.identity import passwords
from services.identity.commands import passwords as choosing
from services.identity.commands.sms_codes import Purpose
from services.identity.domain.persons import Person
from services.identity.domain.secrets import is_password
from services.identity.routes.sign_on import sms
from services.identity.routes.sign_on.password import named
from services.identity.routes.sign_on.visit import Visit


async def ask(visit: Visit) -> Response:
    return _page(visit)


async def send(visit: Visit) -> Response:
    phone, person = await _whose(visit)
    if phone is None:
        return _page(visit, message="no-phone", status=422)
    message, status = await sms.deliver(visit, phone, Purpose.NEW_PASSWORD, is_known=person is not None)
    return _page(visit, step="code", message=message, status=status)


async def reset(visit: Visit) -> Response:
    phone, person = await _whose(visit)
    password = visit.form.get("password", "")
    if phone is None:
        return _page(visit, message="no-phone", status=422)
    if not is_password(password):
        return _page(visit, step="code", message="password-rules", status=422)
    hashed = await passwords.hashed(password)
    if not await sms.is_right(visit, phone, Purpose.NEW_PASSWORD, person) or person is None:
        return _page(visit, step="code", message="wrong-code", status=401)
    async with visit.desk.database.transaction() as session:
        await choosing.choose(session, person.id, hashed, visit.desk.sealer, but=None, at=visit.at)
    return visit.as_anybody().entry(message="password-chosen")


async def _whose(visit: Visit) -> tuple[Phone | None, Person | None]:
    """The phone in the form, and the person whose phone and document number both are what the form says."""
    phone, number = Phone.read(visit.form.get("phone", "").strip()), visit.form.get("number", "").strip()
    # A phone in the place of the document number would prove nothing beside the code.
    person = await named(visit, number) if phone and Phone.read(number) is None else None
    return phone, person if person and person.phone == phone else None


def _page(visit: Visit, *, step: str = "", message: str = "", status: int = 200) -> Response:
    number, phone = (visit.form.get(name, "").strip() for name in ("number", "phone"))
    return visit.show("forgotten.html", message=message, status=status, step=step, number=number, phone=phone)
