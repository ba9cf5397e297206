"""Officers prove themselves twice: by a password, then by a passkey. Source: GB/T 22239-2019 8.1.4.1."""

from fastapi import Response

from contracts.values import Assurance, CreditCode, OfficerId, StaffId
from services.identity import passwords
from services.identity.commands import passkeys, proofs, staff_sign_on
from services.identity.commands.passkeys import Answer
from services.identity.commands.sign_on import Proof
from services.identity.domain.methods import MethodCode
from services.identity.domain.passkeys import Passkey, Purpose
from services.identity.domain.secrets import is_password
from services.identity.domain.staff import Staff
from services.identity.repository import Passkeys, StaffMembers
from services.identity.routes.desk import device_of
from services.identity.routes.sign_on.visit import Visit


async def login(visit: Visit) -> Response:
    """The first factor. It opens nothing but the question for the second."""
    agency, number = _who(visit)
    async with visit.desk.database.reading() as reading:
        officer = await StaffMembers(reading, visit.desk.sealer).numbered(agency, number)
    is_right = await passwords.is_right(officer.password if officer else None, visit.form.get("password", ""))
    async with visit.desk.database.transaction() as session:
        account = staff_sign_on.account_of(agency, number)
        counts = await proofs.note_attempt(session, account, visit.source, visit.desk.sealer, is_right=is_right, at=visit.at)
    if officer is None or not counts:
        return visit.entry(message="wrong", status=401)
    return await _second_factor(visit, officer)


async def first(visit: Visit) -> Response:
    return _activation(visit)


async def activate(visit: Visit) -> Response:
    """Choose a password by the code from the agency; a passkey is made next."""
    agency, number = _who(visit)
    password = visit.form.get("password", "")
    if not is_password(password):
        return _activation(visit, message="password-rules", status=422)
    hashed = await passwords.hashed(password)
    async with visit.desk.database.transaction() as session:
        officer = await staff_sign_on.activate(
            session, agency, number, visit.form.get("activation", "").strip(), hashed, visit.source, visit.desk.sealer, at=visit.at
        )
    if officer is None:
        return _activation(visit, message="wrong-activation", status=401)
    return await _second_factor(visit, officer)


async def used(visit: Visit) -> Response:
    async with visit.desk.database.transaction() as session:
        found = await passkeys.used(session, _answer(visit), Purpose.STAFF_SIGN_ON, at=visit.at)
        is_theirs = found is not None and found[0].account == found[1].staff_id
        if not is_theirs:
            await proofs.note_failure(session, visit.source, visit.desk.sealer, at=visit.at)
    return await _proven(visit, found[0] if found and is_theirs else None)


async def made(visit: Visit) -> Response:
    async with visit.desk.database.transaction() as session:
        passkey = await passkeys.add(session, _answer(visit), Purpose.STAFF_REGISTER, device=device_of(visit.request), at=visit.at)
    return await _proven(visit, passkey)


async def _second_factor(visit: Visit, officer: Staff) -> Response:
    site = visit.desk.site
    if site is None:
        return visit.entry(message="wrong-passkey", status=422)
    async with visit.desk.database.transaction() as session:
        known = await Passkeys(session).of(officer.id)
        purpose = Purpose.STAFF_SIGN_ON if known else Purpose.STAFF_REGISTER
        challenge = await passkeys.ask(session, purpose, owner=visit.owner, at=visit.at, staff_id=officer.id)
    if known:
        return visit.show("passkey.html", has_script=True, ceremony="get", options=site.asks_for(challenge, known=known))
    options = site.asks_for_new(challenge, account=officer.id, name=f"{officer.number} {officer.name.masked()}", known=())
    return visit.show("passkey.html", has_script=True, ceremony="create", options=options)


async def _proven(visit: Visit, passkey: Passkey | None) -> Response:
    account = passkey.account if passkey else None
    async with visit.desk.database.reading() as reading:
        officer = await StaffMembers(reading, visit.desk.sealer).active(account) if isinstance(account, StaffId) else None
    if passkey is None or officer is None:
        return visit.entry(message="wrong-passkey", status=401)
    return await visit.signed_on(Proof(officer.id, (MethodCode.PASSWORD, passkey.method), Assurance.REAL_PERSON))


def _answer(visit: Visit) -> Answer:
    return Answer(visit.desk.site, visit.form.get("credential", ""), visit.owner)


def _who(visit: Visit) -> tuple[str, str]:
    """Agency and number; empty where they cannot be any's."""
    agency, number = CreditCode.read(visit.form.get("agency", "").strip().upper()), OfficerId.read(visit.form.get("username", "").strip())
    return agency or "", number or ""


def _activation(visit: Visit, *, message: str = "", status: int = 200) -> Response:
    return visit.show("staff.html", message=message, status=status, step="activation", agency=visit.form.get("agency", ""))
