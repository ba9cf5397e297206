from fastapi import Response

from services.identity.commands import passkeys, proofs
from services.identity.commands.passkeys import Answer
from services.identity.commands.sign_on import Proof
from services.identity.domain.passkeys import Purpose
from services.identity.repository import Passkeys
from services.identity.routes.desk import person_of
from services.identity.routes.sign_on.visit import Visit


async def ask(visit: Visit) -> Response:
    """The page on which the device is asked; it names no account's keys unless somebody is signed on."""
    desk = visit.desk
    if desk.site is None:
        return visit.entry(message="wrong-passkey", status=422)
    async with desk.database.transaction() as session:
        known = await Passkeys(session).of(visit.person.id) if visit.person else []
        challenge = await passkeys.ask(session, Purpose.SIGN_ON, owner=visit.owner, at=visit.at)
    return visit.show("passkey.html", has_script=True, ceremony="get", options=desk.site.asks_for(challenge, known=known))


async def used(visit: Visit) -> Response:
    desk = visit.desk
    answer = Answer(desk.site, visit.form.get("credential", ""), visit.owner)
    async with desk.database.transaction() as session:
        found = await passkeys.used(session, answer, Purpose.SIGN_ON, at=visit.at)
        if found is None:
            await proofs.note_failure(session, visit.source, desk.sealer, at=visit.at)
    async with desk.database.reading() as reading:
        person = await person_of(desk, reading, found[0].account if found else None)
    if found is None or person is None:
        return visit.entry(message="wrong-passkey", status=401)
    method = found[0].method
    return await visit.signed_on(Proof(person.id, (method,), proofs.worth(method, person.assurance)))
